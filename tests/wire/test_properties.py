"""Any bytes, however they are split: the same records, and no exception."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatgrid_tui.wire import lines, ndjson, sse

FRAGMENTS = [
    *(b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b" ", b":", b": comment", b"\xef\xbb\xbf", b"\xef", b"\xff", b"\x00"),
    *("\u2028".encode(), "\x85".encode(), "😀".encode(), "😀".encode()[:2], b"\xe2\x82"),
    *(b"data:", b"data: ", b"data", b"event: message.delta", b"event: error", b"event:", b"id: 7", b"retry: 10"),
    *(b'data: {"content":"a"}', b'data: {"event":"message.delta","content":"data: {}"}', b"data: [DONE]"),
    *(b'data: {"choices":[', b'data: {"delta":{"content":"x"}}', b"data: ]}", b"data: words", b"data: {", b"data: }"),
    *(b'{"type":"token","token":"a"}', b'{"a":1}{"b":2}', b"{", b"}", b"[", b"]", b'"', b"\\", b",", b"12 ", b"null"),
    *(b"[DONE]", b"<html>", b'{"choices":[{"delta":{"content":"\\ud83d"}}]}', b"x" * 30),
]
streams = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=4), max_size=24).map(b"".join)
cuts = st.lists(st.integers(min_value=0, max_value=400), max_size=12)
Decoder = sse.Decoder | ndjson.Decoder


def chunked(stream: bytes, places: list[int]) -> list[bytes]:
    """Cut a stream at the places."""
    ends = [*sorted({place for place in places if place < len(stream)} | {0}), len(stream)]
    return [stream[start:end] for start, end in pairwise(ends)]


def outcome(make: Callable[[], Decoder], chunks: list[bytes]) -> tuple[list[object], str, bool]:
    """Return all that a decoder says of the chunks."""
    decoder = make()
    records: list[object] = [record for chunk in chunks for record in decoder.feed(chunk)]
    records += decoder.close()
    return records, decoder.unfinished, decoder.overflow


@pytest.mark.parametrize("make", [sse.Decoder, ndjson.Decoder])
@given(stream=streams, places=cuts)
@example(stream=b"data: a\r", places=[8])
@example(stream=b'data: {"a":1}\r\n\r\ndata: [DONE]', places=[14, 15, 16])
@settings(max_examples=400)
def test_records_do_not_depend_on_chunks(make: Callable[[], Decoder], stream: bytes, places: list[int]) -> None:
    whole = outcome(make, [stream])
    assert outcome(make, chunked(stream, places)) == whole
    assert outcome(make, [stream[place : place + 1] for place in range(len(stream))]) == whole


@pytest.mark.parametrize("make", [sse.Decoder, ndjson.Decoder])
@given(stream=streams, places=cuts)
@settings(max_examples=200)
def test_limits_do_not_depend_on_chunks(make: Callable[[], Decoder], stream: bytes, places: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LIMIT", 40)
        patch.setattr(sse, "LIMIT", 40)
        whole = outcome(make, [stream])
        assert outcome(make, chunked(stream, places)) == whole
        assert outcome(make, [stream[place : place + 1] for place in range(len(stream))]) == whole


@given(stream=streams)
@settings(max_examples=200)
def test_recognition_does_not_depend_on_chunks(stream: bytes) -> None:
    whole, pieces = sse.Decoder(), sse.Decoder()
    whole.feed(stream)
    for place in range(len(stream)):
        pieces.feed(stream[place : place + 1])
    whole.close()
    pieces.close()
    assert whole.recognised == pieces.recognised


characters = st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])


@given(texts=st.lists(st.text(characters, max_size=9), max_size=5))
@settings(max_examples=200)
def test_what_was_written_is_read(texts: list[str]) -> None:
    """Data that are no JSON object are returned unchanged, each as its own event."""
    texts = [text for text in texts if "{" not in text and text.strip() != "[DONE]"]
    stream = "".join(f"data: {text}\n\n" for text in texts).encode()
    assert [record.data for record in sse.Decoder().feed(stream)] == texts
