"""The terminal: what it sends, and its clipboard."""
