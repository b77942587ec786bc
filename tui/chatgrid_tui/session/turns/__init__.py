"""One turn: send a message and read the reply."""
