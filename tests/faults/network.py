"""Faults between a service and the app: rows 8 to 32 of the fault matrix, as handlers of a scripted server."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from chatgrid_tui.model.saved_conversation import ReplyState
from engine.raw import Handler, resets, writes
from fakes import turns
from faults.services import refuses
from faults.wire import Wire

Build: TypeAlias = Callable[[Wire], Handler]

HALF: Final = "Half of it."
CHUNKED: Final = b"Transfer-Encoding: chunked"
CLOSE: Final = b"Connection: close"
KEPT: Final = "Your message is kept"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, the text on the screen, and the content of the history afterwards. `press` is the user's action on a
    reply that does not end by itself.
    """

    row: int
    name: str
    build: Build
    words: tuple[str, ...]
    state: ReplyState = "failed"
    text: str = ""
    press: str = ""
    meanwhile: str = ""
    """Words that are on the screen before the user does so."""
    absent: str = ""
    """Words that must not be on the screen."""


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _then_waits(*pieces: bytes) -> Handler:
    """Write the pieces, then nothing until the client hangs up."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writes(*pieces)(reader, writer)
        await reader.read()

    return handler


def _then_repeats(piece: bytes, *pieces: bytes, every: float = 0) -> Handler:
    """Write the pieces, then one piece again and again until the client hangs up."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writes(*pieces)(reader, writer)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)

    return handler


def _resets_after(*pieces: bytes) -> Handler:
    """Write the pieces, let the client read them, and reset the connection: a reset discards what is unread."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writes(*pieces)(reader, writer)
        await turns(200)
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return handler


def _drips(wire: Wire) -> Handler:
    return _then_waits(wire.head(CLOSE), *(wire.text(f"drop {number} ") for number in (1, 2, 3)))


def _limited(*headers: str) -> Build:
    return lambda wire: refuses(429, "rate_limit_exceeded", "Slow down.", *headers)


def _error_page(wire: Wire) -> Handler:
    page = b"<!doctype html><title>Sign in</title><p>Sign in to the network."
    return writes(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page), page)


def _bad_bytes(wire: Wire) -> Handler:
    """A letter of two bytes that arrives in two reads, and a byte that is no UTF-8."""
    piece = wire.text("café ÿ!")
    middle = piece.index(b"\xc3\xa9") + 1
    broken = piece.replace(b"\xc3\xbf", b"\xff")
    return writes(wire.head(CLOSE), broken[:middle], broken[middle:], wire.end)


def _gzipped(wire: Wire) -> Handler:
    body = gzip.compress(wire.text(HALF) + wire.end)
    return writes(wire.head(CLOSE, b"Content-Encoding: gzip"), body)


LOST_EARLY: Final = ("The connection was lost before the reply arrived.",)
LOST: Final = (f"The connection was lost after {len(HALF)} characters.", HALF)

FAULTS: Final = (
    Fault(8, "closed", lambda wire: writes(), LOST_EARLY, "truncated"),
    Fault(8, "reset", lambda wire: resets(), LOST_EARLY, "truncated"),
    Fault(
        9, "not http", lambda wire: writes(b"220 mail.example ESMTP ready\r\n"), ("does not speak HTTP",), "truncated"
    ),
    Fault(10, "no head", lambda wire: _then_waits(), ("You stopped this reply",), "stopped", press="escape"),
    Fault(
        11,
        "continue flood",
        lambda wire: _then_repeats(b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("sent too many headers",),
        "truncated",
    ),
    Fault(12, "web page", _error_page, ("answers with a web page, not with a reply (200, text/html)", KEPT)),
    Fault(
        13,
        "moved",
        lambda wire: writes(b"HTTP/1.1 307 x\r\nLocation: https://new.example/\r\nContent-Length: 0\r\n\r\n"),
        ("The service moved to", "new.example", "It was not followed"),
    ),
    Fault(
        14, "no key", lambda wire: refuses(401, "bad_key", "Bad key."), ("The service requires a key (401", "Bad key")
    ),
    Fault(14, "forbidden", lambda wire: refuses(403, "no", "No."), ("The key does not allow this (403", KEPT)),
    Fault(15, "not found", lambda wire: refuses(404), ("There is no chat at this address (404", KEPT)),
    Fault(15, "not allowed", lambda wire: refuses(405), ("There is no chat at this address (405", KEPT)),
    Fault(
        16,
        "limited",
        _limited("Retry-After: 60"),
        ("The service is limiting requests (429", "Slow down", "Next try in", "Try now", "Leave it"),
        press="click Leave it",
    ),
    Fault(
        17,
        "limited until",
        _limited("Date: Wed, 01 Jan 2020 00:00:00 GMT", "Retry-After: Wed, 01 Jan 2020 00:01:00 GMT"),
        ("The service is limiting requests (429", "Next try in"),
        press="click Leave it",
    ),
    Fault(18, "limited nan", _limited("Retry-After: nan"), ("limiting requests (429",), absent="Next try in"),
    Fault(18, "limited inf", _limited("Retry-After: inf"), ("limiting requests (429",), absent="Next try in"),
    Fault(18, "limited minus", _limited("Retry-After: -5"), ("limiting requests (429",), absent="Next try in"),
    Fault(18, "limited 1e999", _limited("Retry-After: 1e999"), ("limiting requests (429",), absent="Next try in"),
    Fault(19, "unavailable", lambda wire: refuses(503, "x", "Try later."), ("The service failed (503", "Try later")),
    Fault(
        20,
        "stall",
        lambda wire: _then_waits(wire.head(CLOSE), wire.text(HALF)),
        (HALF, "You stopped this reply after"),
        "stopped",
        HALF,
        press="escape",
        meanwhile="No data for",
    ),
    Fault(
        21,
        "heartbeats",
        lambda wire: _then_repeats(wire.ping, wire.head(CLOSE), wire.text(HALF), every=0.01),
        (HALF, "You stopped this reply after"),
        "stopped",
        HALF,
        press="escape",
        meanwhile="Alive, no text for",
    ),
    Fault(
        22,
        "drip",
        _drips,
        ("drop 1 drop 2 drop 3", "You stopped this reply after"),
        "stopped",
        "drop 1 drop 2 drop 3 ",
        press="escape",
    ),
    Fault(23, "reset within", lambda wire: _resets_after(wire.head(CLOSE), wire.text(HALF)), LOST, "truncated", HALF),
    Fault(
        24,
        "chunk cut",
        lambda wire: writes(wire.head(CHUNKED), _chunk(wire.text(HALF)), b"40\r\nda"),
        LOST,
        "truncated",
        HALF,
    ),
    Fault(
        25,
        "short",
        lambda wire: writes(wire.head(b"Content-Length: 9999"), wire.text(HALF)),
        LOST,
        "truncated",
        HALF,
    ),
    Fault(
        26,
        "cut",
        lambda wire: writes(wire.head(CLOSE), wire.text(HALF)),
        (HALF, "The stream ended without its end mark."),
        "truncated",
        HALF,
    ),
    Fault(
        27,
        "bad chunk",
        lambda wire: writes(wire.head(CHUNKED), _chunk(wire.text(HALF)), b"zz\r\n"),
        (HALF,),
        "truncated",
        HALF,
    ),
    Fault(28, "gzip", _gzipped, (HALF,), "finished", HALF),
    Fault(
        28,
        "brotli",
        lambda wire: writes(wire.head(CLOSE, b"Content-Encoding: br"), b"\x8b\x02\x80abc\x03"),
        ("compressed (br)",),
    ),
    Fault(
        29,
        "endless line",
        lambda wire: _then_repeats(b"x" * 65_536, wire.head(CLOSE), wire.text(HALF), b"data: "),
        (HALF, "too long"),
        text=HALF,
    ),
    Fault(
        30,
        "garbage",
        lambda wire: writes(wire.head(CLOSE), wire.garbage(), wire.text(HALF), wire.end),
        (HALF, "1 piece of the reply could not be read."),
        "finished",
        HALF,
    ),
    Fault(
        31,
        "error event",
        lambda wire: writes(wire.head(CLOSE), wire.text(HALF), wire.error("boom", "It went boom."), wire.end),
        (HALF, "The service stopped with an error", "It went boom."),
        text=HALF,
    ),
    Fault(32, "bad utf-8", _bad_bytes, ("café", "!"), "finished", "café \ufffd!"),
)
