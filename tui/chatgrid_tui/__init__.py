"""chatgrid-tui: talk to streaming chat bots in the terminal, and test them by hand."""

__version__ = "0.1.0"
