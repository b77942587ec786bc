"""The last filter before the terminal: no control character and no unsafe link leaves the screen.

Text is cleaned where it enters (`chatgrid_tui.text.clean`). This filter is for places where that was forgotten:
Textual writes escapes in its content straight to the terminal. tests/ui/test_output_filter.py tries every widget.
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
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # bidirectional controls, separators
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


class OutputFilter(LineFilter):
    """Removes what a terminal would act on. The width of a line never changes."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments, and the same list if nothing was removed."""
        if all(_is_clean(segment) for segment in segments):
            return segments
        return [segment if _is_clean(segment) else _cleaned(segment) for segment in segments]


OUTPUT_FILTER = OutputFilter()
"""The only instance: strips cache the result of a filter by its identity."""


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
