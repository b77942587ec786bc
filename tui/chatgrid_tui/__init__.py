"""chatgrid-tui: talk to streaming chat bots in the terminal, and test them by hand."""

import logging

__version__ = "0.1.0"

# Without a handler Python prints warnings to stderr, over the interface.
logging.getLogger(__name__).addHandler(logging.NullHandler())
