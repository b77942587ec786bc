"""Write what could not be saved in the history to a JSON file next to it, when the program ends."""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from chatgrid_tui.disk import write_new_file
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.store.history import History
from chatgrid_tui.store.writer import About
from chatgrid_tui.units import counted

_ABOUT: Final = (
    "What chatgrid-tui could not save in its history. `message` is what was written, `sent` what went to the service "
    "if that differs, `reply.bubbles` what came back. `other_replies` answer the same message, or an edited one. "
    "`draft` was not sent."
)


async def write_unsaved(conversations: Iterable[Conversation], history: History) -> str:
    """Write what the history lacks to a file. Return sentences about it, or an empty string if all is saved."""
    unsaved = [part for conversation in conversations if (part := _unsaved_part(conversation, history)) is not None]
    if not unsaved:
        return ""
    notice = f"{counted(len(unsaved), 'conversation')} could not be saved in the history."
    content: JsonObject = {"format": "chatgrid-tui unsaved 1", "about": _ABOUT, "conversations": [*unsaved]}
    folders = (history.folder, Path(tempfile.gettempdir()))
    try:
        file = await asyncio.to_thread(_write_file, folders, content)
    except OSError as problem:
        return f"{notice} The rest could not be written to a file either ({problem.strerror}): it is lost."
    return f"{notice} What is missing is in {file}"


def _unsaved_part(conversation: Conversation, history: History) -> JsonObject | None:
    """Return what the history lacks of a conversation, if anything."""
    unsaved = history.unsaved
    turns = [turn for turn in conversation.turns if not turn.remote]
    if not history.in_memory and ("copy", conversation.id) not in unsaved:
        turns = [turn for turn in turns if _is_unsaved(turn, unsaved)]
    about: About = ("conversation", conversation.id) if conversation.id else ("new conversations", 0)
    has_draft = bool(conversation.draft) and (about in unsaved or history.in_memory)
    if not turns and not has_draft:
        return None
    return {
        "provider": conversation.provider.name,
        "board": conversation.board.id,
        "title": conversation.title,
        "conversation_id": conversation.remote_id,
        "system": conversation.system,
        "draft": conversation.draft,
        "turns": [_turn_object(turn) for turn in turns],
    }


def _is_unsaved(turn: Turn, unsaved: frozenset[About]) -> bool:
    if not turn.id or ("turn", turn.id) in unsaved:
        return True
    return any(("reply", reply.id) in unsaved or (not reply.id and reply.characters > 0) for reply in turn.replies)


def _turn_object(turn: Turn) -> JsonObject:
    values: dict[str, Json] = {"at": turn.sent_at.isoformat(), "message": turn.shown}
    if turn.sent != turn.shown:
        values["sent"] = turn.sent
    if (reply := turn.reply) is not None:
        values["reply"] = _reply_object(reply)
    if others := [_reply_object(other) for other in turn.replies if other is not reply]:
        values["other_replies"] = others
    return values


def _reply_object(reply: Reply) -> JsonObject:
    values: dict[str, Json] = {
        "state": reply.state,
        "bubbles": [bubble.text for bubble in reply.bubbles],
        "reasoning": list(reply.thoughts),
        "attachments": list(reply.attachments),
        "suggestions": list(reply.suggestions),
        "verdict": reply.verdict,
        "note": reply.note,
    }
    return values if reply.edited_message is None else {**values, "edited_message": reply.edited_message}


def _write_file(folders: Sequence[Path], content: JsonObject) -> Path:
    """Write a new file, for its owner only, to the first folder that accepts it, and return its path. Existing files
    are never overwritten.

    Raises:
        OSError: no folder accepts it.
    """
    data = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    stem = f"chatgrid-tui-unsaved-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    first_error: OSError | None = None
    for folder in folders:
        for number in itertools.count(1):
            file = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
            try:
                write_new_file(file, data)
            except FileExistsError:
                continue
            except OSError as error:
                first_error = first_error or error
                break
            return file
    raise first_error or OSError("there is no folder")
