"""One module per kind of service: what to send, and what the records mean. Pure."""
