"""The rows of a picker: groups of things to go to, and what is left of them for what is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from chatgrid_tui.ui.appearance import Look, Part, look_of
from chatgrid_tui.ui.fuzzy import Query
from chatgrid_tui.ui.overlays.picker_rows import Choices, Heading, Line, More, PickerGroup, PickerRow
from chatgrid_tui.ui.widgets.cells import both_ends, cut, cut_before_port, filled, own_words, width_of
from chatgrid_tui.ui.widgets.line_view import LineView, draw_heading
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

__all__ = ["PickerGroup", "PickerList", "PickerRow", "StateOf"]

StateOf: TypeAlias = Callable[[PickerRow], tuple[str, Tone]]
"""What is said of a row at its right end, asked each time the row is drawn."""

_NAME_AT = 2
_BETWEEN = 2
"""Blank cells between the columns."""
_DETAIL_FROM = 50
"""Cells of width from which there is room for the detail."""


def _own_state(row: PickerRow) -> tuple[str, Tone]:
    return row.state, row.tone


class PickerList(LineView, can_focus=False):
    """Draws groups of rows, one of them chosen. It has no focus: what is typed goes to the filter."""

    @dataclass
    class Picked(Message):
        """A row was clicked."""

        id: str

    @dataclass
    class Chosen(Message):
        """Another row is chosen."""

        id: str | None

    def __init__(
        self,
        groups: Sequence[PickerGroup],
        chosen: str | None = None,
        *,
        state_of: StateOf | None = None,
    ) -> None:
        """`chosen` is the id of the row to begin on; `state_of` says what stands at the right end of a row, where
        that changes while it is shown.
        """
        super().__init__()
        self._choices = Choices(groups)
        self._state_of = state_of or _own_state
        self._spaced = True
        self._lines: list[Line] = []
        self._chosen = chosen
        self._under_mouse: str | None = None
        self._longest: tuple[int, int] | None = None
        """The cells of the longest name that has something behind it, and of the most that stands behind a name."""
        self._arrange()

    # What it shows --------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> str | None:
        """The id of the chosen row, None where there is none."""
        return self._chosen

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows match the filter, and how many there are; those that are merely offered do not count."""
        return self._choices.counts

    @property
    def height(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def filter(self, words: str) -> None:
        """Show only rows that match `words`, the best ones first; the first one is chosen then."""
        self._choices.type(words)
        self._chosen = None
        self._arrange()
        self.scroll_to(y=0, animate=False)

    def put(self, groups: Sequence[PickerGroup]) -> None:
        """Show other groups. The chosen row stays chosen, and where it is on the screen."""
        at = self._line_of(self._chosen)
        self._choices.put(groups)
        self._arrange()
        moved = self._line_of(self._chosen)
        if at is not None and moved is not None and moved != at:
            self.scroll_to(y=self.scroll_offset.y + moved - at, animate=False, force=True)

    def make_ready(self) -> bool:
        """Make a part of the rows ready for being found; whether all are now."""
        return self._choices.make_ready()

    def space(self, spaced: bool) -> None:
        """Put a blank line between groups, or take it away."""
        if spaced != self._spaced:
            self._spaced = spaced
            self._arrange()

    def move(self, by: int) -> None:
        """Choose the row so many further on, without going round."""
        rows = self._choices.rows
        if rows:
            at = next((index for index, row in enumerate(rows) if row.id == self._chosen), 0)
            self._choose(rows[max(0, min(at + by, len(rows) - 1))])

    def look_changed(self) -> None:
        """Draw anew: colours, signs, or what is said of the rows are others now."""
        self.refresh()

    # Drawing --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return a row of the list as it is on the screen (Textual asks for it)."""
        look, width = look_of(self), self.line_width
        at = y + self.scroll_offset.y
        line = self._lines[at] if at < len(self._lines) else Heading()
        match line:
            case PickerRow():
                return self._row(line, look, width)
            case Heading(""):
                return Strip.blank(width, look.style("text", "overlay"))
            case Heading(words):
                return draw_heading(words, look, width, surface="overlay", start=1)
            case More(count):
                words = own_words(f"{count:,} more · another letter finds them", look.signs)
                note = Segment(" " * _NAME_AT + words, look.style("muted", "overlay"))
                return filled([note], width, look.style("text", "overlay"))

    def _row(self, row: PickerRow, look: Look, width: int) -> Strip:
        chosen, under_mouse = row.id == self._chosen, row.id == self._under_mouse
        surface: Part = "select" if chosen else "panel" if under_mouse else "overlay"
        reverse = chosen and look.theme.flat
        fill = look.style("text", surface, reverse=reverse)
        bar = Segment(" " * _NAME_AT, fill)
        if chosen:
            bar = Segment(look.signs.here.ljust(_NAME_AT), look.style("accent", surface, reverse=reverse))
        right = [Segment(" ", fill)]
        words, tone = self._state(row, look, width)
        if words:
            style = look.style(part_of(tone), surface, bold=tone == "production", reverse=reverse)
            right = [Segment(" " * _BETWEEN + words, style), *right]
        room = width - width_of(right)
        has_detail = bool(row.beside) and width >= _DETAIL_FROM
        name_room = self._column(look, width) if has_detail else room - _NAME_AT
        name, detail = own_words(row.name, look.signs), own_words(row.beside, look.signs)
        plain = look.style("text", surface, bold=chosen or under_mouse, reverse=reverse)
        match = look.style("accent", surface, bold=True, underline=True, reverse=reverse)
        query = self._choices.query
        shown = cut(name, name_room, look.signs.more)
        left = [bar, *_marked(shown, name, query.marks(name), plain, match)]
        if has_detail:
            detail_at = _NAME_AT + name_room + _BETWEEN
            left.append(Segment(" " * (detail_at - width_of(left)), fill))
            muted = look.style("muted", surface, reverse=reverse)
            shown = cut_before_port(detail, room - detail_at, look.signs.more)
            left += _marked(shown, detail, _beside_marks(query, row), muted, match)
        return both_ends(left, right, width, fill)

    def _state(self, row: PickerRow, look: Look, width: int) -> tuple[str, Tone]:
        """Return the words at the right end of a row."""
        state, tone = self._state_of(row)
        words = with_sign(tone, own_words(state, look.signs), look.signs) if state else ""
        return cut(words, max(0, width // 2), look.signs.more), tone

    def _column(self, look: Look, width: int) -> int:
        """Return the cells of the column of names: what the longest one takes, as far as that leaves room for what
        stands behind the names. What is said of the rows may change while it stays.
        """
        if self._longest is None:
            rows = [row for row in self._choices.rows if row.beside]
            names = (cell_len(own_words(row.name, look.signs)) for row in rows)
            others = (
                cell_len(own_words(row.beside, look.signs))
                + (_BETWEEN + cell_len(words) if (words := self._state(row, look, width)[0]) else 0)
                for row in rows
            )
            self._longest = max(names, default=0), max(others, default=0)
        longest, behind = self._longest
        return min(longest, max(width * 2 // 5, width - _NAME_AT - _BETWEEN - behind - 1))

    # Lines and rows -------------------------------------------------------------------------------------------

    def _line_of(self, row_id: str | None) -> int | None:
        lines = enumerate(self._lines)
        return next((at for at, line in lines if isinstance(line, PickerRow) and line.id == row_id), None)

    def _arrange(self) -> None:
        self._lines = self._choices.lines(spaced=self._spaced)
        self._longest = None
        before = self._chosen
        if self._line_of(before) is None:
            self._chosen = next((row.id for row in self._choices.rows), None)
        if self._chosen != before and self.is_attached:
            self.post_message(self.Chosen(self._chosen))
        self.virtual_size = Size(0, len(self._lines))
        self.refresh()

    def _choose(self, row: PickerRow) -> None:
        if self._chosen != row.id:
            self._chosen = row.id
            self.post_message(self.Chosen(row.id))
        self.refresh()
        self.show_chosen()

    def show_chosen(self) -> None:
        """Scroll so that the chosen row is in view."""
        at = self._line_of(self._chosen) or 0
        offset, height = self.scroll_offset.y, self.size.height
        if at < offset:
            # Above the first row there may be a heading, worth seeing too.
            first = not any(isinstance(line, PickerRow) for line in self._lines[:at])
            self.scroll_to(y=0 if first else at, animate=False)
        elif at >= offset + height:
            self.scroll_to(y=at - height + 1, animate=False)

    def _row_at(self, y: int) -> PickerRow | None:
        at = y + self.scroll_offset.y
        line = self._lines[at] if 0 <= at < len(self._lines) else None
        return line if isinstance(line, PickerRow) else None

    # Events ---------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Pick what was clicked."""
        row = self._row_at(event.y)
        if row is not None:
            event.stop()
            self._choose(row)
            self.post_message(self.Picked(row.id))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Raise the row under the mouse."""
        row = self._row_at(event.y)
        self._hover(row.id if row is not None else None)

    def on_leave(self) -> None:
        """Raise no row any more."""
        self._hover(None)

    def _hover(self, row_id: str | None) -> None:
        if row_id != self._under_mouse:
            self._under_mouse = row_id
            self.refresh()


def _beside_marks(query: Query, row: PickerRow) -> frozenset[int]:
    """Return which characters beside the name match."""
    behind = len(row.beside) - len(row.detail)
    in_detail = query.marks_in_rest(row.detail, row.name, row.place)
    return query.marks(row.place, unless_in=row.name) | {behind + at for at in in_detail}


def _marked(shown: str, whole: str, marks: frozenset[int], plain: Style, match: Style) -> list[Segment]:
    """Return a text as it is shown, cut perhaps, with the letters marked that were typed."""
    if not marks:
        return [Segment(shown, plain)]
    # What is shown in place of letters that were cut off is no letter of the text.
    kept = next((at for at, (one, other) in enumerate(zip(shown, whole, strict=False)) if one != other), len(shown))
    kept = min(kept, len(whole))
    segments: list[Segment] = []
    start = 0
    for at in range(1, len(shown) + 1):
        marked = start in marks and start < kept
        if at == len(shown) or (at in marks and at < kept) != marked:
            segments.append(Segment(shown[start:at], match if marked else plain))
            start = at
    return segments
