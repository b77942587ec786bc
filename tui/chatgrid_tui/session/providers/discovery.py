"""Servers of models that answer on this machine, looked for once where nothing is configured yet.

Only this machine is asked, at the ports that such servers use by themselves, and only for the list of models.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.config.presets import PRESETS, Preset
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.wire.record import Absent

LOCAL: tuple[Preset, ...] = tuple(known for known in PRESETS if known.port)
"""The servers that are looked for."""
_PATIENCE: Final = 0.3
"""Seconds that each may take to answer."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answers, and how many models it has."""

    preset: Preset
    models: int


async def find_local_servers(clients: Clients, looked_for: Iterable[Preset] | None = None) -> tuple[LocalServer, ...]:
    """Return the servers that answer with a list of models, in the order in which they are looked for."""
    known_ones = LOCAL if looked_for is None else looked_for
    found = await asyncio.gather(*(_models_of(clients, known) for known in known_ones))
    return tuple(server for server in found if server is not None)


async def _models_of(clients: Clients, known: Preset) -> LocalServer | None:
    provider = Provider(known.id, known.kind, known.base_url)
    try:
        client = await clients.trial(provider, None)
        async with asyncio.timeout(_PATIENCE):
            answer = await client.ask(Request("GET", f"{known.base_url}/models"), with_key=False)
    except (ChatgridError, TimeoutError):
        return None
    if answer.failure is not None:
        return None
    models = _count(answer.payload)
    return LocalServer(known, models) if models else None


def _count(payload: Json | Absent) -> int:
    """Return how many models a list has; 0 for anything that is no list of models."""
    listed = payload.get("data") if isinstance(payload, Mapping) and payload.get("object") == "list" else None
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        return 0
    return sum(isinstance(item, Mapping) and isinstance(item.get("id"), str) for item in listed)
