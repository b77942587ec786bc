"""Help with writing a message: prompts, files, an editor, and long texts in full."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from chatgrid_tui.ui.actions.message import LONG_TEXT, SAVE_PROMPT
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.ui.chat.writing.editing import Editing
    from chatgrid_tui.ui.chat.writing.prompts import Prompts

ComposeTask: TypeAlias = Literal["prompts", "save_prompt", "insert_file", "edit", "long_text"]

_EMPTY: Final = "The message is empty."
_NO_LONG_TEXT: Final = "The message has no long text."


class Composing:
    """Does what the user asks for about the message in the composer."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation, refuses: Callable[[], bool]) -> None:
        """`refuses` tells the user why nothing can be written, and returns whether that is so."""
        self._page = page
        self._refuses = refuses
        self._work = work
        self._navigation = navigation

    @cached_property
    def _editing(self) -> Editing:
        from chatgrid_tui.ui.chat.writing.editing import Editing

        return Editing(self._page, self._work, self._navigation)

    @cached_property
    def prompts(self) -> Prompts:
        """Offers prompts, and walks through their variables."""
        from chatgrid_tui.ui.chat.writing.prompts import Prompts

        return Prompts(self._page, self._work, self._navigation)

    def do(self, task: ComposeTask) -> None:
        """Do something with the message."""
        if self._refuses():
            return
        composer = self._page.composer
        match task:
            case "prompts":
                self.prompts.offer()
            case "save_prompt" if not composer.text.strip():
                self._page.toast(_EMPTY)
            case "save_prompt":
                self.prompts.offer_saving()
            case "insert_file":
                from chatgrid_tui.ui.chat.writing.text_files import offer_text_file

                offer_text_file(self._page)
            case "edit":
                self._editing.edit()
            case "long_text":
                self.show_long_text(composer.field.long_text)
            case _:
                assert_never(task)

    def show_long_text(self, text: str) -> None:
        """Show a long text of the message in full."""
        from chatgrid_tui.ui.overlays.text_screen import show_text

        if text:
            show_text(self._page.app, "Long text", text)
        else:
            self._page.toast(_NO_LONG_TEXT)

    def refusals(self) -> dict[str, str]:
        """Return why commands about the message cannot work now, by action id."""
        composer = self._page.composer
        is_empty = not composer.text.strip() or self._page.completions.is_open
        reasons = {SAVE_PROMPT.id: _EMPTY} if is_empty else {}
        return reasons if composer.field.long_text else reasons | {LONG_TEXT.id: _NO_LONG_TEXT}
