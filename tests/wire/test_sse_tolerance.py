"""The decoder's one tolerance, and how promptly a record is passed on."""

from __future__ import annotations

import pytest

from chatgrid_tui.wire.record import UNPARSED
from chatgrid_tui.wire.sse import Decoder

PROMPT = {
    "an object named by its line, at the newline": (b'event: a\ndata: {"x":1}', b"\n"),
    "an object named by its line, at the lone CR": (b'event: a\rdata: {"x":1}', b"\r"),
    "an object that names itself, at the newline": (b'data: {"event":"a","x":1}', b"\n"),
    "an object that names itself, at the CR of a CRLF": (b'data: {"event":"a","x":1}', b"\r"),
    "an object of several lines, at the newline that closes it": (
        b'event: a\ndata: {"x":\ndata: [1,\ndata: 2]}',
        b"\n",
    ),
    "the end mark, at its newline": (b"data: [DONE]", b"\n"),
    "the end mark, at its lone CR": (b"data: [DONE]", b"\r"),
    "an unnamed object, at the blank line": (b'data: {"x":1}\n', b"\n"),
    "an unnamed object, at the lone CR of the blank line": (b'data: {"x":1}\r', b"\r"),
    "an unnamed object, at the end of the next data line": (b'data: {"x":1}\ndata: {"y":2}', b"\n"),
    "an unnamed object, at the end mark": (b'data: {"x":1}\ndata: [DONE]', b"\n"),
    "an unnamed object in a run, at the newline": (b'data: {"x":1}data: {"y":2}', b"\n"),
    "other data, at the blank line": (b"data: words\n", b"\n"),
}


@pytest.mark.parametrize("name", PROMPT)
def test_a_record_is_handed_on_at_once(name: str) -> None:
    before, last = PROMPT[name]
    decoder = Decoder()
    assert decoder.feed(before) == []
    assert decoder.feed(last)


def test_an_unnamed_object_waits_for_its_name() -> None:
    decoder = Decoder()
    assert decoder.feed(b'data: {"x":1}\n') == []
    assert decoder.feed(b": comment\nid: 7\nevent: late\n") == []
    (record,) = decoder.feed(b"\n")
    assert (record.event, record.id, record.value) == ("late", "7", {"x": 1})


def test_the_newline_of_a_crlf_is_no_blank_line() -> None:
    decoder = Decoder()
    assert decoder.feed(b'data: {"x":1}\r') == []
    assert decoder.feed(b"\n") == []
    assert len(decoder.feed(b"\r")) == 1
    assert decoder.feed(b"\n") == []


def datas(stream: bytes) -> list[str]:
    """Return the data of all records of a stream that ends in order."""
    decoder = Decoder()
    return [record.data for record in decoder.feed(stream) + decoder.close()]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b'data: {"x":1}\ndata: {"y":2}\n\n', ['{"x":1}', '{"y":2}']),
        (b'data: {"x":1}data: {"y":2} data:{"z":3}', ['{"x":1}', '{"y":2}', '{"z":3}']),
        (b'data: {"x":"data: {}"}data: [DONE]', ['{"x":"data: {}"}', "[DONE]"]),
        (b'data: {\ndata: "x":1\ndata: }\n\n', ['{\n"x":1\n}']),
        (b'data: {"a":[\ndata: {"b":1}\ndata: ]}\n', ['{"a":[\n{"b":1}\n]}']),
        (b'data: {"a":\ndata: {"b":1},\ndata: "c":\ndata: {"d":2}\ndata: }\n', ['{"a":\n{"b":1},\n"c":\n{"d":2}\n}']),
        (b'data: words\ndata: {"x":1}\n\n', ["words", '{"x":1}']),
        (b'data: {"x":"cut\ndata: {"y":1}\n\n', ['{"x":"cut', '{"y":1}']),
        (b'data: {"x":1} and words\n\n', ['{"x":1} and words']),
        (b'data: {"x":1}\ndata: words\n\n', ['{"x":1}', "words"]),
        (b'data: {"x":1}d', ['{"x":1}']),
        (b"data: [1,\ndata: 2]", ["[1,\n2]"]),
    ],
)
def test_entries(stream: bytes, expected: list[str]) -> None:
    assert datas(stream) == expected


def test_several_objects_of_an_event_share_its_name_until_the_blank_line() -> None:
    records = Decoder().feed(b'event: a\ndata: {"x":1}\ndata: {"y":2}data: {"z":3}\n\ndata: {"w":4}\n\n')
    assert [(record.event, record.value) for record in records] == [
        ("a", {"x": 1}),
        ("a", {"y": 2}),
        ("a", {"z": 3}),
        ("message", {"w": 4}),
    ]


def test_what_the_decoder_had_to_parse_is_not_parsed_again() -> None:
    records = Decoder().feed(b'data: {"x":1}\n\ndata: words\n\ndata: 5\n\n')
    assert [record.value for record in records] == [{"x": 1}, UNPARSED, UNPARSED]
