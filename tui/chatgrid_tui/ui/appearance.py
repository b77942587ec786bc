"""How things are drawn: colours by their part, signs, and whether things may move.

Widgets that draw their own cells ask `look_of(self)` each time they draw anew, and drop what they kept when
the theme changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from rich.console import Console
from rich.style import Style
from textual.constants import COLOR_SYSTEM
from textual.widget import Widget

from chatgrid_tui.config.themes import Theme

Part: TypeAlias = Literal[
    "ground",
    "panel",
    "raised",
    "overlay",
    "field",
    "mine",
    "code",
    "select",
    "error_tint",
    "link_tint",
    "line",
    "edge",
    "text",
    "muted",
    "accent",
    "on_accent",
    "warn",
    "error",
    "code_string",
    "code_number",
    "code_keyword",
    "code_comment",
    "mine_edge",
]


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of the screen; one sign has one meaning everywhere."""

    here: str = "▌"
    rule: str = "│"
    mine: str = "▐"
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
    adds: str = "+"
    chosen: str = "•"


UNICODE_SIGNS = Signs()
ASCII_SIGNS = Signs(
    here="|",
    rule="|",
    mine="|",
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
    chosen="*",
)


@dataclass(frozen=True, slots=True)
class Look:
    """The theme in use, the signs, and whether motion is reduced."""

    theme: Theme
    signs: Signs = UNICODE_SIGNS
    reduced_motion: bool = False

    def style(
        self,
        foreground: Part,
        background: Part = "ground",
        *,
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        reverse: bool = False,
    ) -> Style:
        """Return the style for a part on a surface. In a flat theme it has no colour."""
        return _style(self.theme, foreground, background, bold, italic, underline, reverse)

    def colour(self, part: Part) -> str:
        """Return the colour of a part, `#rrggbb`."""
        return str(getattr(self.theme, part))


@runtime_checkable
class HasLook(Protocol):
    """The application, as far as drawing concerns it."""

    @property
    def look(self) -> Look: ...


def look_of(widget: Widget) -> Look:
    """Return the look in use where `widget` is shown."""
    app = widget.app
    assert isinstance(app, HasLook), "widgets of chatgrid-tui are shown by an app that has a look"
    return app.look


def has_few_colours() -> bool:
    """Return whether the terminal has 16 colours or none: all surfaces of a theme would become the same black."""
    # As Textual decides it.
    system = Console(force_terminal=True).color_system if COLOR_SYSTEM == "auto" else COLOR_SYSTEM
    return system not in ("256", "truecolor")


@lru_cache(maxsize=512)
def _style(
    theme: Theme, foreground: Part, background: Part, bold: bool, italic: bool, underline: bool, reverse: bool
) -> Style:
    if theme.flat:
        return Style(bold=bold, italic=italic, underline=underline, reverse=reverse)
    return Style(
        color=getattr(theme, foreground),
        bgcolor=getattr(theme, background),
        bold=bold,
        italic=italic,
        underline=underline,
        reverse=reverse,
    )
