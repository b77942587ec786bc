"""What the status line and the list say of a conversation, made from its state."""

from __future__ import annotations

import math
from typing import Final

from chatgrid_tui.model.history import ConversationRow, ReplyState
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.explain import KeyStatus
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.widgets.list_row import ListRow
from chatgrid_tui.ui.widgets.status_line import Status
from chatgrid_tui.ui.widgets.tone import Tone

QUIET_FOR = 2.0
"""Seconds without data that are nothing to speak of."""
_ENDED: Final[dict[ReplyState, tuple[str, Tone]]] = {
    "stopped": ("Stopped", "stopped"),
    "failed": ("Failed", "failed"),
    "truncated": ("Cut off", "failed"),
    "interrupted": ("Cut off", "failed"),
}


def status_of(conversation: Conversation, key: KeyStatus, now: float, since: float, *, read_only: bool) -> Status:
    """Return what the status line says. `now` is the session's clock; `since` is the seconds since the newest
    reply was begun.
    """
    provider = conversation.provider
    state, short, tone = _state(conversation, now, since, read_only=read_only)
    return Status(
        provider=provider.shown,
        board=conversation.board.name,
        details=_details(conversation, key),
        first_short=f"key {key.shown}" if key.source and not provider.embedded else "",
        production=provider.production,
        state=state,
        state_short=short,
        tone=tone,
    )


def tokens_per_second(reply: Reply) -> float | None:
    """Return how fast text comes; None where too little came to say."""
    if reply.first_token is None or reply.deltas < 2:
        return None
    seconds = (reply.last_data if reply.live else reply.duration or reply.last_data) - reply.first_token
    return reply.deltas / seconds if seconds > 0.2 else None


def list_row(row: ConversationRow, *, waiting: bool = False) -> ListRow:
    """Return a conversation as the list draws it."""
    return ListRow(
        id=row.id,
        title=row.title,
        preview=row.preview,
        mine=row.preview_mine,
        draft=row.draft,
        updated_at=row.updated_at,
        state=row.state,
        unread=row.unread,
        waiting=waiting,
    )


def _details(conversation: Conversation, key: KeyStatus) -> tuple[str, ...]:
    if conversation.provider.embedded:
        return ("no key needed", conversation.provider.base_url.split("/")[2])
    if key.source:
        return (f"key {key.shown} from {key.source}",)
    return ("no key",) if key.missing else ()


def _state(conversation: Conversation, now: float, since: float, *, read_only: bool) -> tuple[str, str, Tone]:
    """Return the state in words, in fewer words, and its tone."""
    if read_only:
        return "Read only: another window has this history", "Read only", "waiting"
    if conversation.retry_at is not None:
        words = f"Next try in {math.ceil(max(0.0, conversation.retry_at - now)):,} s"
        return words, words, "waiting"
    newest = conversation.newest
    reply = newest.reply if newest is not None else None
    if reply is None:
        return "Ready", "Ready", "quiet"
    if reply.live:
        return _live(reply, since)
    state: ReplyState = "failed" if reply.state == "truncated" and not reply.characters else reply.state
    word, tone = _ENDED.get(state, ("Finished", "quiet"))
    return word, word, tone


def _live(reply: Reply, since: float) -> tuple[str, str, Tone]:
    silent = since - reply.last_data
    if reply.state == "waiting":
        words = f"Waiting, {since:,.1f} s" if since >= 0.5 else "Sending"
        return words, words, "live"
    if silent >= QUIET_FOR:
        words = f"No data for {silent:,.0f} s"
        return words, words, "waiting"
    rate = tokens_per_second(reply)
    if rate is None:
        return "Writing", "Writing", "live"
    return f"Writing · {rate:,.0f} tokens/s", f"{rate:,.0f} tokens/s", "live"
