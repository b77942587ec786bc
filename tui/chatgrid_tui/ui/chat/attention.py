"""Conversations that need attention, which the list marks as waiting."""

from __future__ import annotations

from datetime import datetime

from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.transcript.reply_parts import STALL


class Attention:
    """Follows the conversations in which something is happening."""

    def __init__(self) -> None:
        self._busy: dict[int, Conversation] = {}
        self._waiting: set[int] = set()

    def __contains__(self, conversation_id: object) -> bool:
        """Return whether no data has arrived for a while, or a retry is scheduled."""
        return conversation_id in self._waiting

    def follow(self, conversation: Conversation) -> None:
        """Follow a conversation that changed, if something is happening in it."""
        if conversation.id and _is_busy(conversation):
            self._busy[conversation.id] = conversation

    def look(self, now: datetime) -> set[int]:
        """Check again, and return the ids of conversations whose mark changed. `now` is aware."""
        self._busy = {key: conversation for key, conversation in self._busy.items() if _is_busy(conversation)}
        waiting = {key for key, conversation in self._busy.items() if _is_waiting(conversation, now)}
        changed = waiting ^ self._waiting
        self._waiting = waiting
        return changed


def _is_busy(conversation: Conversation) -> bool:
    return conversation.live is not None or conversation.retry_at is not None


def _is_waiting(conversation: Conversation, now: datetime) -> bool:
    reply = conversation.live
    if reply is None:
        return conversation.retry_at is not None
    return (now - reply.started_at).total_seconds() - reply.last_data >= STALL
