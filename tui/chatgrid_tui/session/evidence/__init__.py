"""Evidence of how a reply went, in one file that can be shared."""
