"""Reading large answers without holding up the event loop.

A thread alone does not do it: `json` reads a whole text in one call into C, and nobody else gets the interpreter
meanwhile (measured: 14 MiB of messages held everything up for 60 ms, as many empty lists for 790 ms). So large texts
are read in a thread by the part of `json` that is written in Python, which takes ten times as long and lets others
in between any two values (measured: 11 ms and 98 ms).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from json import scanner
from typing import Final, TypeVar

from chatgrid_tui.model.json import Json
from chatgrid_tui.wire.record import MALFORMED, Absent

LARGE: Final = 64 * 1024
"""Bytes from which on an answer is read in a thread. A page of a hundred messages has as many, and takes a
millisecond.
"""
Argument = TypeVar("Argument")
Result = TypeVar("Result")


class _LettingOthersIn(json.JSONDecoder):
    """A decoder of which no step takes long."""

    def __init__(self) -> None:
        super().__init__()
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]


async def parsed(body: bytes) -> Json | Absent:
    """Return the value of a body, `MALFORMED` where it is no JSON."""
    return await apart(len(body), _parsed_large if len(body) >= LARGE else _parsed, body)


async def apart(size: int, work: Callable[[Argument], Result], argument: Argument) -> Result:
    """Do some work on what took `size` bytes, in a thread where that is much. Raises what the work raises."""
    return await asyncio.to_thread(work, argument) if size >= LARGE else work(argument)


def _parsed(body: bytes) -> Json | Absent:
    return _value(body, json.JSONDecoder)


def _parsed_large(body: bytes) -> Json | Absent:
    return _value(body, _LettingOthersIn)


def _value(body: bytes, decoder: type[json.JSONDecoder]) -> Json | Absent:
    try:
        value: Json = json.loads(body, cls=decoder)
    except (ValueError, RecursionError):
        return MALFORMED
    return value
