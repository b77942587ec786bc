"""The rows of a picker: groups of things to go to, filtered by what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.look import Look, Part, look_of
from chatgrid_tui.ui.widgets.cells import both_ends, cut, own_words, width_of
from chatgrid_tui.ui.widgets.line_view import LineView, draw_heading
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

_NAME_AT = 2
_DETAIL_AT = 29
_DETAIL_FROM = 50
"""Cells of width from which there is room for the detail."""


@dataclass(frozen=True, slots=True)
class PickerRow:
    """One thing to pick."""

    id: str
    name: str
    detail: str = ""
    state: str = ""
    tone: Tone = "quiet"


@dataclass(frozen=True, slots=True)
class PickerGroup:
    """Rows under a heading. A group without a title is not filtered: what it offers is always there."""

    title: str
    rows: tuple[PickerRow, ...]


class PickerList(LineView, can_focus=False):
    """Draws groups of rows, one of them chosen. It has no focus: what is typed goes to the filter."""

    @dataclass
    class Picked(Message):
        """A row was clicked."""

        id: str

    def __init__(self, groups: Sequence[PickerGroup], chosen: str | None = None, *, spaced: bool = True) -> None:
        """`chosen` is the id of the row to begin on; `spaced` puts a blank line between groups."""
        super().__init__()
        self._groups = tuple(groups)
        self._filter = ""
        self.spaced = spaced
        self._lines: list[PickerRow | str] = []
        """What each line shows: a row, or a heading; an empty heading is a blank line."""
        self._chosen = chosen
        self._arrange()

    # What it shows --------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> str | None:
        """The id of the chosen row, None where there is none."""
        return self._chosen

    @property
    def most_lines(self) -> int:
        """How many lines there are while nothing is filtered, so that the list keeps its height."""
        headings = [group for group in self._groups if group.title and group.rows]
        blanks = max(0, len(headings) - 1) if self.spaced else 0
        return sum(len(group.rows) for group in self._groups) + len(headings) + blanks

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows match the filter, and how many there are; those always there do not count."""
        total = [row for group in self._groups if group.title for row in group.rows]
        return sum(self._matches(row) for row in total), len(total)

    def filter(self, words: str) -> None:
        """Show only rows that hold `words` in their name, or in their detail; the first one is chosen then."""
        self._filter = words.strip().casefold()
        self._chosen = None if self._filter else self._chosen
        self._arrange()
        self.scroll_to(y=0, animate=False)

    def space(self, spaced: bool) -> None:
        """Put a blank line between groups, or take it away."""
        if spaced != self.spaced:
            self.spaced = spaced
            self._arrange()

    def move(self, by: int) -> None:
        """Choose the row so many further on, without going round."""
        rows = self._rows
        if rows:
            at = next((index for index, row in enumerate(rows) if row.id == self._chosen), 0)
            self._choose(rows[max(0, min(at + by, len(rows) - 1))])

    # Drawing --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return a row of the list as it is on the screen (Textual asks for it)."""
        look, width = look_of(self), self.size.width
        at = y + self.scroll_offset.y
        line = self._lines[at] if at < len(self._lines) else ""
        if isinstance(line, PickerRow):
            return self._row(line, look, width)
        if not line:
            return Strip.blank(width, look.style("text", "overlay"))
        return draw_heading(line, look, width, surface="overlay", start=1)

    def _row(self, row: PickerRow, look: Look, width: int) -> Strip:
        chosen = row.id == self._chosen
        surface: Part = "select" if chosen else "overlay"
        reverse = chosen and look.theme.flat
        fill = look.style("text", surface, reverse=reverse)
        bar = Segment(" " * _NAME_AT, fill)
        if chosen:
            bar = Segment(look.signs.here.ljust(_NAME_AT), look.style("accent", surface, reverse=reverse))
        right = [Segment(" ", fill)]
        if row.state:
            words = with_sign(row.tone, own_words(row.state, look.signs), look.signs)
            style = look.style(part_of(row.tone), surface, bold=row.tone == "production", reverse=reverse)
            right = [Segment(f"  {words}", style), *right]
        room = width - width_of(right)
        has_detail = bool(row.detail) and width >= _DETAIL_FROM
        name_room = (_DETAIL_AT if has_detail else room) - _NAME_AT
        left = [bar, *self._marked(row, look, name_room - 2 * has_detail, chosen)]
        if has_detail:
            left.append(Segment(" " * (_DETAIL_AT - width_of(left)), fill))
            detail = cut(own_words(row.detail, look.signs), room - _DETAIL_AT, look.signs.more)
            left.append(Segment(detail, look.style("muted", surface, reverse=reverse)))
        return both_ends(left, right, width, fill)

    def _marked(self, row: PickerRow, look: Look, room: int, chosen: bool) -> list[Segment]:
        """Return the name, with the letters that match marked."""
        surface: Part = "select" if chosen else "overlay"
        reverse = chosen and look.theme.flat
        name = cut(clean_line(row.name), room, look.signs.more)
        plain = look.style("text", surface, bold=chosen, reverse=reverse)
        start = name.casefold().find(self._filter) if self._filter else -1
        # Folding case can change lengths (ß); then there is nothing sure to mark.
        if start < 0 or len(name.casefold()) != len(name):
            return [Segment(name, plain)]
        end = start + len(self._filter)
        match = look.style("accent", surface, bold=True, underline=True, reverse=reverse)
        return [Segment(name[:start], plain), Segment(name[start:end], match), Segment(name[end:], plain)]

    # Lines and rows -------------------------------------------------------------------------------------------

    @property
    def _rows(self) -> list[PickerRow]:
        return [line for line in self._lines if isinstance(line, PickerRow)]

    def _matches(self, row: PickerRow) -> bool:
        return self._filter in clean_line(row.name).casefold() or self._filter in clean_line(row.detail).casefold()

    def _arrange(self) -> None:
        lines: list[PickerRow | str] = []
        for group in self._groups:
            rows = [row for row in group.rows if not group.title or self._matches(row)]
            if rows and group.title:
                lines += ["", group.title] if lines and self.spaced else [group.title]
            lines += rows
        self._lines = lines
        rows = self._rows
        if self._chosen not in {row.id for row in rows}:
            self._chosen = rows[0].id if rows else None
        self.virtual_size = Size(0, len(lines))
        self.refresh()

    def _choose(self, row: PickerRow) -> None:
        self._chosen = row.id
        self.refresh()
        self.show_chosen()

    def show_chosen(self) -> None:
        """Scroll so that the chosen row is in view."""
        places = [(at, line.id) for at, line in enumerate(self._lines) if isinstance(line, PickerRow)]
        at = next((at for at, row_id in places if row_id == self._chosen), 0)
        offset, height = self.scroll_offset.y, self.size.height
        if at < offset:
            # Above the first row there may be a heading, worth seeing too.
            self.scroll_to(y=0 if at == places[0][0] else at, animate=False)
        elif at >= offset + height:
            self.scroll_to(y=at - height + 1, animate=False)

    # Events ---------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Pick what was clicked."""
        at = event.y + self.scroll_offset.y
        line = self._lines[at] if 0 <= at < len(self._lines) else ""
        if isinstance(line, PickerRow):
            event.stop()
            self._choose(line)
            self.post_message(self.Picked(line.id))
