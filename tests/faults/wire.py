"""The four kinds of service as bytes: what a faulty server needs to send a part of a reply in each of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.demo.catalogue import Kind


@dataclass(frozen=True, slots=True)
class Wire:
    """One kind's stream. `end` is the end mark of a reply; `ping` keeps a connection alive and says nothing."""

    kind: Kind
    media_type: bytes
    end: bytes
    ping: bytes

    def head(self, *headers: bytes) -> bytes:
        """Return the head of a 200 answer with further header lines, its empty line included."""
        lines = (b"HTTP/1.1 200 OK", b"Content-Type: " + self.media_type, *headers)
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def text(self, text: str) -> bytes:
        """Return a piece of text as the service streams it."""
        match self.kind:
            case "chatgrid":
                return _sse({"event": "message.delta", "content": text})
            case "widget":
                return _line({"type": "token", "token": text})
            case "chatiq" | "openai":
                return _sse({"choices": [{"index": 0, "delta": {"content": text}}]})

    def error(self, code: str, message: str) -> bytes:
        """Return an error as the service reports it within a stream."""
        match self.kind:
            case "chatgrid":
                return _sse({"event": "error", "code": code, "message": message})
            case "widget":
                return _line({"type": "error", "error": message})
            case "chatiq" | "openai":
                return _sse({"error": {"code": code, "message": message}})

    def garbage(self) -> bytes:
        """Return a record that is no JSON."""
        return b'{"type": "token", "tok\n' if self.kind == "widget" else b'data: {"choices": [{"del\n\n'


def _sse(payload: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def _line(payload: dict[str, object]) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode() + b"\n"


WIRES: Final = {
    wire.kind: wire
    for wire in (
        Wire("chatgrid", b"text/event-stream", _sse({"event": "message.complete", "content": ""}), b": ping\n\n"),
        Wire("chatiq", b"text/event-stream", b"data: [DONE]\n\n", b": ping\n\n"),
        Wire("widget", b"application/x-ndjson", _line({"type": "done", "message": ""}), b"\n"),
        Wire("openai", b"text/event-stream", b"data: [DONE]\n\n", b": ping\n\n"),
    )
}
