"""Messages that wait for the end of a reply: their order, and one that does not wait any longer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

QueueTask: TypeAlias = Literal["send_now", "move_up", "move_down"]
_NOT_QUEUED: Final = "This message does not wait for a reply."


class QueuedMessages:
    """Changes when a queued message of the conversation on the screen is sent."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation

    def do(self, task: QueueTask, turn: Turn) -> None:
        """Send a queued message now, or one place earlier or later."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        if turn.queued:
            self._work.do(partial(self._do, session, conversation, task, turn), "send")
        else:
            self._page.toast(_NOT_QUEUED)

    async def _do(self, session: Session, conversation: Conversation, task: QueueTask, turn: Turn) -> None:
        match task:
            case "send_now":
                await session.outbox.send_now(conversation, turn)
            case "move_up":
                await session.outbox.move(conversation, turn, -1)
            case "move_down":
                await session.outbox.move(conversation, turn, 1)
            case _:
                assert_never(task)
