"""The current conversation, and going to another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.markdown import parser
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.startup import Opening

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session


class Navigation:
    """Holds the conversation on the screen. What was typed in another stays its draft."""

    def __init__(self, page: ChatPage, work: Work) -> None:
        self._page = page
        self._work = work
        self._requested = 0
        """The id of the conversation that was last chosen in the list."""
        self._left: Conversation | None = None
        """The deleted conversation that is being left."""
        self.session: Session | None = None
        self.conversation: Conversation | None = None

    def begin(self, opening: Opening) -> None:
        """Show the first conversation of a session that has started."""
        self.session = opening.session
        self._work.do(partial(self._show, opening.conversation), "show", leads=True)
        self._work.do(partial(self._read_on, opening.session), "list")
        self._work.do(opening.session.recents.load, "places")

    def open(
        self,
        conversation_id: int | None,
        then: Callable[[ChatPage, Conversation], None] = lambda page, conversation: None,
        *,
        keep_focus: bool = False,
    ) -> None:
        """Show a conversation of the list, with the focus in the composer or where it is, and call `then` with the
        page that it is on.
        """
        session = self.session
        if session is not None and conversation_id is not None:
            self._requested = conversation_id
            opening = partial(self._open, session, conversation_id, then, keep_focus=keep_focus)
            self._work.do(opening, "show", leads=True)

    def new(self, provider: Provider | None = None, board: Board | None = None, draft: str = "") -> None:
        """Start a conversation, by default on the same board, with `draft` in the composer."""
        current = self.conversation
        if self.session is None or current is None:
            return
        self._requested = 0
        provider, board = provider or current.provider, board or current.board
        if not board.id:  # it may be listed by now
            board = self.session.recents.default_board(provider) or board
        fresh = self.session.begin(provider, board, *self._page.beside)
        if not current.id and not current.turns and not fresh.draft:
            fresh.draft = self._page.composer.draft  # an unsent message is taken along
        if draft:
            fresh.draft = f"{draft}\n{fresh.draft}" if fresh.draft else draft
        self._work.do(partial(self._show, fresh), "show", leads=True)

    async def show(self, conversation: Conversation) -> None:
        """Show a conversation that was just made, unless the user has chosen another in the list since."""
        self._requested = 0
        await self._show(conversation)

    def begin_beside(self, opening: Opening, conversation: Conversation) -> None:
        """Show the first conversation of a pane that was opened later."""
        self.session = opening.session
        self._work.do(partial(self._show, conversation), "show", leads=True)

    def begin_at(self, provider: Provider, board: Board | None = None) -> None:
        """Start a conversation at a provider, by default on its first board. If the user goes elsewhere before that
        is listed, do nothing.
        """
        if self.session is not None:
            self._work.do(partial(self._begin_at, self.session, provider, board), "show", leads=True)

    def leave(self, following: int | None) -> None:
        """Show `following`, or a new conversation, instead of a deleted one. The focus stays where it is."""
        session, current = self.session, self.conversation
        if session is None or current is None:
            return
        self._left = current
        if following is None:
            self._requested = 0
            fresh = session.begin(current.provider, current.board, *self._page.beside)
            self._work.do(partial(self._show, fresh, keep_focus=True), "show", leads=True)
        else:
            self.open(following, keep_focus=True)

    def close(self) -> None:
        """Show nothing any more: the page is closed, and what its work has still to show has no place on it."""
        self.session = self.conversation = None

    def leave_deleted(self) -> None:
        """Show a new conversation if the one on the screen was deleted, and not left by that."""
        current = self.conversation
        if current is not None and current.deleting and current is not self._left:
            self.leave(None)

    async def _read_on(self, session: Session) -> None:
        if await session.load_rest():
            self._page.show_list()

    async def _begin_at(self, session: Session, provider: Provider, board: Board | None) -> None:
        from chatgrid_tui.session.providers.board_choice import starting_board

        current = self.conversation
        notices: Sequence[str] = ()
        if board is None:
            board, notices = await starting_board(await session.clients.get(provider))
        if self.conversation is not current:
            return
        self.new(provider, board)
        if notices:  # not in a dialog, which would take the keys of a message
            shown, first = clean_line(provider.shown, 28), next(iter(provider.boards), "")
            missing = f"has no board {clean_line(first, 20)}" if first else "lists no boards"
            self._page.toast(f"{shown} {missing}. F9 in Ctrl+K edits it.")

    async def _open(
        self,
        session: Session,
        conversation_id: int,
        then: Callable[[ChatPage, Conversation], None],
        *,
        keep_focus: bool,
    ) -> None:
        try:
            conversation = await session.open(conversation_id)
        except UsageProblem:
            if self._requested != conversation_id:  # it was deleted, and the user is elsewhere
                return
            raise
        await asyncio.to_thread(parser.load)
        if self._requested == conversation_id:  # otherwise another one was chosen in the meantime
            page = self._page.page_of(conversation) or self._page
            await self._show(conversation, keep_focus=keep_focus)
            page.when_in_view(partial(then, page, conversation))

    async def _show(self, conversation: Conversation, *, keep_focus: bool = False) -> None:
        """Show a conversation at once, so that what is typed while others are being saved belongs to it. One that is
        on the page beside this one is used there.
        """
        session, before, typed = self.session, self.conversation, self._page.composer.draft
        if session is None:
            return
        if (page := self._page.page_of(conversation)) is not None and page is not self._page:
            page.come_forward()
            return
        if not keep_focus:
            self._page.come_forward()
        if before is conversation:
            return
        self.conversation, self._left = conversation, None
        self._page.show_conversation()
        if before is None and typed:  # before the session had started
            typed = f"{conversation.draft}\n{typed}" if conversation.draft else typed
            self._page.composer.load(typed)
        typed_in = conversation if before is None else before
        self._work.do(partial(self._settle, session, conversation, typed_in, typed), "settle")

    async def _settle(self, session: Session, current: Conversation, typed_in: Conversation, typed: str) -> None:
        """Save the draft of the previous conversation, and look up what the new one needs."""
        if typed or typed_in is not current:
            await session.save_draft(typed_in, typed)
        if self.conversation is not current:
            return
        await session.show(current, *self._page.beside)
        if not current.provider.embedded:
            await session.clients.look_up_key(current.provider)
            self._key_known(session, current)

    def _key_known(self, session: Session, conversation: Conversation) -> None:
        """Show which key is in use. This may change the explanation of a failed reply."""
        if self.conversation is not conversation:
            return
        self._page.show_status()
        if (key := session.clients.key_status(conversation.provider)).warning:
            self._page.toast(key.warning)
        for turn in conversation.turns:
            if turn.reply is not None and turn.reply.state == "failed":
                self._page.transcript.turn_changed(turn)
