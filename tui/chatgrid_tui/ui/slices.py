"""Long work done a little at a time, so that the screen goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Final, TypeVar

Thing = TypeVar("Thing")

SLICE: Final = 0.006
"""Seconds of work after which others have their turn."""


async def in_slices(steps: Iterator[object], between: Callable[[], None] | None = None) -> None:
    """Take all steps, and let others have their turn every few of them; `between` is called before they have it."""
    until = monotonic() + SLICE
    for _ in steps:
        if monotonic() >= until:
            if between is not None:
                between()
            await asyncio.sleep(0)
            until = monotonic() + SLICE


def gathered(things: Iterable[Thing], kept: list[Thing]) -> Iterator[None]:
    """Keep one thing after another, a step for each."""
    for thing in things:
        kept.append(thing)
        yield
