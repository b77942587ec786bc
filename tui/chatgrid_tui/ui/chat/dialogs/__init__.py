"""The dialogs of the chat page."""
