"""What the person has configured: providers, keys, themes, and where files belong."""
