"""The widgets around the conversation."""
