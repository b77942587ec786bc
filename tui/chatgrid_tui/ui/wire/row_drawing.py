"""Draws rows of the wire pane: number, times, position in time, type and effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.config.colours import HexColour
from chatgrid_tui.engine.stream_report import STALL
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.widgets.cells import cut, filled
from chatgrid_tui.units import seconds

if TYPE_CHECKING:  # loaded when the pane is opened
    from chatgrid_tui.ui.wire.effects import Severity
    from chatgrid_tui.ui.wire.wire_log import WireRow

_TIME: Final = 6
_WHEN: Final = 8
_TYPE: Final = 11
_WIDE_TYPE: Final = 24
_LEAST_EFFECT: Final = 15
_PARTS: Final[dict[Severity, Part]] = {"plain": "text", "quiet": "muted", "warn": "warn", "error": "error"}


class Columns(NamedTuple):
    """The widths of the columns."""

    number: int
    type: int
    effect: int
    width: int


class RowState(NamedTuple):
    """What is drawn in addition to the row itself."""

    total: float
    """Seconds from sending to the end, or until now."""
    chosen: bool = False
    focused: bool = False
    hovered: bool = False
    goes_on: bool = False
    """Whether the row above arrived in the same read."""
    read_rows: int = 1
    """The number of rows in its read; only used for the last one in view."""
    ends_read: bool = False
    """Whether the row below arrived in another read."""
    has_characters: bool = False


def columns_for(width: int, highest: int) -> Columns:
    """Return the columns of a pane of `width` cells. `highest` is the largest record number."""
    number = max(3, len(str(highest)))
    rest = width - 2 - number - 2 * _TIME - 4 - _WHEN - 1 - 1 - 1
    kind = min(_WIDE_TYPE, max(_TYPE, rest - 40)) if rest > _TYPE + _LEAST_EFFECT else max(4, rest - _LEAST_EFFECT)
    return Columns(number, kind, max(0, rest - kind), width)


def draw_head(columns: Columns, look: Look) -> Strip:
    """Return the row with the names of the columns."""
    times = f"  {'#':>{columns.number}} {'+ms':>{_TIME}} {f'{look.signs.delta}ms':>{_TIME}}"
    texts = f"{times}  {'When':<{_WHEN}} {'Type':<{columns.type}} Effect"
    muted = look.style("muted", "panel")
    return filled([Segment(texts, muted)], columns.width, muted)


def draw_gap(gap: float, columns: Columns, look: Look) -> Strip:
    """Return the row of a gap."""
    text = f"  {look.signs.waiting} {seconds(gap)} without data"
    return filled([Segment(text, look.style("warn", "panel"))], columns.width, look.style("text", "panel"))


def draw_row(row: WireRow, state: RowState, columns: Columns, look: Look, ink: HexColour | Part) -> Strip:
    """Return a row. `ink` is the colour of the bot."""
    surface: Part = "select" if state.chosen or state.hovered else "panel"
    reverse = look.theme.flat and state.chosen

    def styled(text: str, part: Part | HexColour, *, bold: bool = False, underline: bool = False) -> Segment:
        return Segment(text, look.style(part, surface, bold=bold, underline=underline, reverse=reverse))

    bar = look.signs.here if state.chosen else " "
    number = f"{row.number}" if row.number else ""
    segments = [styled(bar, "accent" if state.focused else "edge"), styled(f" {number:>{columns.number}}", "muted")]
    slow = row.gap > STALL
    if not row.timed:
        segments.append(Segment(" " * (2 * _TIME + 2), look.style("text", surface)))
    elif state.goes_on:
        segments.append(styled(_bracket(state, look), "muted"))
    else:
        segments.append(styled(f" {milliseconds(row.t):>{_TIME}} ", "muted"))
        gap = milliseconds(row.gap) if row.kind != "request" else ""
        segments.append(styled(f"{gap:>{_TIME}}", "warn" if slow else "muted"))
    segments.append(styled("  ", "text"))
    tick: Part | HexColour = "accent" if state.chosen else "warn" if slow else ink
    before, sign, after = _place(row.t, state.total, look) if row.timed else ("", "", " " * _WHEN)
    segments += [styled(before, "text"), styled(sign, tick), styled(f"{after} ", "text")]
    part = _PARTS[row.effect.severity]
    kind = _fitted(row.effect.type, columns.type, look)
    segments.append(styled(f"{kind} ", part, bold=state.chosen))
    effect = cut(clean_line(row.effect.text), columns.effect, look.signs.more)
    underlined = state.chosen and state.has_characters
    segments.append(styled(effect, part, bold=state.chosen, underline=underlined))
    return filled(segments, columns.width, look.style("text", surface, reverse=reverse))


def milliseconds(value: float) -> str:
    """Return a time in at most six cells: `1,012`, or `123 s` from 100 seconds on."""
    rounded = round(value * 1000)
    return f"{rounded:,}" if rounded < 100_000 else f"{min(value, 9_999):.0f} s"


def _bracket(state: RowState, look: Look) -> str:
    """Return the sign instead of the times of a row that arrived in the same read as the row above."""
    width = 2 * _TIME + 2
    texts = [f"{look.signs.goes_on} {state.read_rows:,} {words}" for words in ("in 1 read", "at once", "rows")]
    text = next((text for text in texts if len(text) <= width), texts[-1][:width])
    return f"{text if state.ends_read else look.signs.rule.ljust(len(text))}".rjust(width)


def _place(t: float, total: float, look: Look) -> tuple[str, str, str]:
    """Return the cells of the column that shows when a row arrived: those before the sign, the sign, those after."""
    share = min(1.0, max(0.0, t / total)) if total > 0 else 0.0
    step = min(2 * _WHEN - 1, int(share * 2 * _WHEN))
    cell, half = divmod(step, 2)
    return " " * cell, look.signs.mine if half else look.signs.here, " " * (_WHEN - 1 - cell)


def _fitted(text: str, width: int, look: Look) -> str:
    shown = cut(text, width, look.signs.more)
    return shown + " " * max(0, width - len(shown))
