"""Screens over the page: pickers, questions, texts."""
