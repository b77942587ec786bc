"""The wire pane: what went over the wire for one reply, live or from the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input
from textual.worker import Worker

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.metered_trace import refusals
from chatgrid_tui.engine.stream_report import Notice, StreamReport
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import Steps, cooperatively
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.transcript.linking import SentCharacter, SentCharacters
from chatgrid_tui.ui.widgets.line_view import KeptLines
from chatgrid_tui.ui.widgets.plain_input import PlainInput
from chatgrid_tui.ui.wire.effects import GROUPS, Group
from chatgrid_tui.ui.wire.listing import Listing
from chatgrid_tui.ui.wire.recording_actions import RecordingTask
from chatgrid_tui.ui.wire.row_details import RowDetails
from chatgrid_tui.ui.wire.row_views import VIEWS, View, place_of, title_of, view_of
from chatgrid_tui.ui.wire.wire_head import HeadState, WireHead, state_words
from chatgrid_tui.ui.wire.wire_log import WireLog
from chatgrid_tui.ui.wire.wire_row_actions import WireRowActions
from chatgrid_tui.ui.wire.wire_rows import WireRows

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.player import Player
    from chatgrid_tui.session.session import Session

_INTERVAL: Final = 0.25
_FIRST_FRAME: Final = 0.03
_FIRST_ROWS: Final = 200
_REPORT_INTERVAL: Final = 0.5
_ROWS_AT_ONCE: Final = 200


class WirePane(Vertical, KeptLines):
    """Shows the rows of a reply's stream, a head with its figures, and details of the chosen row.

    While it is closed, it holds no data and does no work.
    """

    DEFAULT_CSS = """
    WirePane {
        background: $cg-panel;
    }
    WirePane PlainInput {
        display: none;
        padding: 0 2;
        background: $cg-raised;
    }
    WirePane.-filtering PlainInput {
        display: block;
    }
    """

    def __init__(self, page: Page, show_other_try: Callable[[], None]) -> None:
        """`show_other_try` shows another reply to the same message."""
        super().__init__(id="wire")
        self._show_other_try = show_other_try
        self._try = ""
        self._page = page
        self._work = Work(page)
        self._actions = WireRowActions(page, self._work)
        self.head = WireHead()
        self.rows = WireRows()
        self.row_details = RowDetails()
        self.field = PlainInput(placeholder="a regular expression")
        self._reply: Reply | None = None
        self._log: WireLog | None = None
        self._listing: Listing | None = None
        self._following: Worker[None] | None = None
        self._report = StreamReport()
        self._notices: list[tuple[int, Notice]] = []
        """Notices and their rows, -1 for notices about the whole reply."""
        self._group: Group | None = None
        self._view: View = "raw"
        self._hue: Hue | None = None
        self._awaited: SentCharacter | None = None
        """The character whose row will be chosen once it is listed."""
        self._drawn_at = self._reported_at = 0.0

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield self.head
        yield self.field
        yield self.rows
        yield self.row_details

    @property
    def reply(self) -> Reply | None:
        """The reply that is shown; None while the pane is closed."""
        return self._reply

    def show(
        self,
        session: Session,
        conversation: Conversation,
        reply: Reply | None,
        player: Player | None = None,
        which_try: str = "",
    ) -> None:
        """Show the stream of a reply, played by `player` if it is a replay. Do nothing if it is already shown."""
        self._try = which_try
        if reply is self._reply and (reply is not None or self._log is None):
            self._show_head()  # the recording may have been kept in the meantime
            return
        self.clear()
        if reply is None:
            return
        self._reply = reply
        self._log = WireLog(DIALECTS[conversation.provider.kind])
        self._listing = Listing(session, conversation, reply, self._log, player)
        self._hue = session.hues.of(conversation.provider.name, conversation.board.id, conversation.board.name)
        self.rows.show(self._log, hue=self._hue, follow=reply.live)
        self._follow()

    def clear(self) -> None:
        """Show nothing, and release the data."""
        if self._following is not None:
            self._following.cancel()
        self._following = self._log = self._listing = self._reply = None
        self._report, self._notices, self._group = StreamReport(), [], None
        self.field.value = ""
        self.remove_class("-filtering")
        self.rows.show_only(None, "")
        self.rows.show(None, hue=None, follow=False)
        self._show_head()
        self._show_details()
        self._link()

    def escape(self) -> bool:
        """Close the filter field, or remove the filter; return whether there was one."""
        if self.has_class("-filtering") or self._group is not None:
            self.remove_class("-filtering")
            self._group = None
            self.field.value = ""
            self._filter()
            self.rows.focus()
            return True
        return False

    def look_changed(self) -> None:
        """Redraw with other colours or signs."""
        for part in (self.head, self.rows, self.row_details):
            part.refresh()

    # The stream

    def _follow(self) -> None:
        """List what has arrived and what arrives."""
        if self._following is not None:
            self._following.cancel()
        if self._listing is not None:
            self._following = self._work.do(partial(self._follow_reply, self._listing), "wire")

    async def _follow_reply(self, listing: Listing) -> None:
        while True:
            goes_on = listing.goes_on
            await cooperatively(self._listed(await listing.rows()), self._grown)
            self._grown(at_once=True)
            if not goes_on:
                return
            await listing.more()

    def _listed(self, rows: Iterator[None]) -> Steps[None]:
        """List rows, first in the log and then on the screen."""
        for number, _ in enumerate(rows):
            yield
            if number % _ROWS_AT_ONCE == 0:
                yield from self.rows.scan()
        yield from self.rows.scan()

    def _grown(self, *, at_once: bool = False) -> None:
        """Show the newly listed rows, at a limited rate."""
        now, log = monotonic(), self._log
        frame = _FIRST_FRAME if len(log or ()) < _FIRST_ROWS else _INTERVAL
        if log is None or (not at_once and now - self._drawn_at < frame):
            return
        self._drawn_at = now
        ended = self._reply is None or not self._reply.live
        if log.exchanges and ((at_once and ended) or now - self._reported_at > _REPORT_INTERVAL):
            self._reported_at = now
            self._read_report(log)
        total = log.last_time if ended else _round_time(log.last_time)
        self.rows.grown(max(self._report.e2el or 0.0, total))
        if at_once:
            self._choose_awaited()
            self._awaited = None  # everything that came is listed
        if ended or self._reported_at == now or not self.row_details.has_content:
            self._show_head()
            self._show_details()

    def _read_report(self, log: WireLog) -> None:
        self._report = log.exchanges[-1].report
        notices = (*refusals(log.recordings[:-1]), *self._report.notices)
        placed = [(log.row_of_record(notice.record), notice) for notice in notices]
        self._notices = [(-1 if row is None else row, notice) for row, notice in placed]
        self.rows.notice_rows = sorted({row for row, _ in self._notices if row >= 0})

    # The head and the details

    def _show_head(self) -> None:
        reply, log = self._reply, self._log
        if reply is None or log is None:
            self.head.show(HeadState())
            return
        number, notice = self._notice_here()
        self.head.show(
            HeadState(
                title=f"{self._try or 'reply'} of {reply.started_at.astimezone():%H:%M}",
                state=state_words(reply, log, self.rows.held, look_of(self).signs.dot),
                report=self._report,
                notice=notice,
                notice_number=number + 1,
                notices=len(self._notices),
                counts=dict(log.counts),
                group=self._group,
                pattern=self.field.value,
                truth=reply.truth,
                highest=len(log),
                hue=self._hue,
            )
        )

    def _notice_here(self) -> tuple[int, Notice | None]:
        """Return the notice about the chosen row, or the first one, and its number."""
        chosen = self.rows.chosen
        for number, (row, notice) in enumerate(self._notices):
            if chosen is not None and row == chosen.at:
                return number, notice
        return (0, self._notices[0][1]) if self._notices else (0, None)

    def _show_details(self) -> None:
        row, log = self.rows.chosen, self._log
        if row is None or log is None:
            self.row_details.clear()
            return
        self.row_details.show(title_of(row), self._view, view_of(log, row, self._view), place_of(log, row))

    def on_wire_rows_chosen(self, event: WireRows.Chosen) -> None:
        """Show the details of the row."""
        event.stop()
        if not self.rows.is_following:  # while following, head and details are updated twice a second
            self._link()
            self._show_details()
            self._show_head()

    def on_row_details_view_pressed(self, event: RowDetails.ViewPressed) -> None:
        """Show another view."""
        event.stop()
        self._view = event.view
        self._show_details()

    def on_wire_head_group_pressed(self, event: WireHead.GroupPressed) -> None:
        """List only the rows of a type."""
        event.stop()
        self._group = event.group
        self._filter()

    def on_wire_head_title_pressed(self, event: WireHead.TitlePressed) -> None:
        """Show another try."""
        event.stop()
        self._show_other_try()

    def on_wire_rows_wanted(self, event: WireRows.Wanted) -> None:
        """Perform the action of a key of the rows."""
        event.stop()
        match event.what:
            case "next view" | "previous view":
                if self.row_details.display:
                    step = 1 if event.what == "next view" else -1
                    self._view = VIEWS[(VIEWS.index(self._view) + step) % len(VIEWS)]
                else:
                    self.add_class("-with-details")
                self._show_details()
            case "filter":
                self.add_class("-filtering")
                self.field.focus()
            case "type":
                self._next_group()
            case "copy" | "full":
                if (row := self.rows.chosen) is not None and (log := self._log) is not None:
                    self._actions.use_row(event.what, log, row, self._view)
            case "show":
                self._show_in_reply()
            case "held":
                self._show_head()
            case "try":
                self._show_other_try()
            case "save" | "keep":
                if (shown := self._listing) is not None:
                    task: RecordingTask = "save_recording" if event.what == "save" else "keep_recording"
                    self._actions.use_recording(task, shown)
            case _:
                self._page.toast("There are no more notices in this direction.")

    def on_wire_rows_request_wanted(self, event: WireRows.RequestWanted) -> None:
        """Copy the request of a row, or send it again."""
        event.stop()
        if (shown := self._listing) is not None:
            self._actions.use_request(event.task, shown, event.row)

    def choose_bubble(self, place: int) -> None:
        """Choose the row that began a bubble, by its index among the bubbles with text, once it is listed."""
        if self._reply is not None:
            spoken = [number for number, bubble in sorted(self._reply.numbered.items()) if bubble.size]
            if 0 <= place < len(spoken):
                self.choose_character(SentCharacter(self._reply, spoken[place], 0))

    def choose_character(self, character: SentCharacter) -> None:
        """Choose the row that added a character, once it is listed."""
        self._awaited = character
        self._choose_awaited()

    def _choose_awaited(self) -> None:
        if self._log is None or self._awaited is None or self._awaited.reply is not self._reply:
            return
        if (row := self._log.row_of_character(self._awaited.bubble, self._awaited.at)) is not None:
            self._awaited = None
            self.rows.choose(row)

    def _link(self, *, bring_into_view: bool = False) -> None:
        """Highlight in the reply what the chosen row added."""
        row, log, transcript = self.rows.chosen, self._log, self._page.transcript
        characters: list[SentCharacters] = []
        if row is not None and log is not None and row.exchange == len(log.exchanges) - 1:
            for bubble, start, end, edition in log.char_spans(row.at):
                if bubble in log.bubbles and log.bubbles[bubble].edition == edition:
                    characters.append(SentCharacters(bubble, start, end))
        transcript.links.show(self._reply, characters)
        if bring_into_view and (place := transcript.links.place) is not None:
            transcript.viewport.bring_near(*place)
        transcript.refresh()

    def _show_in_reply(self) -> None:
        """Show in the reply what the row added; if there is no room for both, open the details."""
        if not self.row_details.display:
            self.add_class("-with-details")
            return
        self._link(bring_into_view=True)

    # Filters

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.rows.focus()
        if not self.field.value:
            self.remove_class("-filtering")

    def on_key(self, event: events.Key) -> None:
        """Move from the field to the rows."""
        if event.key == "down" and self.field.has_focus:
            event.stop()
            self.rows.focus()

    def _next_group(self) -> None:
        log = self._log
        if log is not None:
            groups = [None, *(group for group in GROUPS if log.counts[group])]
            place = groups.index(self._group) if self._group in groups else 0
            self._group = groups[(place + 1) % len(groups)]
            self._filter()

    def _filter(self) -> None:
        self.rows.show_only(self._group, self.field.value)
        self._show_head()
        self._follow()


def _round_time(seconds: float) -> float:
    """Return a time that is not smaller and rarely changes, so that what is drawn in proportion to it stays."""
    whole = 1.0
    while whole < seconds:
        whole *= 2
    return whole
