"""From bytes to characters: the spans of traced records cover body and text, however the bytes are split."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.engine.recording import Read
from chatgrid_tui.engine.recording_format import read_recordings, write_recording
from chatgrid_tui.engine.trace import ByteSpan, CharSpan, TracedRecord, Tracer, trace
from chatgrid_tui.engine.transport import Credential, no_connection
from chatgrid_tui.model.events import BodyEnded, Event, StreamFailed
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.reply import Reply
from engine.raw import events_of, exchange, text_of
from fakes import DONE, FakeAnswer, FakeTransport, broken, delta, listing
from planted import PLANTED

URL = "http://127.0.0.1:1"
NOW = datetime(2026, 3, 15, tzinfo=UTC)

texts = st.sampled_from(["Hi", " there", "Grüße 🍛", "\ud83d", "\ude00", "", "data: ", "a\nb"])


def _openai(text: str, choice: int) -> object:
    return {"choices": [{"index": choice, "delta": {"content": text}}]}


ENTRIES: dict[str, st.SearchStrategy[object]] = {
    "openai": st.builds(_openai, texts, st.integers(0, 2))
    | st.builds(lambda one, other: {"choices": [{"index": 0, "delta": {"content": one}}, other]}, texts, st.just({})),
    "chatiq": st.builds(_openai, texts, st.just(0))
    | st.builds(lambda items: {"responses": items}, st.lists(texts, max_size=3)),
    "chatgrid": st.builds(lambda text: {"event": "message.delta", "content": text}, texts)
    | st.builds(lambda text: {"event": "message.complete", "content": text, "id": "m"}, texts),
    "widget": st.builds(lambda text: {"type": "token", "token": text}, texts)
    | st.builds(lambda text: {"type": "done", "message": text}, texts),
}
LINE_ENDS = {
    "sse": [b"\n\n", b"\n", b"\r\n\r\n", b"\r\r", b"\r\n", b"", b"\n: ping\n\n"],
    "ndjson": [b"\n", b"\r\n", b"", b"\n\n"],
}
NOISE = [
    b": ping\n\n",
    b"event: nothing\n\n",
    b"\n",
    b"id: 7\n",
    b"data: {\n",
    b"data: }\n",
    b"data: [DONE]\n\n",
    b"\xff\n",
]
NOISE += [
    b"not a field\n",
    b'error: {"message":"no"}\n',
    b"data: word\n\n",
    b"data:\n\n",
    b"\xef\xbb\xbf",
    b"7\n",
    b'{"a":1} {"a":1}\n',
]


@st.composite
def bodies(draw: st.DrawFn, kind: str) -> bytes:
    """Make the body of a reply, in one of the ways in which services write one, with something else in between."""
    wire = DIALECTS[kind].wire
    body = b""
    for entry in draw(st.lists(ENTRIES[kind] | st.sampled_from(NOISE), max_size=10)):
        if isinstance(entry, bytes):
            body += entry
        else:
            prefix = (
                draw(st.sampled_from([b"data: ", b"data:", b"event: message.delta\ndata: "]))
                if wire == "sse"
                else b""
            )
            body += prefix + json.dumps(entry).encode() + draw(st.sampled_from(LINE_ENDS[wire]))
    return body


def cut(body: bytes, places: list[int]) -> list[Read]:
    """Cut a body into reads, a second apart."""
    ends = [*sorted({place for place in places if place < len(body)} | {0}), len(body)]
    return [Read(float(number), body[start:end]) for number, (start, end) in enumerate(pairwise(ends))]


def traced(kind: str, reads: list[Read], lost: Failure | None = None) -> list[TracedRecord]:
    tracer = Tracer(DIALECTS[kind], received_at=NOW)
    return [record for read in reads for record in tracer.feed(read)] + tracer.end(99.0, lost)


def assert_covers(spans: list[tuple[int, int]], size: int) -> None:
    """Assert that spans follow one another from 0 to `size`."""
    place = 0
    for start, end in spans:
        assert start == place
        assert end >= start
        place = end
    assert place == size


@pytest.mark.parametrize("kind", ENTRIES)
@given(data=st.data())
@settings(max_examples=80)
def test_spans_cover_the_body_and_the_text(kind: str, data: st.DataObject) -> None:
    body = data.draw(bodies(kind))
    lost = data.draw(st.sampled_from([None, Failure("network", "dropped")]))
    places = data.draw(st.lists(st.integers(0, 300), max_size=8))
    records = traced(kind, cut(body, places), lost)
    assert_covers([record.byte_span for record in records], len(body))

    parser, reply = ResponseParser(DIALECTS[kind], received_at=NOW), Reply(0, "", NOW)
    events: list[Event] = []
    for parsed in [*parser.feed(body), *parser.end(lost)]:
        events += parsed.events
    for event in events:
        reply.apply(event)
    assert [event for record in records for event in record.events] == events
    spans = [span for record in records for span in record.char_spans]
    for number, bubble in reply.numbered.items():
        newest = [span for span in spans if span.bubble == number and span.edition == bubble.edition]
        assert_covers([(span.start, span.end) for span in newest], bubble.size)
    assert {span.bubble for span in spans} <= reply.numbered.keys()

    whole = traced(kind, cut(body, []), lost)
    assert [record._replace(t=0, read=0) for record in records] == [record._replace(t=0, read=0) for record in whole]


def pieces_of(kind: str, body: bytes) -> list[tuple[bytes, str]]:
    """Return the bytes of each traced record, and the text that they brought."""
    reply = Reply(0, "", NOW)
    records = traced(kind, cut(body, []))
    for record in records:
        for event in record.events:
            reply.apply(event)
    bubbles = reply.numbered
    return [
        (
            body[record.byte_span.start : record.byte_span.end],
            "|".join(bubbles[span.bubble].text[span.start : span.end] for span in record.char_spans),
        )
        for record in records
    ]


HA = b'data: {"choices":[{"delta":{"content":"ha"}}]}'
NAMED = b'event: message.delta\ndata: {"content":"ha"}\n'
TOKEN = b'{"type":"token","token":"ha"}'


@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        ("chatiq", [(HA + b"\n\n", "ha"), (HA + b"\n\n", "ha"), (DONE[:-1], ""), (b"\n", "")]),
        ("chatiq", [(HA + b"\n", "ha"), (HA + b"\n", "ha"), (DONE[:-1], ""), (b"\n", "")]),
        ("chatiq", [(HA, "ha"), (HA + b"\n", "ha"), (HA + b"\n\n", "ha"), (b"", "")]),
        (
            "chatiq",
            [(b": ping\n" + HA + b"\n\n", "ha"), (b": ping\n\n", ""), (b"event: x\n\n", ""), (HA, "ha"), (b"", "")],
        ),
        ("chatiq", [(b"nothing of SSE\n" + HA + b"\r\r", "ha"), (HA + b"\r\n\r", "ha"), (b"\n", "")]),
        ("chatiq", [(HA.replace(b',"', b',\ndata: "').replace(b":[", b":\ndata: ["), "ha"), (b"", "")]),
        ("chatgrid", [(NAMED, "ha"), (b"\n" + NAMED, "ha"), (b"\n", "")]),
        ("widget", [(TOKEN + b"\n", "ha"), (TOKEN, "ha"), (b" " + TOKEN + b"\r\n", "ha"), (b"", "")]),
        ("widget", [(b'{"type":"done","message":\n\n"ha"}\n', "ha")]),
        ("openai", [(b'{"choices":[{"message":{"content":"ha"}}]}', "ha")]),
        ("openai", [(b"<html>\n\n<p>no reply</p>", "")]),
    ],
    ids=range(11),
)
def test_which_bytes_brought_which_text(kind: str, pieces: list[tuple[bytes, str]]) -> None:
    body = b"".join(data for data, _ in pieces)
    assert [piece for piece in pieces_of(kind, body) if any(piece)] == [piece for piece in pieces if any(piece)]


def test_a_record_has_the_time_of_the_read_that_completed_it() -> None:
    reads = [Read(1.0, HA[:20]), Read(2.0, HA[20:] + b"\n\n" + HA + b"\n\n"), Read(3.0, b"data: [DONE]\n\n")]
    records = traced("chatiq", reads)
    assert [(record.t, record.read) for record in records] == [(2.0, 1), (2.0, 1), (3.0, 2), (99.0, 2)]


def test_a_text_that_replaces_another_begins_a_new_edition() -> None:
    body = b'event: message.delta\ndata: {"content":"Helo"}\n\nevent: message.complete\ndata: {"content":"Hello"}\n\n'
    records = traced("chatgrid", cut(body, []))
    spans = [span for record in records for span in record.char_spans]
    assert spans == [CharSpan(0, 0, 4), CharSpan(0, 0, 5, edition=1)]


async def test_a_recorded_reply_is_traced_as_it_was_shown() -> None:
    refusal = listing({"error": {"message": "Unknown parameter: 'stream_options'."}}, 400)
    exchanged = exchange(
        URL, FakeTransport(refusal, FakeAnswer(delta("Half"), b": ping\n\n", delta(" past"), broken()))
    )
    events = await events_of(exchanged)
    refused, accepted = (trace(recording, DIALECTS["openai"]) for recording in exchanged.recordings)
    assert [event for record in accepted for event in record.events] == events
    error, _ = [record for record in refused if record.events]
    assert isinstance(error.events[0], StreamFailed)
    assert error.byte_span == ByteSpan(0, len(exchanged.recordings[0].body))


async def test_a_body_that_cannot_be_decompressed_is_traced_with_its_error() -> None:
    unreadable = no_connection(Failure("protocol", "broken compression", place="gzip"))
    exchanged = exchange(URL, FakeTransport(FakeAnswer(delta("Half"), unreadable)))
    events = await events_of(exchanged)
    records = trace(exchanged.recordings[0], DIALECTS["openai"])
    assert [event for record in records for event in record.events] == events
    assert StreamFailed(unreadable.failure) in events


async def test_a_stopped_reply_has_no_end_in_its_trace() -> None:
    exchanged = exchange(URL, FakeTransport(FakeAnswer(delta("One") + b"data: {", delta("Two"))))
    chunks = exchanged.chunks()
    await anext(chunks)
    await chunks.aclose()
    (recording,) = exchanged.recordings
    records = trace(recording, DIALECTS["openai"])
    assert not any(isinstance(event, BodyEnded) for record in records for event in record.events)
    assert_covers([record.byte_span for record in records], len(delta("One")) + 7)


async def test_a_request_without_an_answer_has_no_records() -> None:
    exchanged = exchange(URL, FakeTransport(broken("refused")))
    await events_of(exchanged)
    assert trace(exchanged.recordings[0], DIALECTS["openai"]) == []


async def test_a_live_trace_holds_no_key_that_is_spelt_out() -> None:
    key = Credential("Authorization", "Bearer ", Secret(PLANTED))
    pieces = [*(delta(letter) for letter in f"a {PLANTED} z"), DONE]
    exchanged = exchange(URL, FakeTransport(FakeAnswer(*pieces)), key=key)
    events = await events_of(exchanged)
    (recording,) = exchanged.recordings
    live = Tracer(DIALECTS["openai"], headers=recording.headers, mask=recording.mask)
    records = [record for read in recording.iter_reads() for record in live.feed(read)] + live.end(1.0)
    assert [event for record in records for event in record.events] == events
    assert text_of(events) == "a [key ...9f3a] z"
    (stored,) = read_recordings(write_recording(recording))
    later = trace(stored, DIALECTS["openai"])
    assert text_of([event for record in later for event in record.events]) == "a [key ...9f3a] z"
