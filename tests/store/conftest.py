"""A history in a temporary folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatgrid_tui.store.history import History

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def history(folder: Path) -> AsyncIterator[History]:
    history = await History.open(folder)
    yield history
    await history.close()


@pytest.fixture
def noon() -> datetime:
    return NOON
