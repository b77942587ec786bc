"""Requests and replies, with their times."""
