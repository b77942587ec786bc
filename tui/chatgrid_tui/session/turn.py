"""One turn of a conversation: the user's message and the replies to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chatgrid_tui.model.history import SavedTurn
from chatgrid_tui.session.reply import Reply


@dataclass(slots=True, eq=False)
class Turn:
    """A user's message and what came of it. A queued one has not been sent and has no reply yet. Each further try
    adds a reply.

    One that exists at the service only has `remote` and no ids. Its own message is empty where something was said
    to the user that answers nothing of his.
    """

    id: int
    shown: str
    sent: str
    sent_at: datetime
    replies: list[Reply] = field(default_factory=list)
    """Every try, oldest first."""
    queued: bool = False
    remote: tuple[str, ...] = ()
    """The ids of the service's messages that it was made of, where it is not in the history of this machine."""
    note: str = ""
    """A sentence to be shown under the reply."""

    @property
    def reply(self) -> Reply | None:
        """The reply that counts: the newest one."""
        return self.replies[-1] if self.replies else None

    @property
    def earlier(self) -> Sequence[Reply]:
        """The replies of earlier tries, oldest first."""
        return self.replies[:-1]

    @classmethod
    def restored(cls, saved: SavedTurn, speaker: str) -> Turn:
        """Return the turn that was stored. One without replies was kept and never sent; it is shown as a reply by
        `speaker` that never came.
        """
        replies = [Reply.restored(reply) for reply in saved.replies]
        sent = saved.shown if saved.sent == saved.shown else saved.sent  # kept once
        unsent = [] if replies else [Reply(0, speaker, saved.sent_at, state="interrupted")]
        return cls(saved.id, saved.shown, sent, saved.sent_at, replies or unsent)


def unsent(saved: Sequence[SavedTurn]) -> Sequence[SavedTurn]:
    """Return the turns at the end that were queued when the program ended: a reply is kept before it is asked for."""
    sent = max((at for at, turn in enumerate(saved, 1) if turn.replies), default=0)
    return saved[sent:]
