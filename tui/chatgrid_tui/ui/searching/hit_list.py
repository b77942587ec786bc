"""The hits of a search: two lines for each, with what matches marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widgets.option_list import Option

from chatgrid_tui.model.search import Hit
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.overlays.picker_list import ChoiceList
from chatgrid_tui.ui.textual_theme import PREFIX
from chatgrid_tui.ui.transcript.render.formats import short_day
from chatgrid_tui.ui.verdicts import verdict_part, verdict_sign, verdict_word
from chatgrid_tui.ui.widgets.cells import cut, own_words
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

_INDENT = "  "
_GAP = 2
_MATCH = f"${PREFIX}accent bold underline"
_MUTED = f"${PREFIX}muted not bold"
_KINDS = {"me": "you", "bot": "reply", None: "title"}


class HitList(ChoiceList, can_focus=False):
    """Shows hits, one of them chosen. It has no focus: keys go to the line above."""

    def __init__(self) -> None:
        super().__init__()
        self._hits: Sequence[Hit] = ()
        self._now = datetime.now().astimezone()
        self._width = 0

    @property
    def hit(self) -> Hit | None:
        """The chosen hit."""
        return None if self.highlighted is None else self._hits[self.highlighted]

    @property
    def height(self) -> int:
        """The number of lines."""
        return 2 * len(self._hits)

    def put(self, hits: Sequence[Hit], now: datetime) -> None:
        """Show hits. The chosen one stays chosen if it is among them; `now` is the local time."""
        chosen = self.hit
        self._hits, self._now = hits, now
        self._fill(next((at for at, hit in enumerate(hits) if chosen is not None and _is_same(hit, chosen)), 0))

    def move(self, by: int) -> None:
        """Choose the hit so many further on, and stop at the ends."""
        if self._hits:
            self.highlighted = max(0, min((self.highlighted or 0) + by, len(self._hits) - 1))

    def on_mount(self) -> None:
        """Use the plain scroll bar."""
        use_plain_scroll_bar(self)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the hits into another width."""
        if (width := self.scrollable_content_region.width) != self._width:
            self._width = width
            self._fill(self.highlighted or 0)

    def _fill(self, chosen: int) -> None:
        self.set_options([Option(self._prompt(hit)) for hit in self._hits])
        self.highlighted = chosen if self._hits else None
        self.scroll_to_highlight()

    def _prompt(self, hit: Hit) -> Content:
        signs, room = look_of(self).signs, max(1, self._width - len(_INDENT) - 1)
        local = None if hit.at is None else hit.at.astimezone(self._now.tzinfo)
        when = "" if local is None else f"{short_day(local.date(), self._now.date())} {local:%H:%M}"
        bot = cut(hit.board_name or hit.board, max(1, room // 3), signs.more)
        facts = own_words(" · ".join(filter(None, (bot, _KINDS[hit.side], when))), signs)
        right = cut(facts, max(1, room * 3 // 4), signs.more)
        title = cut(hit.title or "Untitled", max(1, room - _GAP - cell_len(right)), signs.more)
        above = Content.assemble(_INDENT, (title, "bold"))
        above = above.pad_right(max(_GAP, self._width - 1 - cell_len(right) - above.cell_length))
        marks = Content.styled(f"{signs.failed} ", f"${PREFIX}error") if hit.failed else Content("")
        if (verdict := hit.mark.verdict) is not None:
            word = f"{verdict_sign(verdict, signs)} {verdict_word(verdict)}  "
            marks += Content.styled(word, f"${PREFIX}{verdict_part(verdict)}")
        text = _around_match(hit, room - marks.cell_length, signs.more)
        return Content.assemble(above, (f"{right} ", _MUTED), "\n", _INDENT, marks, text)


def _around_match(hit: Hit, room: int, more: str) -> Content:
    """Return the text around the match in one row of cells. What is before it is shortened to let it in."""
    pieces = list(hit.snippet)
    starts = [0, *accumulate(cell_len(text) for text, _ in pieces)]
    first = next((number for number, (_, lit) in enumerate(pieces) if lit), 0)
    if first and starts[first + 1] > room:
        before = "".join(text for text, _ in pieces[:first])
        kept = before[-max(1, room // 4) :]
        pieces[:first] = [(f"{more}{kept.lstrip()}", False)]
    content = Content("")
    for text, lit in pieces:
        left = room - content.cell_length
        if left <= 0:
            break
        content += Content.styled(cut(text, left, more), _MATCH if lit else _MUTED)
    return content


def _is_same(hit: Hit, other: Hit) -> bool:
    return (hit.kind, hit.id) == (other.kind, other.id)
