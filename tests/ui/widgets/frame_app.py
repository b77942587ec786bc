"""An app for testing single widgets of the frame, and their common hostile texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

import chatgrid_tui
from chatgrid_tui.config.themes import read_themes
from chatgrid_tui.ui.appearance import ASCII_SIGNS, UNICODE_SIGNS, Look
from chatgrid_tui.ui.output_filter import OUTPUT_FILTER
from chatgrid_tui.ui.textual_theme import css_variables, use_themes
from chatgrid_tui.ui.widgets.cells import COLUMN_CLASSES, ROW_CLASSES
from quiet import until

Heard = TypeVar("Heard", bound=Message)

THEMES = {**read_themes([Path(__file__).parents[3] / "themes"]).by_name}
THEMES["flat"] = replace(THEMES["midnight"], name="flat", flat=True)

NOW = datetime(2026, 11, 19, 14, 3, tzinfo=UTC)

HOSTILE = {
    "closing tag": "[/]",
    "path in brackets": "[/etc/passwd]",
    "action": "[@click=app.quit]here[/]",
    "open tag": "[bold",
    "escapes": "\x1b]52;c;UFdORUQ=\x07 and \x1b[31mred",
    "C1 and NUL": "\x9b31m\x00\x85",
    "runs backwards": "safe\u202egnp.exe",
    "half a pair": "\ud83d alone",
    "lines": "two\nlines\tand a tab",
    "tower": "e" + "\u0301" * 500,
    "wide": "\U0001f469\u200d\U0001f469\u200d\U0001f467 家族 नमस्ते",
    "long": "x" * 5_000,
}
"""Texts that a bot, a server or a file name may hold."""


class FrameApp(App[None]):
    """Shows the widgets it is given, one below the other, and keeps their messages."""

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = Path(chatgrid_tui.__file__).parent / "ui" / "widgets" / "frame.tcss"
    HORIZONTAL_BREAKPOINTS = COLUMN_CLASSES
    VERTICAL_BREAKPOINTS = ROW_CLASSES
    AUTO_FOCUS = None

    def __init__(self, *shown: Widget, theme: str = "midnight", ascii_signs: bool = False) -> None:
        self._look = Look(THEMES[theme], ASCII_SIGNS if ascii_signs else UNICODE_SIGNS)
        super().__init__()
        use_themes(self, THEMES.values(), theme)
        self.animation_level = "none"
        self._shown = shown
        self.heard: list[Message] = []

    @property
    def look(self) -> Look:
        return self._look

    def use_theme(self, name: str) -> None:
        self._look = replace(self._look, theme=THEMES[name])
        self.theme = name
        for widget in self.query("*"):
            if hasattr(widget, "look_changed"):
                widget.look_changed()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return css_variables(THEMES["midnight"])

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), OUTPUT_FILTER]

    def compose(self) -> ComposeResult:
        yield from self._shown

    def heard_of(self, kind: type[Heard]) -> list[Heard]:
        return [message for message in self.heard if type(message) is kind]

    def hear(self, message: Message) -> None:
        """Record each message once, when it is first sent; for `run_test(message_hook=app.hear)`."""
        if not any(message is known for known in self.heard):
            self.heard.append(message)

    def lines(self) -> list[str]:
        """The screen, row by row, without blanks at the ends."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    async def resized(self, pilot: Pilot[None], width: int, height: int) -> None:
        """Give it another size, and wait until it is drawn in that."""
        await pilot.resize_terminal(width, height)
        await until(lambda: len(self.lines()) == height)

    def row_with(self, words: str) -> str:
        """Return the first row of the screen that contains `words`."""
        return next(line for line in self.lines() if words in line)


def controls_in(texts: Iterable[str]) -> set[str]:
    """What a terminal would act on."""
    return {
        character
        for text in texts
        for character in text
        if ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 or character in "\u202e\u202d\u2066\u2069"
    }
