"""How a recording looks in the app, and a replay of it that is paused, kept as pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from app.memory import NOW
from app.test_pictures import FIXED, SIZES, picture, the_same_every_day
from app.window import opened
from chatgrid_tui.cli.app import OpeningOptions
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import write_recordings
from chatgrid_tui.ui.startup import Pace
from engine.raw import recorded
from fakes import DONE, delta

__all__ = ["picture", "the_same_every_day"]
WORDS = [
    "Your",
    "order",
    "left",
    "our",
    "warehouse",
    "**this",
    "morning**.",
    "It",
    "should",
    "arrive",
    "on",
    "Thursday.",
]
STALLED = 7


def a_stalled_reply() -> Recording:
    """Return a recording that is silent for some seconds in the middle of the reply."""
    reads = [(0.4 + number / 20 + 4.0 * (number >= STALLED), delta(f"{word} ")) for number, word in enumerate(WORDS)]
    recording = recorded(*reads, (5.2, DONE), answered=0.25)
    recording.started_at = NOW
    return recording


@pytest.fixture
def wanted(tmp_path: Path) -> OpeningOptions:
    """Options that open a file with that reply."""
    file = tmp_path / "order.jsonl"
    file.write_bytes(write_recordings([a_stalled_reply()]))
    return OpeningOptions(file=str(file))


@pytest.mark.parametrize("size", SIZES)
async def test_an_opened_recording(
    size: tuple[int, int], wanted: OpeningOptions, tmp_path: Path, picture: SnapshotAssertion
) -> None:
    async with opened(tmp_path, size=size, wanted=wanted, clock=FIXED) as window:
        await window.sees("on Thursday", "nothing is sent")
        if size[0] >= 120:
            await window.sees("closed")
        await window.pilot.pause()
        assert await window.picture() == picture


@pytest.mark.parametrize("size", SIZES)
async def test_a_paused_replay(
    size: tuple[int, int], wanted: OpeningOptions, tmp_path: Path, picture: SnapshotAssertion
) -> None:
    slow = OpeningOptions(file=wanted.file, replay=Pace(speed=1e-9))
    async with opened(tmp_path, size=size, wanted=slow, clock=FIXED) as window:
        await window.sees("Replaying")
        await window.press("]", ">")
        await window.sees("Paused at", "left our warehouse this morning")
        if size[0] >= 120:
            await window.sees("8 records", "8 events", "Record 8")
        await window.pilot.pause()
        assert await window.picture() == picture
