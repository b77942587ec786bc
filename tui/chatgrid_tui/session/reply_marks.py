"""Marks: what the user says of a reply, a verdict and a note."""

from __future__ import annotations

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.reply_mark import ReplyMark, note_of
from chatgrid_tui.session.changes import SessionListener, TurnChanged
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import report_storage
from chatgrid_tui.session.wording.failures import cannot_change
from chatgrid_tui.store.history import History


class Marks:
    """Saves the marks of replies."""

    def __init__(self, history: History, listener: SessionListener) -> None:
        self._history = history
        self._listener = listener

    def check(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Check whether a reply can have a mark.

        Raises:
            UsageProblem: it cannot; the message is a sentence that says why.
        """
        if reason := why_not_marked(turn, reply):
            raise UsageProblem(reason)
        if turn not in conversation.turns:  # such as one that is being replayed
            raise UsageProblem("This reply is no longer part of the conversation.")
        if self._listener.read_only is not None:
            raise UsageProblem(cannot_change(self._listener.read_only))

    async def save(self, conversation: Conversation, turn: Turn, reply: Reply, mark: ReplyMark) -> None:
        """Save the mark of a reply. An empty one removes it.

        Raises:
            UsageProblem: as `check`. Nothing was changed.
        """
        self.check(conversation, turn, reply)
        reply.verdict, reply.note = mark.verdict, note_of(mark.note)
        self._listener.notify(TurnChanged(conversation, turn))
        self._listener.row_changed(conversation)
        saving = self._history.save_mark(reply.id, reply.verdict, reply.note)
        await report_storage(saving, self._listener.storage_failed)


def why_not_marked(turn: Turn, reply: Reply) -> str:
    """Return why a reply can have no mark, as a sentence; empty if it can."""
    if turn.remote:
        return "This reply is only at the service. Only replies that are saved here can be marked."
    if reply.live:
        return "The reply is still being written. It can be marked when it has ended."
    if not reply.id:
        return "This reply is not in the history."
    return ""
