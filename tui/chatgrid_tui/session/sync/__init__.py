"""Chats and messages that a service stores, merged with the history of this machine."""
