"""Sessions that end with their test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.provider import Provider
from fakes import FakeAnswer
from session.room import BOT, GRID, MODEL, SITE, OpenRoom, Room, open_room


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def rooms(folder: Path) -> AsyncIterator[OpenRoom]:
    """Open sessions, by default on the same history; each is closed before the next one that is not `beside` it."""
    opened: list[Room] = []

    async def open_one(
        *answers: FakeAnswer | ConnectionProblem,
        providers: tuple[Provider, ...] = (MODEL, GRID, BOT, SITE),
        at: Path = folder,
        beside: bool = False,
    ) -> Room:
        while opened and not beside:
            await opened.pop().session.close()
        room = await open_room(at, *answers, providers=providers)
        opened.append(room)
        return room

    yield open_one
    for room in opened:
        await room.session.close()


@pytest.fixture
async def room(rooms: OpenRoom) -> Room:
    return await rooms()
