"""The rows of a reply's stream: what each is, its effect, and where its bytes and characters are."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import EndReason, Head, Recording
from chatgrid_tui.model.request import Request
from chatgrid_tui.ui.wire import wire_log
from chatgrid_tui.ui.wire.wire_log import WireLog, WireRow
from fakes import DONE, delta

URL = "http://127.0.0.1:1/v1/chat"


def recorded(
    *reads: tuple[float, bytes], end: float = 9.0, reason: EndReason = "eof", status: int = 200
) -> Recording:
    recording = Recording(Request("POST", URL), "openai")
    recording.head = Head(0.1, status, {"content-type": "text/event-stream" if status == 200 else "text/html"})
    for t, data in reads:
        recording.add_read(t, data)
    recording.finish(end, reason)
    return recording


def listed(*recordings: Recording, kind: str = "openai", live: bool = False) -> WireLog:
    log = WireLog(DIALECTS[kind])
    for _ in log.advance(recordings, live=live):
        pass
    return log


def rows(log: WireLog) -> list[WireRow]:
    return [log.row(at) for at in range(len(log))]


def told(log: WireLog) -> list[tuple[int, str, str]]:
    """Return number, type and effect of each row."""
    return [(row.number, row.effect.type, row.effect.text) for row in rows(log)]


def chatgrid(event: str, **members: object) -> bytes:
    return b"data: " + json.dumps({"event": event, **members}).encode() + b"\n\n"


def test_request_response_records_and_the_end() -> None:
    log = listed(recorded((0.2, delta("One")), (0.3, delta(" two") + DONE), reason="end_mark"))
    assert told(log) == [
        (0, "post", "/v1/chat"),
        (0, "response", "200 SSE"),
        (1, "text", "+3 characters"),
        (2, "text", "+4 characters"),
        (3, "end", "end mark"),
        (0, "closed", "after end mark"),
    ]
    assert [row.read for row in rows(log)] == [-1, -1, 0, 1, 1, -1]
    assert [row.t for row in rows(log)] == [0.0, 0.1, 0.2, 0.3, 0.3, 9.0]
    assert log.rows_of_read(3) == (3, 5)
    assert [log.data(at) for at in (2, 3, 4)] == [delta("One"), delta(" two"), DONE]


@pytest.mark.parametrize(
    ("kind", "data", "rows_told"),
    [
        ("openai", b": ping\n\n", [(0, "comment", "ping")]),
        (
            "openai",
            b": a\n: b\n" + delta("Hi"),
            [(0, "comment", "a"), (0, "comment", "b"), (1, "text", "+2 characters")],
        ),
        ("openai", b"event: ping\n\n", [(0, "ping", "no data")]),
        ("openai", b"hello there\n" + delta("Hi"), [(0, "line", "not an SSE field"), (1, "text", "+2 characters")]),
        ("openai", b"data: nonsense\n\n", [(1, "unreadable", "not JSON")]),
        ("openai", b"data: 7\n\n", [(1, "unreadable", "not an object")]),
        ("openai", b'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n', [(1, "empty", "no text")]),
        ("openai", b'data: {"event":"mood","is":"good"}\n\n', [(1, "mood", "ignored")]),
        ("openai", b'data: {"error":{"message":"Busy"}}\n\n', [(1, "error", "Busy")]),
        ("openai", b'data: {"choices":[],"usage":{"completion_tokens":5}}\n\n', [(1, "usage", "5 tokens")]),
        ("openai", b'data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\n', [(1, "finish", "length")]),
        (
            "openai",
            b'data: {"choices":[{"delta":{"reasoning_content":"Hm"}}]}\n\n',
            [(1, "reasoning", "+2 characters")],
        ),
        (
            "chatgrid",
            chatgrid("message.delta", content="Helo") + chatgrid("message.complete", content="Hello"),
            [(1, "text", "+4 characters"), (2, "text", "replaces text, end mark")],
        ),
        (
            "chatgrid",
            chatgrid("message.delta", content="Hi") + chatgrid("message.complete", content="Hi"),
            [(1, "text", "+2 characters"), (2, "end", "same text")],
        ),
        ("chatiq", b'data: {"suggestions":[{"label":"A"},{"label":"B"}]}\n\n', [(1, "suggestions", "2 suggestions")]),
        ("widget", b'{"type":"token","token":"Hi"}\n\n', [(1, "text", "+2 characters")]),
        ("widget", b'{"type":"mood"}\n', [(1, "mood", "ignored")]),
        ("chatiq", b'data: {"conversationId":"c-1"}\n\n', [(1, "id", "conversation id")]),
    ],
    ids=range(18),
)
def test_what_a_record_did(kind: str, data: bytes, rows_told: list[tuple[int, str, str]]) -> None:
    assert told(listed(recorded((0.2, data), reason="stopped"), kind=kind))[2:-1] == rows_told


def test_a_comment_has_the_time_of_its_own_read() -> None:
    log = listed(recorded((0.2, b": ping\n"), (0.9, delta("Hi") + DONE)))
    assert [(row.effect.type, row.t, row.read) for row in rows(log)[2:4]] == [("comment", 0.2, 0), ("text", 0.9, 1)]


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("end_mark", "after end mark"),
        ("eof", "body complete"),
        ("stopped", "stopped"),
        ("reset", "connection lost"),
        ("timeout", "silence"),
        ("limit", "rest not read"),
    ],
)
def test_how_it_ended(reason: EndReason, text: str) -> None:
    assert told(listed(recorded((0.2, delta("Hi")), reason=reason)))[-1] == (0, "closed", text)


def test_rows_that_are_too_many_are_counted_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_log, "MOST_ROWS", 4)
    log = listed(recorded(*((number, delta("Hi")) for number in range(5))))
    assert len(log) == 5
    assert told(log)[-1] == (0, "closed", "body complete; 3 rows before this not listed")


def test_a_recording_that_was_cut_has_an_end_that_says_so() -> None:
    recording = recorded((0.2, delta("Hi") + b"data: {"))
    recording.end = None
    assert told(listed(recording))[-1] == (0, "closed", "not recorded")


def test_a_refused_exchange_comes_before_the_one_that_followed() -> None:
    log = listed(recorded((0.2, b"<html>No"), status=400), recorded((0.3, delta("Hi") + DONE)))
    assert [(row.exchange, row.effect.type) for row in rows(log)] == [
        *((0, kind) for kind in ("post", "response", "error", "closed")),
        *((1, kind) for kind in ("post", "response", "text", "end", "closed")),
    ]
    assert log.row_of_character(0, 1) == 6


def test_without_an_answer_there_is_only_the_request_and_its_end() -> None:
    recording = Recording(Request("POST", URL), "openai")
    recording.finish(0.4, "reset")
    assert told(listed(recording)) == [(0, "post", "/v1/chat"), (0, "closed", "connection lost")]


def test_what_is_odd_is_marked() -> None:
    log = listed(
        recorded((0.2, delta("One")), (2.0, delta("Two")), (2.1, b"data: {no\n\n" + delta("3") + DONE), end=2.2)
    )
    assert list(log.marks) == [3, 4]
    assert [round(log.gap(at), 6) for at in range(6)] == [0, 0.1, 0.1, 1.8, 0.1, 0]


def test_characters_lead_to_their_row() -> None:
    log = listed(recorded((0.2, delta("One")), (0.3, b": x\n\n" + delta(" two")), (0.4, DONE)))
    assert [log.row_of_character(0, at) for at in range(8)] == [2, 2, 2, 4, 4, 4, 4, None]
    assert log.row_of_character(1, 0) is None


PIECES = [
    delta("One"),
    delta(""),
    b": ping\n\n",
    b"hello\n",
    b"data: {\n\n",
    b"event: x\n\n",
    b"\n",
    delta("é") * 3,
    DONE,
]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.integers(0, 400), max_size=6), st.booleans())
@settings(max_examples=60)
def test_rows_cover_the_body_and_are_the_same_live(pieces: list[bytes], cuts: list[int], ended: bool) -> None:
    body = b"".join(pieces)
    ends = [*sorted({cut for cut in cuts if cut < len(body)} | {0}), len(body)]
    reads = [(0.2 + number, body[start:end]) for number, (start, end) in enumerate(pairwise(ends)) if end > start]
    whole = recorded(*reads, end=20.0, reason="eof" if ended else "stopped")
    stored = listed(whole)
    growing, live = recorded(end=20.0), WireLog(DIALECTS["openai"])
    growing.end = None
    for t, data in reads:
        growing.add_read(t, data)
        for _ in live.advance([growing], live=True):
            pass
    growing.end = whole.end
    for _ in live.advance([growing], live=False):
        pass
    assert rows(live) == rows(stored)
    spans = [row.span for row in rows(stored) if row.kind in ("record", "line")]
    assert b"".join(body[start:end] for start, end in spans) == body
    assert sum(stored.counts.values()) == len(spans)


def test_only_rows_of_a_group_or_a_pattern() -> None:
    log = listed(recorded((0.2, delta("One") + b": ping\n\n" + delta("Two") + DONE)))
    assert [at for at in log.matching("text", None) if at >= 0] == [2, 4]
    assert [at for at in log.matching(None, lambda data: b"ping" in data) if at >= 0] == [3]
    assert [at for at in log.matching(None, None)] == list(range(len(log)))


def test_many_rows_take_little_memory() -> None:
    log = listed(recorded((0.2, b":\n" * 20_000 + delta("Hi") + DONE)))
    assert len(log) == 20_000 + 5
    assert log.counts["comment"] == 20_000
