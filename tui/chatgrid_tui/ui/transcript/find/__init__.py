"""Find in a conversation."""
