"""Conversations with all their rows as JSON objects, for export, and the rows of such objects, for import.

The fields of the objects are the columns of the tables, so a column that is added later is carried as well. Left out
are ids, which are new in another history, and what is said of recordings, which are not carried.
"""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Final, Literal, TypeAlias, assert_never, get_args

from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.saved_conversation import LIVE_STATES, ReplyState
from chatgrid_tui.store import schema
from chatgrid_tui.store.conversion import EARLIEST, LATEST, Value, from_time, to_json, to_text, to_time
from chatgrid_tui.store.reads import bubbles_of

_Kind: TypeAlias = Literal["text", "number", "fraction", "time", "flag", "object", "list"]
"""`time`: microseconds in the cell, ISO 8601 in the object · `object`, `list`: JSON in the cell."""

Fields: TypeAlias = Mapping[str, Value]
"""The cells of a row, by column."""

_NOT_CARRIED: Final = frozenset({"id", "conversation_id", "turn_id", "reply_id", "recording_size", "recording_kept"})
_KINDS: Final[dict[str, _Kind]] = {"TEXT": "text", "INTEGER": "number", "REAL": "fraction"}
_FLAGS: Final = frozenset({"preview_mine", "remote_gone", "pinned", "archived", "copied"})
_OBJECTS: Final = frozenset({"options", "usage", "failure", "truth"})
_LISTS: Final = frozenset({"attachments", "suggestions", "reasoning", "tool_calls", "chosen_before"})
_STATES: Final = frozenset(get_args(ReplyState))
_LARGEST: Final = 1 << 60
"""Above all numbers and times of a history."""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    declared: str
    kind: _Kind
    nullable: bool
    required: bool
    """Whether it has no default."""


@dataclass(frozen=True, slots=True)
class ReplyRows:
    """A reply to be added, with the texts of its bubbles."""

    fields: Fields
    bubbles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnRows:
    """A turn to be added, with its replies."""

    fields: Fields
    replies: tuple[ReplyRows, ...]


@dataclass(frozen=True, slots=True)
class ConversationRows:
    """A conversation to be added, with everything in it."""

    fields: Fields
    turns: tuple[TurnRows, ...]
    service_messages: tuple[Fields, ...]
    unknown: frozenset[str] = field(default_factory=frozenset)
    """Names of fields that this version does not know."""

    @property
    def messages(self) -> int:
        """How many messages of the user and replies it has."""
        return sum(bool(turn.fields["shown"]) + len(turn.replies) for turn in self.turns)


def read_conversation(connection: sqlite3.Connection, conversation_id: int) -> JsonObject:
    """Return a conversation with all its rows.

    Raises:
        StorageProblem: it does not exist.
    """
    found = next(_select(connection, "conversations", "id = ?", conversation_id), None)
    if found is None:
        raise StorageProblem("This conversation is no longer in the history.")
    turns: list[Json] = []
    for turn_id, turn in _select(connection, "turns", "conversation_id = ?", conversation_id):
        replies: list[Json] = [
            {**reply, "bubbles": bubbles_of(connection, reply_id)}
            for reply_id, reply in _select(connection, "replies", "turn_id = ?", turn_id)
        ]
        turns.append({**turn, "replies": replies})
    at_service: list[Json] = [
        message for _, message in _select(connection, "remote_messages", "conversation_id = ?", conversation_id)
    ]
    return {"id": conversation_id, **found[1], "turns": turns, "service_messages": at_service}


def rows_of(value: Json, where: str) -> ConversationRows:
    """Return the rows of an object as `read_conversation` returns it. `where` is its place in a file. A reply that
    was being written counts as interrupted.

    Raises:
        UsageProblem: it is something else. The message names the field.
    """
    unknown: set[str] = set()
    given = _object(value, where)
    fields = _fields("conversations", given, where, unknown, ("turns", "service_messages"))
    turns = [
        _turn(turn, f"{where}: turns[{number}]", unknown)
        for number, turn in enumerate(_list(given.get("turns"), f"{where}: turns"))
    ]
    at_service = [
        _fields("remote_messages", _object(message, place), place, unknown)
        for number, message in enumerate(_list(given.get("service_messages"), f"{where}: service_messages"))
        for place in (f"{where}: service_messages[{number}]",)
    ]
    if len({message["remote_id"] for message in at_service}) < len(at_service):
        raise UsageProblem(f"{where}: two service_messages have the same remote_id.")
    return ConversationRows(fields, tuple(turns), tuple(at_service), frozenset(unknown))


@cache
def columns(table: str) -> tuple[_Column, ...]:
    """Return the columns of a table that are carried."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        declared = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return tuple(
        _Column(name, kind, _kind(name, kind), not notnull, bool(notnull) and default is None)
        for _, name, kind, notnull, default, _ in declared
        if name not in _NOT_CARRIED
    )


def _kind(name: str, declared: str) -> _Kind:
    if declared == "INTEGER" and name.endswith("_at"):
        return "time"
    if name in _FLAGS:
        return "flag"
    if name in _OBJECTS:
        return "object"
    return "list" if name in _LISTS else _KINDS[declared]


def _select(
    connection: sqlite3.Connection, table: str, condition: str, key: int
) -> Iterator[tuple[int, dict[str, Json]]]:
    """Yield the ids of rows, and their columns as fields."""
    carried = columns(table)
    cells = ", ".join(f"CAST({column.name} AS {column.declared})" for column in carried)
    order = "position" if table == "remote_messages" else "id"
    query = f"SELECT id, {cells} FROM {table} WHERE {condition} ORDER BY {order}"  # noqa: S608  # constants
    for row_id, *row in connection.execute(query, (key,)).fetchall():
        yield row_id, {column.name: _from_cell(column, cell) for column, cell in zip(carried, row, strict=True)}


def _from_cell(column: _Column, cell: Value) -> Json:
    if cell is None or isinstance(cell, bytes):
        return None
    match column.kind:
        case "time":
            return from_time(int(cell)).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case "flag":
            return bool(cell)
        case "object" | "list":
            return _parsed(str(cell))
        case "fraction":
            return float(cell) if math.isfinite(float(cell)) else None
        case "text" | "number":
            return cell
    assert_never(column.kind)


def _parsed(cell: str) -> Json:
    """Return the value of a cell, None if it is damaged. JSON has no infinite numbers: they become None."""
    try:
        value: Json = json.loads(cell, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return value


def _turn(value: Json, where: str, unknown: set[str]) -> TurnRows:
    given = _object(value, where)
    replies = [
        _reply(reply, f"{where}.replies[{number}]", unknown)
        for number, reply in enumerate(_list(given.get("replies"), f"{where}.replies"))
    ]
    return TurnRows(_fields("turns", given, where, unknown, ("replies",)), tuple(replies))


def _reply(value: Json, where: str, unknown: set[str]) -> ReplyRows:
    given = _object(value, where)
    bubbles = tuple(
        to_text(_text(bubble, f"{where}.bubbles[{number}]"))
        for number, bubble in enumerate(_list(given.get("bubbles"), f"{where}.bubbles"))
    )
    return ReplyRows(_fields("replies", given, where, unknown, ("bubbles",)), bubbles)


def _fields(
    table: str, given: JsonObject, where: str, unknown: set[str], also: Iterable[str] = ()
) -> dict[str, Value]:
    """Return the cells of a row. Absent columns get their defaults."""
    carried = columns(table)
    unknown |= given.keys() - {column.name for column in carried} - _NOT_CARRIED - set(also)
    cells: dict[str, Value] = {}
    for column in carried:
        if column.name in given:
            cells[column.name] = _to_cell(column, given[column.name], f"{where}.{column.name}")
        elif column.required:
            raise UsageProblem(f"{where}.{column.name} is missing.")
    return cells


def _to_cell(column: _Column, value: Json, where: str) -> Value:
    if value is None:
        if not column.nullable:
            raise UsageProblem(f"{where} is null.")
        return None
    match column.kind:
        case "text":
            text = to_text(_text(value, where))
            return _state(text, where) if column.name == "state" else text
        case "time":
            return to_time(_time(value, where))
        case "number" | "flag":
            if not isinstance(value, int) or abs(value) >= _LARGEST:
                raise UsageProblem(f"{where} is no whole number in range.")
            return int(value)
        case "fraction":
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
                raise UsageProblem(f"{where} is no number in range.")
            return float(value)
        case "object":
            return _json(_object(value, where), where)
        case "list":
            return _json(_list(value, where), where)
    assert_never(column.kind)


def _state(state: str, where: str) -> str:
    if state not in _STATES:
        raise UsageProblem(f"{where} is none of {', '.join(sorted(_STATES))}.")
    return "interrupted" if state in LIVE_STATES else state


def _time(value: Json, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(_text(value, where))
    except ValueError:
        raise UsageProblem(f"{where} is no time in ISO 8601.") from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    if not EARLIEST <= at <= LATEST:
        raise UsageProblem(f"{where} is no time from {EARLIEST.year} to {LATEST.year}.")
    return at


def _json(value: Json, where: str) -> str | None:
    cell = to_json(value)
    if cell is None and value:
        raise UsageProblem(f"{where} is nested too deeply.")
    return cell


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise UsageProblem(f"{where} is no text.")
    return value


def _object(value: Json, where: str) -> JsonObject:
    if not isinstance(value, Mapping):
        raise UsageProblem(f"{where} is no object.")
    return value


def _list(value: Json, where: str) -> Sequence[Json]:
    """Return a list; an absent one is empty."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UsageProblem(f"{where} is no list.")
    return value
