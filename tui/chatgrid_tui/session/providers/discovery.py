"""Find model servers on this machine, once, if nothing is configured yet.

Only this machine is asked, at the default ports of such servers, and only for the list of models.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from chatgrid_tui.dialects.dialect import Preset
from chatgrid_tui.dialects.registry import DIALECTS, all_presets
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.wire.record import Absent

PresetOfKind: TypeAlias = tuple[str, Preset]
_TIMEOUT: Final = 0.3
"""Seconds that each may take to answer."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered, and how many models it has."""

    preset: Preset
    models: int


def local_presets() -> tuple[PresetOfKind, ...]:
    """Return the servers to look for."""
    return tuple((kind, preset) for kind, preset in all_presets() if preset.port)


async def find_local_servers(
    clients: Clients, presets: Iterable[PresetOfKind] | None = None
) -> tuple[LocalServer, ...]:
    """Return the servers that answer with a list of models, in the order of `presets`."""
    presets = local_presets() if presets is None else presets
    servers = await asyncio.gather(*(_server_at(clients, kind, preset) for kind, preset in presets))
    return tuple(server for server in servers if server is not None)


async def _server_at(clients: Clients, kind: str, preset: Preset) -> LocalServer | None:
    dialect, provider = DIALECTS[kind], Provider(preset.id, kind, preset.base_url)
    request = dialect.boards(provider, None)
    if request is None:
        return None
    try:
        client = await clients.trial(provider, None)
        async with asyncio.timeout(_TIMEOUT):
            answer = await client.ask(request, with_key=False)
    except (ChatgridError, TimeoutError):
        return None
    if answer.failure is not None or isinstance(answer.payload, Absent) or not dialect.is_listing(answer.payload):
        return None
    models = len(dialect.read_boards(answer.payload).items)
    return LocalServer(preset, models) if models else None
