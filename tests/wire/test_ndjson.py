"""Newline-delimited JSON."""

from __future__ import annotations

import math

import pytest

from chatgrid_tui.wire.ndjson import Decoder
from chatgrid_tui.wire.record import MALFORMED, Value

CASES: dict[str, tuple[bytes, list[Value], str]] = {
    "lines": (b'{"a":1}\n{"b":2}\n', [{"a": 1}, {"b": 2}], ""),
    "blank lines": (b'\n  \n\t\n{"a":1}\n\n', [{"a": 1}], ""),
    "CRLF": (b'{"a":1}\r\n{"b":2}\r\n', [{"a": 1}, {"b": 2}], ""),
    "a lone CR is blank": (b'{"a":1}\r{"b":2}\r', [{"a": 1}, {"b": 2}], ""),
    "several values on a line": (b'{"a":1}{"b":2} [3] "x" 4\n', [{"a": 1}, {"b": 2}, [3], "x", 4], ""),
    "no newline at the end": (b'{"a":1}\n{"b":2}', [{"a": 1}, {"b": 2}], ""),
    "unfinished": (b'{"a":1}\n{"b":', [{"a": 1}], '{"b":'),
    "unfinished behind a whole one": (b'{"a":1}{"b":', [{"a": 1}], '{"b":'),
    "no JSON": (b'hello\n{"a":1}\n', [MALFORMED, {"a": 1}], ""),
    "no JSON behind a value": (b'{"a":1} hello {"b":1}\n', [{"a": 1}, MALFORMED], ""),
    "words that begin like JSON": (b"12 monkeys\nnull pointer\n2026-03-15\n[1]x\n", [MALFORMED] * 4, ""),
    "null and other scalars": (b"null\ntrue\n-1.5e3\n", [None, True, -1500.0], ""),
    "Unicode's line ends are text": ('{"a":"\u2028\u2029\x85"}\n'.encode(), [{"a": "\u2028\u2029\x85"}], ""),
    "a mark": (b'\xef\xbb\xbf{"a":1}\n', [{"a": 1}], ""),
    "bad bytes": (b'{"a":"\xff"}\n', [{"a": "\ufffd"}], ""),
    "too deep, too long": (b"[" * 200_000 + b'\n{"a":' + b"9" * 5000 + b"}\n", [MALFORMED, MALFORMED], ""),
    "infinity, which Python writes": (b'{"a":Infinity}\n{"a":-Infinity}\n', [{"a": math.inf}, {"a": -math.inf}], ""),
    "data: is none here": (b'data: {"a":1}\n', [MALFORMED], ""),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("size", [0, 1, 3])
def test_values(name: str, size: int) -> None:
    stream, expected, unfinished = CASES[name]
    size = size if size and len(stream) < 10_000 else len(stream)
    decoder = Decoder()
    chunks = [stream[place : place + size] for place in range(0, len(stream), size)]
    records = [record for chunk in chunks for record in decoder.feed(chunk)] + decoder.close()
    assert [record.value for record in records] == expected
    assert decoder.unfinished == unfinished


def test_a_value_is_handed_on_at_its_newline() -> None:
    decoder = Decoder()
    assert decoder.feed(b'{"a":1}') == []
    assert len(decoder.feed(b"\n")) == 1
