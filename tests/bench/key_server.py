"""A service that answers every message with the given reply: whole, or in pieces."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

from bench.floods import Event

_HOST: Final = "127.0.0.1"
_BETWEEN: Final = 0.005
"""Seconds between two pieces."""


class KeyServer:
    """Listens on a free port. Used as a context."""

    def __init__(self) -> None:
        self._events: Sequence[bytes] = ()
        self.ended = threading.Event()
        """Set when all of a reply has been written."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"bots": [], "data": [], "messages": []}')

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for event in server._events:
                    self.wfile.write(event)
                    if len(server._events) > 1:
                        time.sleep(_BETWEEN)
                self.wfile.write(b"data: [DONE]\n\n")
                server.ended.set()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
                """Write nothing."""

        self._server = ThreadingHTTPServer((_HOST, 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="key server", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer_with(self, events: Sequence[Event]) -> None:
        """Answer the next message with these events.

        They are encoded now: encoding a large one keeps the thread that reads the terminal from running.
        """
        self._events = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in events]
        self.ended.clear()
