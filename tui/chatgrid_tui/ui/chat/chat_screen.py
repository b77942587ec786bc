"""The one screen people are on: the list, the conversation, the composer, and what they say about themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.ui import actions
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.chat.bubble_actions import BubbleTask
from chatgrid_tui.ui.chat.chat_pane import ChatPane
from chatgrid_tui.ui.chat.controller import ChatController
from chatgrid_tui.ui.chat.first_screen import welcome_to
from chatgrid_tui.ui.chat.footer import Focus, composer_hint, footer_hints
from chatgrid_tui.ui.chat.indexed_rows import IndexedRows
from chatgrid_tui.ui.chat.list_place import ListPlace
from chatgrid_tui.ui.chat.status import addressee_of, alert_lines, heading_of, speaker_of, status_now
from chatgrid_tui.ui.chat.unavailable import refusals
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.overlays.text_screen import TextScreen
from chatgrid_tui.ui.startup import Opening
from chatgrid_tui.ui.widgets.alert_lines import AlertLine, AlertLines
from chatgrid_tui.ui.widgets.conversation_list import ConversationList
from chatgrid_tui.ui.widgets.conversations_pane import ConversationsPane
from chatgrid_tui.ui.widgets.key_bar import KeyBar, key_name
from chatgrid_tui.ui.widgets.row_source import GivenRows, RowSource
from chatgrid_tui.ui.widgets.status_line import StatusLine
from chatgrid_tui.ui.wire.wire_side import WireSide

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

STATUS_FROM: Final = 16  # rows from which there is a header and a status line
_TICK: Final = 0.5
_TICK_REDUCED: Final = 2.0


class ChatScreen(Screen[None], inherit_bindings=False):
    """Shows what the session says, and hands on what people do. It keeps nothing of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [action.binding for action in actions.CHAT_ACTIONS]

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._opening: Opening | None = None
        self.controller = ChatController(self, clock)
        self.page = ChatPane(self, self.controller)
        self.transcript, self.composer, self.find = self.page.transcript, self.page.composer, self.page.find
        self.status_line = StatusLine()
        self.keys = KeyBar()
        self._early: list[str] = []  # messages from before the session has begun
        self.list = ConversationsPane(
            self._local_now, self._rows, actions=self.controller.conversation_actions, id="conversations"
        )
        self.list_place = ListPlace(self, self.list, self.composer.focus)
        self.wire = WireSide(self, lambda: (self.session, self.controller.conversation))

    def compose(self) -> ComposeResult:
        """Put the parts in their places."""
        with Horizontal(id="body"):
            yield self.list
            yield self.page
        yield self.status_line
        yield self.keys

    def on_mount(self) -> None:
        """Begin where one types."""
        self.composer.focus()
        self.show_hints()
        self.set_interval(_TICK_REDUCED if look_of(self).reduced_motion else _TICK, self._tick)

    def on_resize(self) -> None:
        """Give up what there is no room for."""
        self.set_class(self.app.size.height < STATUS_FROM, "-short")
        self.wire.resized()
        self.list_place.fit()
        self.show_title()  # it has the number of unread replies only if the list is hidden
        self.status_line.refresh()  # it names bot and provider only if the composer does not

    # What is shown

    @property
    def session(self) -> Session | None:
        """The session, once it has begun."""
        return self._opening.session if self._opening is not None else None

    def opened(self, opening: Opening) -> None:
        """The session has begun: show what it opens on."""
        self._opening = opening
        for text in self._early:
            opening.session.alerts.add(text)
        self.show_list()
        self.controller.begin(opening)

    def show_conversation(self) -> None:
        """Show the conversation that is talked in now, all of it."""
        conversation = self.controller.conversation
        if conversation is None or self._opening is None:
            return
        self.show_welcome()
        self.find.close()
        self.transcript.set_today(self._local_now().date())
        self.transcript.set_hue(speaker_of(conversation, self._opening.session).hue)
        self.transcript.show(conversation.turns)
        row = self._opening.session.index.get(conversation.id)
        self.transcript.mark_new(0 if row is None else row.unread)
        self.show_addressee()
        self.composer.limit = self.controller.longest
        self.composer.load(conversation.draft)
        self.list.list.open_id = conversation.id or None
        self.show_title()
        self.show_status()
        self.show_hints()
        self.wire.update()

    def show_addressee(self) -> None:
        """Show to whom the next message goes."""
        if self.controller.conversation is not None and self.session is not None:
            self.composer.address(addressee_of(self.controller.conversation, self.session))

    def show_welcome(self) -> None:
        """Show what stands where nothing was said yet."""
        conversation = self.controller.conversation
        if conversation is None or self._opening is None:
            return
        servers = self.controller.configuring.servers
        self.transcript.viewport.show_welcome(
            welcome_to(conversation, self._opening.bots, self._opening.session.hues.of, servers)
        )

    def show_title(self) -> None:
        """Show the title, and what is to be said beside it."""
        self.find.field.say(self.find.status if self.has_class("-short") else "")  # where there is no header
        narrow = self.list_place.is_hidden
        heading = heading_of(self.controller.conversation, self.session, self.find.status, narrow=narrow)
        self.page.header.show_heading(heading)

    def show_list(self) -> None:
        """Show the list of conversations."""
        conversation = self.controller.conversation
        self.list.reload()
        if conversation is not None and conversation.id:
            self.list.list.open_id = conversation.id

    def show_remote(self) -> None:
        """Show how it goes with asking the service what it has."""
        if self.session is not None:
            status = self.session.remote.chat_list.status
            self.list.notice(status.text, status.tone)
        self.show_title()

    def show_row(self, conversation_id: int) -> None:
        """Show what a row of the list says now."""
        self.list.list.refresh_row(conversation_id)

    def show_status(self) -> None:
        """Show how it goes."""
        conversation, session = self.controller.conversation, self.session
        if conversation is None or session is None:
            return
        self.status_line.show(status_now(conversation, session, figures=self.page.new_below))

    def show_hints(self) -> None:
        """Show the keys of what has the focus, the way out first."""
        hints = footer_hints(self._focus(), self.controller, self.list.list.highlighted, self.page.new_below)
        self.composer.hint = composer_hint(self.controller, look_of(self).signs)
        self.keys.show(hints, actions.hints(actions.ALWAYS_SHOWN, self.controller.keymap))

    def _focus(self) -> Focus:
        fields: dict[object, Focus] = {self.composer.field: "message", self.find.field.input: "find"}
        fields[self.list.filter] = "list filter"
        listed: Focus = "list over page" if self.list_place.is_over_page else "list"
        places: dict[object, Focus] = {self.transcript: "conversation", self.list.list: listed}
        return "wire" if self.wire.has_focus else (fields | places).get(self.focused, "other")

    def refusals(self) -> dict[str, str]:
        """Return why commands cannot work now, by the id of their action."""
        conversation, selected = self.controller.conversation, bool(self.selections)
        return refusals(self.session, conversation, finding=self.find.is_open, selected=selected)

    def show_alerts(self) -> None:
        """Show the conditions that hold and the messages to be read."""
        if self.session is not None:
            (read,) = actions.hints([actions.ALERTS], self.controller.keymap)
            key = key_name(read.keys[0], look_of(self).signs)
            self.page.alerts.show(alert_lines(self.session.alerts), f"{key} {read.label}")
            self.show_status()

    def show_progress(self, text: str) -> None:
        """Show what is being done before the session can begin."""
        if self.session is None:
            self.page.alerts.show((AlertLine(text, "live"),), "")

    def show_saving(self, text: str) -> None:
        """Say above the composer how long saving may still take."""
        self.page.alerts.show((AlertLine(text),), "")

    def alert(self, text: str) -> None:
        """Show a message above the composer until it is dismissed."""
        if self.session is not None:
            self.session.alerts.add(text)
        else:
            self._early.append(text)

    def toast(self, words: str) -> None:
        """Show a short message for some seconds, above what lies over the page."""
        if isinstance(top := self.app.screen, OverlayScreen):
            top.toast(words)
        else:
            self.page.gap.toast(words)

    def say(self, title: str, words: str) -> TextScreen:
        """Show a text over the page, as a key or a click asked for. What is shown already stays."""
        top = self.app.screen
        if isinstance(top, TextScreen) and (top.title, top.text) == (title, words):
            return top
        screen = TextScreen(title, words)
        self.app.push_screen(screen)
        return screen

    def look_changed(self) -> None:
        """Draw all anew with other colours or signs."""
        for part in (self.list, self.page, self.status_line, self.keys, self.wire):
            part.look_changed()

    def _local_now(self) -> datetime:
        return self._clock.utc_now().astimezone()

    def _rows(self, words: str) -> RowSource:
        session = self.session
        return GivenRows() if session is None else IndexedRows(session, self.controller.attention, words)

    def _tick(self) -> None:
        for changed in self.controller.attention.look(self._clock.utc_now()):
            self.show_row(changed)
        conversation = self.controller.conversation
        if conversation is None:
            return
        self.transcript.set_today(self._local_now().date())
        if conversation.live is not None or conversation.retry_at is not None:
            self.transcript.tick(self._clock.utc_now())
            if conversation.retry_at is not None:
                self.transcript.turn_changed(conversation.turns[-1])
        self.show_status()
        self.wire.update()

    # What keys do

    def action_switch(self) -> None:
        """Go to another provider, board or conversation."""
        self.controller.switch()

    def action_new(self) -> None:
        """Begin a new conversation on the same board."""
        self.controller.navigation.new()

    def action_offer(self, what: str) -> None:
        """Lay the list of providers over the page, or the options of this conversation."""
        self.controller.offer(what)

    def action_provider(self, wish: str) -> None:
        """Add, edit, test or remove a provider: the one that is talked to."""
        self.controller.configuring.do(wish)

    def action_list(self) -> None:
        """Go to the list of conversations, which shows it; hide it if it has the focus."""
        self.list_place.toggle()
        self.show_title()

    def action_wire(self) -> None:
        """Open the wire pane, else let the keys act on it, else close it."""
        self.wire.toggle()
        self.list_place.fit()

    def action_escape(self) -> None:
        """Close find, else stop the reply, else go back to the message, else dismiss the alerts: one at a time."""
        self.clear_selection()
        if self.wire.escape() or self.list_place.escape():
            return
        if not self.find.is_open and self.controller.stop():
            return
        self.wire.make_room()
        self.list_place.fit()
        if self.focused is not self.composer.field:
            self.composer.focus()
        elif self.session is not None:
            self.session.alerts.dismiss()

    def action_choose(self) -> None:
        """Go from the message to the suggestions, else to the conversation, and from the list to the message."""
        if self.focused is self.find.field.input:
            self.transcript.focus(scroll_visible=False)
        elif self.focused is not self.composer.field:
            self.composer.focus()
        elif not self.transcript.focus_suggestions():
            self.transcript.focus(scroll_visible=False)

    def action_alerts(self) -> None:
        """Show the alerts in full, and dismiss the messages among them."""
        if self.session is None or not (lines := alert_lines(self.session.alerts)):
            self.toast("There is nothing to read.")
            return
        self.say("Notices", "\n\n".join(line.text for line in lines))
        self.session.alerts.dismiss()

    def action_copy_selection(self) -> None:
        """Copy what is selected; without a selection say how to quit, which is what many mean by the key."""
        if not self.transcript.selection.copy():
            self.app.action_help_quit()

    def action_bubble(self, task: BubbleTask) -> None:
        """Do something with the bubble with the cursor, or the newest."""
        self.page.do_with_bubble(task)

    def action_find(self) -> None:
        """Find in the conversation; again, go on."""
        if self.find.is_open and self.focused is self.find.field.input:
            self.find.step(-1)
        else:
            self.find.open()

    def action_find_step(self, step: int) -> None:
        """Go to the next place above (-1) or below (1) that was found."""
        self.find.step(step)

    def action_conversation(self, task: str) -> None:
        """Rename or delete the conversation, fetch its messages, or show its memory."""
        self.controller.conversation_actions.do(task)

    async def action_in_list(self, action: str) -> None:
        """Do in the list of conversations what its own keys do."""
        await self.list.list.run_action(action)

    async def action_in_transcript(self, action: str) -> None:
        """Do in the conversation what its own keys do, wherever the focus is."""
        await self.transcript.run_action(action)

    # What the parts tell

    def on_paste(self, event: events.Paste) -> None:
        """Put what was pasted where no field took it into the message."""
        event.stop()
        self.composer.paste(event.text)

    def on_descendant_focus(self) -> None:
        """Other keys work now. In the message nothing is looked for any more."""
        self.list_place.focus_moved()
        if self.focused is self.composer.field and self.find.is_open:
            self.find.close()
            self.show_title()
        self.show_hints()

    def on_conversation_list_opened(self, event: ConversationList.Opened) -> None:
        """Open the conversation that was chosen."""
        self.list_place.close()
        self.controller.navigation.open(event.conversation_id)

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """Find nothing on the page behind the list. Overrides `Screen.get_widget_at`."""
        widget, region = super().get_widget_at(x, y)
        return (self, self.region) if self.list_place.covers(widget) else (widget, region)

    def on_click(self, event: events.Click) -> None:
        """Close the list over the page after a click beside it."""
        if event.widget is self:
            self.list_place.escape()

    def on_conversation_list_highlighted(self) -> None:
        """The keys of the list act on another conversation: not each of them may work there."""
        self.show_hints()

    def on_alert_lines_pressed(self, event: AlertLines.Pressed) -> None:
        """Show the lines in full."""
        self.action_alerts()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the entry of the footer says."""
        event.stop()
        if event.action:
            everywhere = any(event.action == action.run for action in actions.APP_ACTIONS)
            await (self.app if everywhere else self).run_action(event.action)
