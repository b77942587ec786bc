"""Decoding: bytes of a reply to events, compared with the least work that any decoder must do."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from bench.outcome import Row, compared
from bench.stage import Stage, progress
from chatgrid_tui.demo.catalogue import LONG_WRITER, Kind
from chatgrid_tui.dialects import chatgrid
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing, Request

_MESSAGE: Final = "2000 at 0"
_BASES: Final[dict[Kind, str]] = {
    "chatiq": "/chatiq/api",
    "chatgrid": "/chatgrid/v1",
    "openai": "/openai/v1",
    "widget": f"/widget/{LONG_WRITER.slug}",
}
_NAMED: Final[Kind] = "chatgrid"
"""The kind of which the names of the events may stand in lines of their own."""
_PADDED: Final[Kind] = "openai"
"""The kind of which some services pad each object with a string of another length."""
_SIZES: Final = (1024, 16 * 1024, 0)
"""Bytes of the pieces; 0 is one event a piece."""
_REPEATS: Final = 5
_MOST: Final = 1.6
"""What decoding may take, in terms of what anybody needs to cut and parse the lines."""
_MOST_EACH: Final = 2.0
"""The same for pieces of one event: each piece costs something of its own."""


def decode(stage: Stage, rounds: int) -> list[Row]:
    """Decode a captured reply of 2,000 tokens of each kind of service."""
    rows: list[Row] = []
    for kind in _BASES:
        progress(f"decode: {kind}")
        body, headers = _captured(stage.bots, kind)
        rows += _rows(kind, DIALECTS[kind].name, body, headers, rounds)
        if kind == _PADDED:
            rows += _rows(kind, f"{DIALECTS[kind].name}, padded", _with_padding(body), headers, rounds)
        if kind == _NAMED:
            rows += _rows(kind, f"{DIALECTS[kind].name} with names apart", _with_names_apart(body), headers, rounds)
    return rows


def _rows(kind: Kind, name: str, body: bytes, headers: dict[str, str], rounds: int) -> list[Row]:
    rows: list[Row] = []
    separator = b"\n" if DIALECTS[kind].wire == "ndjson" else b"\n\n"
    for size in _SIZES:
        pieces = _cut(body, separator, size)
        floor: list[float] = []
        ours: list[float] = []
        for _ in range(rounds):
            floor.append(_seconds(partial(_least, pieces)))
            ours.append(_seconds(partial(_read, kind, headers, pieces)))
        what = f"decode {name}, in pieces of " + (f"{size // 1024} KiB" if size else "one event")
        rows.append(compared(what, ours, floor, "split + json.loads", _MOST if size else _MOST_EACH))
    return rows


def _read(kind: Kind, headers: dict[str, str], pieces: Sequence[bytes]) -> int:
    """Decode as the app does, and return how many pieces of text there were."""
    parser = ResponseParser(DIALECTS[kind], headers=headers)
    records = [record for piece in pieces for record in parser.feed(piece)]
    records += parser.end()
    return sum(isinstance(event, TextDelta) for record in records for event in record.events)


def _least(pieces: Sequence[bytes]) -> int:
    """Split at newlines and parse what follows `data: `, or each line by itself; no event is created."""
    values: list[object] = []
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            data = line.removeprefix(b"data: ")
            if data.startswith(b"{"):
                values.append(json.loads(data))
    return len(values)


def _seconds(work: Callable[[], int]) -> float:
    """Return the least CPU seconds of several tries."""
    tries: list[float] = []
    for _ in range(_REPEATS):
        before = time.process_time()
        work()
        tries.append(time.process_time() - before)
    return min(tries)


def _cut(body: bytes, separator: bytes, size: int) -> list[bytes]:
    if size:
        return [body[at : at + size] for at in range(0, len(body), size)]
    return [entry + separator for entry in body.split(separator) if entry]


def _with_names_apart(body: bytes) -> bytes:
    """Return the stream in the documents' other form: each event's name in the SSE field."""
    entries: list[str] = []
    for line in body.decode().splitlines():
        if line:
            value = json.loads(line.removeprefix("data: "))
            name = value.pop("event")
            entries.append(f"event: {name}\ndata: {json.dumps(value)}\n\n")
    return "".join(entries).encode()


def _with_padding(body: bytes) -> bytes:
    """Return the stream as OpenAI's own service sends it: no two objects differ in their text only."""
    entries: list[str] = []
    for number, entry in enumerate(body.decode().split("\n\n")):
        padding = f"{number * 7919:x}" * 4
        closed = entry.endswith("}")
        entries.append(f'{entry[:-1]},"obfuscation":"{padding[number % 12 :]}"}}' if closed else entry)
    return "\n\n".join(entries).encode()


def _captured(port: int, kind: Kind) -> tuple[bytes, dict[str, str]]:
    """Let the long writer write, and return the body and the headers of its answer."""
    provider = Provider("bots", kind, f"http://127.0.0.1:{port}{_BASES[kind]}")
    board, conversation = LONG_WRITER.slug, uuid.uuid4().hex if kind == "widget" else ""
    if kind == "chatgrid":
        board = LONG_WRITER.board_id
        made, _ = _answer(port, chatgrid.create_chat(provider, board, ""))
        chat = chatgrid.read_chat(json.loads(made))
        assert chat is not None, "the bots make chats"
        conversation = chat.id
    return _answer(port, DIALECTS[kind].message(Outgoing(provider, board, _MESSAGE, conversation)))


def _answer(port: int, request: Request) -> tuple[bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    parts = urlsplit(request.url)
    headers = {"Content-Type": "application/json", **dict(request.headers)}
    connection.request(request.method, parts.path, json.dumps(request.body), headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert 200 <= answer.status < 300, body
    return body, {name.lower(): value for name, value in answer.getheaders()}
