"""What the user has configured: providers, keys, themes, and the locations of files."""
