"""The actions of keys and commands, one module per group of the palette and F1."""
