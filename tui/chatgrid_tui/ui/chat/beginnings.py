"""Start conversations from the one on the screen: a fork of it, or one of a new user."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

Beginning: TypeAlias = Literal["new user"]
"""What to start."""


class Beginnings:
    """Starts conversations, shows them, and says what they are to the service."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation

    def do(self, what: Beginning) -> None:
        """Start a conversation from the one on the screen."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        match what:
            case "new user":
                self._work.do(partial(self._as_new_user, session, conversation), "show", leads=True)
            case _:
                assert_never(what)

    def fork(self, turn: Turn) -> None:
        """Start a conversation with the turns of the one on the screen up to `turn`."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._work.do(partial(self._fork, session, conversation, turn), "show", leads=True)

    async def _fork(self, session: Session, conversation: Conversation, turn: Turn) -> None:
        fork, is_before = await session.forks.fork(conversation, turn)
        await self._navigation.show(fork)
        if is_before:
            self._page.toast("Forked up to the message before, as a reply is being written.")

    async def _as_new_user(self, session: Session, conversation: Conversation) -> None:
        from chatgrid_tui.session.wording.forks import what_is_new

        provider = session.clients.current(conversation.provider)
        await session.forget_user(provider, conversation.board)
        self._navigation.new()
        self._page.toast(what_is_new(provider))
