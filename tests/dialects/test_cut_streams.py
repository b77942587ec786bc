"""Whole streams cut at every position: what arrived is kept, and the outcome says how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import pytest

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.reply import Reply

STREAMS: Final[Mapping[str, tuple[Kind, bytes]]] = {
    "event names in the JSON": (
        "chatgrid",
        b'data: {"event":"message.delta","content":"Hel"}\n\ndata: {"event":"message.delta","content":"lo"}\n\n'
        b'data: {"event":"message.complete","content":"Hello"}\n\n',
    ),
    "event names in the SSE field, CRLF": (
        "chatgrid",
        b'event: message.delta\r\ndata: {"content":"Hel"}\r\n\r\n'
        b'event: message.delta\r\ndata: {"content":"lo"}\r\n\r\n'
        b'event: message.complete\r\ndata: {"content":"Hello"}\r\n\r\n',
    ),
    "single newlines": (
        "chatiq",
        b'data: {"choices":[{"delta":{"content":"Hel"}}]}\n'
        b'data: {"choices":[{"delta":{"content":"lo"}}]}\n'
        b"data: [DONE]\n",
    ),
    "run together": (
        "chatiq",
        b'data: {"choices":[{"delta":{"content":"Hel"}}]}data: {"choices":[{"delta":{"content":"lo"}}]}data: [DONE]',
    ),
    "lines of JSON": (
        "widget",
        b'{"type":"token","token":"Hel"}\n{"type":"token","token":"lo"}\n{"type":"done","message":"Hello"}\n',
    ),
    "a body": ("chatiq", b'{"response":"Hello"}'),
    "finish_reason": (
        "openai",
        b'data: {"choices":[{"delta":{"content":"Hel"}}]}\r\rdata: {"choices":[{"delta":{"content":"lo"},'
        b'"finish_reason":"stop"}]}\r\rdata: [DONE]\r\r',
    ),
}
OWN_CONTENT_TYPE: Final = {"sse": "text/event-stream", "ndjson": "application/x-ndjson"}
LOST: Final = Failure("network", "dropped")


def read(kind: Kind, wire: bytes, lost: Failure | None) -> Reply:
    """Return the reply that the bytes make."""
    dialect = DIALECTS[kind]
    content_type = "application/json" if wire.startswith(b'{"response') else OWN_CONTENT_TYPE[dialect.wire]
    parser = ResponseParser(dialect, headers={"content-type": content_type})
    reply = Reply(1, "bot", datetime(2026, 3, 15, tzinfo=UTC))
    for record in [*parser.feed(wire), *parser.end(lost)]:
        for event in record.events:
            reply.apply(event)
    return reply


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("lost", [None, LOST], ids=["orderly", "dropped"])
def test_what_arrived_is_kept(name: str, lost: Failure | None) -> None:
    kind, wire = STREAMS[name]
    kept = 0
    for place in range(len(wire) + 1):
        reply = read(kind, wire[:place], lost)
        text = "".join(bubble.text for bubble in reply.bubbles)
        assert "Hello".startswith(text)
        assert len(text) >= kept, "more bytes never mean less text"
        kept = len(text)
        assert reply.state in ("truncated", "finished"), place
        if reply.state == "finished":
            assert text == "Hello"
            assert reply.failure is None
        else:
            assert reply.failure == lost
        assert reply.warnings <= (1 if lost is None else 0), place
    assert reply.state == "finished"
