"""Help with writing a message."""
