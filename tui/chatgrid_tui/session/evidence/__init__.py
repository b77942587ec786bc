"""Evidence of how a reply went, in one file that can be handed on."""
