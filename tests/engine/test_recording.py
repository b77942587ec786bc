"""Recordings: what one request received, within a bound, and how it ended."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Sequence

import pytest

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.recording import READS_LIMIT, EndReason, Read, Recording
from chatgrid_tui.engine.recording_format import read_recordings, write_recording
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from engine.raw import events_of, exchange
from fakes import DONE, FakeAnswer, FakeTransport, ManualClock, Piece, broken, delta, listing, turns

REQUEST = Request("POST", "https://bots.example/v1/chat", {"message": "Hi"})
URL = "http://127.0.0.1:1"


def test_bytes_beyond_the_bound_are_counted_only() -> None:
    recording = Recording(REQUEST, limit=8_500)
    for second in range(20):
        recording.add_read(float(second), b"x" * 1_000)
    assert (len(recording.body), recording.size, recording.dropped) == (8_000, 20_000, 12_000)


def test_a_recording_has_no_gaps() -> None:
    recording = Recording(REQUEST, limit=100)
    for data in (b"x" * 99, b"too much", b"y"):
        recording.add_read(1.0, data)
    assert [len(read.data) for read in recording.reads] == [99]
    assert recording.dropped == 9


def test_small_reads_take_little_more_than_their_bytes() -> None:
    tracemalloc.start()
    try:
        recording = Recording(REQUEST)
        for number in range(50_000):
            recording.add_read(number / 1_000, b"%010d" % number)
        assert tracemalloc.get_traced_memory()[0] < 40 * 50_000
    finally:
        tracemalloc.stop()
    assert recording.reads[49_999] == Read(49.999, b"0000049999")


def test_the_reads_are_bounded() -> None:
    recording = Recording(REQUEST)
    for number in range(READS_LIMIT + 5):
        recording.add_read(float(number), b"x")
    assert (recording.read_count, recording.dropped) == (READS_LIMIT, 5)


DROPPED = Failure("network", "dropped", place="bots.example")


@pytest.mark.parametrize(
    ("pieces", "status", "reason", "failure"),
    [
        ((delta("Hi"), DONE, delta("after it")), 200, "end_mark", None),
        ((delta("Hi"),), 200, "eof", None),
        ((delta("Hi"), broken()), 200, "reset", DROPPED),
        ((delta("Hi"), asyncio.Event()), 200, "timeout", Failure("timeout", "silence")),
        ([b"x" * 1024] * 100, 503, "limit", None),
        ([b"<html>" * 1024] * 100, 200, "limit", None),
    ],
    ids=["end mark", "end of the body", "reset", "silence", "endless error", "endless page"],
)
async def test_how_a_request_ended(
    pieces: Sequence[Piece], status: int, reason: EndReason, failure: Failure | None
) -> None:
    clock = ManualClock()
    answer = FakeAnswer(*pieces, status=status, headers={})
    exchanged = exchange(URL, FakeTransport(answer), silence_timeout=5.0, clock=Clock(clock, sleep=clock.sleep))
    reading = asyncio.create_task(events_of(exchanged))
    await clock.advance(5.0)
    await reading
    (recording,) = exchanged.recordings
    assert recording.end is not None
    assert (recording.end.reason, recording.end.failure) == (reason, failure)


async def test_a_reply_that_the_person_stopped() -> None:
    clock = ManualClock()
    exchanged = exchange(URL, FakeTransport(FakeAnswer(delta("Hi"), asyncio.Event())), clock=Clock(clock))
    reading = asyncio.create_task(events_of(exchanged))
    await clock.advance(2.5)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    (recording,) = exchanged.recordings
    assert recording.end is not None
    assert (recording.end.t, recording.end.reason, recording.body) == (2.5, "stopped", delta("Hi"))


async def test_a_request_without_an_answer_is_recorded() -> None:
    exchanged = exchange(URL, FakeTransport(broken("refused")))
    await events_of(exchanged)
    (recording,) = exchanged.recordings
    assert (recording.head, recording.kind) == (None, "openai")
    assert recording.end is not None
    assert (recording.end.reason, recording.end.failure) == ("reset", broken("refused").failure)


async def test_each_request_of_a_reply_has_times_of_its_own() -> None:
    clock, gate = ManualClock(), asyncio.Event()
    refusal = listing({"error": {"message": "Unknown parameter: 'stream_options'."}}, 400)
    exchanged = exchange(URL, FakeTransport(refusal, FakeAnswer(gate, delta("Hi"), DONE)), clock=Clock(clock))
    refusal.may_close = asyncio.Event()
    reading = asyncio.create_task(events_of(exchanged))
    await clock.advance(3.0)
    refusal.may_close.set()
    await turns()
    await clock.advance(0.5)
    gate.set()
    await reading
    assert [read.t for recording in exchanged.recordings for read in recording.reads] == [0.0, 0.5, 0.5]


async def test_a_file_has_the_times_that_were_measured() -> None:
    clock, gate = ManualClock(), asyncio.Event()
    exchanged = exchange(URL, FakeTransport(FakeAnswer(gate, delta("Hi"), DONE)), clock=Clock(clock))
    reading = asyncio.create_task(events_of(exchanged))
    await clock.advance(1 / 3)
    gate.set()
    await reading
    (recording,) = exchanged.recordings
    (saved,) = read_recordings(write_recording(recording))
    assert (saved.reads, saved.end) == (recording.reads, recording.end)
