"""The main screen: the list, the conversation and the composer, with their states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.ui.actions.action import hints
from chatgrid_tui.ui.actions.everywhere import APP_ACTIONS
from chatgrid_tui.ui.actions.table import ALWAYS_SHOWN, CHAT_ACTIONS
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.chat.attention import Attention
from chatgrid_tui.ui.chat.beginnings import Beginning
from chatgrid_tui.ui.chat.bubbles.bubble_actions import BubbleTask
from chatgrid_tui.ui.chat.chat_pane import ChatPane
from chatgrid_tui.ui.chat.controller import ChatController
from chatgrid_tui.ui.chat.find import Find
from chatgrid_tui.ui.chat.focus import choose, escape, focus_of
from chatgrid_tui.ui.chat.footer import composer_hint, footer_hints
from chatgrid_tui.ui.chat.panes import Panes, SplitTask
from chatgrid_tui.ui.chat.replays import ReplayTask
from chatgrid_tui.ui.chat.session_changes import follow
from chatgrid_tui.ui.chat.status import status_now
from chatgrid_tui.ui.chat.unavailable import refusals
from chatgrid_tui.ui.chat.writing.composing import ComposeTask
from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.conversation_list.conversations_pane import ConversationsPane
from chatgrid_tui.ui.conversation_list.indexed_rows import IndexedRows
from chatgrid_tui.ui.conversation_list.list_keys import RowTask
from chatgrid_tui.ui.conversation_list.list_place import ListPlace
from chatgrid_tui.ui.conversation_list.row_source import GivenRows, RowSource
from chatgrid_tui.ui.key_help import how_to_read
from chatgrid_tui.ui.notices import Notices
from chatgrid_tui.ui.overlays.palette import Command
from chatgrid_tui.ui.startup import Opening
from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.widgets.alert_lines import AlertLines
from chatgrid_tui.ui.widgets.composer import Composer
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.ui.widgets.status_line import StatusLine
from chatgrid_tui.ui.wire.wire_side import WireSide

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.chat.conversation_files import FileTask

STATUS_FROM: Final = 16  # rows from which there is room for a header and a status line
_TICK: Final = 0.5
_TICK_REDUCED: Final = 2.0


class ChatScreen(Screen[None], inherit_bindings=False):
    """Shows the state of the session, and passes on what the user does. It has no state of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [action.binding for action in CHAT_ACTIONS]
    AUTO_FOCUS = "MessageField"

    def __init__(self, clock: Clock, commands: Callable[[], Sequence[Command]]) -> None:
        """`commands` returns those of the palette."""
        super().__init__()
        self.commands = commands
        self._clock = clock
        self.opening: Opening | None = None
        self.attention = Attention()
        self.keymap: Mapping[str, str] = {}
        self.panes = Panes(self, clock)
        self.status_line = StatusLine()
        self.keys = KeyBar()
        self.notices = Notices(lambda: self.page.alerts, lambda: how_to_read(self.keymap, look_of(self).signs))
        self.list = ConversationsPane(
            lambda: clock.utc_now().astimezone(),
            self._rows,
            actions=lambda: self.controller.conversation_actions,
            id="conversations",
        )
        self.list_place = ListPlace(self, self.list, lambda: self.composer.focus())
        self.wire = WireSide(self)

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with Horizontal(id="body"):
            yield self.list
            yield self.panes.first
        yield self.status_line
        yield self.keys

    def on_mount(self) -> None:
        """Show the keys, and keep the time."""
        self.show_hints()
        self.set_interval(_TICK_REDUCED if look_of(self).reduced_motion else _TICK, self._tick)

    def on_resize(self) -> None:
        """Hide parts that have no room."""
        self.set_class(self.app.size.height < STATUS_FROM, "-short")
        self.fit()
        self.status_line.refresh()  # it names the bot only if the composer does not

    def fit(self) -> None:
        """Adapt the parts of the page to the width of the screen."""
        self.panes.fit(self.app.size.width)
        self.wire.resized()
        self.list_place.fit()
        for pane in self.panes.all:
            pane.show_title()  # it has the number of unread replies only if the list is hidden

    @property
    def page(self) -> ChatPane:
        """The pane whose conversation the keys act on."""
        return self.panes.active

    @property
    def controller(self) -> ChatController:
        """The controller of the pane whose conversation the keys act on."""
        return self.page.controller

    @property
    def transcript(self) -> Transcript:
        """The transcript of that pane."""
        return self.page.transcript

    @property
    def composer(self) -> Composer:
        """The composer of that pane."""
        return self.page.composer

    @property
    def find(self) -> Find:
        """Find in that pane."""
        return self.page.find

    # Showing state

    @property
    def session(self) -> Session | None:
        """The session, once it has started."""
        return self.opening.session if self.opening is not None else None

    def opened(self, opening: Opening) -> None:
        """Show what a session opens on, after it has started."""
        self.opening = opening
        self.notices.begin(opening.session.alerts)
        self.show_list()
        self.app.run_worker(follow(opening.session, self), group="session", exit_on_error=True)
        self.controller.begin(opening)
        for notice in opening.notices:
            self.notices.add(notice)
        self.notices.update()
        if reason := self.controller.view_only_reason:
            self.composer.read_only_reason = opening.composer_text or reason
            self.transcript.document.takes_answers = False
            self.wire.open_beside()
            self.list_place.fit()

    def show_conversation(self) -> None:
        """Show which conversation the keys act on."""
        conversation = self.controller.conversation
        self.list.list.open_id = None if conversation is None else conversation.id or None
        self.notices.update()
        self.show_status()
        self.show_hints()
        self.wire.update()

    def show_list(self) -> None:
        """Show the list of conversations."""
        conversation = self.controller.conversation
        self.list.reload()
        if conversation is not None and conversation.id:
            self.list.list.open_id = conversation.id

    def show_remote(self) -> None:
        """Show the status of requests for stored chats and messages."""
        if self.session is not None:
            status = self.session.remote.chat_list.status
            self.list.notice(status.text, status.tone)

    def show_row(self, conversation_id: int) -> None:
        """Show the current state of a row of the list."""
        self.list.list.refresh_row(conversation_id)

    def show_status(self) -> None:
        """Show the state of the conversation."""
        conversation, session = self.controller.conversation, self.session
        if conversation is None or session is None:
            return
        status = status_now(conversation, session, figures=self.page.new_below)
        self.status_line.show(self.controller.replays.status(status))

    def show_hints(self) -> None:
        """Show the keys of what has the focus, with the way out first."""
        press, typed = self.transcript.presses.word, bool(self.composer.field.text)
        rows, split, below = self.list.list, len(self.panes.all) > 1, self.page.new_below
        shown = footer_hints(focus_of(self), self.controller, rows, split, below, press, typed, self.keymap)
        for pane in self.panes.all:
            pane.composer.hint = composer_hint(pane.controller, look_of(self).signs, self.keymap)
            pane.gap.note(pane.controller.recall.note)
        self.keys.show(shown, hints(ALWAYS_SHOWN, self.keymap))

    def show_replay(self) -> None:
        """Show that a replay began or ended."""
        self.wire.update()
        self.show_status()
        self.show_hints()

    def refusals(self) -> dict[str, str]:
        """Return why commands cannot work now, by action id."""
        conversation, selected = self.controller.conversation, bool(self.selections)
        replaying = self.controller.replays.player is not None
        others = self.controller.composing.refusals() | self.panes.refusals()
        return others | refusals(
            self.session, conversation, finding=self.find.is_open, selected=selected, replaying=replaying
        )

    def toast(self, words: str) -> None:
        """Show a short message for some seconds, above any overlay and the wire pane."""
        self.page.toast(words)

    def look_changed(self) -> None:
        """Draw everything again with other colours or signs."""
        for pane in self.panes.all:
            pane.look_changed()
        for part in (self.list, self.status_line, self.keys, self.wire):
            part.look_changed()

    def _rows(self, words: str) -> RowSource:
        return GivenRows() if self.session is None else IndexedRows(self.session, self.attention, words)

    def _tick(self) -> None:
        for changed in self.attention.look(self._clock.utc_now()):
            self.show_row(changed)
        self.show_hints()  # how long a deletion can be undone
        for pane in self.panes.all:
            pane.tick()
        self.show_status()
        self.wire.update()

    # Actions of keys

    def action_switch(self) -> None:
        """Show the switcher for providers, boards and conversations."""
        self.controller.switch()

    def action_search(self) -> None:
        """Search all conversations."""
        self.controller.search()

    def action_new(self) -> None:
        """Start a new conversation on the same board."""
        if not self.controller.refuses():
            self.controller.navigation.new()

    def action_begin(self, what: Beginning) -> None:
        """Start a conversation from this one."""
        if not self.controller.refuses():
            self.controller.beginnings.do(what)

    def action_offer(self, what: str) -> None:
        """Show the list of providers over the page, or the options of this conversation."""
        self.controller.offer(what)

    def action_provider(self, wish: str) -> None:
        """Add, edit, test or remove a provider: that of this conversation."""
        if not self.controller.refuses():
            self.controller.configuring.do(wish)

    def action_split(self, task: SplitTask) -> None:
        """Show two conversations side by side, or only one again."""
        if not self.controller.refuses():
            self.panes.do(task)

    def action_list(self) -> None:
        """Focus the list of conversations, and show it if necessary; hide it if it has the focus."""
        self.controller.when_saved(self.show_list, self.list_place.toggle, self.page.show_title)

    def action_wire(self) -> None:
        """Open the wire pane, else focus it, else close it."""
        self.wire.toggle()
        self.list_place.fit()

    def action_escape(self) -> None:
        """Do the first that applies: close find, stop the reply, focus the composer, dismiss the alerts."""
        escape(self)

    def action_choose(self) -> None:
        """Move the focus from the composer to suggestions or the transcript, and from the list to the composer."""
        choose(self)

    def action_alerts(self) -> None:
        """Show the alerts in full, and dismiss the messages among them."""
        if not self.notices.read(self.app):
            self.toast("There are no notices.")

    def action_copy_selection(self) -> None:
        """Copy the selection. Without one, show how to quit, since that is what many mean by the key."""
        if not self.transcript.selection.copy():
            self.app.action_help_quit()

    def action_bubble(self, task: BubbleTask) -> None:
        """Do something with the bubble that has the cursor, or with the newest."""
        self.page.do_with_bubble(task)

    def action_compose(self, task: ComposeTask) -> None:
        """Help with writing the message."""
        self.controller.composing.do(task)

    def action_recall(self) -> None:
        """Show what was said before; in a recording, in which nothing can be said, replay."""
        self.controller.recall_or_replay()

    def action_replay(self, task: ReplayTask) -> None:
        """Replay the reply with the cursor or the newest, or control the replay that is on."""
        self.controller.replays.do(task)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of a replay to others while there is none. Overrides `DOMNode.check_action`."""
        return action != "replay" or parameters == ("start",) or self.controller.replays.takes_keys(self.focused)

    def action_find(self) -> None:
        """Open find, or go to the next match."""
        self.find.open_or_step(self.focused)

    def action_find_step(self, step: int) -> None:
        """Go to the next match above (-1) or below (1)."""
        self.find.step(step)

    def action_conversation(self, task: RowTask | Literal["fetch", "undo"]) -> None:
        """Do something with the whole conversation."""
        if not self.controller.refuses():
            self.controller.conversation_actions.do(task)

    def action_file(self, task: FileTask) -> None:
        """Export conversations, copy a transcript, or import a file."""
        if task != "import" or not self.controller.refuses():
            self.controller.files.do(task)

    async def action_in_list(self, action: str) -> None:
        """Run an action of the list of conversations."""
        await self.list.list.run_action(action)

    async def action_in_transcript(self, action: str) -> None:
        """Run an action of the transcript, wherever the focus is."""
        await self.transcript.run_action(action)

    # Events of the parts

    def on_paste(self, event: events.Paste) -> None:
        """Append a paste that no field accepted to the message."""
        event.stop()
        self.composer.paste(event.text)

    def on_descendant_focus(self) -> None:
        """Show other keys. Find ends in the composer."""
        self.list_place.focus_moved()
        for pane in self.panes.all:
            if pane.has_focus_within:
                self.panes.activate(pane)
        if self.focused is self.composer.field and self.find.is_open:
            self.find.close()
            self.page.show_title()
        self.show_hints()

    def on_conversation_list_opened(self, event: ConversationList.Opened) -> None:
        """Open the chosen conversation."""
        self.list_place.close()
        self.controller.navigation.open(event.conversation_id)

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """Find nothing on the page behind the list. Overrides `Screen.get_widget_at`."""
        widget, region = super().get_widget_at(x, y)
        return (self, self.region) if self.list_place.covers(widget) else (widget, region)

    def on_click(self, event: events.Click) -> None:
        """Close the list over the page after a click outside it."""
        if event.widget is self and self.list_place.is_over_page:
            self.list_place.close()

    @on(ConversationList.Highlighted)
    @on(ConversationList.MarksChanged)
    def show_list_hints(self) -> None:
        """Show the list's keys for other conversations: some may not work there."""
        self.show_hints()

    def on_alert_lines_pressed(self, event: AlertLines.Pressed) -> None:
        """Show the alerts in full."""
        self.action_alerts()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do the entry of the footer that was clicked."""
        event.stop()
        if event.action:
            everywhere = any(event.action == action.run for action in APP_ACTIONS)
            await (self.app if everywhere else self).run_action(event.action)
