"""Recordings to mock, and requests as the server passes them on."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import EndReason, Head, Recording
from chatgrid_tui.http_server.messages import Request as Asked
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Method, Outgoing, Request

ADDRESSES = {
    "chatgrid": "https://api.chatgrid.ai/v1",
    "chatiq": "https://www.chatiq.io/api",
    "widget": "https://bots.example/site",
    "openai": "https://llm.example/v1",
}


def message(kind: str, text: str = "Hello", *, board: str = "b", conversation: str = "c1") -> Request:
    """Return the request that sends a message to a service of a kind."""
    return DIALECTS[kind].message(Outgoing(Provider("p", kind, ADDRESSES[kind]), board, text, conversation))


def recording(
    request: Request,
    *reads: tuple[float, bytes],
    kind: str = "openai",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    end: EndReason | None = "eof",
    t: float | None = None,
) -> Recording:
    """Return a recording of a request, with some reads. It ends at `t`, or with the last read."""
    made = Recording(request, kind)
    made.head = Head(0.0, status, {"content-type": "text/event-stream"} if headers is None else headers)
    for at, data in reads:
        made.add_read(at, data)
    if end is not None:
        made.finish(max((at for at, _ in reads), default=0.0) if t is None else t, end)
    return made


def unanswered(request: Request, end: EndReason | None, t: float = 0.0, kind: str = "openai") -> Recording:
    """Return a recording of a request to which there was no answer."""
    made = Recording(request, kind)
    if end is not None:
        made.finish(t, end)
    return made


def asked(
    target: str,
    body: Mapping[str, Json] | None = None,
    *,
    method: Method = "POST",
    headers: Mapping[str, str] | None = None,
    raw: bytes = b"",
) -> Asked:
    """Return a request of a client."""
    content = raw if body is None else json.dumps(body).encode()
    return Asked(method, target, {"accept": "text/event-stream"} if headers is None else dict(headers), content)
