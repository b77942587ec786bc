"""Long work of the session, in slices between which others get their turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Iterator
from typing import Final, Generic, TypeAlias, TypeVar

Result = TypeVar("Result")

Steps: TypeAlias = Generator[None, None, Result]
"""Work that yields after each of its steps, of which none takes long, and returns what came of it."""
_SLICE: Final = 0.005
"""Seconds that may pass before others get their turn."""


async def in_slices(work: Steps[Result]) -> Result:
    """Do some work without holding up the event loop. What is over soon is done at once."""
    run = _Run(work)
    until = time.monotonic() + _SLICE
    for _ in run:
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + _SLICE
    return run.result


def at_once(work: Steps[Result]) -> Result:
    """Do some work in one go."""
    run = _Run(work)
    for _ in run:
        pass
    return run.result


class _Run(Generic[Result]):
    """Work as something to go through, and what came of it."""

    def __init__(self, work: Steps[Result]) -> None:
        self._work = work
        self.result: Result

    def __iter__(self) -> Iterator[None]:
        self.result = yield from self._work
