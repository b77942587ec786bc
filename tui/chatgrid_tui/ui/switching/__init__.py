"""The switcher: go to another provider, board or conversation."""
