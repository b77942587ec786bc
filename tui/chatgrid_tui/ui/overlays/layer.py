"""Screens that lie over the page, and give back a result once."""

from __future__ import annotations

from typing import TypeVar

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Layer(ModalScreen[Result]):
    """A screen over the page. It goes once, however often that is asked for: a key may be pressed twice before the
    screen that it was meant for is gone. While something lies over it, it waits until that is gone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._given: tuple[Result | None] | None = None
        """What is to be given back as soon as nothing lies over this."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go, and give back a result. Only the first one counts."""
        if self not in self.app.screen_stack:
            return AwaitComplete()
        if self.app.screen is not self:
            self._given = self._given or (result,)
            return AwaitComplete()
        return super().dismiss(result if self._given is None else self._given[0])

    def on_screen_resume(self) -> None:
        """Nothing lies over this any more."""
        if self._given is not None:
            self.dismiss()


def lies_over(app: App[object], *kinds: type[object]) -> bool:
    """Whether a screen of one of these kinds is open, on top or below others."""
    return any(isinstance(screen, kinds) for screen in app.screen_stack)
