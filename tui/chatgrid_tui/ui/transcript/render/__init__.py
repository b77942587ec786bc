"""Rows of a conversation: the page grid, wrapping, styles, and the parts of a turn."""
