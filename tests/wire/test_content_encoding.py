"""Decompressing bodies: in any pieces, within bounds, and never past their end."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.wire import content_encoding
from chatgrid_tui.wire.content_encoding import PART, BrokenCoding, ContentDecoder, TooMuch, UnknownCoding

TEXT = b"data: Gr\xc3\xbc\xc3\x9fe\n\n" * 300


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


COMPRESSED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": (" X-GZIP ", gzip.compress(TEXT)),
    "several members": ("gzip", gzip.compress(TEXT[:99]) + gzip.compress(b"") + gzip.compress(TEXT[99:])),
    "padding": ("gzip", gzip.compress(TEXT) + b"\0" * 512),
    "zlib": ("deflate", zlib.compress(TEXT)),
    "raw deflate": ("deflate, identity", raw_deflate(TEXT)),
    "stored": ("deflate", zlib.compress(TEXT, 0)),
    "nothing": ("", TEXT),
    "identity": ("identity", TEXT),
    "a charset for a coding": ("UTF-8", TEXT),
}


CUT = ("gzip", "zlib", "raw deflate")


def decoded(coding: str, data: bytes, size: int) -> bytes:
    """Return what the data decodes to if it comes in pieces of a size."""
    decoder = ContentDecoder(coding)
    parts = [part for at in range(0, len(data), size) for part in decoder.feed(data[at : at + size])]
    decoder.close()
    assert all(len(part) <= max(PART, size) for part in parts)
    return b"".join(parts)


@pytest.mark.parametrize(("coding", "data"), COMPRESSED.values(), ids=COMPRESSED)
@pytest.mark.parametrize("size", [1, 2, 7, 1_000_000])
def test_the_result_does_not_depend_on_the_pieces(coding: str, data: bytes, size: int) -> None:
    assert decoded(coding, data, size) == TEXT


@given(st.binary(max_size=3_000), st.integers(1, 3_000), st.sampled_from(["gzip", "deflate"]))
def test_what_was_compressed_comes_back(data: bytes, size: int, coding: str) -> None:
    compressed = gzip.compress(data) if coding == "gzip" else raw_deflate(data)
    assert decoded(coding, compressed, size) == data


@pytest.mark.parametrize("size", [PART - 1, PART, 2 * PART])
def test_a_member_in_each_piece(size: int) -> None:
    decoder = ContentDecoder("gzip")
    members = [b"a" * size, b"b" * size, b"c"]
    assert [b"".join(decoder.feed(gzip.compress(member))) for member in members] == members
    decoder.close()


def test_each_flush_is_passed_on_at_once() -> None:
    compressor = zlib.compressobj(wbits=31)
    decoder = ContentDecoder("gzip")
    for text in (b"one", b" two", b" three"):
        piece = compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)
        assert b"".join(decoder.feed(piece)) == text
    assert list(decoder.feed(compressor.flush())) == [b""]
    decoder.close()


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "nonsense\x1b"])
def test_other_codings_are_refused_by_name(coding: str) -> None:
    with pytest.raises(UnknownCoding, match=coding):
        ContentDecoder(coding)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_empty_body_is_whole(coding: str) -> None:
    assert decoded(coding, b"", 1) == b""


@pytest.mark.parametrize(("coding", "data"), [COMPRESSED[name] for name in CUT], ids=CUT)
def test_a_truncated_body_is_reported_after_its_text(coding: str, data: bytes) -> None:
    for cut in range(1, len(data)):
        decoder = ContentDecoder(coding)
        assert TEXT.startswith(b"".join(decoder.feed(data[:cut])))
        with pytest.raises(BrokenCoding):
            decoder.close()


@pytest.mark.parametrize("data", [b"data: plain\n\n", b"\x1f\x8b\x08\0nonsense, and more of it", b"\x1f" * 20])
def test_uncompressed_data_is_reported(data: bytes) -> None:
    with pytest.raises(BrokenCoding):
        decoded("gzip", data, 3)


@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_damage_is_reported_after_the_text(size: int) -> None:
    damaged = gzip.compress(TEXT)[:-8] + b"\0" * 8
    decoder = ContentDecoder("gzip")
    parts: list[bytes] = []
    with pytest.raises(BrokenCoding):
        for at in range(0, len(damaged), size):
            parts.extend(decoder.feed(damaged[at : at + size]))
    assert b"".join(parts) == TEXT


def test_a_bomb_is_read_in_bounded_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_encoding, "DECODED_LIMIT", 5 * PART)
    bomb = gzip.compress(b"\0" * (100 * PART))
    parts: list[bytes] = []
    with pytest.raises(TooMuch):
        parts.extend(ContentDecoder("gzip").feed(bomb))
    assert [len(part) for part in parts] == [PART] * 5
