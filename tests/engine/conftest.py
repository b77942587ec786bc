"""A transport over the real network."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chatgrid_tui.engine.http import HttpTransport


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    """Give a transport that is closed afterwards."""
    transport = HttpTransport()
    yield transport
    await transport.close()
