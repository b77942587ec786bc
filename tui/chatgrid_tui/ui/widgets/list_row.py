"""One conversation as the list shows it: its data, its words, and its two rows of cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.model.history import LIVE_STATES, ReplyState
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.widgets.cells import both_ends, cut, width_of
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_START = 2
"""The cell where text begins; the first one is the focus bar's."""

_WORDS_READ = 400
"""Characters of a title or preview that are looked at: a row shows far fewer."""

_LINKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
"""Links of Markdown, of which a preview shows the words."""
_BLOCK_MARKS = re.compile(r"\A\s*(#{1,6}\s+|>\s*|[-*+]\s+)+|\*\*|`")
"""Marks of Markdown that say nothing in a line of preview."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A conversation in the list. Texts are as stored; they are cleaned when drawn."""

    id: int
    title: str
    preview: str
    """What was said last; `You:` and `Draft:` are put before by the list."""
    mine: bool
    """Whether what was said last was said by the user."""
    draft: str
    updated_at: datetime
    """When something was said last; aware."""
    state: ReplyState | None = None
    """How the newest reply stands."""
    unread: int = 0
    waiting: bool = False
    """Whether somebody should look: no data for a while, or a countdown to the next try."""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class RowState:
    """How a row stands in the list at the moment."""

    is_open: bool = False
    """Its conversation is on the page."""
    at_cursor: bool = False
    """The keys act on it: the list has the focus."""
    under_mouse: bool = False


def group_of(row: ListRow, now: datetime) -> str:
    """Return the heading that `row` belongs under."""
    if row.pinned:
        return "Pinned"
    return day_name(row.updated_at.astimezone(now.tzinfo).date(), now.date())


def day_name(day: date, today: date) -> str:
    """Return what people call `day`: by its name for a week, then by its date."""
    age = (today - day).days
    if age <= 0:
        return "Today"
    if age == 1:
        return "Yesterday"
    named = f"{day.day} {_MONTHS[day.month - 1]}"
    if age < 7:
        return f"{_WEEKDAYS[day.weekday()]} {named}"
    return named if day.year == today.year else f"{named} {day.year}"


def draw_row(row: ListRow, state: RowState, look: Look, width: int, now: datetime) -> tuple[Strip, Strip]:
    """Return the two rows of cells of a conversation, each exactly `width` cells."""
    surface: Part = "select" if state.is_open else "raised" if state.at_cursor or state.under_mouse else "panel"
    reverse = look.theme.flat and state.at_cursor
    fill = look.style("text", surface, reverse=reverse)
    muted = look.style("muted", surface, reverse=reverse)
    bar = Segment(" " * _START, fill)
    if state.at_cursor or state.is_open:
        edge = look.style("accent" if state.at_cursor else "edge", surface, reverse=reverse)
        bar = Segment(look.signs.here.ljust(_START), edge)
    last = Segment(" ", fill)

    tone, words = _mark(row)
    right = [last]
    if tone is not None:
        sign = with_sign(tone, words, look.signs)
        bold = tone != "live"
        right = [Segment(f"  {sign}", look.style(part_of(tone), surface, bold=bold, reverse=reverse)), last]
    title = cut(clean_line(row.title), width - _START - width_of(right), look.signs.more)
    loud = look.style("text", surface, bold=state.is_open or row.unread > 0, reverse=reverse)
    first = both_ends([bar, Segment(title, loud)], right, width, fill)

    when = _when(row, now)
    right = [Segment(f" {when}", muted), last] if when else [last]
    preview = cut(_said_last(row, look), width - _START - width_of(right), look.signs.more)
    return first, both_ends([bar, Segment(preview, muted)], right, width, fill)


def _mark(row: ListRow) -> tuple[Tone | None, str]:
    """Return the one mark of a row: what needs looking at comes before what is merely new."""
    if row.waiting:
        return "waiting", ""
    if row.state in LIVE_STATES:
        return "live", ""
    if row.state in ("failed", "truncated", "interrupted"):
        return "failed", ""
    if row.unread:
        return "unread", str(row.unread)
    return ("stopped", "") if row.state == "stopped" else (None, "")


def _is_busy(row: ListRow) -> bool:
    return row.waiting or row.state in LIVE_STATES


def _when(row: ListRow, now: datetime) -> str:
    if _is_busy(row):
        return "now"
    moment = row.updated_at.astimezone(now.tzinfo)
    return f"{moment:%H:%M}" if moment.date() == now.date() else ""


def _said_last(row: ListRow, look: Look) -> str:
    if row.state in LIVE_STATES and not row.waiting:
        return f"Writing a reply{look.signs.more}"
    if row.draft and not row.waiting:
        return f"Draft: {clean_line(row.draft[:_WORDS_READ])}"
    words = clean_line(_BLOCK_MARKS.sub("", _LINKS.sub(r"\1", row.preview[:_WORDS_READ])))
    return f"You: {words}" if row.mine and words else words
