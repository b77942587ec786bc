"""Conversations without a screen: send, stop and retry, and the state of each reply."""
