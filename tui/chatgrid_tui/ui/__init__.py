"""The interface: the only layer that imports Textual and Rich."""
