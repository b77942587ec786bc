"""Replays: recordings answer instead of the network, with their times and endings."""

from __future__ import annotations

import asyncio
import math

import pytest

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import read_recordings, write_recordings
from chatgrid_tui.engine.replay import ReplayTransport
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.events import BodyEnded, Event, Finished, StreamFailed, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from engine.raw import events_of, exchange, recorded, text_of
from fakes import DONE, FakeAnswer, FakeTransport, ManualClock, broken, delta, listing, says

URL = "http://127.0.0.1:1"


async def times_of(recordings: list[Recording], speed: float) -> list[tuple[float, Event]]:
    """Replay a reply on its own clock, and return its events with their times."""
    clock = ManualClock()
    timed = Clock(clock, sleep=clock.sleep)
    exchanged = exchange(URL, ReplayTransport(recordings, speed=speed, clock=timed), clock=timed)
    events: list[tuple[float, Event]] = []

    async def read() -> None:
        async for chunk in exchanged.chunks():
            events.extend((chunk.elapsed, event) for record in chunk.records for event in record.events)

    reading = asyncio.create_task(read())
    await clock.advance(60.0)
    await reading
    return events


@pytest.mark.parametrize(("speed", "times"), [(1.0, [2.0, 4.0, 4.0]), (4.0, [0.5, 1.0, 1.0]), (math.inf, [0, 0, 0])])
async def test_reads_come_at_their_times(speed: float, times: list[float]) -> None:
    events = await times_of([recorded((2.0, delta("Hi")), (4.0, DONE))], speed)
    assert events == list(zip(times, [TextDelta(0, "Hi"), Finished(), BodyEnded()], strict=True))


async def test_a_replayed_reply_is_the_recorded_one() -> None:
    """All of it: a refused request, the simpler one that follows, and a connection that breaks."""
    refusal = listing({"error": {"message": "Unknown parameter: 'stream_options'."}}, 400)
    first = exchange(URL, FakeTransport(refusal, FakeAnswer(delta("Half"), broken())))
    events = await events_of(first)
    replay = ReplayTransport(read_recordings(write_recordings(first.recordings)), speed=math.inf)
    second = exchange(URL, replay)
    assert await events_of(second) == events
    assert [recording.status for recording in second.recordings] == [400, 200]
    assert replay.left == 0


async def test_recordings_are_matched_by_method_and_path() -> None:
    one, other = Request("GET", "http://a.example/one?key=[key ...1234]"), Request("GET", "http://a.example/other")
    recordings = [Recording(other), Recording(one), Recording(one)]
    for recording in recordings:
        recording.finish(0.0, "reset", Failure("network", "unknown host"))
    replay = ReplayTransport(recordings, speed=math.inf)
    for url, left in (
        ("https://b.example/one?key=sk", 2),
        ("https://b.example/one", 1),
        ("https://b.example/other", 0),
    ):
        with pytest.raises(ConnectionProblem) as problem:
            await replay.open(Request("GET", url)).__aenter__()
        assert problem.value.failure.cause == "unknown host"
        assert replay.left == left
    with pytest.raises(ConnectionProblem) as problem:
        await replay.open(one).__aenter__()
    assert problem.value.failure == Failure("network", "refused", place="a.example")


@pytest.mark.parametrize("cut", [1, 2], ids=["after the head", "after a read"])
async def test_a_recording_that_was_cut_ends_as_a_dropped_connection(cut: int) -> None:
    whole = exchange(URL, FakeTransport(says("Hi")))
    await events_of(whole)
    stored = b"".join(write_recordings(whole.recordings).splitlines(keepends=True)[: cut + 1])
    events = await events_of(exchange(URL, ReplayTransport(read_recordings(stored), speed=math.inf)))
    assert text_of(events) == ("Hi" if cut == 2 else "")
    assert events[-1] == BodyEnded(Failure("network", "dropped", place="127.0.0.1:1"))


async def test_an_answer_that_comes_too_late_is_a_timeout() -> None:
    clock = ManualClock()
    timed = Clock(clock, sleep=clock.sleep)
    replay = ReplayTransport([recorded((2.0, DONE), answered=8.0)], clock=timed)
    reading = asyncio.create_task(events_of(exchange(URL, replay, answer_timeout=5.0, clock=timed)))
    await clock.advance(5.0)
    assert await reading == [BodyEnded(Failure("timeout", "no answer in time", place="127.0.0.1:1"))]


async def test_other_tasks_run_during_a_long_replay() -> None:
    replay = ReplayTransport([recorded(*[(0.0, delta("x"))] * 1_000, (0.0, DONE))], speed=math.inf)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    events = await events_of(exchange(URL, replay))
    counting.cancel()
    assert text_of(events) == "x" * 1_000
    assert not any(isinstance(event, StreamFailed) for event in events)
    assert turns > 20
