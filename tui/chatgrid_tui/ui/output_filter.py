"""The last wall before the terminal: no control character and no unsafe link leaves the screen.

Text is cleaned where it comes in (`chatgrid_tui.text.clean`). This is for the place somebody forgot: Textual
itself writes escapes it is given straight to the terminal. tests/ui/test_output_filter.py tries every widget.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from chatgrid_tui.ui.browser import is_safe_link

_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # text that runs the other way, separators
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


class OutputFilter(LineFilter):
    """Takes out what a terminal would act on. The width of a line never changes."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments, the same list where there was nothing to take out."""
        if all(_is_clean(segment) for segment in segments):
            return segments
        return [segment if _is_clean(segment) else _cleaned(segment) for segment in segments]


OUTPUT_FILTER = OutputFilter()
"""The one instance: strips keep what a filter made of them by the filter's identity."""


def _is_clean(segment: Segment) -> bool:
    text, style, control = segment
    if control is not None:
        return True
    if style is not None and style.link is not None and not _may_link(style.link):
        return False
    return text.isprintable() or _FORBIDDEN.search(text) is None


def _cleaned(segment: Segment) -> Segment:
    text = _FORBIDDEN.sub(lambda found: " " * cell_len(found[0]), segment.text)
    return Segment(text, None if segment.style is None else _safe(segment.style))


@lru_cache(maxsize=256)
def _may_link(link: str) -> bool:
    return link.isascii() and is_safe_link(link)


def _safe(style: Style) -> Style:
    return style if style.link is None or _may_link(style.link) else style.update_link(None)
