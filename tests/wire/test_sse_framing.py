"""The framing of server-sent events as the WHATWG specifies it, with its own examples.

Payloads here are no JSON objects, so that the decoder's one tolerance (an object is an entry of its own) does
not come in; tests/wire/test_sse_tolerance.py is about that.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from chatgrid_tui.wire.sse import Decoder


class Expected(NamedTuple):
    """A record as the WHATWG text would dispatch it; `retry` is what its own lines set."""

    data: str
    event: str = "message"
    id: str = ""
    retry: int | None = None


def decoded(stream: bytes) -> list[Expected]:
    """Return the records of a stream that has not ended."""
    return [Expected(*record[:4]) for record in Decoder().feed(stream)]


CASES: dict[str, tuple[bytes, list[Expected]]] = {
    # The standard's own examples.
    "example: two lines of data": (b"data: YHOO\ndata: +2\ndata: 10\n\n", [Expected("YHOO\n+2\n10")]),
    "example: a comment, an id, an id reset, a leading space": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
        [Expected("first event", id="1"), Expected("second event")],
    ),
    "example: empty data, and an event without its blank line": (
        b"data\n\ndata\ndata\n\ndata:",
        [Expected(""), Expected("\n")],
    ),
    "example: the space is optional": (b"data:test\n\ndata: test\n\n", [Expected("test"), Expected("test")]),
    "example: names": (
        b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
        [Expected("73857293", "add"), Expected("2153", "remove")],
    ),
    # Lines.
    "LF": (b"data: a\n\n", [Expected("a")]),
    "CR": (b"data: a\r\r", [Expected("a")]),
    "CRLF": (b"data: a\r\n\r\n", [Expected("a")]),
    "line ends mixed": (b"data: a\n\r\ndata: b\r\n\rdata: c\r\n\n", [Expected("a"), Expected("b"), Expected("c")]),
    "CR, then LF, is one line end": (b"data: a\r\ndata: b\r\n\r\n", [Expected("a\nb")]),
    "LF, then CR, is two": (b"data: a\n\rdata: b\n\r", [Expected("a"), Expected("b")]),
    "no other line ends": (
        "data: a\x0bb\x0cc\x1cd\x1ee\x85f\u2028g\u2029h\n\n".encode(),
        [Expected("a\x0bb\x0cc\x1cd\x1ee\x85f\u2028g\u2029h")],
    ),
    "NUL within data": (b"data: a\0b\n\n", [Expected("a\0b")]),
    "many blank lines": (b"\n\n\ndata: a\n\n\n\ndata: b\n\n", [Expected("a"), Expected("b")]),
    # Fields.
    "no colon is an empty value": (b"data\n\n", [Expected("")]),
    "only the first colon parts": (b"data: a: b\n\ndata::c\n\n", [Expected("a: b"), Expected(":c")]),
    "one space is taken off, no more": (b"data:  a \n\n", [Expected(" a ")]),
    "a tab is no space": (b"data:\ta\n\n", [Expected("\ta")]),
    "a space before the colon is part of the name": (b"data : a\ndata: b\n\n", [Expected("b")]),
    "a space before the name is part of it": (b" data: a\ndata: b\n\n", [Expected("b")]),
    "names are exact": (b"DATA: a\nDatA: b\ndata_: c\nda-ta: d\ndata: e\n\n", [Expected("e")]),
    "unknown fields": (b"data: a\nfoo: b\nfoo\n: c\ndata: d\n\n", [Expected("a\nd")]),
    "data empty": (b"data:\n\ndata: \n\n", [Expected(""), Expected("")]),
    "data empty among lines": (b"data:\ndata: a\ndata:\n\n", [Expected("\na\n")]),
    "an event without data is none": (b"event: x\nid: 1\nretry: 5\n\ndata: a\n\n", [Expected("a", id="1")]),
    "comments": (b":\n: a\n:data: b\ndata: c\n:\x00\n\n", [Expected("c")]),
    "a long comment between data": (b"data: a\n:" + b"x" * 5000 + b"\ndata: b\n\n", [Expected("a\nb")]),
    # Names.
    "the last name of an event counts": (b"event: a\nevent: b\ndata: c\n\n", [Expected("c", "b")]),
    "an empty name is the default": (b"event: a\nevent:\ndata: c\n\n", [Expected("c")]),
    "a name ends with its event": (b"event: a\ndata: b\n\ndata: c\n\n", [Expected("b", "a"), Expected("c")]),
    "a name ends with an event without data": (b"event: a\n\ndata: c\n\n", [Expected("c")]),
    "a name after the data": (b"data: b\nevent: a\n\n", [Expected("b", "a")]),
    "a name with blanks": (b"event:  a \ndata: b\n\n", [Expected("b", " a ")]),
    # Ids.
    "an id lasts": (b"id: 1\ndata: a\n\ndata: b\n\n", [Expected("a", id="1"), Expected("b", id="1")]),
    "an empty id resets": (b"id: 1\ndata: a\n\nid:\ndata: b\n\n", [Expected("a", id="1"), Expected("b")]),
    "an id with NUL is ignored": (
        b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
        [Expected("a", id="1"), Expected("b", id="1")],
    ),
    "an id of an event without data counts": (b"id: 1\n\ndata: a\n\n", [Expected("a", id="1")]),
    # Retry.
    "retry of digits": (b"retry: 3000\ndata: a\n\n", [Expected("a", retry=3000)]),
    "retry with anything else is ignored": (
        b"retry: +5\nretry: 1_000\nretry: 5s\nretry: 1.5\nretry: -1\nretry:\nretry\nretry:  7\ndata: a\n\n",
        [Expected("a")],
    ),
    "retry of other digits is ignored": ("retry: ٥\ndata: a\n\n".encode(), [Expected("a")]),
    "retry of too many digits does no harm": (b"retry: " + b"9" * 5000 + b"\ndata: a\n\n", [Expected("a")]),
    # Marks and bad bytes.
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [Expected("a")]),
    "two marks: the second belongs to a name": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [Expected("b")]),
    "a mark later is no mark": (b"data: a\n\n\xef\xbb\xbfdata: b\n\ndata: c\n\n", [Expected("a"), Expected("c")]),
    "half a mark": (b"\xef\xbbdata: a\n\ndata: b\n\n", [Expected("b")]),
    "bad UTF-8": (b"data: \xff\xc3(\xe2\x82\n\n", [Expected("\ufffd\ufffd(\ufffd")]),
    "surrogates in UTF-8": (b"data: \xed\xa0\x80\n\n", [Expected("\ufffd" * 3)]),
    # The end.
    "an event without its blank line waits": (b"data: a\n\ndata: b\n", [Expected("a")]),
    "a line without its end waits": (b"data: a\n\ndata: b\n\r\ndata", [Expected("a"), Expected("b")]),
}


@pytest.mark.parametrize("name", CASES)
def test_framing(name: str) -> None:
    stream, expected = CASES[name]
    assert decoded(stream) == expected


@pytest.mark.parametrize("name", CASES)
def test_framing_does_not_depend_on_chunks(name: str) -> None:
    stream, expected = CASES[name]
    for size in (1, 2, 3, 7):
        decoder = Decoder()
        chunks = [stream[place : place + size] for place in range(0, len(stream), size)]
        records = [record for chunk in chunks for record in decoder.feed(chunk)]
        assert [Expected(*record[:4]) for record in records] == expected


def test_an_unfinished_event_is_dropped_at_the_end() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: words\n") == []
    assert decoder.close() == []
    assert decoder.unfinished == "words"


def test_unfinished_lines_without_data_are_reported() -> None:
    told_of = {b": comment": "", b"event: x": "event: x", b"eve": "eve", b"data": "data", b"data:": ""}
    for line, told in told_of.items():
        decoder = Decoder()
        assert decoder.feed(line) == []
        assert decoder.close() == []
        assert decoder.unfinished == told


@pytest.mark.parametrize(
    "line", [b"data: x\n", b"data\n", b"event: a\n", b"id: 1\n", b"retry: 1\n", b": x\n", b":\n", b"ev"]
)
def test_an_event_stream_is_recognised(line: bytes) -> None:
    decoder = Decoder()
    decoder.feed(line)
    decoder.close()
    assert decoder.recognised


@pytest.mark.parametrize("line", [b"", b"\n\n", b"Bad Gateway\n", b"data : x\n", b"error: x\n", b"Bad Gateway"])
def test_other_texts_are_not_recognised(line: bytes) -> None:
    decoder = Decoder()
    decoder.feed(line)
    decoder.close()
    assert not decoder.recognised
