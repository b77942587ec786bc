"""Between rows and values: times as microseconds, objects as ASCII JSON, texts without halves of surrogates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, get_args

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.history import ReplyState
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import mend_surrogates

Value: TypeAlias = str | int | float | bytes | None
"""What a cell of a row can hold."""

LOOKED_AT = 4
"""Characters of a text that `one_line` looks at for each one that it may return."""
_ITEMS = 500
"""Items of a list that are written at once."""
_LONG = 100_000
"""Characters of a list beyond which its items are read one by one."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STATES: dict[str, ReplyState] = {state: state for state in get_args(ReplyState)}


def to_time(at: datetime) -> int:
    """Return an aware time as microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def from_time(microseconds: int) -> datetime:
    """Return the time, aware and in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_text(text: str) -> str:
    """Return `text` as SQLite can keep it."""
    return mend_surrogates(text)


def to_state(state: str) -> ReplyState:
    """Return the state; one that only a newer program knows counts as interrupted."""
    return _STATES.get(state, "interrupted")


def one_line(text: str, limit: int) -> str:
    """Return the beginning of `text` on one line, at most `limit` characters. It is not cleaned."""
    return " ".join(text[: LOOKED_AT * limit].split())[:limit]


def to_json(value: Json) -> str | None:
    """Return the JSON of `value` in ASCII; None for what is empty or None, or so deep that Python cannot write it,
    though it could read it: no service means anything by that, and the rest is to be kept.
    """
    if value is None or value == () or value == []:
        return None
    try:
        if isinstance(value, Sequence) and len(value) > _ITEMS and not isinstance(value, str):
            # In parts: the interpreter runs nothing else while one part is written.
            parts = (_dumped(value[at : at + _ITEMS])[1:-1] for at in range(0, len(value), _ITEMS))
            return f"[{','.join(parts)}]"
        return _dumped(value)
    except RecursionError:
        return None


def to_object(text: str | None) -> JsonObject | None:
    """Return the stored object; None where there is none, or none that can be read."""
    value = _from_json(text)
    return value if isinstance(value, dict) else None


def to_objects(text: str | None) -> tuple[JsonObject, ...]:
    """Return the stored objects; those that cannot be read are left out."""
    if text is None:
        return ()
    if len(text) > _LONG and (items := _one_by_one(text)) is not None:
        return items
    value = _from_json(text)
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def to_texts(text: str | None) -> tuple[str, ...]:
    """Return the stored texts; those that cannot be read are left out."""
    if text is None:
        return ()
    value = _from_json(text)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def from_failure(failure: Failure | None) -> str | None:
    """Return the failure as JSON."""
    return None if failure is None else to_json(failure.as_object())


def to_failure(text: str | None) -> Failure | None:
    """Return the stored failure."""
    return Failure.from_object(to_object(text))


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
    """Return the objects of a long list, read one by one: the interpreter runs nothing else while it reads one value.

    None where it is not a list of objects as `to_json` writes it.
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
