"""A faulty server: each message names the fault of its reply."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from engine.raw import Handler, RawServer, raw_server, writes

_NAMED = re.compile(rb"fault: ([a-z0-9 -]+)")


@asynccontextmanager
async def faulty_service(faults: Mapping[str, Handler]) -> AsyncIterator[RawServer]:
    """Serve any kind of service. A message `fault: NAME` is answered by the handler of that name; whatever else a
    client asks gets a chat to write in, or is not found.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = server.heard[-1]
        names = _NAMED.findall(request)
        if b"/chats HTTP" in request.split(b"\r\n", 1)[0]:  # its title may name the fault as well
            await writes(_json(200, {"object": "chat_thread", "data": {"id": str(uuid4()), "title": None}}))(
                reader, writer
            )
        elif names:
            await faults[names[-1].decode()](reader, writer)
        else:
            await writes(_json(404, {"error": {"code": "NOT_FOUND", "message": "Not here."}}))(reader, writer)

    async with raw_server(answer) as server:
        yield server


def refuses(status: int, code: str = "", message: str = "", *headers: str) -> Handler:
    """Return a handler that answers with an HTTP error in the envelope that most services use."""
    return writes(_json(status, {"error": {"code": code, "message": message}}, *headers))


def _json(status: int, payload: object, *headers: str) -> bytes:
    body = json.dumps(payload).encode()
    lines = [f"HTTP/1.1 {status} x", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join((*lines, "Connection: close", "", "")).encode() + body
