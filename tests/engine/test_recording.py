"""Recordings: what goes in comes out, within a bound."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.engine.recording import PIECES_LIMIT, RECORDING_LIMIT, Recording
from chatgrid_tui.model.request import Request

REQUEST = Request("POST", "https://bots.example/v1/chat", {"message": "Grüße \x1b[31m 🍛", "stream": True})


@given(st.lists(st.tuples(st.floats(0, 1e6), st.binary(max_size=200)), max_size=20))
def test_a_recording_comes_back(pieces: list[tuple[float, bytes]]) -> None:
    recording = Recording(REQUEST)
    recording.answer(200, {"content-type": "text/event-stream"}, 0.125)
    for elapsed, data in pieces:
        recording.add(data, elapsed)
    again = Recording.from_bytes(recording.to_bytes())
    assert (again.request, again.status, again.headers, again.answered) == (
        REQUEST,
        200,
        {"content-type": "text/event-stream"},
        0.125,
    )
    assert [data for _, data in again.pieces] == [data for _, data in recording.pieces]
    assert [elapsed for elapsed, _ in again.pieces] == pytest.approx([elapsed for elapsed, _ in pieces], abs=1e-6)
    assert (again.kept, again.dropped) == (recording.kept, recording.dropped)


def test_what_is_beyond_the_bound_is_counted_only() -> None:
    recording = Recording(REQUEST)
    piece = b"x" * 1_000_000
    for second in range(20):
        recording.add(piece, float(second))
    assert recording.kept <= RECORDING_LIMIT
    assert recording.kept + recording.dropped == 20_000_000
    again = Recording.from_bytes(recording.to_bytes())
    assert (again.kept, again.dropped) == (recording.kept, recording.dropped)


def test_there_is_no_hole_in_what_is_kept() -> None:
    recording = Recording(REQUEST)
    for data in (b"x" * (RECORDING_LIMIT - 1), b"too much", b"y"):
        recording.add(data, 1.0)
    assert [len(data) for _, data in recording.pieces] == [RECORDING_LIMIT - 1]
    assert recording.dropped == 9


def test_it_is_ascii_so_that_it_can_be_looked_at() -> None:
    recording = Recording(REQUEST)
    recording.add(b"\x1b]0;x\x07", 0.5)
    assert all(32 <= byte < 127 or byte == 10 for byte in recording.to_bytes())


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b"not JSON",
        b'{"method": "GET", "url": "u", "body": null}',
        Recording(REQUEST).to_bytes() + b"\n[1]",
        Recording(REQUEST).to_bytes() + b'\n[1, "!"]',
        Recording(REQUEST).to_bytes() + b"\n7",
    ],
)
def test_what_is_no_recording_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError):
        Recording.from_bytes(stored)


def test_small_pieces_take_little_more_than_their_bytes() -> None:
    tracemalloc.start()
    try:
        recording = Recording(REQUEST)
        for number in range(50_000):
            recording.add(b"%010d" % number, number / 1_000)
        assert tracemalloc.get_traced_memory()[0] < 40 * 50_000
    finally:
        tracemalloc.stop()
    assert recording.pieces[49_999] == (49.999, b"0000049999")


def test_the_pieces_are_bounded() -> None:
    recording = Recording(REQUEST)
    for number in range(PIECES_LIMIT + 5):
        recording.add(b"x", float(number))
    assert (len(recording.pieces), recording.dropped) == (PIECES_LIMIT, 5)
