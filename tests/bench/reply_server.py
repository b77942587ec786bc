"""A server of extremely long replies, sent as fast as they are read."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Self

_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_DONE: Final = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
_AT_ONCE: Final = 500


class ReplyServer:
    """Answers a message of two numbers, `events characters`, with so many events of so many characters each.

    With one character they are as short as they can be, so that a recording has room for a million.
    """

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    with connection, suppress(OSError, ValueError, KeyError):
        request = b""
        while b"\r\n\r\n" not in request or not request.rstrip().endswith(b"}"):
            piece = connection.recv(65_536)
            if not piece:
                return
            request += piece
        body = json.loads(request.partition(b"\r\n\r\n")[2])
        events, characters = map(int, body["messages"][-1]["content"].split())
        connection.sendall(_HEAD)
        for piece in _pieces(events, characters):
            connection.sendall(piece)
        connection.sendall(_DONE)


def _pieces(events: int, characters: int) -> Iterator[bytes]:
    """Yield the events, many at once: lines of words, so that they are laid out as ordinary text."""
    text = ("word " * (characters // 5 + 1))[: characters - 1] + "\n"
    chunk = {"object": "chat.completion.chunk", "model": "m", "choices": [{"index": 0, "delta": {"content": text}}]}
    short = {**chunk, "choices": [{"index": 0, "delta": {"content": "a "}}]}
    shortest = {"choices": [{"delta": {"content": "a"}}]}
    value = chunk if characters > 2 else short if characters == 2 else shortest
    line = b"data: " + json.dumps(value, separators=(",", ":") if characters == 1 else None).encode() + b"\n\n"
    for _ in range(events // _AT_ONCE):
        yield line * _AT_ONCE
    yield line * (events % _AT_ONCE)
