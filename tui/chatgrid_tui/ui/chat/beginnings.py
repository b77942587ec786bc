"""Start conversations from the one on the screen: a fork of it, one of a new user, one with the same messages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.transcript.render.formats import counted

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.chat.writing.recall import Recall

Beginning: TypeAlias = Literal["new user", "run again"]
"""What to start."""


class Beginnings:
    """Starts conversations, shows them, and says what they are to the service."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation, recall: Recall) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation
        self._recall = recall

    @property
    def running(self) -> bool:
        """Whether messages are sent again in the conversation on the screen."""
        session, conversation = self._navigation.session, self._navigation.conversation
        return session is not None and conversation is not None and bool(session.reruns.progress(conversation))

    def do(self, what: Beginning) -> None:
        """Start a conversation from the one on the screen."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        match what:
            case "new user":
                self._work.do(partial(self._as_new_user, session, conversation), "show", leads=True)
            case "run again":
                self._work.do(partial(self._offer_boards, session, conversation), "show", leads=True)
            case _:
                assert_never(what)

    def fork(self, turn: Turn, *, to_edit: bool = False) -> None:
        """Start a conversation with the turns of the one on the screen up to `turn`. With `to_edit`, it has those
        before `turn`, whose message is in the composer then; so it is while the focus is on one that is edited.
        """
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        if to_edit:
            self._fork_to_edit(session, conversation, turn, turn.sent)
        elif (edited := self._recall.edited) is not None and self._page.composer.field.has_focus:
            self._fork_to_edit(session, conversation, edited, self._page.composer.text)
        else:
            self._work.do(partial(self._fork, session, conversation, turn), "show", leads=True)

    def stop(self) -> bool:
        """Send no more of the messages that are sent again in the conversation on the screen, and say how far that
        went. Return whether there were any.
        """
        session, conversation = self._navigation.session, self._navigation.conversation
        ended = "" if session is None or conversation is None else session.reruns.stop(conversation)
        if ended:
            self._page.toast(ended)
        return bool(ended)

    def _fork_to_edit(self, session: Session, conversation: Conversation, turn: Turn, text: str) -> None:
        before = conversation.turns[: conversation.turns.index(turn)] if turn in conversation.turns else []
        if before:
            forking = partial(self._fork, session, conversation, before[-1], text)
            self._work.do(forking, "show", leads=True)
        else:
            self._navigation.new(draft=text)

    async def _fork(self, session: Session, conversation: Conversation, turn: Turn, draft: str = "") -> None:
        fork, is_before = await session.forks.fork(conversation, turn)
        if draft:
            await session.save_draft(fork, draft)
        await self._navigation.show(fork)
        if is_before:
            self._page.toast("Forked up to the message before, as a reply is being written.")

    async def _as_new_user(self, session: Session, conversation: Conversation) -> None:
        from chatgrid_tui.session.library.forks import what_is_new

        provider = session.clients.current(conversation.provider)
        await session.forget_user(provider, conversation.board)
        self._navigation.new()
        self._page.toast(what_is_new(provider))

    async def _offer_boards(self, session: Session, conversation: Conversation) -> None:
        from chatgrid_tui.session.turns.reruns import messages_of
        from chatgrid_tui.ui.switching.board_picker import offer_boards

        def chosen(provider: Provider, board: Board) -> None:
            running = partial(self._run_again, session, conversation, provider, board)
            self._work.do(running, "show", leads=True)

        count = counted(len(messages_of(conversation)), "message")
        await offer_boards(self._page, self._work, session, conversation, f"Send {count} again", "Send", chosen)

    async def _run_again(self, session: Session, source: Conversation, provider: Provider, board: Board) -> None:
        await self._navigation.show(await session.reruns.start(source, provider, board))
