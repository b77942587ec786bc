"""A message and its reply on the wire: times, endings, silence, stopping, and the one repeated request."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.dialects.response_parser import ParsedRecord, ResponseParser
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.json_parsing import LARGE
from chatgrid_tui.engine.replay import ReplayTransport
from chatgrid_tui.engine.transport import Credential, no_connection
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.events import BodyEnded, Event, Finished, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure
from engine.raw import events_of, exchange, failure_of, recorded, text_of
from fakes import DONE, FakeAnswer, FakeTransport, ManualClock, broken, delta, listing, says, turns
from quiet import PATIENCE

URL = "http://127.0.0.1:1"

REFUSES_OPTIONS = {"error": {"message": "Unknown parameter: 'stream_options'.", "type": "invalid_request_error"}}


async def test_each_piece_comes_with_its_time_as_soon_as_it_is_there() -> None:
    clock = ManualClock()
    timed = Clock(clock, sleep=clock.sleep)
    replay = ReplayTransport([recorded((1.5, delta("One")), (1.75, delta(" two") + DONE))], clock=timed)
    exchanged = exchange(URL, replay, clock=timed)
    seen: list[tuple[float, Event]] = []

    async def read() -> None:
        async for chunk in exchanged.chunks():
            seen.extend((chunk.elapsed, event) for record in chunk.records for event in record.events)

    reading = asyncio.create_task(read())
    await clock.advance(1.4)
    assert seen == []
    await clock.advance(0.1)
    assert seen == [(1.5, TextDelta(0, "One"))]
    await clock.advance(0.25)
    await reading
    assert seen[1:] == [(1.75, TextDelta(0, " two")), (1.75, Finished()), (1.75, BodyEnded())]
    assert [read.t for read in exchanged.recordings[-1].reads] == [1.5, 1.75]


async def test_nothing_is_sent_before_somebody_reads() -> None:
    transport = FakeTransport(says("Hi"))
    exchanged = exchange(URL, transport)
    assert transport.sent == []
    await events_of(exchanged)
    assert len(transport.sent) == 1


BODY = delta("Half") + delta(" past ten")


@pytest.mark.parametrize("cut", range(0, len(BODY), 7))
async def test_a_connection_lost_at_any_place(cut: int) -> None:
    events = await events_of(exchange(URL, FakeTransport(FakeAnswer(BODY[:cut], broken()))))
    assert "Half past ten".startswith(text_of(events))
    assert events[-1] == BodyEnded(Failure("network", "dropped", place="bots.example"))
    assert not any(isinstance(event, (StreamFailed, Finished)) for event in events)


async def test_a_connection_lost_after_the_end_mark_changes_nothing() -> None:
    events = await events_of(exchange(URL, FakeTransport(FakeAnswer(delta("Hi"), DONE, broken()))))
    assert events == [TextDelta(0, "Hi"), Finished(), BodyEnded()]


async def test_after_the_end_mark_nothing_is_waited_for() -> None:
    answer = FakeAnswer(delta("Hi"), DONE, asyncio.Event())
    async with asyncio.timeout(PATIENCE):
        events = await events_of(exchange(URL, FakeTransport(answer)))
    assert events[-1] == BodyEnded()
    assert answer.closed.is_set()


async def replayed(*reads: tuple[float, bytes], silence_timeout: float | None) -> list[Event]:
    """Return the events of a recorded reply. The clock runs as fast as it can."""
    clock = ManualClock()
    timed = Clock(clock, sleep=clock.sleep)
    exchanged = exchange(
        URL, ReplayTransport([recorded(*reads)], clock=timed), silence_timeout=silence_timeout, clock=timed
    )
    reading = asyncio.create_task(events_of(exchanged))
    await clock.advance(3_600.0)
    return await reading


async def test_silence_ends_the_reply() -> None:
    answer = FakeAnswer(delta("Half"), asyncio.Event())
    events = await events_of(exchange(URL, FakeTransport(answer), silence_timeout=0.01))
    assert events == [TextDelta(0, "Half"), BodyEnded(Failure("timeout", "silence"))]
    assert answer.closed.is_set()


async def test_bytes_without_text_are_no_silence() -> None:
    beats = [(number * 0.1, b": still here\n\n") for number in range(50)]
    events = await replayed(*beats, (5.0, delta("Hi") + DONE), silence_timeout=6.0)
    assert text_of(events) == "Hi"
    assert events[-1] == BodyEnded()


async def test_every_piece_of_text_puts_the_end_of_silence_off() -> None:
    pieces = [(number * 59.0, delta(f"{number}")) for number in range(1, 5)]
    events = await replayed(*pieces, (300.0, delta("late") + DONE), silence_timeout=60.0)
    assert text_of(events) == "1234"
    assert events[-1] == BodyEnded(Failure("timeout", "silence"))


async def test_silence_counts_while_the_reader_is_busy() -> None:
    clock = ManualClock()
    timed = Clock(clock, sleep=clock.sleep)
    answer = FakeAnswer(delta("Half"), delta(" past"), DONE)
    events: list[Event] = []
    async for chunk in exchange(URL, FakeTransport(answer), silence_timeout=5.0, clock=timed).chunks():
        events += [event for record in chunk.records for event in record.events]
        await clock.advance(6.0)
    assert events == [TextDelta(0, "Half"), BodyEnded(Failure("timeout", "silence"))]


async def test_without_a_limit_silence_is_allowed() -> None:
    answer = FakeAnswer(delta("Half"), asyncio.Event())
    reading = asyncio.create_task(events_of(exchange(URL, FakeTransport(answer))))
    await answer.opened.wait()
    await turns()
    assert not reading.done()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert answer.closed.is_set()


async def test_leaving_the_stream_closes_the_connection_at_once() -> None:
    answer = FakeAnswer(delta("One"), delta("Two"), asyncio.Event())
    async with aclosing(exchange(URL, FakeTransport(answer)).chunks()) as chunks:
        await anext(chunks)
    assert answer.closed.is_set()
    assert answer.given == 1


async def test_a_reply_that_cannot_be_read_is_a_failure() -> None:
    unread = no_connection(Failure("protocol", "compressed", place="br"))
    events = await events_of(exchange(URL, FakeTransport(FakeAnswer(delta("Half"), unread))))
    assert events == [TextDelta(0, "Half"), StreamFailed(unread.failure), BodyEnded(unread.failure)]


async def test_an_unreadable_error_reports_its_status() -> None:
    unread = no_connection(Failure("protocol", "compressed", place="br"))
    failure = failure_of(await events_of(exchange(URL, FakeTransport(FakeAnswer(unread, status=401)))))
    assert failure == Failure("http", status=401)


async def test_a_connection_that_fails_is_the_end_of_the_body() -> None:
    events = await events_of(exchange(URL, FakeTransport(broken("refused"))))
    assert events == [BodyEnded(Failure("network", "refused", place="bots.example"))]


async def test_stream_options_are_omitted_if_a_server_refuses_them() -> None:
    clock = ManualClock()
    refusal = listing(REFUSES_OPTIONS, 400)
    transport = FakeTransport(refusal, says("Hi"))
    exchanged = exchange(URL, transport, clock=Clock(clock))
    events = await events_of(exchanged)
    assert text_of(events) == "Hi"
    assert failure_of(events) is None
    assert ["stream_options" in body for body in transport.bodies] == [True, False]
    assert refusal.closed.is_set()
    refused, accepted = exchanged.recordings
    assert (refused.request, refused.status) == (transport.sent[0].request, 400)
    assert b"stream_options" in refused.body
    assert (accepted.request, accepted.status) == (transport.sent[1].request, 200)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}),
        (422, {"detail": [{"loc": ["body", "user"], "msg": "no"}, {"loc": ["body", "stream_options"], "msg": "no"}]}),
        (400, {"error": {"message": "Unsupported parameter.", "param": "stream_options"}}),
        (400, {"error": {"message": "Unsupported parameter.", "param": "stream_options.include_usage"}}),
        (400, {"message": "Unrecognized request argument supplied: include_usage"}),
        (400, {"errors": {"stream_options": ["is not a known field"]}}),
        (415, "unexpected keyword: stream_options"),
    ],
    ids=["loc", "one of several", "param", "within param", "words", "keyed by name", "plain text"],
)
async def test_stream_options_are_omitted_however_the_refusal_names_them(status: int, refusal: object) -> None:
    transport = FakeTransport(listing(refusal, status), says("Hi"))
    assert text_of(await events_of(exchange(URL, transport))) == "Hi"
    assert ["stream_options" in body for body in transport.bodies] == [True, False]


async def test_stream_options_are_omitted_at_the_other_address_too() -> None:
    answers = listing({"detail": "Not Found"}, 404), listing(REFUSES_OPTIONS, 400), says("Hi")
    transport = FakeTransport(*answers)
    assert text_of(await events_of(exchange("https://bots.example/own", transport))) == "Hi"
    first, second, third = (sent.request for sent in transport.sent)
    assert first.url != second.url == third.url
    assert ["stream_options" in body for body in transport.bodies] == [True, True, False]


async def test_stream_options_are_omitted_only_once() -> None:
    transport = FakeTransport(listing(REFUSES_OPTIONS, 400), listing(REFUSES_OPTIONS, 400))
    failure = failure_of(await events_of(exchange(URL, transport)))
    assert len(transport.sent) == 2
    assert failure is not None
    assert (failure.status, failure.message) == (400, "Unknown parameter: 'stream_options'.")


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("openai", 400, {"error": {"message": "The context is too long."}}),
        ("openai", 500, REFUSES_OPTIONS),
        ("chatiq", 400, REFUSES_OPTIONS),
    ],
)
async def test_other_refusals_are_not_answered_with_another_request(kind: Kind, status: int, said: object) -> None:
    transport = FakeTransport(listing(said, status))
    failure = failure_of(await events_of(exchange(URL, transport, kind=kind)))
    assert failure is not None
    assert failure.status == status
    assert len(transport.sent) == 1


async def test_both_requests_have_the_key_and_the_timeouts() -> None:
    key = Credential("Authorization", "Bearer ", Secret("k"))
    transport = FakeTransport(listing(REFUSES_OPTIONS, 400), broken())
    await events_of(exchange(URL, transport, key=key, answer_timeout=7))
    assert [(sent.key, sent.answer_timeout) for sent in transport.sent] == [(key, 7), (key, 7)]


async def test_an_endless_error_is_read_up_to_its_bound() -> None:
    answer = FakeAnswer(*[b"x" * 1024] * 1000, status=503, headers={})
    failure = failure_of(await events_of(exchange(URL, FakeTransport(answer))))
    assert failure is not None
    assert failure.status == 503
    assert answer.given == 64


REFUSALS: dict[Kind, tuple[object, str | None, str | None]] = {
    "chatgrid": (
        {"object": "error", "status": 401, "code": "unauthorized", "message": "Invalid API key"},
        "unauthorized",
        "Invalid API key",
    ),
    "chatiq": (
        {"error": {"code": "INVALID_API_KEY", "message": "Invalid API key"}},
        "INVALID_API_KEY",
        "Invalid API key",
    ),
    "widget": ({"error": "Unauthorized"}, None, "Unauthorized"),
    "openai": (
        {"error": {"message": "Incorrect API key provided", "type": "invalid_request_error", "code": None}},
        "invalid_request_error",
        "Incorrect API key provided",
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
async def test_a_refused_key(kind: Kind) -> None:
    said, code, message = REFUSALS[kind]
    events = await events_of(exchange(URL, FakeTransport(listing(said, 401)), kind=kind))
    assert events == [StreamFailed(Failure("http", "said", code, message, 401)), BodyEnded()]


async def test_no_error_of_the_reader_is_taken_for_one_of_the_network() -> None:
    with pytest.raises(ConnectionProblem, match="of mine"):
        async with aclosing(exchange(URL, FakeTransport(says("Hi"))).chunks()) as chunks:
            async for _ in chunks:
                raise ConnectionProblem("of mine", Failure("network"))


HEARTBEATS = {
    "comments": b": ping\n\n",
    "blank lines": b"\n",
    "events that say nothing": b'data: {"choices":[{"index":0,"delta":{"content":""}}],"usage":{"n":1}}\n\n',
    "objects of no kind": b'data: {"ping":1}\n\n',
}


@pytest.mark.parametrize("beat", HEARTBEATS)
async def test_heartbeats_alone_do_not_keep_a_reply_alive(beat: str) -> None:
    """The time without text counts, however much else comes."""
    beats = [(number * 5.0, HEARTBEATS[beat]) for number in range(1, 100)]
    events = await replayed((0.0, delta("Half")), *beats, silence_timeout=60.0)
    assert events[0] == TextDelta(0, "Half")
    assert events[-1] == BodyEnded(Failure("timeout", "no text"))


@pytest.mark.parametrize(
    "piece",
    [
        b'data: {"choices":[{"delta":{"reasoning":"Hm"}}]}\n\n',
        b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}\n\n',
        delta("Hm"),
        b"x" * 2_000,
    ],
    ids=["reasoning", "a tool call", "text", "a long line"],
)
async def test_what_counts_as_progress(piece: bytes) -> None:
    reads = [(9.0, piece), (18.0, b"\n: ping\n\n"), (18.9, delta("in time")), (28.8, b": ping\n\n"), (29.0, DONE)]
    events = await replayed(*reads, silence_timeout=10.0)
    assert text_of(events).endswith("in time"), "the piece counted"
    assert events[-1] == BodyEnded(Failure("timeout", "no text")), "the comments did not"


async def test_bytes_without_an_event_yet_are_reported() -> None:
    """So that the screen can tell a connection that is alive from one that is silent."""
    exchanged = exchange(URL, FakeTransport(FakeAnswer(b": ping\n\n", delta("Hi"), DONE)))
    arrived = [len(chunk.records) async for chunk in exchanged.chunks()]
    assert arrived == [0, 1, 1, 1]


async def test_a_large_event_is_read_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[bool] = []
    feed = ResponseParser.feed

    def watched(reading: ResponseParser, data: bytes) -> list[ParsedRecord]:
        threads.append(threading.current_thread() is not threading.main_thread())
        return feed(reading, data)

    monkeypatch.setattr(ResponseParser, "feed", watched)
    large = delta("word " * LARGE)
    pieces = [large[at : at + LARGE // 2] for at in range(0, len(large), LARGE // 2)]
    exchanged = exchange(URL, FakeTransport(FakeAnswer(delta("Small"), *pieces, delta("End"), DONE)))
    events = await events_of(exchanged)
    assert text_of(events) == "Small" + "word " * LARGE + "End"
    assert sum(threads) == 1, "where its line ends"
    assert exchanged.recordings[-1].body.endswith(DONE)
