"""Chats and messages stored by a service, merged with the history on this machine."""
