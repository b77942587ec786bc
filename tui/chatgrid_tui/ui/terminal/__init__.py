"""The terminal: its input and its clipboard."""
