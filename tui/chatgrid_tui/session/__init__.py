"""A conversation being had, with no screen: send, stop, retry, and the state of each reply."""
