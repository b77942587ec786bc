"""The look: colours by role, signs, and whether anything moves.

Widgets that draw their own cells call `look_of(self)` each time they draw, and drop cached cells when the theme
changes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from textual.constants import COLOR_SYSTEM
from textual.content import Content
from textual.widget import Widget

from chatgrid_tui.config.colours import HexColour, SpeakerColours
from chatgrid_tui.config.settings import BubbleStyle
from chatgrid_tui.config.themes import Theme, for_256_colours
from chatgrid_tui.model.hue import Hue, chip_letter
from chatgrid_tui.text import clean_line

Part: TypeAlias = Literal[
    "ground",
    "panel",
    "raised",
    "overlay",
    "field",
    "mine",
    "offer",
    "tag",
    "bubble",
    "code",
    "select",
    "error_tint",
    "link_tint",
    "line",
    "edge",
    "scroll",
    "text",
    "strong",
    "muted",
    "accent",
    "on_accent",
    "warn",
    "error",
    "code_ink",
    "code_string",
    "code_number",
    "code_keyword",
    "code_comment",
    "diff_add",
    "diff_del",
]


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs on the screen. Each has the same meaning everywhere."""

    here: str = "▌"
    rule: str = "│"
    mine: str = "▐"
    half: str = "▀"
    unread: str = "●"
    stopped: str = "■"
    waiting: str = "▲"
    failed: str = "!"
    below: str = "↓"
    above: str = "↑"
    left: str = "←"
    right: str = "→"
    bullet: str = "•"
    dot: str = "·"
    more: str = "…"
    hairline: str = "─"
    goes_on: str = "└"
    adds: str = "+"
    chosen: str = "•"
    good: str = "✓"
    bad: str = "✗"
    delta: str = "Δ"


UNICODE_SIGNS = Signs()
ASCII_SIGNS = Signs(
    here="|",
    rule="|",
    mine="|",
    half="-",
    unread="*",
    stopped="#",
    waiting="^",
    below="v",
    above="^",
    left="<",
    right=">",
    bullet="-",
    dot="-",
    more="..",
    hairline="-",
    goes_on="\\",
    chosen="*",
    good="+",
    bad="x",
    delta="d",
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """The writer of a message: a bot, or chatgrid-tui itself, which has no hue."""

    name: str
    hue: Hue | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The current theme, the signs, whether motion is reduced, and the style of bubbles."""

    theme: Theme
    signs: Signs = UNICODE_SIGNS
    reduced_motion: bool = False
    bubbles: BubbleStyle = "filled"

    def style(
        self,
        foreground: Part | HexColour,
        background: Part | HexColour = "ground",
        *,
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        reverse: bool = False,
    ) -> Style:
        """Return the style of a role, or of a speaker's ink, on a surface. In a flat theme it has no colour."""
        return _style(self.theme, foreground, background, bold, italic, underline, reverse)

    def speaker(self, hue: Hue | None) -> SpeakerColours:
        """Return the colours of a speaker with this hue; None for chatgrid-tui itself."""
        return self.theme.speaker(hue)

    def chip(self, name: str) -> str:
        """Return three cells for a speaker, with the first letter or digit of its name."""
        return self.letter_chip(chip_letter(name))

    def letter_chip(self, letter: str) -> str:
        """Return three cells for a letter or sign."""
        cells = cell_len(letter)
        if cells == 2:
            return f" {letter}"
        letter = letter if cells == 1 else self.signs.dot
        return f"[{letter}]" if self.theme.flat else f" {letter} "

    def speaker_chip(self, speaker: Speaker) -> Content:
        """Return the chip of a speaker in its colours."""
        colours = self.speaker(speaker.hue)
        style = "bold" if self.theme.flat else f"bold {colours.ink} on {colours.chip}"
        return Content.styled(self.chip(clean_line(speaker.name)), style)

    def speaker_name(self, speaker: Speaker, width: int | None = None) -> Content:
        """Return the name of a speaker in its ink, in at most `width` cells."""
        name = Content.styled(clean_line(speaker.name), "" if self.theme.flat else self.speaker(speaker.hue).ink)
        return name if width is None or name.cell_length <= width else name.truncate(width, ellipsis=True)

    def colour(self, part: Part) -> str:
        """Return the colour of a role, as `#rrggbb`."""
        return str(getattr(self.theme, part))


def look_of(widget: Widget) -> Look:
    """Return the look of the app that `widget` belongs to."""
    look = getattr(widget.app, "look", None)
    assert isinstance(look, Look), "widgets of chatgrid-tui are shown by an app that has a look"
    return look


def fitting_themes(themes: Mapping[str, Theme]) -> dict[str, Theme]:
    """Return the themes in a version that this terminal can show.

    With 16 colours all surfaces would become the same black, and NO_COLOR (no-color.org) asks for none: then signs
    replace colours.
    """
    # The same conditions as in Textual.
    system = Console(force_terminal=True).color_system if COLOR_SYSTEM == "auto" else COLOR_SYSTEM
    if os.environ.get("NO_COLOR") or system not in ("256", "truecolor"):
        return {name: replace(theme, flat=True) for name, theme in themes.items()}
    return {name: for_256_colours(theme) if system == "256" else theme for name, theme in themes.items()}


@lru_cache(maxsize=512)
def _style(
    theme: Theme,
    foreground: Part | HexColour,
    background: Part | HexColour,
    bold: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
) -> Style:
    if theme.flat:
        return Style(bold=bold, italic=italic, underline=underline, reverse=reverse)
    if theme.coarse and background in _LOUD_WITH_256_COLOURS:
        readable = foreground != "muted" and not (foreground == "accent" and (bold or underline))
        foreground = foreground if readable else "text"
    return Style(
        color=getattr(theme, foreground, foreground),
        bgcolor=getattr(theme, background, background),
        bold=bold,
        italic=italic,
        underline=underline,
        reverse=reverse,
    )


_LOUD_WITH_256_COLOURS: Final = ("mine", "offer", "select")
"""The surfaces on which previews, digits and links are not readable in 256 colours."""
