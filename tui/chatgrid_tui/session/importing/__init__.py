"""Conversations from files of this program and of others."""

from typing import Final

IMPORTED_TITLES: Final = {"chatgpt": "ChatGPT", "claude": "Claude", "llm": "llm"}
"""The titles of the providers that imported conversations get, by name. None of them is configured by the import."""
