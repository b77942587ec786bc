"""Recordings as they were stored up to version 5 of the tables, converted for version 6.

They were a head, then `[seconds, base64]` for each read. As a part of a released step this is never changed.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from chatgrid_tui.model.json import Json, JsonObject

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BY_STATE: Final = {"finished": "end_mark", "stopped": "stopped", "interrupted": "stopped"}
_BY_FAILURE: Final = {"network": "reset", "timeout": "timeout"}


def converted_recording(data: bytes, started_at: int, state: str, failure: str | None) -> bytes | None:
    """Return a recording as it is stored now; None if it cannot be read.

    `started_at`, `state` and `failure` are those of the reply: the recording does not say when it began and how it
    ended.
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
