"""Conversations in the log of the command line program `llm`, whose form `store.llm_logs` describes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.session.importing.foreign import (
    ATTACHED,
    ForeignConversation,
    as_text,
    conversation_object,
    time_of,
    tool_call,
)
from chatgrid_tui.store.conversion import EARLIEST
from chatgrid_tui.store.llm_logs import LoggedConversation, LoggedTurn

PROVIDER: Final = "llm"


def read_conversation(logged: LoggedConversation) -> ForeignConversation:
    """Return a conversation of the log."""
    created = next((at for turn in logged.turns if (at := time_of(turn.at)) is not None), EARLIEST)
    system = next((turn.system for turn in logged.turns if turn.system), "")
    models = [turn.model for turn in logged.turns if turn.model]
    options: JsonObject | None = {"system": system} if system else None
    board = models[-1] if models else ""
    turns = _turns(logged.turns, created)
    return ForeignConversation(
        conversation_object(PROVIDER, logged.id, logged.name, created, turns, board=board, options=options)
    )


def _turns(logged: Sequence[LoggedTurn], at: datetime) -> list[JsonObject]:
    turns: list[JsonObject] = []
    for turn in logged:
        at = time_of(turn.at) or at
        files = "\n".join(f"{ATTACHED}{name}" for name in turn.files)
        shown = "\n\n".join(filter(None, (turn.prompt, files)))
        calls: list[JsonObject] = [
            {**tool_call(call.call_id, call.name, call.arguments), **({"output": call.output} if call.output else {})}
            for call in turn.calls
        ]
        reply: JsonObject = {
            "state": "finished",
            "speaker": turn.model or PROVIDER,
            "started_at": as_text(at),
            "duration": turn.seconds,
            "model": turn.model,
            "remote_id": turn.id,
            "usage": turn.usage or None,
            "bubbles": [turn.answer] if turn.answer else [],
            "reasoning": [turn.reasoning] if turn.reasoning else [],
            "tool_calls": calls,
        }
        turns.append({"shown": shown, "sent": shown, "sent_at": as_text(at), "replies": [reply]})
    return turns
