"""The maximum length of a line and of an event, at any chunking, and that nothing else is kept."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable
from itertools import repeat

import pytest

from chatgrid_tui.wire import lines, ndjson, sse
from chatgrid_tui.wire.record import LIMIT

SMALL = 100
"""A limit to test at every cut; the true one is tested below."""


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the limit small."""
    monkeypatch.setattr(lines, "LIMIT", SMALL)
    monkeypatch.setattr(sse, "LIMIT", SMALL)


Decoder = sse.Decoder | ndjson.Decoder


def run(make: Callable[[], Decoder], chunks: Iterable[bytes]) -> tuple[list[str], bool]:
    """Return the data of the records, and whether something was too long."""
    decoder = make()
    records = [record.data for chunk in chunks for record in decoder.feed(chunk)]
    records += [record.data for record in decoder.close()]
    return records, decoder.overflow


def every_chunking(stream: bytes) -> Iterable[list[bytes]]:
    """Cut a stream in two at every place, and in pieces of some sizes."""
    yield [stream]
    for place in range(1, len(stream)):
        yield [stream[:place], stream[place:]]
    for size in (1, 2, 3, 7, 64):
        yield [stream[place : place + size] for place in range(0, len(stream), size)]


FIT = SMALL - len('data: {"a":""}')
BEFORE = b'data: {"x":1}\n\n'
SSE_STREAMS = {
    "a line of exactly the limit": (b'data: {"a":"' + b"x" * FIT + b'"}\n\n', 1, False),
    "a line of one byte more": (b'data: {"a":"' + b"x" * (FIT + 1) + b'"}\n\n', 0, True),
    "the limit counts bytes": (b'data: {"a":"' + "é".encode() * (FIT // 2 + 1) + b'"}\n\n', 0, True),
    "a line without end": (b"data: " + b"x" * 300, 0, True),
    "a comment of one byte more": (b":" + b"x" * SMALL + b"\n" + BEFORE, 0, True),
    "a comment of the limit": (b":" + b"x" * (SMALL - 1) + b"\n" + BEFORE, 1, False),
    "an event of exactly the limit": ((b"data: " + b"x" * 24 + b"\n") * 4 + b"data:\n\n", 1, False),
    "an event of one byte more": ((b"data: " + b"x" * 24 + b"\n") * 4 + b"data: x\n\n" + BEFORE, 0, True),
    "an event of many empty lines": (b"data\n" * 102 + b"\n" + BEFORE, 0, True),
    "events that are short each": (BEFORE * 50, 50, False),
}


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("name", SSE_STREAMS)
def test_limits_of_an_event_stream(name: str) -> None:
    stream, records, overflow = SSE_STREAMS[name]
    for before in (b"", BEFORE, b'data: {"waits":"for its name"}\n'):
        whole = run(sse.Decoder, [before + stream])
        assert whole[1] is overflow
        assert len(whole[0]) == records + bool(before), "what came before is kept"
        for chunks in every_chunking(before + stream):
            assert run(sse.Decoder, chunks) == whole


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize(("size", "records", "overflow"), [(SMALL, 1, False), (SMALL + 1, 0, True)])
def test_limits_of_lines_of_json(size: int, records: int, overflow: bool) -> None:
    line = b'{"a":"' + b"x" * (size - 8) + b'"}'
    for stream in (line + b"\n", line):
        for chunks in every_chunking(b'{"b":1}\n' + stream):
            found, stopped = run(ndjson.Decoder, chunks)
            assert (len(found), stopped) == (1 + records, overflow)


@pytest.mark.parametrize("size", [64 * 1024, 1 << 20, LIMIT + 10])
@pytest.mark.parametrize("more", [0, 1])
def test_the_true_limit(size: int, more: int) -> None:
    text = b"x" * (LIMIT - len('data: {"a":""}') + more)
    stream = b'data: {"b":1}\n\ndata: {"a":"' + text + b'"}\n\n'
    found, stopped = run(sse.Decoder, [stream[place : place + size] for place in range(0, len(stream), size)])
    assert stopped is bool(more)
    assert [len(data) for data in found] == ([7] if more else [7, LIMIT - 6])


def test_a_long_line_in_small_pieces_takes_linear_time() -> None:
    """4 MiB in 64-byte pieces: if all were joined again for each, 128 GiB would be copied, and the test would time
    out.
    """
    piece = b"x" * 64
    count = (4 << 20) // 64
    for decoder in (sse.Decoder(), ndjson.Decoder()):
        for _ in range(count):
            assert decoder.feed(piece) == []
        decoder.feed(b"\n")


@pytest.mark.parametrize(
    ("start", "line"),
    [
        (b"", b"data: }\n"),
        (b"", b"data: {}x\n"),
        (b'data: {"a":\n', b"data: [\n"),
        (b"data: {\n", b'data: "a":{}\n'),
        (b"data: [\n", b"data: {},\n"),
        (b"data: [\n", b'data: {"a":1}\n'),
        (b'data: {"a":[\n', b'data: "\\"\\"\n'),
        (b'event: a\ndata: {"a":[\n', b"event: b\ndata: 1,\n"),
    ],
)
def test_an_event_of_many_lines_takes_linear_time(start: bytes, line: bytes) -> None:
    decoder = sse.Decoder()
    decoder.feed(start)
    for _ in range(60_000):
        decoder.feed(line)
    decoder.close()


@pytest.mark.timeout(10)
def test_lines_after_a_long_one_that_begins_with_a_blank_take_linear_time() -> None:
    """If the first line were read again for each, 12 MB would be copied 60,000 times."""
    decoder = sse.Decoder()
    decoder.feed(b'data:  {"a":"' + b"x" * 12_000_000 + b"\n")
    for _ in range(60_000):
        decoder.feed(b"data: x\n")
    decoder.close()


def test_one_line_of_quotes_takes_linear_time() -> None:
    for text in (b'"' + b'\\"' * 500_000, b'"' * 1_000_001, b"\\" * 1_000_000 + b'"'):
        decoder = sse.Decoder()
        decoder.feed(b"data: {" + text + b"\n")
        decoder.close()


ENDLESS = {
    "a line": b"x" * 4096,
    "data lines of an event": b"data: " + b"x" * 1000 + b"\n",
    "comments": b": " + b"x" * 1000 + b"\n",
    "blank lines": b"\n" * 200,
    "returns": b"\r" * 200,
    "events": b'data: {"event":"a","x":1}\n\n' * 10,
    "events without data": b"event: a\nid: b\n\n" * 10,
    "ids": b"id: " + b"x" * 1000 + b"\n",
    "names": b"event: " + b"x" * 1000 + b"\n",
    "entries that run together on a line": b'data: {"event":"a","x":1}' * 40,
    "bad bytes": b"\xff" * 1000,
}


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("make", [sse.Decoder, ndjson.Decoder])
def test_what_is_kept_does_not_grow(name: str, make: Callable[[], Decoder]) -> None:
    """Feed a piece for ever, with a limit of 100 bytes: what stays in memory is the same after 20 and 170."""
    piece = ENDLESS[name]
    decoder = make()
    tracemalloc.start()
    try:
        for _ in repeat(None, 20):
            decoder.feed(piece)
        early = tracemalloc.get_traced_memory()[0]
        for _ in repeat(None, 150):
            decoder.feed(piece)
        assert tracemalloc.get_traced_memory()[0] - early < 1_024
    finally:
        tracemalloc.stop()
