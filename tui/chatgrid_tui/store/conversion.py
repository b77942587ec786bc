"""Convert values to and from cells: times as microseconds, objects as ASCII JSON, text without surrogates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, get_args

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.text import mend_surrogates

Value: TypeAlias = str | int | float | bytes | None
"""What a cell can hold."""

LOOKED_AT = 4
"""How many characters `one_line` reads for each character that it may return."""
_ITEMS = 500
"""Items of a list that are serialized at once."""
_LONG = 100_000
"""Number of characters above which the items of a list are parsed one by one."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""The times that the history can have. The first and last years there are do not exist in each time zone."""
_LONGEST = 1e9
"""Seconds that a reply may take: a number above is damage."""
_MICROSECOND = timedelta(microseconds=1)
_END = (LATEST - EARLIEST) // _MICROSECOND
_STATES: dict[str, ReplyState] = {state: state for state in get_args(ReplyState)}


def to_time(at: datetime) -> int:
    """Return an aware time as microseconds since 1970."""
    return (at - EARLIEST) // _MICROSECOND


def from_time(microseconds: int) -> datetime:
    """Return the time, aware and in UTC. A damaged number gives the beginning of 1970."""
    return EARLIEST + microseconds * _MICROSECOND if 0 <= microseconds <= _END else EARLIEST


def to_seconds(measured: float | None) -> float | None:
    """Return a measured time; None if it is damaged."""
    return measured if measured is not None and 0.0 <= measured <= _LONGEST else None


def to_text(text: str) -> str:
    """Return a text that SQLite can store."""
    return mend_surrogates(text)


def to_state(state: str) -> ReplyState:
    """Return the state. An unknown state, from a newer program, counts as interrupted."""
    return _STATES.get(state, "interrupted")


def one_line(text: str, limit: int) -> str:
    """Return the start of a text on one line, at most `limit` characters, not cleaned for display."""
    return " ".join(text[: LOOKED_AT * limit].split())[:limit]


def to_json(value: Json) -> str | None:
    """Return a value as JSON in ASCII; None if it is empty, or nested too deeply to be serialized (Python parses
    deeper values than it serializes).
    """
    if value is None or value == () or value == []:
        return None
    try:
        if isinstance(value, Sequence) and len(value) > _ITEMS and not isinstance(value, str):
            # In parts: no other thread runs while one is serialized.
            parts = (_dumped(value[at : at + _ITEMS])[1:-1] for at in range(0, len(value), _ITEMS))
            return f"[{','.join(parts)}]"
        return _dumped(value)
    except RecursionError:
        return None


def to_object(text: str | None) -> JsonObject | None:
    """Return the stored object; None if there is none, or it cannot be read."""
    value = _from_json(text)
    return value if isinstance(value, dict) else None


def to_objects(text: str | None) -> tuple[JsonObject, ...]:
    """Return the stored objects without those that cannot be read."""
    if text is None:
        return ()
    if len(text) > _LONG and (items := _one_by_one(text)) is not None:
        return items
    value = _from_json(text)
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def to_texts(text: str | None) -> tuple[str, ...]:
    """Return the stored texts without those that cannot be read."""
    if text is None:
        return ()
    value = _from_json(text)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def to_numbers(text: str | None) -> tuple[int, ...]:
    """Return the stored whole numbers without those that cannot be read."""
    value = _from_json(text)
    return tuple(item for item in value if type(item) is int) if isinstance(value, list) else ()


def from_failure(failure: Failure | None) -> str | None:
    """Return the failure as JSON."""
    return None if failure is None else to_json(failure.as_object())


def to_failure(text: str | None) -> Failure | None:
    """Return the stored failure."""
    return Failure.from_object(to_object(text))


def from_truth(truth: TruthCheck | None) -> str | None:
    """Return the comparison with what a service stored as JSON."""
    return None if truth is None else to_json(truth.as_object())


def to_truth(text: str | None) -> TruthCheck | None:
    """Return the stored comparison with what a service stored."""
    return TruthCheck.from_object(to_object(text))


def _from_json(text: str | None) -> Json:
    if text is None:
        return None
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        # A damaged cell costs its own value, not the conversation.
        return None
    return value


def _one_by_one(text: str) -> tuple[JsonObject, ...] | None:
    """Return the objects of a long list, parsed one by one: no other thread runs while a value is parsed. Return None
    if it is not a list of objects as `to_json` writes it.
    """
    scan = json.JSONDecoder().raw_decode
    items: list[JsonObject] = []
    at = 0
    try:
        while text[at : at + 2] in ("[{", ",{"):
            item, at = scan(text, at + 1)
            items.append(item)
    except (ValueError, RecursionError):
        return None
    return tuple(items) if text[at:] == "]" else None


def _dumped(value: object) -> str:
    return json.dumps(value, default=_plain, separators=(",", ":"))


def _plain(value: object) -> dict[str, Json] | list[Json]:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
