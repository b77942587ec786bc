"""Long work of the session, in slices between which others get their turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import Final, TypeAlias, TypeVar

Result = TypeVar("Result")

Steps: TypeAlias = Generator[None, None, Result]
"""Work that yields after each of its steps, of which none takes long, and returns what came of it."""
_SLICE: Final = 0.005
"""Seconds that may pass before others get their turn."""


async def in_slices(work: Steps[Result]) -> Result:
    """Do some work without holding up the event loop. What is over soon is done at once."""
    until = time.monotonic() + _SLICE
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + _SLICE


def at_once(work: Steps[Result]) -> Result:
    """Do some work in one go."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result
