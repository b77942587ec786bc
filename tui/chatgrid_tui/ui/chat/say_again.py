"""Say something again: for another reply, edited, or once more; and choose among the replies to a message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat.message_actions import MessageActions
from chatgrid_tui.ui.chat.writing.recall import Recall
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

AgainTask: TypeAlias = Literal[
    "regenerate", "edit", "resend_message", "previous_variant", "next_variant", "compare_variants"
]
_STORED_TWICE: Final = "The service keeps what it answered: your message will be there twice, with both replies."
_MAYBE_TWICE: Final = "The service may have kept your message already. It would be there twice then."
_IN_REPLAY: Final = "This is a replay. Esc ends it."


class SayAgain:
    """Sends messages of the conversation on the screen again, and selects among the replies to one."""

    def __init__(
        self,
        page: ChatPage,
        work: Work,
        navigation: Navigation,
        refuses: Callable[[], bool],
        messages: MessageActions,
        recall: Recall,
    ) -> None:
        """`refuses` tells the user why nothing can be sent, and returns whether that is so."""
        self._page = page
        self._work = work
        self._navigation = navigation
        self._refuses = refuses
        self._messages = messages
        self._recall = recall

    def do(self, task: AgainTask, turn: Turn) -> None:
        """Do something with a message and the replies to it."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        if turn not in conversation.turns:
            self._page.toast(_IN_REPLAY)
            return
        match task:
            case "previous_variant":
                self._select(session, conversation, turn, turn.number - 1)
            case "next_variant":
                self._select(session, conversation, turn, turn.number + 1)
            case "compare_variants":
                self._compare(turn)
            case "regenerate" | "edit" | "resend_message" if self._refuses():
                return
            case "regenerate":
                self._regenerate(session, conversation, turn)
            case "edit":
                self._edit(conversation, turn)
            case "resend_message":
                self._resend(conversation, turn)
            case _:
                assert_never(task)

    def press(self, turn: Turn, button: str) -> bool:
        """Do what a part of the line below a reply does. Return whether it is one."""
        match button:
            case "previous_variant" | "next_variant" | "compare_variants":
                self.do(button, turn)
                return True
            case _:
                return False

    def _regenerate(self, session: Session, conversation: Conversation, turn: Turn) -> None:
        """Send the newest message for another reply; ask first if the service would keep it twice."""
        from chatgrid_tui.ui.overlays.confirm import ConfirmScreen

        def answered(answer: int | None) -> None:
            if answer == 0:
                try:
                    session.outbox.regenerate(conversation, turn)
                except UsageProblem as problem:
                    self._page.toast(str(problem))

        try:
            session.outbox.check_regenerate(conversation, turn)
        except UsageProblem as problem:
            self._page.toast(str(problem))
            return
        if not (warning := _warning(conversation, turn)):
            answered(0)
        elif not lies_over(self._page.app, ConfirmScreen):
            screen = ConfirmScreen("Send this message again?", warning, ("Send again", "Cancel"))
            self._page.app.push_screen(screen, answered)

    def _edit(self, conversation: Conversation, turn: Turn) -> None:
        if turn.queued:
            self._messages.take_back(turn)
        elif turn.reply is not None and turn.reply.live:
            self._page.toast("The reply to it is being written. Esc stops that.")
        elif not turn.sent:
            self._page.toast("There is no message to edit.")
        else:
            self._recall.edit(turn)

    def _resend(self, conversation: Conversation, turn: Turn) -> None:
        if turn.queued:
            self._page.toast("It has not been sent yet.")
        elif not turn.sent:
            self._page.toast("There is no message to send.")
        else:
            self._messages.resend(turn)

    def _select(self, session: Session, conversation: Conversation, turn: Turn, number: int) -> None:
        last = len(turn.replies) - 1
        if not turn.has_variants:
            self._page.toast("There is only one reply to this message.")
        elif turn.replies[-1].live:
            self._page.toast("A reply is being written.")
        elif not 0 <= number <= last:
            self._page.toast("This is the first reply." if number < 0 else "This is the newest reply.")
        else:
            selected = None if number == last else number
            self._work.do(partial(session.outbox.select_reply, conversation, turn, selected), "select")
            if conversation.keeps_messages:
                self._page.toast("The service remembers all of them, whichever is shown.")

    def _compare(self, turn: Turn) -> None:
        from chatgrid_tui.ui.chat.dialogs.variants_screen import VariantsScreen

        if not turn.has_variants:
            self._page.toast("There is only one reply to this message.")
        elif not lies_over(self._page.app, VariantsScreen):
            self._page.app.push_screen(VariantsScreen(turn))


def _warning(conversation: Conversation, turn: Turn) -> str:
    """Return what to know before the newest message is sent again; empty if that does no harm, since the service does
    not keep it or has not had it in this conversation, or if the notice under the reply says it.
    """
    reply = turn.reply
    if not conversation.keeps_messages or turn.copied or reply is None or reply.state == "failed":
        return ""
    return _STORED_TWICE if reply.state == "finished" else _MAYBE_TWICE
