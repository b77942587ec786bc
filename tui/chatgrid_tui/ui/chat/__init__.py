"""The page people are on: the list, the conversation, the composer, and what is done there."""
