"""A running demo server, and a client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import DemoKeys
from demo.talking import Talker


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=10, verify=False) as client:
        yield client


@pytest.fixture
async def server() -> AsyncIterator[DemoServer]:
    async with DemoServer(pace=0) as server:
        yield server


@pytest.fixture
async def talker(server: DemoServer, client: httpx.AsyncClient) -> Talker:
    return Talker(server, client)


@pytest.fixture
async def locked(client: httpx.AsyncClient) -> AsyncIterator[Talker]:
    """A server that asks for keys."""
    async with DemoServer(pace=0, keys=DemoKeys()) as server:
        yield Talker(server, client)
