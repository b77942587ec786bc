"""The demo bots: a small HTTP server on this machine that speaks every dialect the client knows."""
