"""Help with writing a message."""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

from chatgrid_tui.ui.chat_page import ChatPage

ComposeTask: TypeAlias = Literal["long_text"]


class Composing:
    """Does what the user asks for about the message in the composer."""

    def __init__(self, page: ChatPage) -> None:
        self._page = page

    def do(self, task: ComposeTask) -> None:
        """Do something with the message."""
        match task:
            case "long_text":
                self.show_long_text(self._page.composer.field.long_text)
            case _:
                assert_never(task)

    def show_long_text(self, text: str) -> None:
        """Show a long text of the message in full."""
        if text:
            self._page.say("Long text", text)
        else:
            self._page.toast("The message has no long text.")
