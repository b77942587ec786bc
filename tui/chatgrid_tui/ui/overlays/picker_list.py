"""The rows of a picker in an `OptionList`: a name, what it belongs to, and its state at the right end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatgrid_tui.ui.appearance import UNICODE_SIGNS, look_of
from chatgrid_tui.ui.fuzzy import Query
from chatgrid_tui.ui.overlays.picker_rows import Choices, Heading, Line, More, PickerGroup, PickerRow
from chatgrid_tui.ui.textual_theme import PREFIX
from chatgrid_tui.ui.widgets.cells import cut, cut_before_port, own_words
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

__all__ = ["PickerGroup", "PickerList", "PickerRow", "StateOf"]

StateOf: TypeAlias = Callable[[PickerRow], tuple[str, Tone]]
"""Return the text at the right end of a row."""

_NAME_AT = 2
_BETWEEN = 2
"""Blank cells between the columns."""
_DETAIL_FROM = 50
"""Cells of width from which there is room for the detail."""
_MUTED = f"${PREFIX}muted not bold"
_MATCH = f"${PREFIX}accent bold underline"


def _own_state(row: PickerRow) -> tuple[str, Tone]:
    return row.state, row.tone


class _RowOption(Option):
    """The option of a row, with the state that it was drawn with."""

    def __init__(self, row: PickerRow, state: tuple[str, Tone], prompt: Content) -> None:
        super().__init__(prompt)
        self.row = row
        self.state = state


class ChoiceList(OptionList):
    """An option list with a bar before the chosen option."""

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)

    def render_line(self, y: int) -> Strip:
        """Overrides `OptionList.render_line`: put the bar before the chosen option, and reverse it
        without colours. Options have no border, and a component class cannot be reversed. Draw separators
        with the signs of the app.
        """
        strip = super().render_line(y)
        if strip.text and not strip.text.strip(f" {UNICODE_SIGNS.hairline}"):
            hairline = look_of(self).signs.hairline
            return Strip(
                segment._replace(text=segment.text.replace(UNICODE_SIGNS.hairline, hairline)) for segment in strip
            )
        style = next((segment.style for segment in strip if segment.style is not None), None)
        if style is None or self.highlighted is None or style.meta.get("option") != self.highlighted:
            return strip
        look = look_of(self)
        bar = Segment(look.signs.here, look.style("accent", "select"))
        style = Style(reverse=look.theme.flat or None, meta={"option": self.highlighted})
        return Strip(Segment.apply_style([bar, *strip.crop(1)], post_style=style))


class PickerList(ChoiceList, can_focus=False):
    """Shows groups of rows, one of them chosen. It has no focus: what is typed goes to the filter."""

    @dataclass
    class Chosen(Message):
        """Another row was chosen."""

        id: str

    def __init__(
        self,
        groups: Sequence[PickerGroup],
        chosen: str | None = None,
        *,
        state_of: StateOf | None = None,
        chooses_first: bool = True,
    ) -> None:
        """`chosen` is the id of the row to begin on. `state_of` returns the text at the right end of a row, if it
        changes while it is shown. With `chooses_first`, a row is always chosen, by default the first.
        """
        super().__init__()
        self._choices = Choices(groups)
        self._state_of = state_of or _own_state
        self._chooses_first = chooses_first
        self._spaced = True
        self._signs = UNICODE_SIGNS
        self._width = 0
        self._columns = 0
        self._last_chosen = chosen
        self._keeps_chosen = True
        """Whether the chosen row stays chosen when others come in before it."""
        self._fill(chosen)

    # Content

    @property
    def chosen(self) -> str | None:
        """The id of the chosen row, None if there is none."""
        return None if self.row is None else self.row.id

    @property
    def row(self) -> PickerRow | None:
        """The chosen row."""
        option = self.highlighted_option
        return option.row if isinstance(option, _RowOption) else None

    @property
    def counts(self) -> tuple[int, int]:
        """The number of rows that match the filter, and the number of all rows."""
        return self._choices.counts

    @property
    def height(self) -> int:
        """The number of lines."""
        return self.option_count

    def filter(self, typed: str) -> None:
        """Show the rows that match, the best ones first, and choose the first."""
        self._choices.type(typed)
        self._keeps_chosen = False
        self._fill(None)

    def put(self, groups: Sequence[PickerGroup]) -> None:
        """Show other groups. A row that the arrows chose stays chosen, and where it is on the screen."""
        before, scrolled = self.highlighted, self.scroll_offset.y
        self._choices.put(groups)
        self._fill(self.chosen if self._keeps_chosen else None)
        if before is not None and self.highlighted is not None:
            self.scroll_to(y=scrolled + self.highlighted - before, animate=False, force=True, immediate=True)

    def make_ready(self) -> bool:
        """Index a part of the rows. Return whether all are indexed."""
        return self._choices.make_ready()

    def space(self, spaced: bool) -> None:
        """Put a blank line between groups, or take it away."""
        if spaced != self._spaced:
            self._spaced = spaced
            self._fill(self.chosen)

    def move(self, by: int) -> None:
        """Choose the row so many further on, and stop at the ends."""
        rows = [index for index, option in enumerate(self.options) if isinstance(option, _RowOption)]
        if rows:
            nowhere = 0 if self._chooses_first else -1 if by > 0 else len(rows)
            at = rows.index(self.highlighted) if self.highlighted in rows else nowhere
            self._keeps_chosen = True
            self.highlighted = rows[max(0, min(at + by, len(rows) - 1))]

    def update_states(self) -> None:
        """Draw the rows again whose state has changed."""
        for index, option in enumerate(self.options):
            if isinstance(option, _RowOption) and (state := self._state_of(option.row)) != option.state:
                option.state = state
                self.replace_option_prompt_at_index(index, self._prompt(option.row, state))

    def show_chosen(self) -> None:
        """Scroll to the chosen row, and to the heading above the first one."""
        self.scroll_to_highlight()
        if self.row is next(iter(self._choices.rows), None):
            self.scroll_to(y=0, animate=False, force=True, immediate=True)

    # Rows

    def _fill(self, chosen: str | None) -> None:
        """Make the options. `chosen` is the id of the row to choose; if it is not shown, choose the first or none."""
        lines = self._choices.lines(spaced=self._spaced)
        self._columns = self._name_width([line for line in lines if isinstance(line, PickerRow)])
        self.set_options([self._option(line) for line in lines])
        places = {line.id: index for index, line in enumerate(lines) if isinstance(line, PickerRow)}
        first = next(iter(places.values()), None) if self._chooses_first else None
        self.highlighted = places.get(chosen or "", first)

    def _option(self, line: Line) -> Option:
        match line:
            case PickerRow():
                state = self._state_of(line)
                return _RowOption(line, state, self._prompt(line, state))
            case Heading(title):
                return Option(self._heading(title) if title else " ", disabled=True)
            case More(count):
                text = own_words(f"{count:,} more · another letter finds them", self._signs)
                return Option(Content(" " * _NAME_AT + text), disabled=True)

    def _heading(self, title: str) -> Content:
        if not self._width:
            return Content(title)
        label = f" {cut(own_words(title, self._signs), self._width - 3, self._signs.more)} "
        hairline = self._signs.hairline * (self._width - 1 - cell_len(label))
        return Content.assemble((label, f"${PREFIX}muted"), (hairline, f"${PREFIX}line"))

    def _prompt(self, row: PickerRow, state: tuple[str, Tone]) -> Content:
        """Return the line of a row, as wide as the list."""
        width = self._width
        if not width:
            return Content(row.id)
        signs, query = self._signs, self._choices.query
        state_text = self._state_text(state)
        style = f"${PREFIX}{part_of(state[1])} {'bold' if state[1] == 'production' else 'not bold'}"
        room = width - 1 - (_BETWEEN + cell_len(state_text) if state_text else 0)
        has_detail = bool(row.beside) and width >= _DETAIL_FROM
        name = own_words(row.name, signs)
        name_room = self._columns if has_detail else room - _NAME_AT
        shown = cut(name, name_room, signs.more)
        line = Content(" " * _NAME_AT) + _marked(shown, name, query.marks(name), _MUTED if row.unavailable else "")
        if has_detail:
            detail, start = own_words(row.beside, signs), _NAME_AT + name_room + _BETWEEN
            shown = cut_before_port(detail, room - start, signs.more)
            line = line.pad_right(start - line.cell_length)
            line += _marked(shown, detail, _beside_marks(query, row), _MUTED)
        line = line.pad_right(max(0, width - 1 - cell_len(state_text) - line.cell_length))
        return line + Content.styled(f"{state_text} ", style)

    def _state_text(self, state: tuple[str, Tone]) -> str:
        signs = self._signs
        text = with_sign(state[1], own_words(state[0], signs), signs) if state[0] else ""
        return cut(text, self._width // 2, signs.more)

    def _name_width(self, rows: Sequence[PickerRow]) -> int:
        """Return the cells of the column of names: those of the longest one, as far as the details leave room."""
        if not self._width:
            return 0
        longest = behind = 0
        for row in rows:
            if row.beside:
                state = self._state_text(self._state_of(row))
                longest = max(longest, cell_len(own_words(row.name, self._signs)))
                detail = cell_len(own_words(row.beside, self._signs))
                behind = max(behind, detail + (_BETWEEN + cell_len(state) if state else 0))
        return min(longest, max(self._width * 2 // 5, self._width - _NAME_AT - _BETWEEN - behind - 1))

    # Events

    def on_mount(self) -> None:
        """Use the plain scroll bar, and the signs of the app."""
        self._signs = look_of(self).signs
        use_plain_scroll_bar(self)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the rows into another width."""
        if (width := self.scrollable_content_region.width) != self._width:
            self._width = width
            self._fill(self.chosen)
            self.show_chosen()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Report that another row was chosen."""
        event.stop()
        if self.chosen is not None and self.chosen != self._last_chosen:
            self._last_chosen = self.chosen
            self.post_message(self.Chosen(self.chosen))


def _beside_marks(query: Query, row: PickerRow) -> frozenset[int]:
    """Return which characters beside the name match."""
    behind = len(row.beside) - len(row.detail)
    in_detail = query.marks_in_rest(row.detail, row.name, row.place)
    return query.marks(row.place, unless_in=row.name) | {behind + at for at in in_detail}


def _marked(shown: str, whole: str, marks: frozenset[int], style: str) -> Content:
    """Return a text as it is shown, perhaps cut, with the characters marked that match."""
    # A sign in place of what was cut off is no character of the text.
    end = next((at for at, (one, other) in enumerate(zip(shown, whole, strict=False)) if one != other), len(shown))
    content = Content.styled(shown, style) if style else Content(shown)
    for at in sorted(marks):
        if at < end:
            content = content.stylize(_MATCH, at, at + 1)
    return content.simplify()
