"""The main page: the list, the conversation, the composer, and their actions."""
