"""Convert data from one version of the tables to the next.

These functions are parts of released steps of `schema`, and never change.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from chatgrid_tui.model.json import Json, JsonObject

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BY_STATE: Final = {"finished": "end_mark", "stopped": "stopped", "interrupted": "stopped"}
_BY_FAILURE: Final = {"network": "reset", "timeout": "timeout"}


def fill_typed_tables(connection: sqlite3.Connection) -> None:
    """Move what was stored as JSON in `remembered` into tables. Unreadable entries are left out."""
    remembered: dict[str, str] = dict(
        connection.execute("SELECT CAST(key AS TEXT), CAST(value AS TEXT) FROM remembered")
    )
    last = remembered.get("conversation", "")
    if last.isdecimal() and len(last) < 16:
        connection.execute("INSERT INTO last_shown VALUES (1, ?)", (int(last),))
    connection.executemany(
        "INSERT INTO visits VALUES (?, ?, ?, ?, ?)",
        ((at, *row[:4]) for at, row in enumerate(_lists(remembered.get("recent places"), str, str, str, int))),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO gone_boards VALUES (?, ?)",
        (row[:2] for row in _lists(remembered.get("boards that are gone"), str, str)),
    )
    drafts = _lists(remembered.get("beginning"), str, str, str, str)
    drafts = drafts or _lists(f"[{remembered.get('beginning')}]", str, str, str, str)  # once there was only one
    connection.executemany(
        "INSERT INTO new_conversations VALUES (?, ?, ?, ?, ?, ?)",
        ((at, *row[:4], json.dumps(row[4]) if len(row) > 4 and row[4] else None) for at, row in enumerate(drafts)),
    )
    providers = {
        provider for (provider,) in connection.execute("SELECT DISTINCT CAST(provider AS TEXT) FROM conversations")
    }
    for key, value in remembered.items():
        kind, _, rest = key.partition(" ")
        if kind == "session":
            # A name may hold spaces, and so may the id of a board.
            names = [name for name in providers if rest.startswith(f"{name} ")]
            provider = max(names, key=len, default=rest.partition(" ")[0])
            values = (provider, rest[len(provider) + 1 :], value)
            connection.execute("INSERT OR REPLACE INTO shared_sessions VALUES (?, ?, ?)", values)
        elif kind == "boards" and key != "boards that are gone":
            connection.executemany(
                "INSERT OR IGNORE INTO boards VALUES (?, ?, ?, ?, ?)",
                ((rest, row[0], at, *row[1:3]) for at, row in enumerate(_lists(value, str, str, str))),
            )


def _lists(text: str | None, *types: type) -> list[list[Json]]:
    """Return the lists in a JSON list that begin with values of these types."""
    try:
        value: Json = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    lists = [item for item in value if isinstance(item, list)] if isinstance(value, list) else []
    return [item for item in lists if len(item) >= len(types) and all(map(isinstance, item, types))]


def convert_recordings(connection: sqlite3.Connection) -> None:
    """Copy `recordings` to `all_recordings` in the current format. Unreadable ones are left out."""
    rows = connection.execute(
        "SELECT reply_id, data, started_at, state, failure FROM recordings JOIN replies ON replies.id = reply_id"
    )
    for reply_id, *row in rows:
        if (converted := _converted_recording(*row)) is not None:
            connection.execute("INSERT INTO all_recordings VALUES (?, 0, ?)", (reply_id, converted))


def _converted_recording(data: bytes, started_at: int, state: str, failure: str | None) -> bytes | None:
    """Return a recording in the current format, or None if it cannot be read. The old format was a head, then
    `[seconds, base64]` for each read.

    `started_at`, `state` and `failure` are those of the reply, since the old recording does not say when it started
    and how it ended.
    """
    try:
        lines = list(_lines(data.decode().split("\n"), started_at, state, failure))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return zlib.compress("".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines).encode())


def _lines(stored: list[str], started_at: int, state: str, failure: str | None) -> Iterator[JsonObject]:
    head: Json = json.loads(stored[0])
    match head:
        case {"method": method, "url": url, "body": body, "status": status, "answered": answered, "dropped": dropped}:
            yield _request(method, url, body, started_at)
        case _:
            raise ValueError("This is no recording.")
    if status:
        headers: list[Json] = [
            {"name": name, "value": value} for name, value in _object(_object(head).get("headers")).items()
        ]
        yield {"type": "response", "t": answered, "status": status, "headers": headers}
    t, size = answered, int(str(dropped))
    for line in stored[1:]:
        t, encoded = json.loads(line)
        read = b64decode(encoded, validate=True)
        size += len(read)
        try:
            yield {"type": "data", "t": t, "text": read.decode()}
        except UnicodeDecodeError:
            yield {"type": "data", "t": t, "text": encoded, "encoding": "base64"}
    error: Json = None if failure is None else json.loads(failure)
    reason = _BY_STATE.get(state) or _BY_FAILURE.get(str(_object(error).get("kind")), "eof")
    yield {"type": "end", "t": t, "reason": reason, "bytes": size, "dropped": dropped, "error": error}


def _request(method: Json, url: Json, body: Json, started_at: int) -> JsonObject:
    started = (_EPOCH + timedelta(microseconds=started_at)).isoformat(timespec="microseconds")
    line: dict[str, Json] = {
        "type": "request",
        "version": 1,
        "creator": {"name": "chatgrid-tui", "version": "0.1.0"},
        "startedDateTime": started.replace("+00:00", "Z"),
        "method": method,
        "url": url,
    }
    if body is not None:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        line["postData"] = {"mimeType": "application/json", "text": text}
    return line


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, Mapping) else {}
