"""Going to another provider, board or conversation: what is listed, and what choosing it does."""
