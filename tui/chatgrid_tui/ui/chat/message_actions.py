"""Send messages and suggestions, and take queued messages back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.text import clean_line, utf16_units
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat.writing.recall import Recall
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.transcript.reply_parts import suggestion_payload, suggestion_text

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session


class MessageActions:
    """Sends what the user typed or chose in the conversation on the screen. What is not accepted returns to the
    composer.
    """

    def __init__(
        self, page: ChatPage, work: Work, navigation: Navigation, refuses: Callable[[], bool], recall: Recall
    ) -> None:
        """`refuses` tells the user why nothing can be sent, and returns whether that is so."""
        self._page = page
        self._work = work
        self._navigation = navigation
        self._refuses = refuses
        self._recall = recall

    def send(self, text: str) -> None:
        """Send a message. It leaves the composer at once, so that a second Enter cannot send it again."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            self._page.toast("The history is still being opened.")
        elif self._refuses():
            return
        elif conversation.longest is not None and utf16_units(text) > conversation.longest:
            self._page.toast("The message is too long for the service. Nothing was sent.")
        elif text.strip() and (turn := self._recall.replaced) is not None:
            self._send_edited(session, conversation, turn, text)
        elif text.strip():
            if self._page.composer.take(text):
                self._recall.was_sent()
                self._work.do(partial(self._send, session, conversation, text), "send")
        elif text:
            self._page.toast("There is nothing to send: the message has only spaces.")
        else:
            self._page.toast("The message is empty. Nothing was sent.")

    def refusal(self, text: str) -> str:
        """Return why a text cannot be sent as a message, as sentences; empty if it can."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return "The history is still being opened."
        try:
            session.outbox.check_send(conversation, text)
        except UsageProblem as problem:
            return str(problem)
        return ""

    def send_beside(self, text: str) -> None:
        """Send a message that was typed on the other side of the page. What is typed here stays."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._work.do(partial(self._send_beside, session, conversation, text), "send")

    def press_suggestion(self, turn: Turn, index: int) -> None:
        """Send the payload of a suggestion, and show its label. One of an earlier reply is sent as a new message, as
        the buttons of other chats are.
        """
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None or turn not in conversation.turns:
            return
        if turn.reply is None or index >= len(turn.reply.suggestions) or self._refuses():
            return
        suggestion = turn.reply.suggestions[index]
        if payload := suggestion_payload(suggestion):
            shown = suggestion_text(suggestion)
            self._work.do(partial(self._choose, session, conversation, turn, index, payload, shown), "send")
        else:
            self._page.toast("This suggestion has no text to send. Nothing was sent.")

    def take_back(self, turn: Turn | None = None) -> None:
        """Move a queued message back into the composer, by default the newest one."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._work.do(partial(self._take_back, session, conversation, turn), "send")

    def recall(self, step: int) -> None:
        """Recall the message before (-1) or after (1) into the composer. A queued message is taken back first."""
        conversation = self._navigation.conversation
        if step < 0 and conversation is not None and conversation.queued and not self._page.composer.is_recalled:
            self.take_back()
        else:
            self._recall.step(step)

    def resend(self, turn: Turn) -> None:
        """Send a message once more, as a new one."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._work.do(partial(self._send, session, conversation, turn.sent, turn.shown), "send")

    def _send_edited(self, session: Session, conversation: Conversation, turn: Turn, text: str) -> None:
        """Send an edited message in place of the newest one, for another reply. If that is impossible, the text stays
        in the composer.
        """
        try:
            session.outbox.regenerate(conversation, turn, text)
        except UsageProblem as problem:
            self._page.toast(str(problem))
            return
        self._page.composer.take(text)
        self._recall.was_sent()
        self._page.transcript.viewport.go_to_end()

    async def _send(self, session: Session, conversation: Conversation, text: str, shown: str | None = None) -> None:
        """Send a message. A typed message that is not accepted returns to where it was typed."""
        if conversation is self._navigation.conversation:
            self._page.transcript.viewport.go_to_end()
        try:
            await session.outbox.send(conversation, text, shown=shown)
        except ChatgridError:
            if shown is None:
                await self._put_back(session, conversation, text)
            raise

    async def _send_beside(self, session: Session, conversation: Conversation, text: str) -> None:
        try:
            await self._send(session, conversation, text, shown=text)  # not typed here: the draft stays
        except ChatgridError:
            await self._put_back(session, conversation, text)
            raise

    async def _choose(
        self, session: Session, conversation: Conversation, turn: Turn, index: int, payload: str, label: str
    ) -> None:
        was_past = turn is not conversation.newest or (turn.reply is not None and bool(turn.reply.chosen))
        await self._send(session, conversation, payload, shown=label)
        if was_past:
            self._page.toast(f"Sent as a new message: {clean_line(label, 30)}")
        await session.outbox.choose_suggestion(conversation, turn, index)
        if conversation is self._navigation.conversation:
            self._page.composer.focus()

    async def _take_back(self, session: Session, conversation: Conversation, turn: Turn | None) -> None:
        text = await session.outbox.take_back(conversation, turn)
        if text is not None:
            await self._put_back(session, conversation, text)
            if conversation is self._navigation.conversation:
                self._recall.begin(conversation)

    async def _put_back(self, session: Session, conversation: Conversation, text: str) -> None:
        """Put a text into the composer of the conversation, before what was typed there in the meantime. If no page
        shows it by now, put it into the draft.
        """
        page = self._page.page_of(conversation)
        written = conversation.draft if page is None else page.composer.draft
        whole = f"{text}\n{written}" if written else text
        if page is not None:
            page.composer.load(whole)
        await session.save_draft(conversation, whole)
