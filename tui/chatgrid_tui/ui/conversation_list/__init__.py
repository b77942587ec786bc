"""The list of conversations: its widget, its rows, and what is done with them."""
