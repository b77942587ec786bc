"""The transcript: a conversation in one widget on the line API."""
