"""What sessions that only show something have in common: no network, and a history in a folder of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.engine.replay import ReplayTransport
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.saved_conversation import ReadOnly
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.session import Session
from chatgrid_tui.store.history import History


async def view_session(
    providers: Mapping[str, Provider], folder: Path, read_only: ReadOnly, clock: Clock
) -> tuple[Session, History]:
    """Return a session that is not loaded yet, and its history, which is in `folder`. That must be empty."""
    # No request can be sent: this network is empty.
    clients = Clients(
        Settings(providers=providers, probe_local=False),
        Paths(folder / "config.toml", folder),
        lambda: ReplayTransport(()),
    )
    history = await History.open(folder)
    return Session(clients, history, clock, read_only=read_only), history


async def save_whole_reply(history: History, turn_id: int, reply: Reply, recordings: Sequence[Recording]) -> None:
    """Save a reply that has ended, with its recordings, and give it an id.

    Raises:
        StorageProblem: it cannot be saved.
    """
    reply.id = await history.add_reply(turn_id, reply.speaker, reply.started_at)
    await history.save_reply(reply.saved())
    lines = await asyncio.to_thread(lambda: [*map(write_recording, recordings)])  # may be megabytes
    await history.save_recordings(reply.id, lines)
