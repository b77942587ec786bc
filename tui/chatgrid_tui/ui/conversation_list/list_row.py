"""One conversation of the list: its data, and its two rows of cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from chatgrid_tui.markdown.plain_text import bubble_text
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.model.saved_conversation import LIVE_STATES, ReplyState
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, Part
from chatgrid_tui.ui.transcript.render.formats import short_day
from chatgrid_tui.ui.verdicts import verdict_part, verdict_sign, verdict_word
from chatgrid_tui.ui.widgets.cells import both_ends, cut, width_of
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

PINNED: Final = "Pinned"
"""The heading of the pinned rows."""
_TEXT_START: Final = 6
"""The cell where text starts, after the focus bar and the chip."""
_MARGIN: Final = 2
"""The number of free cells at the right end; the scroll bar is in the last one."""
_SHORTEST_PREVIEW: Final = 10
"""Cells below which a preview is left out, unless all of it fits."""
_LONGEST_TEXT: Final = 400
"""How many characters of a title or preview are read: a row shows far fewer."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A conversation in the list. Texts are as stored; they are cleaned when drawn."""

    id: int
    title: str
    preview: str
    """The newest message; the list puts `You:` before it."""
    mine: bool
    """Whether the newest message is the user's."""
    draft: str
    updated_at: datetime
    """When the newest message was written; aware."""
    state: ReplyState | None = None
    """The state of the newest reply."""
    unread: int = 0
    waiting: bool = False
    """Whether it needs attention: no data for a while, or a countdown to the next try."""
    pinned: bool = False
    bot: str = ""
    provider: str = ""
    """The text after the name of the bot, if the name is not enough."""
    hue: Hue | None = None
    trouble: str = ""
    """In a few words, what failed."""
    verdict: ReplyVerdict | None = None
    """The user's verdict on the newest reply that has one."""


@dataclass(frozen=True, slots=True)
class RowState:
    """The current display state of a row."""

    is_open: bool = False
    """Whether its conversation is on the page."""
    at_cursor: bool = False
    """Whether the keys act on it."""
    under_mouse: bool = False
    is_marked: bool = False


def group_of(row: ListRow, now: datetime) -> str:
    """Return the heading that `row` belongs under."""
    if row.pinned:
        return PINNED
    return short_day(row.updated_at.astimezone(now.tzinfo).date(), now.date())


def draw_row(row: ListRow, state: RowState, look: Look, width: int, now: datetime) -> tuple[Strip, Strip]:
    """Return the two rows of cells of a conversation, each exactly `width` cells."""
    surface: Part = "select" if state.is_open else "raised" if state.at_cursor or state.under_mouse else "panel"
    reverse = look.theme.flat and state.at_cursor
    fill = look.style("text", surface, reverse=reverse)
    muted = look.style("muted", surface, reverse=reverse)
    speaker = look.speaker(row.hue)
    bar = Segment("  ", fill)
    if state.at_cursor or state.is_open:
        edge = look.style("accent" if state.at_cursor else "edge", surface, reverse=reverse)
        bar = Segment(look.signs.here.ljust(2), edge)
    margin = Segment(" " * _MARGIN, fill)

    right = [*_mark(row, look, surface, reverse), margin]
    room = width - _TEXT_START - width_of(right)
    is_loud = state.is_open or row.unread > 0
    title_style = look.style("strong" if is_loud else "text", surface, bold=is_loud, reverse=reverse)
    title = Segment(cut(clean_line(row.title[:_LONGEST_TEXT]), room, look.signs.more), title_style)
    chip = Segment(look.chip(clean_line(row.bot)), look.style(speaker.ink, speaker.chip, bold=True, reverse=reverse))
    if state.is_marked:
        chip = Segment(
            look.letter_chip(look.signs.good), look.style("on_accent", "accent", bold=True, reverse=reverse)
        )
    first = both_ends([bar, chip, Segment(" ", fill), title], right, width, fill)

    right = [Segment(f" {_when(row, now)}", muted), margin]
    if row.verdict is not None:
        room = width - _TEXT_START - width_of(right) - cell_len(clean_line(row.bot)) - _SHORTEST_PREVIEW - 2
        judged = look.style(verdict_part(row.verdict), surface, bold=True, reverse=reverse)
        right.insert(0, Segment(_verdict(row.verdict, look, room), judged))
    room = width - _TEXT_START - width_of(right)
    bot = cut(clean_line(row.bot), room, look.signs.more)
    segments = [Segment(bot, look.style(speaker.ink, surface, reverse=reverse))]
    if row.provider and not row.trouble:
        provider, left = clean_line(row.provider), room - width_of(segments)
        between = f" {look.signs.dot} "
        if cell_len(provider) + 3 > left >= cell_len(provider) + 1 and not look.theme.flat:
            between = " "  # the colour separates it as well
        segments.append(Segment(cut(f"{between}{provider}", left, look.signs.more), muted))
    room -= width_of(segments) + 2
    preview = _preview(row, look)
    if room >= min(_SHORTEST_PREVIEW, cell_len(preview)):
        segments.append(Segment("  " + cut(preview, room, look.signs.more), muted))
    return first, both_ends([bar, Segment(" " * (_TEXT_START - 2), fill), *segments], right, width, fill)


class DrawnRows:
    """Draws rows, and keeps those that were drawn last."""

    def __init__(self) -> None:
        self._drawn: LRUCache[tuple[object, ...], tuple[Strip, Strip]] = LRUCache(512)

    def draw(self, row: ListRow, state: RowState, look: Look, width: int, now: datetime) -> tuple[Strip, Strip]:
        """Return the same as `draw_row`."""
        key = (row, state, look, width, now.date())
        strips = self._drawn.get(key)
        if strips is None:
            strips = self._drawn[key] = draw_row(row, state, look, width, now)
        return strips


def _mark(row: ListRow, look: Look, surface: Part, reverse: bool) -> list[Segment]:
    """Return the only mark of a row: problems take precedence over news."""
    tone: Tone
    mark_text = ""
    if row.waiting:
        tone = "waiting"
    elif row.state in LIVE_STATES:
        tone = "live"
    elif row.state in ("failed", "truncated", "interrupted"):
        tone = "failed"
    elif row.unread:
        tone, mark_text = "unread", f"{row.unread:,}"
    elif row.state == "stopped":
        tone = "stopped"
    else:
        return []
    style: Style = look.style(part_of(tone), surface, bold=tone != "live", reverse=reverse)
    return [Segment(f" {with_sign(tone, mark_text, look.signs)}", style)]


def _verdict(verdict: ReplyVerdict, look: Look, room: int) -> str:
    """Return the sign of a verdict, and its word if it leaves room for a preview."""
    whole = f"  {verdict_sign(verdict, look.signs)} {verdict_word(verdict)}"
    return whole if cell_len(whole) <= room else f" {verdict_sign(verdict, look.signs)}"


def _when(row: ListRow, now: datetime) -> str:
    if row.waiting or row.state in LIVE_STATES:
        return "now"
    return f"{row.updated_at.astimezone(now.tzinfo):%H:%M}"


def _preview(row: ListRow, look: Look) -> str:
    """Return what failed, else the draft, else the newest message without its Markdown."""
    if row.state in LIVE_STATES and not row.waiting:
        return f"Writing a reply{look.signs.more}"
    if row.trouble:
        return clean_line(row.trouble)
    if row.draft and not row.waiting:
        return f"Draft: {clean_line(row.draft[:_LONGEST_TEXT])}"
    text = clean_line(bubble_text(row.preview[:_LONGEST_TEXT]))
    return f"You: {text}" if row.mine and text else text
