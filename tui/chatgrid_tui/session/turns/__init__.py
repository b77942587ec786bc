"""One turn: sending a message and reading the reply."""
