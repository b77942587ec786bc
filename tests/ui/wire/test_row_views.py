"""The views of a row: bytes as text or hex, JSON, effect, headers; and rows as cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_files import read_recording_file
from chatgrid_tui.engine.trace import ByteSpan
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import ASCII_SIGNS, UNICODE_SIGNS, Look, Signs
from chatgrid_tui.ui.wire.effects import Effect
from chatgrid_tui.ui.wire.row_drawing import RowState, columns_for, draw_row, milliseconds
from chatgrid_tui.ui.wire.row_views import VIEWS, place_of, readable, title_of, view_of
from chatgrid_tui.ui.wire.wire_log import WireRow
from fakes import DONE, delta
from ui.widgets.frame_app import THEMES
from ui.wire.test_wire_log import listed, recorded


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"data: x\n\n", "data: x"),
        (b"a\r\nb\r\r", "a\nb\\r\\r"),
        (b"\x1b[2J\x00", "\\x1b[2J\\x00"),
        (b"\xff\xfe", f"000000  ff fe{' ' * 43} .."),
        ("Grüße 🍛\u202e".encode(), "Grüße 🍛\ufffd"),
        (b"", ""),
    ],
    ids=range(6),
)
def test_bytes_are_readable(data: bytes, text: str) -> None:
    assert readable(data) == text


@given(st.binary(max_size=200))
def test_nothing_readable_acts(data: bytes) -> None:
    assert clean(readable(data)) == readable(data)


def test_what_a_captured_body_lacks_is_not_made_up() -> None:
    (body,) = read_recording_file(delta("One") + DONE, "openai").recordings
    log = listed(body)
    assert [log.row(at).effect[1:3] for at in (0, 1)] == [
        ("request", "not in the file"),
        ("response", "not in the file"),
    ]
    assert view_of(log, log.row(0), "headers").text == (
        "The file does not contain the request.\n\nThe file does not contain the head of the answer."
    )
    (with_head,) = read_recording_file(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + DONE, "openai").recordings
    assert listed(with_head).row(1).effect.text == "200"


def test_the_views_of_each_row() -> None:
    recording = recorded((0.2, delta("One")), (0.3, b": ping\n\n" + delta(" two") + DONE), end=0.4)
    log = listed(recording)
    views = {
        (title_of(log.row(at)), view): view_of(log, log.row(at), view).text
        for at in range(len(log))
        for view in VIEWS
    }
    assert views["Request", "raw"].startswith("POST http://127.0.0.1:1/v1/chat")
    assert views["Response", "raw"] == "200\ncontent-type: text/event-stream"
    assert views["Record 1", "raw"] == delta("One").decode().strip()
    assert '"content": "One"' in views["Record 1", "decoded"]
    assert views["Record 1", "effect"] == "text: +3 characters\nBubble 1, characters 1 to 3\nOne"
    assert views["Record 3", "decoded"] == "It contains no JSON."
    assert views["Line", "raw"] == ": ping"
    assert "The service ended the body normally." in views["End of the stream", "raw"]
    assert views["Record 2", "headers"].startswith("POST http://127.0.0.1:1/v1/chat")
    assert place_of(log, log.row(2)).startswith("Alone in one read of")
    assert place_of(log, log.row(4)).startswith("2 of 3 rows in one read of")


def test_the_characters_of_a_record_are_found_in_its_bytes() -> None:
    log = listed(recorded((0.2, delta("One\n“Two”")), (0.3, b": ping\n\n" + DONE), end=0.4))
    assert view_of(log, log.row(2), "raw").linked == "One\\n\\u201cTwo\\u201d"
    assert [view_of(log, log.row(at), "raw").linked for at in range(3, len(log))] == [""] * (len(log) - 3)


def test_headers_that_may_hold_a_key_are_shown_by_name() -> None:
    request = Request(
        "POST", "http://127.0.0.1:1", {"message": "hi"}, (("Accept", "a/b"), ("X-Secret", "sk-123456789"))
    )
    recording = Recording(request, "openai", redacted=("authorization",))
    recording.finish(0.1, "reset", Failure("network", "dropped"))
    log = listed(recording)
    headers = view_of(log, log.row(0), "headers").text
    assert "sk-123456789" not in headers
    for line in ("Accept: a/b", "authorization: (not recorded)", "x-secret: (not recorded)", '{"message":"hi"}'):
        assert line in headers
    assert "There was no answer." in headers
    assert "dropped" in view_of(log, log.row(1), "raw").text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1.0124, "1,012"), (99.9994, "99,999"), (123.4, "123 s"), (1e9, "9999 s")]
)
def test_times_fit_their_column(value: float, text: str) -> None:
    assert milliseconds(value) == text


@given(
    st.integers(20, 200),
    st.integers(0, 10**7),
    st.floats(-1e6, 1e9),
    st.floats(0, 1e9),
    st.text(max_size=30),
    st.booleans(),
    st.integers(1, 10**6),
    st.booleans(),
    st.sampled_from([UNICODE_SIGNS, ASCII_SIGNS]),
)
def test_a_row_is_as_wide_as_its_columns(
    width: int,
    number: int,
    t: float,
    total: float,
    text: str,
    goes_on: bool,
    read_rows: int,
    timed: bool,
    signs: Signs,
) -> None:
    effect = Effect("text", clean(text).replace("\n", " ").replace("\t", " "), text)
    row = WireRow(3, "record", 0, t, t / 2, number, 1, ByteSpan(0, 1), effect, timed)
    look = Look(THEMES["midnight"], signs)
    state = RowState(total, chosen=True, focused=True, goes_on=goes_on, read_rows=read_rows, ends_read=goes_on)
    strip = draw_row(row, state, columns_for(width, number), look, "text")
    assert strip.cell_length == width
    assert clean(strip.text) == strip.text


def test_columns_of_a_long_stream_are_apart() -> None:
    look = Look(THEMES["midnight"], UNICODE_SIGNS)
    columns = columns_for(56, 3_378)
    row = WireRow(3, "record", 0, 42.204, 13.121, 3_378, 1, ByteSpan(0, 1), Effect("text", "text", "+3"))
    assert draw_row(row, RowState(45), columns, look, "text").text.split()[:3] == ["3378", "42,204", "13,121"]
    together = RowState(45, goes_on=True, read_rows=2_000, ends_read=True)
    assert " 3378  └ 2,000 rows " in draw_row(row, together, columns, look, "text").text
