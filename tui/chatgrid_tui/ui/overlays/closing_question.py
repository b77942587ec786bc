"""Overlays that people type into, which are not closed over what they typed without a question."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Coroutine
from typing import TypeAlias

from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Result
from chatgrid_tui.ui.overlays.question import ConfirmScreen

_Answered: TypeAlias = Callable[[bool | None], None] | Callable[[bool | None], Coroutine[object, object, None]]


class UnsavedScreen(OverlayScreen[Result]):
    """Asks before something that is not saved is lost: when it is closed, and when the program ends."""

    _question: ConfirmScreen | None = None

    @property
    @abstractmethod
    def touched(self) -> bool:
        """Whether something stands in it that is not saved."""

    @abstractmethod
    def forget(self) -> None:
        """Let what stands in it now count as saved: nobody wants it."""

    def action_close(self) -> None:
        """Go back with nothing; where something was typed, that is asked first."""
        if self.touched:
            words = "What you typed here is not saved yet. It is lost when this is closed."
            self._ask("Close without saving?", words, "Discard", self._close_if)
        else:
            self.dismiss(None)

    def ask_before_quitting(self) -> bool:
        """Ask whether what was typed may be lost; whether there is anything to ask."""
        if self.touched:
            words = "What you typed here is not saved yet. It is lost when the program ends."
            self._ask("Quit without saving?", words, "Quit", self._quit_if)
        return self.touched

    def _ask(self, title: str, words: str, yes: str, answered: _Answered) -> None:
        if self._question is None or self._question not in self.app.screen_stack:
            self._question = ConfirmScreen(title, words, yes=yes, no="Keep editing")
            self.app.push_screen(self._question, answered)

    def _close_if(self, yes: bool | None) -> None:
        if yes:
            self.dismiss(None)

    async def _quit_if(self, yes: bool | None) -> None:
        if yes:
            self.forget()
            await self.app.run_action("quit")
