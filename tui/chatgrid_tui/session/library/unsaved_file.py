"""What is left at the end that the history could not take: kept in a file next to it, whose name is told."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.store.history import History
from chatgrid_tui.store.leftover import keep_leftover
from chatgrid_tui.store.writer import About

_ABOUT: Final = (
    "What chatgrid-tui could not save in its history. `message` is what was written, `sent` what went to the service "
    "if that differs, `reply.bubbles` what came back. `draft` was not sent."
)


async def keep_unsaved(conversations: Iterable[Conversation], history: History) -> str:
    """Write what is not in the history into a file, and return the sentences about that; empty if all is saved."""
    left = [one for conversation in conversations if (one := _left_of(conversation, history)) is not None]
    if not left:
        return ""
    count = "1 conversation" if len(left) == 1 else f"{len(left):,} conversations"
    words = f"{count} could not be saved in the history."
    content: JsonObject = {"format": "chatgrid-tui unsaved 1", "about": _ABOUT, "conversations": [*left]}
    folders = (history.folder, Path(tempfile.gettempdir()))
    try:
        file = await asyncio.to_thread(keep_leftover, folders, content)
    except OSError as problem:
        return f"{words} What is missing could not be written into a file either ({problem.strerror}): it is lost."
    return f"{words} What is missing is in {file}"


def _left_of(conversation: Conversation, history: History) -> JsonObject | None:
    """Return what the history does not have of a conversation, None if it has everything."""
    unsaved = history.unsaved
    turns = [turn for turn in conversation.turns if not turn.remote]
    if not history.in_memory:
        turns = [turn for turn in turns if _is_unsaved(turn, unsaved)]
    own: About = ("conversation", conversation.id) if conversation.id else ("new conversations", 0)
    has_draft = bool(conversation.draft) and (own in unsaved or history.in_memory)
    if not turns and not has_draft:
        return None
    return {
        "provider": conversation.provider.name,
        "board": conversation.board.id,
        "title": conversation.title,
        "conversation_id": conversation.remote_id,
        "system": conversation.system,
        "draft": conversation.draft,
        "turns": [_written(turn) for turn in turns],
    }


def _is_unsaved(turn: Turn, unsaved: frozenset[About]) -> bool:
    reply = turn.reply
    if not turn.id or ("turn", turn.id) in unsaved:
        return True
    return reply is not None and (("reply", reply.id) in unsaved or (not reply.id and reply.characters > 0))


def _written(turn: Turn) -> JsonObject:
    written: dict[str, Json] = {"at": turn.sent_at.isoformat(), "message": turn.shown}
    if turn.sent != turn.shown:
        written["sent"] = turn.sent
    if (reply := turn.reply) is not None:
        written["reply"] = {
            "state": reply.state,
            "bubbles": [bubble.text for bubble in reply.bubbles],
            "reasoning": list(reply.thoughts),
            "attachments": list(reply.attachments),
            "suggestions": list(reply.suggestions),
        }
    return written
