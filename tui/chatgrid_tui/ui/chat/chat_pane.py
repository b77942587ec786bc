"""The conversation with its title and composer. Events are passed on to the controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Offset
from textual.widgets import OptionList

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.markdown.links import other_address, web_address
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.chat.attention import Attention
from chatgrid_tui.ui.chat.bubbles.bubble_actions import BubbleTask
from chatgrid_tui.ui.chat.bubbles.bubble_at_cursor import do_with_bubble
from chatgrid_tui.ui.chat.controller import ChatController
from chatgrid_tui.ui.chat.find import Find
from chatgrid_tui.ui.chat.first_screen import welcome_to
from chatgrid_tui.ui.chat.pane_screen import PaneScreen
from chatgrid_tui.ui.chat.status import addressee_of, heading_of, speaker_of
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.notices import Notices
from chatgrid_tui.ui.overlays.completion_view import CompletionView
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, notify
from chatgrid_tui.ui.overlays.palette import Command
from chatgrid_tui.ui.terminal.clipboard import selection_name
from chatgrid_tui.ui.transcript.linking import SentCharacter
from chatgrid_tui.ui.transcript.render.page_grid import grid_for
from chatgrid_tui.ui.transcript.render.welcome import Welcome
from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.transcript.transcript_messages import (
    AttachmentOpened,
    ButtonPressed,
    ChoicePressed,
    ErrorCopied,
    FindChanged,
    FollowChanged,
    LinkOpened,
    NothingDone,
    SourceCopied,
    SuggestionPressed,
    TaskRequested,
)
from chatgrid_tui.ui.widgets.alert_lines import AlertLines
from chatgrid_tui.ui.widgets.composer import Composer
from chatgrid_tui.ui.widgets.gap_line import GapLine
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.message_field import MessageField
from chatgrid_tui.ui.widgets.one_line import Edge

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.ui.chat.writing.slash_commands import CompletionKey

_RIGHT: Final = 3
"""The right mouse button."""
_DRAFT_AFTER: Final = 0.3
"""Seconds after which what was typed is saved: half a second later it survives the end of the program."""


class ChatPane(Vertical):
    """The conversation, from its title to the composer. It has no state of its own."""

    # These come before the composer, while completions are listed above it.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"completion('{key}')", show=False, priority=True) for key in ("up", "down", "tab", "enter")
    ]

    def __init__(self, screen: PaneScreen, clock: Clock) -> None:
        """What changes elsewhere on the screen goes to `screen`."""
        super().__init__(classes="-pane")
        self._screen = screen
        self._clock = clock
        self.controller = ChatController(self, clock)
        self.header = Header(id="header")
        self.transcript = Transcript(self.controller.notices, id="transcript")
        self.transcript.document.margin = self.controller.margin
        self.transcript.links.pointed = self._point_at
        self.gap = GapLine()
        self.alerts = AlertLines(id="alerts")
        self.composer = Composer(id="composer")
        self.composer.field.recall = self.controller.messages.recall
        self.completions = CompletionView(self.composer)
        self.find = Find(self.transcript, self.composer, lambda: screen.wire.make_room())
        self.new_below = False
        """Whether newer text is below the view."""

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield self.header
        yield Edge(id="header-edge")
        yield self.transcript
        yield self.gap
        yield self.gap.long_toast
        yield self.alerts
        yield self.composer
        yield self.completions
        yield self.find.field

    def on_resize(self) -> None:
        """Make what is below the transcript as wide as its text column."""
        grid = grid_for(self.size.width, *self.app.size)
        for part in (self.gap, self.alerts, self.composer, self.completions, self.find.field):
            part.styles.padding = (0, self.size.width - grid.right, 0, grid.left)
        self.gap.long_toast.styles.margin = (0, 0, 0, grid.left + 1)
        self.gap.long_toast.styles.max_width = max(1, grid.reading - 2)

    def look_changed(self) -> None:
        """Draw everything again with other colours or signs."""
        for part in (self.header, self.transcript, self.gap, self.alerts, self.composer, self.find.field):
            part.look_changed()
        self.completions.look_changed()

    # Showing state

    def show_conversation(self) -> None:
        """Show everything of the current conversation."""
        conversation, opening = self.controller.conversation, self._screen.opening
        if conversation is None or opening is None:
            return
        self.controller.replays.forget()
        self.show_welcome()
        self.find.close()
        self.transcript.set_today(self._today())
        self.transcript.set_hue(speaker_of(conversation, opening.session).hue)
        self.transcript.show(conversation.turns)
        row = opening.session.index.get(conversation.id)
        self.transcript.mark_new(0 if row is None else row.unread)
        self.show_addressee()
        self.composer.limit = self.controller.longest
        self.composer.load(conversation.draft)
        self.controller.slash_commands.loaded(conversation.draft)
        self.show_title()
        self._screen.show_conversation()

    def show_addressee(self) -> None:
        """Show who the next message goes to."""
        conversation, opening = self.controller.conversation, self._screen.opening
        if conversation is not None and opening is not None:
            self.composer.address(addressee_of(conversation, opening.session))

    def show_welcome(self) -> None:
        """Show the text of an empty conversation."""
        conversation, opening = self.controller.conversation, self._screen.opening
        if conversation is None or opening is None:
            return
        servers = self.controller.configuring.servers
        self.transcript.viewport.show_welcome(
            Welcome(paragraphs=(opening.welcome,))
            if opening.welcome
            else welcome_to(conversation, opening.bots, opening.session.hues.of, servers)
        )

    def show_title(self) -> None:
        """Show the title, and the text at its right."""
        self.find.field.say(self.find.status if self._screen.has_class("-short") else "")
        opening, narrow = self._screen.opening, self._screen.list_place.is_hidden
        session = None if opening is None else opening.session
        heading = heading_of(self.controller.conversation, session, self.find.status, narrow=narrow)
        if place := self._screen.panes.place_of(self):
            heading = replace(heading, right=" · ".join(filter(None, (heading.right, place))))
        self.header.show_heading(heading)

    # What is elsewhere on the screen

    @property
    def notices(self) -> Notices:
        """The notices above the composer."""
        return self._screen.notices

    @property
    def attention(self) -> Attention:
        """The conversations that wait."""
        return self._screen.attention

    @property
    def keymap(self) -> Mapping[str, str]:
        """The keys in `[keys]`."""
        return self._screen.keymap

    def commands(self) -> Sequence[Command]:
        """Return the commands of the palette."""
        return self._screen.commands()

    @property
    def beside(self) -> Sequence[Conversation]:
        """The conversation of the other pane, if there is one."""
        return self._screen.panes.conversations_beside(self)

    def page_of(self, conversation: Conversation) -> ChatPage | None:
        """Return the pane that shows a conversation, this one or the other, if there is one."""
        return self._screen.panes.pane_of(conversation)

    def come_forward(self) -> None:
        """Let keys act on this pane, and focus its composer."""
        self._screen.panes.focus(self)

    def when_in_view(self, then: Callable[[], object]) -> None:
        """Call a function, once this pane is in view if it was just hidden."""
        if self.display:
            then()
        else:
            self.call_after_refresh(then)

    def show_list(self) -> None:
        """Show the list of conversations."""
        self._screen.show_list()

    def show_row(self, conversation_id: int) -> None:
        """Show the current state of a row of the list."""
        self._screen.show_row(conversation_id)

    def show_status(self) -> None:
        """Show the state of the conversation."""
        self._screen.show_status()

    def show_hints(self) -> None:
        """Show the keys of what has the focus."""
        self._screen.show_hints()

    def show_replay(self) -> None:
        """Show that a replay began or ended."""
        self._screen.show_replay()

    def toast(self, words: str) -> None:
        """Show a short message for some seconds, above any overlay and the wire pane."""
        covered = self._screen.wire.hides_page or self._screen.list_place.is_over_page
        hidden = covered or not self.is_attached  # it was closed
        if hidden or isinstance(self.app.screen, OverlayScreen):
            notify(self.app, words)
        if not hidden:
            self.gap.toast(words)

    def tick(self) -> None:
        """Show what depends on the time."""
        conversation = self.controller.conversation
        if conversation is None:
            return
        self.transcript.set_today(self._today())
        if conversation.live is not None or conversation.retry_at is not None:
            self.transcript.tick(self._clock.utc_now())
            if conversation.retry_at is not None:
                self.transcript.turn_changed(conversation.turns[-1])

    def _today(self) -> date:
        return self._clock.utc_now().astimezone().date()

    # Composer

    def on_key(self, event: events.Key) -> None:
        """Start a message with what is typed over the conversation and has no meaning there. If a word was dropped,
        its Enter might press a suggestion, and send what the user did not intend.
        """
        bound = event.key in self.screen.active_bindings
        if self.transcript.has_focus and event.character and event.is_printable and not bound:
            event.stop()
            self.composer.focus()
            self.composer.field.insert(event.character)

    def on_composer_submitted(self, event: Composer.Submitted) -> None:
        """Send the message. It stays in the composer until it is saved."""
        text = self.controller.composing.prompts.complete(event.text)
        if text is not None:
            self.controller.messages.send(text)

    def on_composer_changed(self, event: Composer.Changed) -> None:
        """Save the draft soon, offer completions, and show how to send it."""
        self.controller.slash_commands.typed(event.text)
        self.controller.draft_changed(after=_DRAFT_AFTER)
        self._screen.show_hints()

    def on_message_field_copied(self, event: MessageField.Copied) -> None:
        """Copy part of the message to the system's clipboard as well."""
        self.controller.bubble_actions.copy(event.text, selection_name(event.text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of completions to others while there are none. Overrides `DOMNode.check_action`."""
        match action, parameters:
            case "completion", ("up" | "down" | "tab" | "enter" as key,):
                return self.controller.slash_commands.takes(key)
            case _:
                return True

    def action_completion(self, key: CompletionKey) -> None:
        """Move in the list of completions, or take one."""
        self.controller.slash_commands.press(key)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Close the list of completions when the focus leaves the composer."""
        if event.widget is self.composer.field:
            self.controller.slash_commands.close()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the completion that was clicked."""
        event.stop()
        self.controller.slash_commands.take()

    def on_message_field_long_text_pressed(self, event: MessageField.LongTextPressed) -> None:
        """Show a long text of the message in full."""
        self.controller.composing.show_long_text(event.text)

    # Transcript

    def on_transcript_beginning_neared(self) -> None:
        """Fetch older messages."""
        self.controller.conversation_actions.older()

    def on_transcript_follow_changed(self, event: FollowChanged) -> None:
        """Show how much is new below."""
        self.gap.show_below(0 if event.following else event.new_lines)
        if self.new_below == event.following:
            self.new_below = not event.following
            self.show_hints()

    def on_transcript_find_changed(self, event: FindChanged) -> None:
        """Show the number of matches."""
        self.find.told(event)
        self.show_title()

    def on_gap_line_newest_asked(self, event: GapLine.NewestAsked) -> None:
        """Go to the newest text."""
        self.transcript.viewport.go_to_end()

    # Mouse and keys in the transcript

    def on_transcript_suggestion_pressed(self, event: SuggestionPressed) -> None:
        """Send the text of the suggestion."""
        self.controller.messages.press_suggestion(event.turn, event.index)

    def on_transcript_button_pressed(self, event: ButtonPressed) -> None:
        """Do the action of a button under a reply."""
        self.controller.press_button(event.turn, event.button_id)

    def on_transcript_choice_pressed(self, event: ChoicePressed) -> None:
        """Do the action of a button on the first screen."""
        self.controller.choose(event.index)

    def on_transcript_link_opened(self, event: LinkOpened) -> None:
        """Open a link in the browser."""
        self.controller.bubble_actions.open_link(event.url, event.named)

    def on_transcript_attachment_opened(self, event: AttachmentOpened) -> None:
        """Open a file in the browser."""
        address = web_address(event.url)
        named = "" if address is None else other_address(event.name, address)
        self.controller.bubble_actions.open_link(event.url, named)

    def on_transcript_source_copied(self, event: SourceCopied) -> None:
        """Copy a text."""
        self.controller.bubble_actions.copy(event.text, event.what)

    def on_transcript_error_copied(self, event: ErrorCopied) -> None:
        """Copy the error of a reply with its details."""
        self.controller.bubble_actions.copy_error(event.turn)

    def on_transcript_task_requested(self, event: TaskRequested) -> None:
        """Quote the bubble that has the cursor, or open its menu."""
        self.do_with_bubble(event.task)

    def on_click(self, event: events.Click) -> None:
        """Open the menu of the bubble under the mouse after a right click; come forward after one on the header."""
        if event.widget is self.header:
            self.come_forward()
        transcript, at = self.transcript, event.screen_offset
        if event.button != _RIGHT or not transcript.region.contains_point(at):
            return
        placed = transcript.viewport.row(at.y - transcript.region.y)
        if placed is not None and placed.turn >= 0 and placed.row.bubble >= -1:
            transcript.cursor.select((placed.turn, placed.row.bubble))
            self.do_with_bubble("menu", at)

    def _point_at(self, character: SentCharacter) -> None:
        """Show in the wire pane what sent a character that was clicked."""
        self._screen.panes.activate(self)
        self._screen.wire.choose_character(character)

    def do_with_bubble(self, task: BubbleTask, at: Offset | None = None) -> None:
        """Do something with the bubble that has the cursor, or with the newest. A menu opens at a cell of the screen,
        by default next to the bubble.
        """
        if not do_with_bubble(task, self.transcript, self.controller.bubble_actions, at):
            self.toast("This conversation is empty.")

    def on_transcript_press_word_changed(self) -> None:
        """Show what Enter does now."""
        self.show_hints()

    def on_transcript_nothing_done(self, event: NothingDone) -> None:
        """Show why a key did nothing."""
        self.toast(event.reason)
