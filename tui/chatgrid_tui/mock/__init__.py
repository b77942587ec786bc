"""A server on loopback that answers with recordings, and tells what can be seen of the client."""
