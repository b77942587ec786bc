"""The results of a test of a provider, at the bottom of its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.form.row import LABEL_WIDTH
from chatgrid_tui.ui.widgets.cells import filled, wrapped
from chatgrid_tui.ui.widgets.line_view import draw_heading
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

_OUTCOME_WIDTH = 11
_BESIDE_FROM = 60
"""Cells from which the text fits next to the outcome."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One result: its subject, the outcome in a word, and sentences about it."""

    subject: str
    outcome: str
    words: str
    tone: Tone = "plain"


class FormFindings(Widget):
    """Draws results under a heading. It takes no room without results."""

    DEFAULT_CSS = """
    FormFindings {
        width: 1fr;
        height: auto;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._found: tuple[FoundLine, ...] = ()

    @property
    def title(self) -> str:
        """The heading; empty if nothing is shown."""
        return self._title

    def show(self, title: str, found: Sequence[FoundLine] = ()) -> None:
        """Show other results; an empty title removes them."""
        if (title, tuple(found)) != (self._title, self._found):
            self._title, self._found = title, tuple(found)
            self.display = bool(title)
            self.refresh(layout=True)

    def on_mount(self) -> None:
        """Take no room without results."""
        self.display = bool(self._title)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Overrides `Widget.get_content_height`."""
        return 1 + len(self._lines(look_of(self), width))

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        fill = look.style("text", "overlay")
        if y == 0:
            return draw_heading(self._title, look, width, surface="overlay", start=0, end=0)
        lines = self._lines(look, width)
        return filled(lines[y - 1], width, fill) if y <= len(lines) else Strip.blank(width, fill)

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        self.refresh()

    def _lines(self, look: Look, width: int) -> list[list[Segment]]:
        beside = width >= _BESIDE_FROM
        left = LABEL_WIDTH + _OUTCOME_WIDTH if beside else 2
        lines: list[list[Segment]] = []
        for found in self._found:
            head = [
                Segment(found.subject.ljust(LABEL_WIDTH), look.style("muted", "overlay")),
                Segment(
                    with_sign(found.tone, found.outcome, look.signs).ljust(_OUTCOME_WIDTH),
                    look.style(part_of(found.tone), "overlay", bold=found.tone == "failed"),
                ),
            ]
            words = wrapped(clean_line(found.words, _LONGEST), max(1, width - left))
            if beside:
                first, words = words[:1], words[1:]
                head += [Segment(line, look.style("text", "overlay")) for line in first]
            lines.append(head)
            indent = Segment(" " * left, look.style("text", "overlay"))
            lines += [[indent, Segment(line, look.style("text", "overlay"))] for line in words]
        return lines
