"""Passes bytes between the app and its bots, and knows when the last byte of a reply was passed."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
import time
from types import TracebackType
from typing import Final, Self

_HOST: Final = "127.0.0.1"
_PIECE: Final = 65_536
_END_MARK: Final = b"data: [DONE]"
_LONGEST_END: Final = 64


class Relay:
    """Listens on a free port and passes everything on to another one, both ways, at once.

    Used as a context. It is made for one OpenAI-compatible stream at a time, whose end mark it looks for.
    """

    def __init__(self, port: int) -> None:
        """`port` is the one passed on to."""
        self._target = port
        self._end = b""
        self.last_byte: float | None = None
        """When (monotonic) the bots had said the last of a reply; None while they have not."""
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            request: socket.socket

            def handle(self) -> None:
                relay._pass_on(self.request)

        self._server = socketserver.ThreadingTCPServer((_HOST, 0), Handler, bind_and_activate=True)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="relay", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def begin(self) -> None:
        """Forget the end of the last reply, as another one is about to be asked for."""
        self._end, self.last_byte = b"", None

    def _pass_on(self, app: socket.socket) -> None:
        mine, theirs = (f"{_HOST}:{port}".encode() for port in (self.port, self._target))
        with socket.create_connection((_HOST, self._target)) as bots:
            for end in (app, bots):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                for end in select.select((app, bots), (), ())[0]:
                    try:
                        piece = end.recv(_PIECE)
                    except OSError:
                        piece = b""
                    if not piece:
                        return
                    if end is app:
                        bots.sendall(piece.replace(mine, theirs))  # the bots answer to their own name only
                    else:
                        self._note(piece)
                        app.sendall(piece)

    def _note(self, piece: bytes) -> None:
        self._end = (self._end + piece)[-_LONGEST_END:]
        if _END_MARK in self._end:
            self.last_byte = time.monotonic()
