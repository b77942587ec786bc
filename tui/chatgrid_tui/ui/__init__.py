"""The screen. The only layer that knows Textual and Rich."""
