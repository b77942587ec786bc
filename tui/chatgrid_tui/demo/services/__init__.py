"""The server side of each dialect."""
