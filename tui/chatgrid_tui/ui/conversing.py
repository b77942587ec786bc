"""What people do in a conversation, done: between the screen that shows and the session that acts."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol

from textual.app import App
from textual.timer import Timer
from textual.worker import Worker

from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.history import ReplyState
from chatgrid_tui.model.provider import Board, Provider, Resend
from chatgrid_tui.session.changes import (
    Broke,
    Change,
    ListChanged,
    TroubleArose,
    TurnAdded,
    TurnChanged,
    TurnsReplaced,
)
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.explain import KeyStatus
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.ui.attention import Attention
from chatgrid_tui.ui.browser import open_link
from chatgrid_tui.ui.clipboard import copy
from chatgrid_tui.ui.opening import Opening
from chatgrid_tui.ui.transcript import offers
from chatgrid_tui.ui.transcript.pane import Transcript
from chatgrid_tui.ui.widgets.composer import Composer
from chatgrid_tui.ui.widgets.picker import PickerScreen
from chatgrid_tui.ui.wording import Wording, details_of, thoughts_of, tools_of

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.switching import Places


class Page(Protocol):
    """The screen, as far as it is needed here."""

    transcript: Transcript
    composer: Composer

    @property
    def app(self) -> App[object]: ...
    def show_conversation(self) -> None: ...
    def show_title(self) -> None: ...
    def show_list(self) -> None: ...
    def show_row(self, conversation_id: int) -> None: ...
    def show_status(self) -> None: ...
    def show_hints(self) -> None: ...
    def toast(self, words: str) -> None: ...
    def say(self, title: str, words: str) -> None: ...


class Conversing:
    """The conversation on the screen, and everything that is done with it.

    What takes time runs in workers of the app, so that a screen or a widget that goes away ends nothing.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: Session | None = None
        self._typed: Timer | None = None
        self._last_state: tuple[Reply, ReplyState] | None = None
        self._wanted = 0
        """The conversation of the list that was asked for last."""
        self.conversation: Conversation | None = None
        self.attention = Attention()
        self.keymap: Mapping[str, str] = {}
        self.clock = time.monotonic
        self.wording = Wording(lambda: self.conversation, self._about, self.clock)

    @property
    def longest(self) -> int | None:
        """How many UTF-16 units the service takes in one message."""
        session, conversation = self._session, self.conversation
        return None if session is None or conversation is None else session.longest(conversation)

    def begin(self, opening: Opening) -> None:
        """The session has begun: show its first conversation, and follow what it tells."""
        self._session = opening.session
        self._work(partial(self._follow, opening.session), "session")
        self._work(partial(self._show, opening.conversation), "show")
        self._work(opening.session.services.warm_up, "warm up")
        self._work(partial(self._read_on, opening.session), "list")
        for notice in (opening.session.notice, *opening.notices):
            if notice:
                self._page.say("A word before you begin", notice)

    async def _read_on(self, session: Session) -> None:
        if await session.load_rest():
            self._page.show_list()

    # What is shown

    def open(self, conversation_id: int | None) -> None:
        """Show a conversation of the list."""
        session = self._session
        if session is not None and conversation_id is not None:
            self._wanted = conversation_id
            self._work(partial(self._open, session, conversation_id), "show")

    def new(self, provider: Provider | None = None, board: Board | None = None) -> None:
        """Begin a conversation, on the same board unless another is named."""
        here = self.conversation
        if self._session is None or here is None:
            return
        self._wanted = 0
        fresh = self._session.begin(provider or here.provider, board or here.board)
        if not here.id and not here.turns:
            fresh.draft = self._page.composer.text  # nothing typed is lost where nothing was said yet
        self._work(partial(self._show, fresh), "show")

    def switch(self) -> None:
        """Let somebody choose among providers, boards and conversations."""
        if self._session is not None and self.conversation is not None:
            self._work(partial(self._offer_places, self._session, self.conversation), "switch")

    async def _open(self, session: Session, conversation_id: int) -> None:
        conversation = await session.open(conversation_id)
        if self._wanted == conversation_id:  # reading takes time: another may have been chosen meanwhile
            await self._show(conversation)

    async def _show(self, conversation: Conversation) -> None:
        """Show a conversation. The page turns at once: what is typed while things are kept belongs to it."""
        session, before, typed = self._session, self.conversation, self._page.composer.text
        if session is None:
            return
        self._page.composer.focus()
        if before is conversation:
            return
        if before is None and typed:
            conversation.draft = typed  # typed while the session was still beginning
        self.conversation = conversation
        self._page.show_conversation()
        if before is not None:
            await session.keep_draft(before, typed)
        if self.conversation is not conversation:
            return
        await session.show(conversation)
        if not conversation.provider.embedded:
            await session.services.look_up_key(conversation.provider)
            self._key_known(conversation)

    def _key_known(self, conversation: Conversation) -> None:
        """Which key is in use is known now: that may change what is said of a reply that failed."""
        if self.conversation is not conversation:
            return
        self._page.show_status()
        if (key := self._about(conversation)[0]).warning:
            self._page.toast(key.warning)
        for number, turn in enumerate(conversation.turns):
            if turn.reply is not None and turn.reply.state == "failed":
                self._page.transcript.turn_changed(number)

    async def _offer_places(self, session: Session, here: Conversation) -> None:
        from chatgrid_tui.ui.switching import chosen_row, find_places

        places = await find_places(session)
        if len(self._page.app.screen_stack) > 1:  # services take their time: something else was opened meanwhile
            return
        row = chosen_row(places, here.provider, here.board)
        self._page.app.push_screen(PickerScreen("Go to", places.groups, row), lambda chosen: self._go(places, chosen))

    def _go(self, places: Places, chosen: str | None) -> None:
        if chosen in places.conversations:
            self.open(places.conversations[chosen])
        elif chosen in places.boards:
            self.new(*places.boards[chosen])

    # What is said

    def send(self, text: str) -> None:
        """Send what was written. It leaves the composer at once, so that a second Enter finds nothing to send."""
        if self._session is None or self.conversation is None:
            self._page.toast("One moment: the history is being opened.")
        elif text != self._page.composer.text:
            return
        elif text.strip():
            self._page.composer.clear()
            self._work(partial(self._send, text), "send")
        elif text:
            self._page.toast("There is nothing to send: only blanks were typed.")
        else:
            self._page.toast("The message is empty. Nothing was sent.")

    def press_suggestion(self, turn_index: int, index: int) -> None:
        """Send what a suggestion stands for, and show its label."""
        turn = self._turn(turn_index)
        if turn is None or turn.reply is None or index >= len(turn.reply.suggestions):
            return
        suggestion = turn.reply.suggestions[index]
        if payload := offers.payload(suggestion):
            self._work(partial(self._choose, turn, index, payload, offers.wording(suggestion)), "send")

    def press_button(self, turn_index: int, button: str) -> None:
        """Do what a button under a reply says."""
        turn = self._turn(turn_index)
        session, conversation = self._session, self.conversation
        if turn is None or session is None or conversation is None:
            return
        reply = turn.reply
        match button:
            case "again" if turn is conversation.newest:
                session.retry(conversation)
            case "leave":
                session.leave_it(conversation)
            case "stop":
                session.stop(conversation)
            case "wait" if reply is not None:
                self.wording.keep_waiting(reply)
                self._page.transcript.turn_changed(turn_index)
            case "copy" if reply is not None:
                self.copy("\n\n".join(bubble.text for bubble in reply.bubbles))
            case "details" if reply is not None:
                self._page.say("Details", details_of(reply))
            case "reasoning" if reply is not None:
                self._page.say("Reasoning", thoughts_of(reply))
            case "tools" if reply is not None:
                self._page.say("Calls to tools", tools_of(reply))
            case "take back":
                self.take_back()
            case _:  # an offer that is past
                return
        self._page.composer.focus()

    def stop(self) -> bool:
        """Stop the reply that is being written; whether there was one."""
        if self._session is None or self.conversation is None or self.conversation.live is None:
            return False
        self._session.stop(self.conversation)
        return True

    def take_back(self) -> None:
        """Take the newest queued message back into the composer."""
        if self._session is not None and self.conversation is not None:
            self._work(partial(self._take_back, self._session, self.conversation), "send")

    def draft_changed(self, text: str, *, after: float) -> None:
        """Keep what is typed, once `after` seconds pass without another key."""
        if self._typed is not None:
            self._typed.stop()
        self._typed = self._page.app.set_timer(after, lambda: self._keep_draft(text))

    def copy(self, text: str) -> None:
        """Copy a text, and say how that went."""
        self._work(partial(self._copy, text), "copy")

    def open_link(self, url: str) -> None:
        """Open a link in the browser; where there is none, copy its address."""
        self._work(partial(self._open_link, url), "link")

    async def _send(self, text: str, shown: str | None = None) -> None:
        """Send; what was typed and is not taken comes back into the composer."""
        session, conversation = self._session, self.conversation
        if session is None or conversation is None:
            return
        self._page.transcript.go_to_end()
        try:
            await session.send(conversation, text, shown=shown)
        except ChatgridError:
            if shown is None:
                self._put_back(text)
            raise

    async def _choose(self, turn: Turn, index: int, payload: str, label: str) -> None:
        session, conversation = self._session, self.conversation
        if session is None or conversation is None:
            return
        await self._send(payload, shown=label)
        await session.keep_choice(conversation, turn, index)
        self._page.composer.focus()

    async def _take_back(self, session: Session, conversation: Conversation) -> None:
        text = await session.take_back(conversation)
        if text is not None and self.conversation is conversation:
            self._put_back(text)

    def _put_back(self, text: str) -> None:
        """Put a text into the composer, before what was written there meanwhile."""
        written = self._page.composer.text
        self._page.composer.load(f"{text}\n{written}" if written else text)

    async def _copy(self, text: str) -> None:
        self._page.toast(await copy(self._page.app, text))

    async def _open_link(self, url: str) -> None:
        if await open_link(url):
            self._page.toast("Opened in the browser.")
        else:
            await copy(self._page.app, url)
            self._page.toast("No browser can be opened here. The address was copied.")

    def _keep_draft(self, text: str) -> None:
        session, conversation = self._session, self.conversation
        if session is None or conversation is None or self._page.composer.text != text:
            return
        if conversation.draft != text:
            self._work(partial(session.keep_draft, conversation, text), "draft")

    # What the session tells

    async def _follow(self, session: Session) -> None:
        async for changes in session.changes():
            for change in changes:
                self._changed(change)

    def _changed(self, change: Change) -> None:
        if not isinstance(change, (TroubleArose, Broke)):
            self.attention.follow(change.conversation)
        match change:
            case TurnAdded(conversation) if conversation is self.conversation:
                self._page.transcript.turn_added(len(conversation.turns) - 1)
                self._said_something(conversation)
            case TurnChanged(conversation, turn) if conversation is self.conversation:
                self._page.transcript.turn_changed(turn)
                self._said_something(conversation, turn)
            case TurnsReplaced(conversation) if conversation is self.conversation:
                # Only what is queued is ever replaced, and it stands behind the newest turn that was sent.
                newest = conversation.newest
                first = 0 if newest is None else conversation.turns.index(newest) + 1
                self._page.transcript.turns_replaced(first)
                self._said_something(conversation)
            case ListChanged(conversation, moved):
                self._page.show_list() if moved else self._page.show_row(conversation.id)
                self._page.show_title()
            case TroubleArose(words):
                self._page.say("The history", words)
            case Broke(error):
                raise error
            case _:  # of a conversation that is not on the screen
                return

    def _said_something(self, conversation: Conversation, turn: int = -1) -> None:
        """Show how it goes where that is another state than before; what merely counts on is shown by the clock."""
        reply = conversation.turns[turn].reply if turn < len(conversation.turns) else None
        state = None if reply is None else (reply, reply.state)
        if state is None or state != self._last_state:
            self._last_state = state
            self._page.show_status()
            self._page.show_hints()

    # Work

    def _turn(self, index: int) -> Turn | None:
        turns = self.conversation.turns if self.conversation is not None else []
        return turns[index] if 0 <= index < len(turns) else None

    def _about(self, conversation: Conversation) -> tuple[KeyStatus, Resend]:
        assert self._session is not None, "a conversation is shown by a session that has begun"
        return self._session.services.key_status(conversation.provider), self._session.resend(conversation)

    def _work(self, work: Callable[[], Coroutine[object, object, None]], group: str) -> None:
        """Run something that takes time; what goes wrong on purpose is said, and nothing else is caught."""

        async def saying() -> None:
            try:
                await work()
            except ChatgridError as problem:
                self._page.say("That did not work", str(problem))

        _: Worker[None] = self._page.app.run_worker(saying, group=group, exit_on_error=True)
