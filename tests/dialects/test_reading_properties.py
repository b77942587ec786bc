"""Whatever a server answers: the same events at any chunking, no exceptions, and bounded memory."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.dialects import response_parser as parser_module
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.model.events import BodyEnded, Event, Finished, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.wire.record import MOST_VALUES

NOW = datetime(2026, 3, 15, tzinfo=UTC)
CONTENT_TYPES = ["", "text/event-stream", "application/x-ndjson", "application/json", "text/html", "text/plain"]
KEYS = ["event", "type", "content", "choices", "delta", "message", "responses", "response", "conversationId", "error"]
KEYS += ["usage", "metadata", "data", "id", "index", "finish_reason", "token", "attachments", "code", "detail"]
NAMES = ["message.delta", "message.complete", "error", "start", "token", "done", "stop", "a", "\ud83d", "\ude00", ""]
scalars = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(NAMES)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=5).map(lambda value: json.dumps(value).encode())
noise = st.sampled_from(
    [b"\n", b"\r", b"\n\n", b"data: ", b"event: error\n", b"[DONE]", b"<html>", b"\xff", b"{", b'"', b" "]
)
framed = objects.map(lambda value: b"data: " + value + b"\n\n") | objects.map(lambda value: value + b"\n")
entries = framed | noise | objects
bodies = st.lists(entries, max_size=8).map(b"".join)


def events_of(kind: Kind, content_type: str, status: int, chunks: list[bytes], lost: Failure | None) -> list[Event]:
    """Return the events that the chunks of an answer make."""
    headers = {"content-type": content_type} if content_type else {}
    parser = ResponseParser(DIALECTS[kind], status=status, headers=headers, received_at=NOW)
    records = [record for chunk in chunks for record in parser.feed(chunk)] + parser.end(lost)
    return [event for record in records for event in record.events]


@given(
    kind=st.sampled_from(KINDS),
    content_type=st.sampled_from(CONTENT_TYPES),
    status=st.sampled_from([200, 200, 200, 204, 302, 429]),
    body=bodies,
    places=st.lists(st.integers(0, 300), max_size=6),
    lost=st.sampled_from([None, Failure("network", "dropped")]),
)
@settings(max_examples=200)
def test_events_do_not_depend_on_chunks(
    kind: Kind, content_type: str, status: int, body: bytes, places: list[int], lost: Failure | None
) -> None:
    whole = events_of(kind, content_type, status, [body], lost)
    ends = [*sorted({place for place in places if place < len(body)} | {0}), len(body)]
    chunks = [body[start:end] for start, end in pairwise(ends)]
    assert events_of(kind, content_type, status, chunks, lost) == whole
    assert isinstance(whole[-1], BodyEnded)
    assert sum(isinstance(event, (Finished, BodyEnded)) for event in whole) <= 2
    reply = Reply(1, "bot", NOW)
    for event in whole:
        reply.apply(event)
    assert reply.state in ("finished", "truncated", "failed")
    assert all(bubble.text for bubble in reply.bubbles), "an empty text makes no bubble"
    json.dumps([bubble.text for bubble in reply.bubbles], ensure_ascii=False).encode()


ENDLESS = {
    "blanks": b" " * 1000,
    "newlines": b"\n" * 1000,
    "a page": b"<p>" * 400,
    "a list": b"[" * 1000,
    "an object": b'{"a"' * 250,
    "comments": (b": " + b"c" * 50 + b"\n") * 20,
}


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("content_type", CONTENT_TYPES[:5])
@pytest.mark.parametrize("kind", ["chatiq", "widget"])
def test_what_is_kept_is_bounded(kind: Kind, content_type: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With limits of 50,000 bytes an endless body leaves no more than those in memory."""
    for limit in ("LIMIT", "REPLY_LIMIT", "BODY_READ"):
        monkeypatch.setattr(parser_module, limit, 50_000)
    for module in ("lines", "sse"):
        monkeypatch.setattr(f"chatgrid_tui.wire.{module}.LIMIT", 50_000)
    parser = ResponseParser(DIALECTS[kind], headers={"content-type": content_type} if content_type else {})
    tracemalloc.start()
    try:
        for _ in range(400):
            parser.feed(ENDLESS[name])
        assert tracemalloc.get_traced_memory()[0] < 300_000
    finally:
        tracemalloc.stop()


def test_blanks_behind_a_byte_order_mark_are_dropped_too() -> None:
    parser = ResponseParser(DIALECTS["chatiq"])
    parser.feed(b"\xef\xbb\xbf")
    tracemalloc.start()
    try:
        for _ in range(400):
            assert parser.feed(b" " * 1000) == []
        assert tracemalloc.get_traced_memory()[0] < 10_000
    finally:
        tracemalloc.stop()
    (record,) = parser.feed(b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n')
    assert record.events == [TextDelta(0, "Hi")]


def test_an_endless_reply_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_module, "REPLY_LIMIT", 1_000)
    parser = ResponseParser(DIALECTS["widget"], headers={"content-type": "application/x-ndjson"})
    reply = Reply(1, "bot", NOW)
    fed = 0
    while not parser.ended and fed < 10_000:
        fed += 1
        for record in parser.feed(b'{"type":"token","token":"0123456789"}\n'):
            for event in record.events:
                reply.apply(event)
    for record in parser.end():
        for event in record.events:
            reply.apply(event)
    assert fed == 101  # texts of 10 characters
    assert reply.state == "failed"
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.cause) == ("protocol", "too long")
    assert reply.characters == 1_010


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("chatiq", b'data: {"attachments":[{"url":"0123456789"}]}\n\n'),
        ("chatiq", b'data: {"suggestions":[{"label":"0123456789"}]}\n\n'),
        ("chatiq", b'data: {"responses":["0123456789"]}\n\n'),
        ("openai", b'data: {"choices":[{"delta":{"reasoning":"0123456789"}}]}\n\n'),
        ("openai", b'data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"0123456789"}}]}}]}\n\n'),
    ],
)
def test_whatever_a_reply_keeps_is_counted(kind: Kind, entry: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_module, "REPLY_LIMIT", 1_000)
    parser = ResponseParser(DIALECTS[kind], headers={"content-type": "text/event-stream"})
    for _ in range(102):
        parser.feed(entry)
    assert parser.ended


@pytest.mark.parametrize("more", [0, 1])
def test_a_line_too_long_keeps_what_came(more: int) -> None:
    """Even an object that still waited for its name when the line became too long."""
    line = b": " + b"x" * (16 * 1024 * 1024 - 2 + more) + b"\n"
    stream = b'data: {"choices":[{"delta":{"content":"kept"}}]}\n' + line + b"\ndata: [DONE]\n"
    for chunks in ([stream], [stream[place : place + 70_000] for place in range(0, len(stream), 70_000)]):
        events = events_of("chatiq", "text/event-stream", 200, chunks, None)
        reply = Reply(1, "bot", NOW)
        for event in events:
            reply.apply(event)
        assert TextDelta(0, "kept") in events
        assert reply.state == ("failed" if more else "finished")
        assert (reply.failure is None) is (not more)


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq", "openai"])
def test_a_body_of_too_many_values_is_refused(kind: Kind) -> None:
    body = b'{"message":"a","content":"a","choices":[' + b"[]," * (MOST_VALUES + 1) + b"[]]}"
    parser = ResponseParser(DIALECTS[kind], headers={"content-type": "application/json"})
    reply = Reply(1, "bot", NOW)
    reply.apply_all(parser.feed(body))
    reply.apply_all(parser.end())
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.cause) == ("protocol", "too long")
