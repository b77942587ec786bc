"""What is done with one bubble of the conversation on the screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.terminal.clipboard import copy
from chatgrid_tui.ui.work import Work

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.session.wire_facts import WireFacts


class BubbleActions:
    """Shows and copies the details of a reply."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation

    def show_details(self, turn: Turn, reply: Reply) -> None:
        """Show everything that is known of a reply."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._work.do(partial(self._show_details, session, conversation, turn, reply), "details")

    def copy_details(self, turn: Turn, reply: Reply) -> None:
        """Copy everything that is known of a reply."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._work.do(partial(self._copy_details, session, conversation, turn, reply), "copy")

    async def _show_details(self, session: Session, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Open the screen at once, while the key that asked for it is fresh, and add what was recorded."""
        screen = self._page.say(_title(turn, reply), _text(session, conversation, turn, reply, None))
        facts = await session.wire_facts(conversation, reply)
        screen.put(_text(session, conversation, turn, reply, facts))

    async def _copy_details(self, session: Session, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        text = _text(session, conversation, turn, reply, await session.wire_facts(conversation, reply))
        what = "the error" if reply.failure is not None else "the details of the reply"
        self._page.toast(await copy(self._page.app, text, what))


def _title(turn: Turn, reply: Reply) -> str:
    if len(turn.replies) < 2 or reply not in turn.replies:
        return "Details"
    return f"Details of try {turn.replies.index(reply) + 1} of {len(turn.replies)}"


def _text(session: Session, conversation: Conversation, turn: Turn, reply: Reply, facts: WireFacts | None) -> str:
    from chatgrid_tui.session.details import as_text, details

    key = session.clients.key_status(conversation.provider)
    return as_text(details(conversation, turn, reply, key, facts))
