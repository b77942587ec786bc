"""The player: recorded events arrive at their pace, and can be paused, stepped, and skipped."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.recording import End, Recording
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.player import Player, Reached, gap_shortened
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import Steps, run_now
from engine.raw import recorded
from fakes import DONE, ManualClock, delta
from session.room import text_of

DIALECT = DIALECTS["openai"]
SECONDS = ((1.0, delta("One")), (2.0, delta(" two")), (2.0, delta(" three")), (6.0, delta(" four")), (7.0, DONE))


class Stage:
    """A player, and the clock that it goes by."""

    def __init__(self, *recordings: Recording, speed: float = 1.0, idle_time_limit: float = math.inf) -> None:
        self._clock = ManualClock()
        clock = Clock(self._clock, sleep=self._clock.sleep)
        self.reply = Reply(0, "Bot", clock.utc_now())
        self.player = Player(
            recordings or (recorded(*SECONDS, answered=0.5),),
            DIALECT,
            self.reply,
            speed=speed,
            idle_time_limit=idle_time_limit,
            clock=clock,
        )

    async def after(self, seconds: float) -> str:
        """Let time pass, and return the text that came."""
        await self._clock.advance(seconds)
        return self.does(self.player.advance())

    def does(self, steps: Steps[None]) -> str:
        """Do what a key asks for, and return the text that came."""
        run_now(steps)
        return text_of(self.reply)


async def test_events_come_at_their_times() -> None:
    stage = Stage()
    assert (stage.player.duration, stage.player.due_in) == (7.0, 0.5)
    assert [await stage.after(t) for t in (0.9, 0.1, 0.9, 0.1, 3.9, 0.1)] == [
        "", "One", "One", "One two three", "One two three", "One two three four",
    ]  # fmt: skip
    assert (stage.reply.state, stage.player.ended) == ("writing", False)
    await stage.after(1.0)
    assert (stage.reply.state, stage.player.ended, stage.player.due_in) == ("finished", True, math.inf)
    assert (stage.reply.first_token, stage.reply.duration) == (1.0, 7.0)


async def test_times_are_those_of_the_recording_however_late_it_is_played() -> None:
    stage = Stage()
    await stage.after(100.0)
    assert (stage.reply.first_token, stage.reply.last_data, stage.reply.duration) == (1.0, 7.0, 7.0)


async def test_being_late_once_delays_nothing_that_follows() -> None:
    stage = Stage()
    await stage.after(1.7)
    assert stage.player.due_in == pytest.approx(0.3)


async def test_speed() -> None:
    stage = Stage(speed=2.0)
    assert await stage.after(0.5) == "One"
    assert stage.player.due_in == pytest.approx(0.5)
    stage.player.set_speed(0.5)
    assert stage.player.due_in == pytest.approx(2.0)
    await stage.after(1.0)
    assert stage.player.position == pytest.approx(1.5)
    stage.player.set_speed(4.0)
    assert [stage.player.position, stage.player.due_in] == pytest.approx([1.5, 0.125])
    stage.player.set_speed(math.inf)
    assert await stage.after(0.0) == "One two three four"


async def test_a_pause_stops_the_time() -> None:
    stage = Stage()
    await stage.after(1.5)
    stage.player.pause()
    assert await stage.after(10.0) == "One"
    assert (stage.player.position, stage.player.due_in) == (1.5, math.inf)
    stage.player.set_speed(2.0)
    stage.player.resume()
    assert (stage.player.position, stage.player.due_in) == (1.5, 0.25)


async def test_stepping_event_by_event() -> None:
    stage = Stage()
    texts = [stage.does(stage.player.step()) for _ in range(6)]
    assert texts == ["", "One", "One two", "One two three", "One two three four", "One two three four"]
    assert (stage.player.paused, stage.player.position, stage.player.ended) == (True, 7.0, False)
    stage.does(stage.player.step())
    assert (stage.player.ended, stage.reply.state) == (True, "finished")
    stage.does(stage.player.step())


async def test_a_gap_that_is_hardly_shortened_is_not_told() -> None:
    stage = Stage(idle_time_limit=3.99)
    await stage.after(1.0)
    await stage.after(1.0)
    assert stage.player.shortened_gap == 0.0
    assert stage.player.due_in == pytest.approx(3.99)


async def test_a_long_gap_is_shortened_and_that_is_told() -> None:
    stage = Stage(idle_time_limit=1.5)
    await stage.after(1.0)
    assert (stage.player.shortened_gap, stage.player.due_in) == (0.0, 1.0)
    await stage.after(1.0)
    assert (stage.player.shortened_gap, stage.player.due_in) == (4.0, 1.5)
    assert gap_shortened(stage.player) == "Gap of 4 s shortened to 1.5 s."
    await stage.after(0.75)
    assert stage.player.position == pytest.approx(4.0)
    assert await stage.after(0.75) == "One two three four"
    assert stage.reply.last_data == 6.0


def marked() -> Recording:
    """Return a recording with a stall, a note, and a piece that is no JSON."""
    recording = recorded((1.0, delta("One")), (5.0, delta(" two")))
    recording.add_line({"type": "note", "t": 5.1, "text": "odd"})
    recording.add_read(5.2, delta(" three"))
    recording.add_read(5.3, b"data: {no\n\n")
    recording.add_read(5.4, DONE)
    recording.end = End(5.4, "end_mark")
    return recording


async def test_from_marker_to_marker() -> None:
    stage = Stage(marked())
    texts = [stage.does(stage.player.go_to_marker()) for _ in range(3)]
    assert texts == ["One two", "One two three", "One two three"]
    assert (stage.reply.warnings, stage.player.paused, stage.player.ended) == (1, True, False)
    stage.does(stage.player.go_to_marker())
    assert (stage.player.ended, stage.reply.state) == (True, "finished")


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (End(3.0, "eof"), "truncated"),
        (End(3.0, "stopped"), "stopped"),
        (End(3.0, "reset", Failure("network", "dropped")), "truncated"),
        (End(3.0, "timeout", Failure("timeout", "silence")), "truncated"),
        (None, "interrupted"),
    ],
)
async def test_a_reply_ends_as_the_recording_did(end: End | None, state: ReplyState) -> None:
    recording = recorded((2.0, delta("One")))
    recording.end = end
    stage = Stage(recording)
    assert await stage.after(3.0) == "One"
    assert (stage.reply.state, stage.reply.failure) == (state, None if end is None else end.failure)
    assert stage.player.ended


async def test_there_was_no_answer() -> None:
    failure = Failure("network", "refused")
    recording = recorded()
    recording.head, recording.end = None, End(0.2, "reset", failure)
    stage = Stage(recording)
    assert await stage.after(0.2) == ""
    assert (stage.reply.state, stage.reply.failure, stage.player.ended) == ("truncated", failure, True)


async def test_a_refused_request_is_played_before_the_one_that_followed() -> None:
    refused = recorded((0.5, b'{"error": {"message": "stream_options?"}}'), status=400, answered=0.5)
    stage = Stage(refused, recorded((1.0, delta("One")), (1.5, DONE), answered=0.25))
    seen: list[tuple[float, Sequence[int], str]] = []
    while not stage.player.ended:
        text = await stage.after(stage.player.due_in)
        seen.append((stage.player.position, stage.player.reached, text))
    assert [reached for _, reached, _ in seen] == [Reached(0, 3), Reached(1, 1), Reached(1, 2), Reached(1, 4)]
    assert [(position, text) for position, _, text in seen] == [(0.5, ""), (0.75, ""), (1.5, "One"), (2.0, "One")]
    assert (stage.reply.first_token, stage.reply.failure, stage.reply.state) == (1.5, None, "finished")


async def test_a_recording_without_times_says_none_of_the_reply() -> None:
    recording = recorded((0.0, delta("One") + DONE))
    recording.timed = False
    stage = Stage(recording)
    assert await stage.after(0.0) == "One"
    assert (stage.reply.state, stage.reply.first_token, stage.reply.duration) == ("finished", None, None)
