"""Long work in slices, between which others get their turn: the session's, and the interface's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterable
from typing import Final, TypeAlias, TypeVar

Result = TypeVar("Result")
Thing = TypeVar("Thing")

Steps: TypeAlias = Generator[None, None, Result]
"""Work that yields after each of its steps, of which none takes long, and returns what came of it."""
_SLICE: Final = 0.005
"""Seconds that may pass before others get their turn."""


async def in_slices(work: Steps[Result], between: Callable[[], None] | None = None) -> Result:
    """Do some work without holding up the event loop. What is over soon is done at once; `between` is called before
    others get their turn.
    """
    until = time.monotonic() + _SLICE
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result
        if time.monotonic() > until:
            if between is not None:
                between()
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


def gathered(things: Iterable[Thing], kept: list[Thing]) -> Steps[None]:
    """Keep one thing after another, a step for each."""
    for thing in things:
        kept.append(thing)
        yield
