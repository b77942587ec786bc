"""Rows of a conversation: grid, wrapping, styles, and the parts of a turn."""
