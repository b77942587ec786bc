"""Conversations of other programs as objects with the fields of our own JSON, and reading untrusted values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.importing.origins import IMPORTED_TITLES
from chatgrid_tui.store.conversion import EARLIEST, LATEST, one_line

_TITLE: Final = 80


@dataclass(frozen=True, slots=True)
class ForeignConversation:
    """A conversation of another program."""

    conversation: JsonObject
    left_out: int = 0
    """How many messages of the user are on other branches."""


def conversation_object(
    provider: str,
    remote_id: str,
    title: str,
    created: datetime,
    turns: Sequence[JsonObject],
    *,
    board: str = "",
    options: JsonObject | None = None,
) -> JsonObject:
    """Return a conversation with the fields of our own JSON. `board` is a model, if it is known."""
    name = board or IMPORTED_TITLES[provider]
    first = next((str(turn["shown"]) for turn in turns if turn["shown"]), "")
    return {
        "provider": provider,
        "board": name,
        "board_name": name,
        "title": title or one_line(first, _TITLE),
        "title_source": "service" if title else "first line",
        "remote_id": remote_id,
        "created_at": as_text(created),
        "updated_at": max((as_text(created), *_times(turns))),
        "options": options,
        "turns": turns,
    }


def as_text(moment: datetime) -> str:
    """Return a time as our own JSON has it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_of(value: Json) -> datetime | None:
    """Return a time, given as seconds since 1970 or in ISO 8601; None if it is neither. Without a zone, it is UTC."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            moment = at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
        elif isinstance(value, int | float):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return max(EARLIEST, min(moment, LATEST))


def text_of(value: Json) -> str:
    """Return a text; empty if the value is something else."""
    return value if isinstance(value, str) else ""


def object_of(value: Json) -> JsonObject:
    """Return an object; an empty one if the value is something else."""
    return value if isinstance(value, Mapping) else {}


def objects_in(value: Json) -> list[JsonObject]:
    """Return the objects in a list; none if the value is something else."""
    return [item for item in items_of(value) if isinstance(item, Mapping)]


def items_of(value: Json) -> Sequence[Json]:
    """Return the items of a list; none if the value is something else."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _times(turns: Sequence[JsonObject]) -> Iterator[str]:
    for turn in turns:
        yield str(turn["sent_at"])
        yield from (str(reply["started_at"]) for reply in objects_in(turn["replies"]))
