"""Do what the user does in a conversation: mediate between the screen and the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, assert_never

from textual.timer import Timer

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.model.provider import Resend
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.changes import (
    BoardChanged,
    ConversationChange,
    Reloaded,
    TurnAdded,
    TurnChanged,
    TurnsMerged,
    TurnsReplaced,
)
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.failures import KeyStatus
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat.beginnings import Beginnings
from chatgrid_tui.ui.chat.bubbles.bubble_actions import BubbleActions
from chatgrid_tui.ui.chat.conversation_actions import ConversationActions
from chatgrid_tui.ui.chat.first_screen import WAYS_TO_ADD
from chatgrid_tui.ui.chat.margin import ConversationMargin
from chatgrid_tui.ui.chat.message_actions import MessageActions
from chatgrid_tui.ui.chat.replays import Replays
from chatgrid_tui.ui.chat.reply_notices import ReplyNotices, try_of
from chatgrid_tui.ui.chat.say_again import SayAgain
from chatgrid_tui.ui.chat.unavailable import view_only_reason
from chatgrid_tui.ui.chat.writing.composing import Composing
from chatgrid_tui.ui.chat.writing.recall import Recall
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.providers.configuring import ConfiguringProviders
from chatgrid_tui.ui.startup import LocalBot, Opening, Pace

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.chat.conversation_files import ConversationFiles
    from chatgrid_tui.ui.chat.writing.slash_commands import SlashCommands
    from chatgrid_tui.ui.searching.searching import Searching
    from chatgrid_tui.ui.switching.switcher import Switcher


class ChatController:
    """The conversation on the screen, and all actions on it.

    `navigation` decides which conversation that is.
    """

    def __init__(self, page: ChatPage, clock: Clock) -> None:
        self._page = page
        self._work = Work(page)
        self._typed: Timer | None = None
        self._last_state: tuple[Reply, ReplyState] | None = None
        self._bots: tuple[LocalBot, ...] = ()
        self.navigation = Navigation(page, self._work)
        self.conversation_actions = ConversationActions(
            page, self._work, self.navigation, lambda: page.keymap, lambda chosen: self.files.export(chosen)
        )
        self.recall = Recall(page, self._work, self.navigation)
        self.messages = MessageActions(page, self._work, self.navigation, self.refuses, self.recall)
        self._say_again = SayAgain(page, self._work, self.navigation, self.refuses, self.messages, self.recall)
        self.beginnings = Beginnings(page, self._work, self.navigation, self.recall)
        self.bubble_actions = BubbleActions(
            page, self._work, self.navigation, self.beginnings, self._say_again, lambda: page.keymap
        )
        self.composing = Composing(page, self._work, self.navigation, self.refuses)
        self.replays = Replays(page, self._work, self.navigation)
        self.configuring = ConfiguringProviders(page, self._work, self.navigation)
        self._switcher: Switcher | None = None
        self._searching: Searching | None = None
        self.margin = ConversationMargin(self.navigation, lambda: page.keymap)
        self.notices = ReplyNotices(
            lambda: self.conversation, self._about, clock.monotonic, lambda: not self.view_only_reason
        )

    # Not needed for the first frame

    @cached_property
    def files(self) -> ConversationFiles:
        """Exports and imports conversations."""
        from chatgrid_tui.ui.chat.conversation_files import ConversationFiles

        return ConversationFiles(self._page, self._work, self.navigation)

    @cached_property
    def slash_commands(self) -> SlashCommands:
        """Completes what begins with a slash."""
        from chatgrid_tui.ui.chat.writing.slash_commands import SlashCommands

        return SlashCommands(self._page, self._work, self.navigation, self.composing)

    @property
    def conversation(self) -> Conversation | None:
        """The conversation on the screen."""
        return self.navigation.conversation

    @property
    def longest(self) -> int | None:
        """How many UTF-16 units the service accepts in one message."""
        return None if self.conversation is None else self.conversation.longest

    def begin(self, opening: Opening) -> None:
        """Show the first conversation of a session that has started."""
        self._bots = opening.bots
        self.navigation.begin(opening)
        self.configuring.begin(opening)
        if opening.replay is not None:
            self._work.do(partial(self._replay_all, opening.conversation, opening.replay), "replay")

    def begin_beside(self, opening: Opening, conversation: Conversation) -> None:
        """Show the first conversation of a pane that was opened later."""
        self._bots = opening.bots
        self.navigation.begin_beside(opening, conversation)

    @property
    def view_only_reason(self) -> str:
        """Why nothing can be sent or changed in what is shown; empty if something can."""
        return view_only_reason(self._session)

    def refuses(self) -> bool:
        """If nothing can be sent or changed in what is shown, say why; return whether that is so."""
        if reason := self.view_only_reason:
            self._page.toast(reason)
        return bool(reason)

    @property
    def _session(self) -> Session | None:
        return self.navigation.session

    def switch(self) -> None:
        """Show the switcher for providers, boards and conversations."""
        from chatgrid_tui.ui.switching.switcher import Switcher

        session, conversation = self._session, self.conversation
        if session is None or conversation is None or self.refuses():
            return
        if self._switcher is None:
            waiting = self._page.attention.__contains__
            self._switcher = Switcher(
                self._page, self._work, session, self.navigation, self.configuring, waiting, self._page.keymap
            )
        self._switcher.offer(conversation)

    def search(self) -> None:
        """Show the search over all conversations."""
        from chatgrid_tui.ui.searching.searching import Searching

        if self._session is not None and not self.refuses():
            if self._searching is None:
                self._searching = Searching(self._page, self._session, self.navigation, self._page.keymap)
            self._searching.offer()

    def when_saved(self, *then: Callable[[], object]) -> None:
        """Call functions as soon as a first message that is being saved has its row in the list. Keys wait for it."""
        session, conversation = self._session, self.conversation
        is_saved = session is None or conversation is None or session.index.get(conversation.id) is not None
        if not is_saved and conversation is not None and conversation.save_lock.locked():
            self._work.do(partial(self._when_saved, conversation, then), "list", leads=True)
        else:
            for call in then:
                call()

    async def _when_saved(self, conversation: Conversation, then: Sequence[Callable[[], object]]) -> None:
        async with conversation.save_lock:
            pass
        for call in then:
            call()

    def offer(self, what: str) -> None:
        """Show the `providers`, or the `options` of the conversation, or open the `configuration`."""
        session, conversation = self._session, self.conversation
        if session is None or conversation is None or self.refuses():
            return
        if what == "options":
            from chatgrid_tui.ui.chat.dialogs.options_screen import ChatOptions

            ChatOptions(self._page, self._work).offer(session, conversation)
        elif what == "configuration":
            self.configuring.file.edit(session)
        else:
            from chatgrid_tui.ui.providers.overview import ProvidersScreen

            if not lies_over(self._page.app, ProvidersScreen):
                chosen = conversation.provider.name
                keymap = self._page.keymap
                screen = ProvidersScreen(self._page, self._work, session, self.configuring, chosen, keymap)
                self._page.app.push_screen(screen)

    def choose(self, choice: int) -> None:
        """Open the bot that was chosen on the first screen, or add a provider."""
        if choice < len(self._bots):
            self.navigation.new(self._bots[choice].provider, self._bots[choice].board)
        else:
            # All ways to add a provider are the first offer there.
            self.configuring.take_offer(max(0, choice - len(self._bots) - len(WAYS_TO_ADD) + 1))

    def press_button(self, turn: Turn, button: str) -> None:
        """Do the action of a button under a reply."""
        session, conversation = self._session, self.conversation
        if session is None or conversation is None or turn not in conversation.turns:
            return
        reply = turn.reply
        if self._show(turn, button) or self._say_again.press(turn, button):
            return
        match button:
            case "again" | "fresh" | "stop" if self.refuses():
                return
            case "again" if turn is conversation.newest:
                self._say_again.do("regenerate", turn)
            case "leave":
                self.beginnings.stop()
                session.outbox.cancel_retry(conversation)
            case "stop":
                session.outbox.stop(conversation)
            case "wait" if reply is not None:
                self.notices.keep_waiting(reply)
                self._page.transcript.turn_changed(turn)
            case "copy" if reply is not None:
                text = "\n\n".join(bubble.text for bubble in reply.bubbles)
                self.bubble_actions.copy(text, "the reply")
            case "take back":
                self.messages.take_back(turn)
            case "edit":
                failure = reply.failure if reply is not None else None
                no_board = failure is not None and failure.cause == "no board"
                self.configuring.edit(conversation.provider.name, "boards" if no_board else "key")
                return
            case "fresh":
                self.navigation.new(draft=turn.sent if reply is not None and reply.state == "failed" else "")
            case _:
                self._page.toast("The conversation has moved on. This is no longer possible.")
                return
        self._page.composer.focus()

    def _show(self, turn: Turn, button: str) -> bool:
        """Show the text of a button over the page without moving the focus. Return whether it has one."""
        reply = turn.reply
        if (earlier := try_of(turn, button)) is not None:
            self.bubble_actions.show_details(turn, earlier)
        elif button == "details" and reply is not None:
            self.bubble_actions.show_details(turn, reply)
        elif button == "mark" and reply is not None:
            self.bubble_actions.mark(turn, reply)
        elif button == "reasoning" and reply is not None:
            self.bubble_actions.show_folded(reply, "reasoning")
        elif button == "tools" and reply is not None:
            self.bubble_actions.show_folded(reply, "tools")
        else:
            return False
        return True

    def recall_or_replay(self) -> None:
        """Show what was said before; in a recording, in which nothing can be said, replay."""
        if self.view_only_reason:
            self.replays.do("start")
        else:
            self.recall.search()

    def stop(self) -> bool:
        """Stop the replay, else the reply that is being written, and sending messages again. Return whether there was
        one.
        """
        if self.replays.stop():
            return True
        if self._session is None or self.view_only_reason or self.conversation is None:
            return False
        was_running = self.beginnings.stop()
        return self._session.outbox.stop(self.conversation) or was_running

    def close(self) -> None:
        """End what depends on the page, which is being closed. Its other work goes on."""
        self.replays.stop()
        if self._typed is not None:
            self._typed.stop()
        self.navigation.close()

    def draft_changed(self, *, after: float) -> None:
        """Save the draft in `after` seconds, also if the user goes on typing until then."""
        if self._typed is None:
            self._typed = self._page.app.set_timer(after, self._save_draft)

    async def _replay_all(self, conversation: Conversation, pace: Pace) -> None:
        self.replays.start(list(conversation.turns), pace)

    def _save_draft(self) -> None:
        self._typed = None
        session, conversation, text = self._session, self.conversation, self._page.composer.draft
        if session is not None and conversation is not None and conversation.draft != text:
            self._work.do(partial(session.save_draft, conversation, text), "draft")

    # Changes of the conversation

    def changed(self, change: ConversationChange) -> None:
        """Show what happened in the conversation on the screen."""
        conversation = change.conversation
        self._end_replay(change)
        match change:
            case TurnAdded():
                self._page.transcript.turn_added(len(conversation.turns) - 1)
                self._said_something(conversation)
            case TurnChanged(_, turn):
                self._page.transcript.turn_changed(turn)
                self._said_something(conversation, turn)
            case TurnsReplaced():
                # Only queued turns are ever replaced, and they come after the newest turn that was sent.
                newest = conversation.newest
                first = 0 if newest is None else conversation.turns.index(newest) + 1
                self._page.transcript.turns_replaced(first)
                self._said_something(conversation)
            case TurnsMerged():
                self._page.transcript.turns_merged(conversation.turns)
                self._said_something(conversation)
            case Reloaded(_, draft, elsewhere):
                self._reloaded(draft, elsewhere)
            case BoardChanged():
                self._page.show_addressee()
                self._page.show_title()
                self._page.show_status()
                self._page.show_welcome()
            case _:
                assert_never(change)

    def _end_replay(self, change: ConversationChange) -> None:
        """End the replay before other turns are shown, or another reply is written: its turn is no part of them."""
        is_other_turn = isinstance(change, TurnAdded | TurnsReplaced | TurnsMerged)
        if is_other_turn or (self.conversation is not None and self.conversation.live is not None):
            self.replays.stop()

    def _reloaded(self, draft: str, elsewhere: str) -> None:
        """Show the conversation again. What was typed since its `draft` was saved stays in the composer."""
        typed = self._page.composer.draft
        self._page.show_conversation()
        if typed != draft:
            self._page.composer.load("\n".join(filter(None, (elsewhere, typed))))
            self.draft_changed(after=0.0)

    def _said_something(self, conversation: Conversation, turn: Turn | None = None) -> None:
        """Show the state of the reply to `turn`, or the newest, if it changed. The clock shows its figures."""
        turn = turn or next(reversed(conversation.turns), None)
        reply = None if turn is None else turn.reply
        state = None if reply is None else (reply, reply.state)
        if state is None or state != self._last_state:
            self._last_state = state
            self._page.show_status()
            self._page.show_hints()

    # Background work

    def _about(self, conversation: Conversation) -> tuple[KeyStatus, Resend]:
        assert self._session is not None, "a conversation is shown by a session that has begun"
        return self._session.clients.key_status(conversation.provider), conversation.resend
