"""Conversations from files of this program and of others."""
