"""The connection of one client: bytes in, requests to the handler, answers out. h11 handles the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from email.utils import formatdate

import h11

from chatgrid_tui.http_server.messages import (
    BODILESS,
    Answer,
    Cut,
    Headers,
    Request,
    Reset,
    Response,
    Stream,
    text_response,
)

MAX_BODY = 2 * 1024 * 1024
MAX_DISCARDED = 16 * 1024 * 1024
MAX_HEAD = 64 * 1024
MAX_EARLY = 64 * 1024
IDLE_SECONDS = 75.0
_LINGER_FOR_NOTHING = struct.pack("ii", 1, 0)

Handler = Callable[[Request], Awaitable[Answer]]
Refused = Callable[[str], None]
"""Takes a sentence on why a request was refused before it reached the handler, or that the handler failed."""


class ClientGone(Exception):
    """The client closed the connection, or was silent for too long."""


class Connection:
    """Serves one connection until either side is done with it. Never raises and never logs."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handler: Handler,
        headers: Headers = (),
        refused: Refused = lambda sentence: None,
        max_body: int = MAX_BODY,
    ) -> None:
        """Prepare to answer requests with `handler`. Every answer gets `headers` in addition to its own. A body of
        more than `max_body` bytes is discarded.
        """
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._headers = headers
        self._refused = refused
        self._max_body = max_body
        self._input_ended = False
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        # With no slack in the buffer, a drained write is a sent one: nothing is lost when a stream is cut.
        writer.transport.set_write_buffer_limits(high=0)

    async def serve(self) -> None:
        """Answer requests one after the other."""
        try:
            while await self._serve_one():
                pass
            self._writer.close()
        except asyncio.CancelledError:
            self._writer.transport.abort()
            raise
        except Reset:
            connection: socket.socket = self._writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_FOR_NOTHING)
            self._writer.transport.abort()
        except Exception:  # gone, cut, silent too long, or an error of ours in a stream: the client sees a cut
            self._writer.transport.abort()

    async def _serve_one(self) -> bool:
        try:
            request = await self._read_request()
        except h11.RemoteProtocolError as error:
            self._refused(
                "It closed the connection in the middle of a request."
                if self._input_ended
                else "It did not send HTTP."
            )
            if self._protocol.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                await self._send_whole(text_response(error.error_status_hint, "This is not HTTP.\n"))
            return False
        if request is None:
            return False
        await self._exchange(request)
        if self._protocol.our_state is not h11.DONE or self._protocol.their_state is not h11.DONE:
            return False
        self._protocol.start_next_cycle()
        return True

    # Reading

    async def _read_request(self) -> Request | None:
        head = await self._next_event()
        if not isinstance(head, h11.Request):
            return None
        body = bytearray()
        size = 0
        while isinstance(event := await self._next_event(), h11.Data):
            size += len(event.data)
            if size <= self._max_body:
                body += event.data
            elif size > MAX_DISCARDED:
                self._refused(f"Its request has a body of more than {MAX_DISCARDED // 1024 // 1024} MiB.")
                raise ClientGone
        too_large = size > self._max_body
        return Request(
            head.method.decode("ascii"),
            head.target.decode("latin-1"),
            {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers},
            b"" if too_large else bytes(body),
            too_large,
            tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()),
        )

    async def _next_event(self) -> h11.Event | None:
        while True:
            event = self._protocol.next_event()
            if isinstance(event, h11.Event):
                return event
            if event is h11.PAUSED:
                return None
            if self._protocol.they_are_waiting_for_100_continue:
                await self._send_event(h11.InformationalResponse(status_code=100, headers=[]))
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    data = await self._reader.read(65536)
            except TimeoutError:
                if self._protocol.their_state is not h11.IDLE or self._protocol.trailing_data[0]:
                    self._refused(f"It sent half a request, then nothing for {IDLE_SECONDS:g} s.")
                raise
            self._input_ended = not data
            self._protocol.receive_data(data)

    # Answering

    async def _exchange(self, request: Request) -> None:
        """Answer while watching the client: if it disconnects, stop making the answer."""
        work = asyncio.create_task(self._answer(request))
        watch = asyncio.create_task(self._until_gone())
        try:
            await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientGone
            await work
        finally:
            work.cancel()
            watch.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)

    async def _until_gone(self) -> None:
        """Return when the client closes the connection. Bytes it sends early are kept for the next request."""
        early = 0
        with contextlib.suppress(OSError):
            while data := await self._reader.read(65536):
                self._protocol.receive_data(data)
                early += len(data)
                if early > MAX_EARLY:
                    return

    async def _answer(self, request: Request) -> None:
        try:
            answer = await self._handler(request)
        except Cut:
            raise
        except Exception as error:  # one of ours still gets an answer, and never a traceback on the screen
            self._refused(f"The server failed at its request: {type(error).__name__}.")
            answer = text_response(500, "The server failed at this request.\n")
        if isinstance(answer, Response):
            await self._send_whole(answer, bodiless=request.method == "HEAD")
        else:
            await self._send_stream(answer)

    async def _send_whole(self, answer: Response, *, bodiless: bool = False) -> None:
        headers, bodiless = answer.headers, bodiless or answer.status in BODILESS
        if answer.status not in BODILESS:
            headers = (*headers, ("Content-Length", str(len(answer.body))))
        head = h11.Response(status_code=answer.status, headers=self._complete(headers))
        events: list[h11.Event] = [head, h11.EndOfMessage()]
        if answer.body and not bodiless:
            events.insert(1, h11.Data(data=answer.body))
        for event in events:
            self._queue(event)
        await self._writer.drain()

    async def _send_stream(self, answer: Stream) -> None:
        headers = answer.headers
        if answer.length is not None:
            headers = (*headers, ("Content-Length", str(answer.length)))
        reason = answer.reason.encode("latin-1")
        try:
            await self._send_event(
                h11.Response(status_code=answer.status, headers=self._complete(headers), reason=reason)
            )
            await answer.produce(self)
            await self._send_event(h11.EndOfMessage())
        finally:
            await answer.close()

    async def send(self, data: bytes) -> None:
        """Send a piece of the body of a stream (see `Sink`)."""
        if data:
            await self._send_event(h11.Data(data=data))

    async def _send_event(self, event: h11.Event) -> None:
        self._queue(event)
        await self._writer.drain()

    def _complete(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """Return headers with those of every answer, and with a date unless they have one."""
        complete = [*headers, *self._headers]
        if all(name.lower() != "date" for name, _ in headers):
            complete.append(("Date", formatdate(usegmt=True)))
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in complete]

    def _queue(self, event: h11.Event) -> None:
        data = self._protocol.send(event)
        if data:
            self._writer.write(data)
