"""Requests that go out and replies that come back, with their times."""
