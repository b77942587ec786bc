"""Styles for drawing on one surface, by role, and the numbering of targets."""

from __future__ import annotations

from typing import TypeAlias

from rich.style import Style

from chatgrid_tui.config.colours import HexColour, SpeakerColours
from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.transcript.targets import Place

Colour: TypeAlias = Part | HexColour


class Ink:
    """Draws in a look on a surface. Styles are cached, since every piece of text asks for one."""

    def __init__(self, look: Look, surface: Colour, speaker: SpeakerColours) -> None:
        self.look = look
        self.surface: Colour = surface
        self.speaker = speaker
        self.flat = look.theme.flat
        self.signs = look.signs
        self._styles: dict[tuple[Colour, Colour, bool, bool, bool, bool], Style] = {}
        self._place: Place = ()
        self._number = 0

    def __call__(
        self,
        part: Colour = "text",
        *,
        on: Colour | None = None,
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        reverse: bool = False,
    ) -> Style:
        """Return the style of a role, on this ink's surface unless `on` names another."""
        key = (part, on or self.surface, bold, italic, underline, reverse)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self.look.style(
                part, key[1], bold=bold, italic=italic, underline=underline, reverse=reverse
            )
        return style

    def begin(self, place: Place) -> None:
        """Restart the numbering of targets at 0, within `place`."""
        self._place = place
        self._number = 0

    def next_place(self) -> Place:
        """Return the place of the next target."""
        self._number += 1
        return (*self._place, self._number)
