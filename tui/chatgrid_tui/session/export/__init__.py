"""Conversations as files: to read, to share, and to keep."""
