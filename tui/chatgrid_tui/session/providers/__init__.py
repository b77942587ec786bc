"""Configured providers: clients, keys, health, connection tests and editing."""
