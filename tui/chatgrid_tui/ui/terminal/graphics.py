"""Pictures of pixels in the terminal: how it shows them, and what is written for one.

Which terminals know kitty's protocol is taken from the environment: some of the others would show the question for it
as text. Sixels are a device attribute, and every terminal answers the question for these.
"""

from __future__ import annotations

from base64 import standard_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.ui.terminal.notifications import in_multiplexer

Method: TypeAlias = Literal["kitty", "sixel", "blocks"]
"""How a picture is shown: with kitty's protocol, as sixels, or as half blocks, which are text."""

_KITTY_TERMS: Final = ("xterm-kitty", "xterm-ghostty", "wezterm")
_KITTY_PROGRAMS: Final = ("ghostty", "WezTerm")
_KITTY_ID: Final = 0x63677475
"""The id of the only picture that is shown. Sending another one with it replaces the first."""
_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True)
class Graphic:
    """What shows a picture at the cursor, and what removes it."""

    data: str
    removal: str
    covers_text: bool
    """Whether it stays when text is written into its cells, so that only `removal` removes it."""


def method_of(environ: Mapping[str, str]) -> Method | None:
    """Return how the terminal with these environment variables shows pictures; None if only itself can tell."""
    if in_multiplexer(environ):
        return "blocks"  # it keeps track of cells, not of pictures in them
    term = environ.get("TERM", "")
    is_in_kitty = bool(environ.get("KITTY_WINDOW_ID")) and term.startswith("xterm") and "XTERM_VERSION" not in environ
    if term in _KITTY_TERMS or environ.get("TERM_PROGRAM") in _KITTY_PROGRAMS or is_in_kitty:
        return "kitty"
    return None


def kitty_graphic(png: bytes, columns: int, rows: int) -> Graphic:
    """Return a PNG as a graphic over so many cells. The terminal answers nothing, and the cursor stays."""
    encoded = standard_b64encode(png).decode()
    keys = f"a=T,f=100,i={_KITTY_ID},p=1,c={columns},r={rows},C=1,q=2,"
    parts: list[str] = []
    for start in range(0, len(encoded), _CHUNK):
        more = int(start + _CHUNK < len(encoded))
        parts.append(f"\x1b_G{keys}m={more};{encoded[start : start + _CHUNK]}\x1b\\")
        keys = ""
    return Graphic("".join(parts), f"\x1b_Ga=d,d=I,i={_KITTY_ID},q=2\x1b\\", covers_text=True)


def sixel_graphic(sixels: str) -> Graphic:
    """Return sixels as a graphic. Text replaces them, as it does other text."""
    return Graphic(sixels, "", covers_text=False)
