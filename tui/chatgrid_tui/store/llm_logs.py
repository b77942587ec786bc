"""Reads the log of the command line program `llm`: https://llm.datasette.io/en/stable/logging.html

It has two generations of tables. Older versions wrote a row of `responses` for each prompt, in `conversations`.
Newer ones write a row of `turns` for each, in `threads`; its prompt is the message `parent_message_hash`, and its
answer the messages from there to `tip_message_hash`, each with `parts`. Upgraded files have both.
"""

from __future__ import annotations

import contextlib
import functools
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.store.inspection import connect_without_writing
from chatgrid_tui.store.sqlite_connection import SQLITE_ERRORS

_LONGEST_CELL: Final = 64 * 1024 * 1024
_PATIENCE: Final = 120.0
"""Seconds that reading may take: a file may contain views or triggers that never end."""
_STEPS: Final = 100_000
_DEEPEST: Final = 1_000
"""Messages of one turn."""

_REASONS: Final = {
    "SQLITE_CORRUPT": "it is damaged",
    "SQLITE_NOTADB": "it is damaged",
    "SQLITE_ERROR": "it has other tables than llm makes",
    "SQLITE_INTERRUPT": f"that takes more than {_PATIENCE:g} seconds",
    "SQLITE_TOOBIG": f"a text in it is larger than {_LONGEST_CELL >> 20} MiB",
    "SQLITE_BUSY": "another program keeps it locked",
    "SQLITE_CANTOPEN": "it cannot be opened",
}

_Row: TypeAlias = Mapping[str, str | int | float | bytes | None]

_RESPONSES: Final = (
    *("id", "conversation_id", "model", "resolved_model", "prompt", "system", "response", "reasoning"),
    *("duration_ms", "datetime_utc", "input_tokens", "output_tokens"),
)


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """A call of a tool, and what it returned."""

    call_id: str
    name: str
    arguments: str
    output: str = ""


@dataclass(frozen=True, slots=True)
class LoggedTurn:
    """A prompt and the answer to it. Times are ISO 8601 texts, as logged."""

    id: str
    model: str
    prompt: str
    answer: str
    at: str
    seconds: float | None = None
    system: str = ""
    reasoning: str = ""
    usage: Mapping[str, Json] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Paths, addresses or types of what was sent along."""
    calls: tuple[LoggedCall, ...] = ()


@dataclass(frozen=True, slots=True)
class LoggedConversation:
    """A conversation; its name may be empty."""

    id: str
    name: str
    turns: tuple[LoggedTurn, ...]


def read_llm_logs(file: Path) -> list[LoggedConversation]:
    """Return the conversations in a log.

    Raises:
        UsageProblem: the file is something else, or cannot be read.
    """
    try:
        with contextlib.closing(_connect(file)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if {"conversations", "turns", "bubble_pieces"} <= tables:
                raise UsageProblem(
                    "It is a history of this program. Export its conversations with `chatgrid-tui --data-dir FOLDER "
                    "export --all --format json`, and import that."
                )
            if not {"conversations", "responses"} <= tables and not {"threads", "turns"} <= tables:
                raise UsageProblem("It is a database, but not the log of llm.")
            found = _threads(connection) if {"threads", "turns", "messages", "parts"} <= tables else []
            if {"conversations", "responses"} <= tables:
                found = _merged(found, _responses(connection, tables))
            return found
    except SQLITE_ERRORS as problem:
        raise UsageProblem(f"The database cannot be read: {_reason(problem)}.") from problem


def _reason(problem: Exception) -> str:
    """Return why SQLite cannot read a database, without SQLite's words."""
    name = getattr(problem, "sqlite_errorname", "") or "SQLITE_CORRUPT"
    return next((reason for family, reason in _REASONS.items() if name.startswith(family)), f"SQLite says {name}")


def _connect(file: Path) -> sqlite3.Connection:
    connection = connect_without_writing(file)
    connection.row_factory = sqlite3.Row
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
    until = time.monotonic() + _PATIENCE
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    for setting in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    return connection


def _merged(newer: list[LoggedConversation], older: list[LoggedConversation]) -> list[LoggedConversation]:
    """Return the conversations of both generations: one may have turns in each, and a turn may be in both."""
    by_id = {conversation.id: conversation for conversation in older}
    for conversation in newer:
        before = by_id.get(conversation.id)
        turns = {turn.id: turn for turn in (*(before.turns if before is not None else ()), *conversation.turns)}
        in_order = tuple(sorted(turns.values(), key=lambda turn: (turn.at, turn.id)))
        name = conversation.name or (before.name if before is not None else "")
        by_id[conversation.id] = LoggedConversation(conversation.id, name, in_order)
    return list(by_id.values())


def _select(connection: sqlite3.Connection, table: str, wanted: Sequence[str], rest: str = "") -> Iterator[_Row]:
    """Yield the rows of a table with the wanted columns that this version of it has."""
    columns = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
    names = ", ".join(name for name in wanted if name in columns)
    for row in connection.execute(f"SELECT {names} FROM {table} {rest}"):  # noqa: S608  # constants
        yield {name: row[name] for name in row.keys()}  # noqa: SIM118  # it is no mapping


# The older tables


def _responses(connection: sqlite3.Connection, tables: set[str]) -> list[LoggedConversation]:
    names = {_text(row, "id"): _text(row, "name") for row in _select(connection, "conversations", ("id", "name"))}
    files = _files(connection) if {"attachments", "prompt_attachments"} <= tables else {}
    calls = _calls(connection) if "tool_calls" in tables else {}
    turns: dict[str, list[LoggedTurn]] = {}
    for row in _select(connection, "responses", _RESPONSES, "ORDER BY datetime_utc, id"):
        response_id = _text(row, "id")
        turn = _turn(row, _text(row, "prompt"), _text(row, "response"), _text(row, "reasoning"))
        turn = replace(
            turn,
            system=_text(row, "system"),
            files=tuple(files.get(response_id, ())),
            calls=tuple(calls.get(response_id, ())),
        )
        # A response that was logged without a conversation is one of its own.
        turns.setdefault(_text(row, "conversation_id") or response_id, []).append(turn)
    return [LoggedConversation(key, names.get(key, ""), tuple(logged)) for key, logged in turns.items()]


def _turn(row: _Row, prompt: str, answer: str, reasoning: str) -> LoggedTurn:
    duration = row.get("duration_ms")
    usage: dict[str, Json] = {
        name: count for name in ("input_tokens", "output_tokens") if isinstance(count := row.get(name), int)
    }
    return LoggedTurn(
        _text(row, "id"),
        _text(row, "resolved_model") or _text(row, "model"),
        prompt,
        answer,
        _text(row, "datetime_utc"),
        duration / 1_000 if isinstance(duration, int | float) and 0 <= duration < 1e12 else None,
        reasoning=reasoning,
        usage=usage,
    )


def _files(connection: sqlite3.Connection) -> dict[str, list[str]]:
    query = """SELECT p.response_id, a.path, a.url, a.type FROM prompt_attachments p
        JOIN attachments a ON a.id = p.attachment_id ORDER BY p."order" """
    files: dict[str, list[str]] = {}
    for response_id, *named in connection.execute(query):
        files.setdefault(str(response_id), []).append(next((str(name) for name in named if name), "file"))
    return files


def _calls(connection: sqlite3.Connection) -> dict[str, list[LoggedCall]]:
    outputs = {}
    with contextlib.suppress(sqlite3.OperationalError):  # an older version, without results
        rows = _select(connection, "tool_results", ("response_id", "tool_call_id", "output"))
        outputs = {_text(row, "tool_call_id"): _text(row, "output") for row in rows}
    calls: dict[str, list[LoggedCall]] = {}
    for row in _select(connection, "tool_calls", ("response_id", "tool_call_id", "name", "arguments"), "ORDER BY id"):
        call_id = _text(row, "tool_call_id")
        call = LoggedCall(call_id, _text(row, "name"), _text(row, "arguments"), outputs.get(call_id, ""))
        calls.setdefault(_text(row, "response_id"), []).append(call)
    return calls


# The newer tables


@dataclass(slots=True)
class _Message:
    parent: str
    role: str
    texts: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[LoggedCall] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def _threads(connection: sqlite3.Connection) -> list[LoggedConversation]:
    messages = _messages(connection)
    wanted = (
        *("id", "thread_id", "parent_message_hash", "tip_message_hash", "model", "resolved_model", "duration_ms"),
        *("datetime_utc", "input_tokens", "output_tokens"),
    )
    turns: dict[str, list[LoggedTurn]] = {}
    for row in _select(connection, "turns", wanted, "ORDER BY datetime_utc, id"):
        asked = messages.get(_text(row, "parent_message_hash"))
        answer = list(_answer(messages, _text(row, "tip_message_hash"), _text(row, "parent_message_hash")))
        turn = _turn(
            row,
            _joined(asked.texts if asked is not None and asked.role == "user" else ()),
            _joined(text for message in answer for text in message.texts),
            _joined(text for message in answer for text in message.reasoning),
        )
        turn = replace(
            turn,
            system=_system(messages, asked),
            files=tuple(asked.files if asked is not None else ()),
            calls=tuple(call for message in answer for call in message.calls),
        )
        turns.setdefault(_text(row, "thread_id") or turn.id, []).append(turn)
    names = {_text(row, "id"): _text(row, "name") for row in _select(connection, "threads", ("id", "name"))}
    return [LoggedConversation(key, names.get(key, ""), tuple(logged)) for key, logged in turns.items()]


def _messages(connection: sqlite3.Connection) -> dict[str, _Message]:
    rows = _select(connection, "messages", ("hash", "parent_hash", "role"))
    messages = {_text(row, "hash"): _Message(_text(row, "parent_hash"), _text(row, "role")) for row in rows}
    fragments = {str(row["id"]): _text(row, "content") for row in _select(connection, "fragments", ("id", "content"))}
    wanted = ("message_hash", "type", "tool_name", "text", "payload")
    for row in _select(connection, "parts", wanted, "ORDER BY message_hash, position"):
        message = messages.get(_text(row, "message_hash"))
        if message is not None:
            _add_part(message, row, fragments)
    return messages


def _add_part(message: _Message, row: _Row, fragments: Mapping[str, str]) -> None:
    payload = _payload(_text(row, "payload"))
    references = payload.get("text_ref")
    text = _text(row, "text")
    if isinstance(references, list):
        text = "".join(
            str(reference.get("literal") or fragments.get(str(reference.get("fragment")), ""))
            for reference in references
            if isinstance(reference, dict)
        )
    match _text(row, "type"):
        case "text" if text:
            message.texts.append(text)
        case "reasoning" if text:
            message.reasoning.append(text)
        case "tool_call":
            given = payload.get("arguments")
            arguments = given if isinstance(given, str) else json.dumps(given)
            message.calls.append(
                LoggedCall(str(payload.get("tool_call_id") or ""), _text(row, "tool_name"), arguments)
            )
        case "attachment":
            message.files.append("file")
        case _:
            pass


def _answer(messages: Mapping[str, _Message], tip: str, until: str) -> Iterator[_Message]:
    """Yield the messages of an answer, oldest first."""
    found: list[_Message] = []
    while tip != until and tip in messages and len(found) < _DEEPEST:
        found.append(messages[tip])
        tip = messages[tip].parent
    yield from reversed(found)


def _system(messages: Mapping[str, _Message], message: _Message | None) -> str:
    """Return the system prompt before a message."""
    for _ in range(_DEEPEST):
        if message is None:
            break
        if message.role == "system":
            return _joined(message.texts)
        message = messages.get(message.parent)
    return ""


def _payload(text: str) -> dict[str, Json]:
    try:
        value = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _joined(texts: Sequence[str] | Iterator[str]) -> str:
    return "\n\n".join(texts)


def _text(row: _Row, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)
