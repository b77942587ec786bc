"""A server on the loopback interface that answers requests with a handler."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Final, Self

from chatgrid_tui.http_server.connection import MAX_BODY, Connection, Handler, Refused
from chatgrid_tui.http_server.messages import Answer, Headers, Request, Response, text_response

HOST: Final = "127.0.0.1"
MOST_CONNECTIONS: Final = 100
_HOST_HEADER: Final = re.compile(r"(?:127\.0\.0\.1|localhost)(?::(\d{1,5}))?", re.IGNORECASE)
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Server(ABC):
    """What is started and closed, also as a context."""

    @abstractmethod
    async def start(self) -> None:
        """Bind the port, and start answering.

        Raises:
            OSError: the port cannot be used.
        """

    @abstractmethod
    async def close(self) -> None:
        """Stop listening, and end every open stream at once. May be called more than once."""

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()


class LoopbackServer(Server):
    """Listens on 127.0.0.1 only, and refuses requests from web pages, except those of one origin."""

    def __init__(
        self,
        handler: Handler,
        *,
        port: int = 0,
        headers: Headers = (),
        refused: Refused = lambda sentence: None,
        max_body: int = MAX_BODY,
        allowed_origin: str = "",
        page_refusal: str = "This server does not answer web pages.",
    ) -> None:
        """Prepare to listen on `port`, or on any free port for 0. Every answer gets `headers`. `refused` is called
        with a sentence about each client whose request does not reach `handler`.

        A body of more than `max_body` bytes is discarded. Web pages get `page_refusal`, except those of
        `allowed_origin`, if that is not empty.
        """
        self._handler = handler
        self._wanted_port = port
        self._headers = headers
        self._refused = refused
        self._max_body = max_body
        self._allowed_origin = allowed_origin
        self._page_refusal = page_refusal
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0
        """The port that the server listens on; 0 before it starts."""

    async def start(self) -> None:
        """Bind the port, and start answering.

        Raises:
            OSError: the port is taken, or the server has been started already.
        """
        if self._server is not None:
            raise OSError("the server has been started already")
        try:
            self._server = await asyncio.start_server(self._accept, HOST, self._wanted_port)
        except OSError as problem:  # asyncio includes the address in its text
            raise OSError(problem.errno, os.strerror(problem.errno or 0)) from problem
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and end every open stream at once. May be called more than once."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        open_now = list(self._connections)
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await server.wait_closed()

    @property
    def origin(self) -> str:
        """The address of the server, as the beginning of a URL."""
        return f"http://{HOST}:{self.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            writer.write(_BUSY)
            writer.close()
            self._refused(f"{MOST_CONNECTIONS} connections are open; one more was refused.")
            return
        connection = Connection(reader, writer, self._handle, self._headers, self._refused, self._max_body)
        task = asyncio.get_running_loop().create_task(connection.serve())
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _handle(self, request: Request) -> Answer:
        if (refusal := self._refusal(request)) is None:
            return await self._handler(request)
        self._refused(f"It got {refusal.status}: {refusal.body.decode().strip()}")
        return refusal

    def _refusal(self, request: Request) -> Response | None:
        """Return the answer to a request for another host, from a web page that is not allowed, or without a path."""
        host = _HOST_HEADER.fullmatch(request.headers.get("host", ""))
        if host is None or (host[1] is not None and int(host[1]) != self.port):
            return text_response(403, "This server answers to 127.0.0.1 and localhost only.\n")
        origin = request.headers.get("origin")
        is_of_page = origin is not None or request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if is_of_page and (not self._allowed_origin or origin not in (self._allowed_origin, None)):
            return text_response(403, f"{self._page_refusal}\n")
        if not request.target.startswith("/"):
            return text_response(400, "The request's target is not a path.\n")
        return None
