"""A loopback server that answers with recordings, and reports what can be observed about the client."""
