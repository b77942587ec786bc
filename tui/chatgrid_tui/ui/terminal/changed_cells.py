"""What a frame writes to the terminal: only the cells that have changed, with few escape sequences.

Textual writes every row that a refreshed region touches in full, with the whole style of each of its parts. While a
reply streams at 120 by 40, two thirds of that are styles, and most of the rest is on the screen already
(`tests/bench`: bytes written while streaming). Over a slow connection, that is what the user waits for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from functools import lru_cache
from os.path import commonprefix
from typing import Final, NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

_ONE_CELL: Final = r" -~\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2500-\u25ff…"
"""Characters that take exactly one cell in every terminal."""
_ONE_CELL_EACH: Final = re.compile(f"[{_ONE_CELL}]*")
_OTHERS: Final = re.compile(f"([^{_ONE_CELL}]+)")
"""Terminals may disagree with Textual about the widths of these. A row that has any is written in full, and the
cursor is positioned after each run of them."""
_RESET: Final = "\x1b[0m"
_ATTRIBUTES: Final = (
    ("bold", "1", "22"),
    ("italic", "3", "23"),
    ("underline", "4", "24"),
    ("reverse", "7", "27"),
    ("strike", "9", "29"),
)
"""Attributes of a style, with the codes that turn them on and off."""
_OTHER_ATTRIBUTES: Final = (
    "dim",
    "blink",
    "blink2",
    "conceal",
    "underline2",
    "frame",
    "encircle",
    "overline",
)

After: TypeAlias = Callable[[Set[int] | None], str]
"""Returns what to write after a frame, for the rows that it wrote; None means all."""


class ChangedCells:
    """Remembers what was written of each row, and reduces updates of the compositor to the difference."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, tuple[int, Strip]]] = {}
        """The strips of each row with their ends, by their first cell."""
        self.written_rows: Set[int] | None = frozenset()
        """The rows that the last frame wrote, in whole or in part; None if it wrote all."""

    def forget(self) -> None:
        """Forget what was written, since the terminal may have lost it."""
        self._rows.clear()

    def update(self, renderable: RenderableType | None, after: After) -> RenderableType | None:
        """Return an update that writes the changes in `renderable`, and what belongs after it."""
        if isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            return _Changes(self, renderable, after)
        if renderable is not None:
            self.forget()
        return renderable

    def render(self, update: LayoutUpdate | ChopsUpdate, console: Console) -> str:
        """Return what to write for `update`. A layout update is written in full."""
        pen = _Pen(COLOR_SYSTEMS[console.color_system or "truecolor"])
        if isinstance(update, LayoutUpdate):
            self.forget()
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    end = x + strip.cell_length
                    self._write(pen, x, end, y, strip)
                    x = end
        else:
            for y, first, last in update.spans:
                for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if chop is not None and x < last and end > first:
                        self._write(pen, x, end, y, chop)
        self.written_rows = None if isinstance(update, LayoutUpdate) else pen.rows
        return pen.written()

    def _write(self, pen: _Pen, x: int, end: int, y: int, strip: Strip) -> None:
        row = self._rows.setdefault(y, {})
        before_end, before = row.get(x, (0, strip))
        if before_end != end:
            self._rows[y] = row = {
                start: (other_end, other)
                for start, (other_end, other) in row.items()
                if start >= end or other_end <= x
            }
            pen.draw(x, y, strip)
        elif before is not strip:
            first, last = changed_cells(list(before), list(strip), end - x)
            if last is None or first < last:
                pen.draw(x, y, strip, first, last)
        row[x] = (end, strip)


class _Changes(CompositorUpdate):
    """An update of the compositor that writes only changes, and then what `after` returns."""

    def __init__(self, cells: ChangedCells, update: LayoutUpdate | ChopsUpdate, after: After) -> None:
        self._cells = cells
        self._update = update
        self._after = after

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render the update in full, for Rich. This is never used for the terminal."""
        return self._update.__rich_console__(console, options)

    def render_segments(self, console: Console) -> str:
        """Return what to write. Overrides `CompositorUpdate.render_segments`."""
        frame = self._cells.render(self._update, console)
        return frame + self._after(self._cells.written_rows)


def changed_cells(before: Sequence[Segment], after: Sequence[Segment], width: int) -> tuple[int, int | None]:
    """Return the first cell in which two rows of `width` cells differ, and the end of the last one; None means the
    end of the row.
    """
    first = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            first += _equal_characters(old, new)
            break
        first += len(new.text)
    else:
        return 0, 0
    last = width
    for old, new in zip(reversed(before), reversed(after), strict=False):
        if old != new:
            last -= _equal_characters(Segment(old.text[::-1], old.style), Segment(new.text[::-1], new.style))
            break
        last -= len(new.text)
    if _ONE_CELL_EACH.fullmatch("".join([text for text, _, _ in (*before, *after)])):
        return first, last
    return 0, None


def _equal_characters(old: Segment, new: Segment) -> int:
    """Return the length of the common start of two segments in characters."""
    if old.style != new.style:
        return 0
    return len(commonprefix((old.text, new.text)))  # noqa: RUF071  # of characters is meant


class _Pen:
    """Collects the output: cursor moves, changes of style, and text."""

    def __init__(self, color_system: ColorSystem) -> None:
        self._color_system = color_system
        self._style = _PLAIN
        self._parts: list[str] = []
        self.rows: set[int] = set()
        """The rows that were written."""

    def draw(self, x: int, y: int, strip: Strip, first: int = 0, last: int | None = None) -> None:
        """Write a strip at a position, or the part of one in which each character takes one cell."""
        write = self._parts.append
        self.rows.add(y)
        cell = x + first
        write(f"\x1b[{y + 1};{cell + 1}H")
        at = 0
        for text, style, control in strip:
            begin, at = at, at + len(text)
            if control or at <= first or (last is not None and begin >= last):
                continue
            if begin < first or (last is not None and at > last):
                text = text[max(0, first - begin) : None if last is None else last - begin]
            new = style or _PLAIN
            if new.link:
                write(_change(self._style, _PLAIN, self._color_system))
                write(new.render(text, color_system=self._color_system))
                self._style = _PLAIN
                cell += cell_len(text)
                continue
            if new is not self._style:
                write(_change(self._style, new, self._color_system))
                self._style = new
            if text.isascii():
                write(text)
                cell += len(text)
                continue
            for number, run in enumerate(_OTHERS.split(text)):
                write(run)
                cell += len(run) if number % 2 == 0 else cell_len(run)
                if number % 2:
                    write(f"\x1b[{y + 1};{cell + 1}H")

    def written(self) -> str:
        """Return the output, which ends without a style."""
        self._parts.append(_change(self._style, _PLAIN, self._color_system))
        self._style = _PLAIN
        return "".join(self._parts)


class _Codes(NamedTuple):
    attributes: frozenset[str]
    others: bool
    color: tuple[str, ...]
    background: tuple[str, ...]


_PLAIN: Final = Style.null()


@lru_cache(maxsize=4_096)
def _change(before: Style, after: Style, color_system: ColorSystem) -> str:
    """Return the escape sequence that changes one style to another."""
    if before == after:
        return ""
    old, new = _codes(before, color_system), _codes(after, color_system)
    if old.others or new.others:
        return _RESET + after.render("\0", color_system=color_system).partition("\0")[0]
    if new == _codes(_PLAIN, color_system):
        return "" if old == new else _RESET
    codes = [end for name, _, end in _ATTRIBUTES if name in old.attributes - new.attributes]
    codes += [begin for name, begin, _ in _ATTRIBUTES if name in new.attributes - old.attributes]
    if new.color != old.color:
        codes += new.color
    if new.background != old.background:
        codes += new.background
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _codes(style: Style, color_system: ColorSystem) -> _Codes:
    color, background = style.color, style.bgcolor
    return _Codes(
        frozenset(name for name, _, _ in _ATTRIBUTES if getattr(style, name)),
        any(getattr(style, name) for name in _OTHER_ATTRIBUTES),
        ("39",) if color is None else color.downgrade(color_system).get_ansi_codes(),
        ("49",) if background is None else background.downgrade(color_system).get_ansi_codes(foreground=False),
    )
