"""HTTP/1.1 for the embedded bots: requests, answers and the connection that carries them."""
