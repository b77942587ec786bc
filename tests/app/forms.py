"""The provider form as a user at the keyboard sees it."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from app.window import Window
from chatgrid_tui.ui.providers.form import ProviderForm


class Form:
    """The form shown over the page."""

    def __init__(self, window: Window, screen: ProviderForm) -> None:
        self.window = window
        self.screen = screen

    @property
    def text(self) -> str:
        """What is to be seen."""
        return self.window.text

    async def at(self, row: str) -> None:
        """Go to a field, as Tab does."""
        self.screen.rows[row].field.focus()
        await self.window.pilot.pause()

    async def types(self, row: str, text: str) -> None:
        """Replace the content of a field."""
        target = self.screen.rows[row].field
        assert isinstance(target, Input)
        target.focus()
        await self.window.until(lambda: self.window.app.focused is target, f"the focus in {row}")
        self.window.hits("end", "ctrl+u")
        self.window.pastes(text)
        await self.window.until(lambda: target.value == text, f"{text!r} in {row}")
        await self.window.pilot.pause()

    async def pastes(self, text: str) -> None:
        """Paste into the field that has the focus."""
        self.window.pastes(text)
        await self.window.pilot.pause()

    async def chooses(self, row: str, value: str) -> None:
        """Choose among radio buttons with the arrows."""
        await self.at(row)
        await self.window.press("home")
        field = self.screen.rows[row].field
        for _ in range(12):
            if field.value == value:
                return
            await self.window.press("right")
        raise AssertionError(f"{row} offers no {value}")

    async def tests(self) -> None:
        """Test the current values of the form."""
        await self.window.press("ctrl+t")

    async def saves(self) -> None:
        """Save, and wait until the form is gone."""
        await self.window.press("ctrl+s")
        await self.window.until(lambda: not form_is_open(self.window), "the form closed")


def form_is_open(window: Window) -> bool:
    """Return whether the form is open."""
    return any(isinstance(screen, ProviderForm) for screen in window.app.screen_stack)


async def form_of(window: Window, editing: str = "") -> Form:
    """Open the form."""
    configuring = window.app.chat.controller.configuring
    configuring.edit(editing) if editing else configuring.add()
    await window.until(lambda: isinstance(window.app.screen, ProviderForm), "the form")
    screen = window.app.screen
    assert isinstance(screen, ProviderForm)
    await window.pilot.pause()
    return Form(window, screen)


def written(folder: Path) -> str:
    """Return the text of the configuration file."""
    file = folder / "config.toml"
    return file.read_text(encoding="utf-8") if file.exists() else ""
