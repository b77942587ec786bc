"""A session that shows recorded turns. It sends, requests and saves nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.engine.replay import ReplayTransport
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.saved_conversation import ReadOnly
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.player import Player
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.recorded_turns import RecordedTurn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.session import Session
from chatgrid_tui.session.tasks import cooperatively
from chatgrid_tui.store.history import History

_NO_ADDRESS: Final = "http://recording.invalid"


async def open_recording(
    turns: Sequence[RecordedTurn],
    title: str,
    folder: Path,
    clock: Clock = SYSTEM_CLOCK,
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[Session, Conversation]:
    """Return a session with a conversation for each kind of service in the turns, and the first of these
    conversations, which are titled `title`. The history is in `folder`, which must be empty. `progress` is called
    with the share of the turns that has been read.
    """
    kinds = {turn.dialect.kind: turn.dialect for turn in turns}
    providers = {kind: _provider(kinds[kind], turns) for kind in kinds}
    session, history = await view_session(providers, folder, "recording", clock)
    try:
        ids: dict[str, int] = {}
        for number, turn in enumerate(turns):
            kind = turn.dialect.kind
            if kind not in ids:
                ids[kind] = await history.create(kind, turn.board, turn.speaker, title, turn.sent_at)
            await _save(history, ids[kind], turn, partial(_report, progress, number, len(turns)))
        await session.load()
        return session, await session.open(ids[turns[0].dialect.kind])
    except BaseException:
        await session.close()
        raise


def _report(progress: Callable[[float], None], done: int, of: int, share: float) -> None:
    progress((done + share) / of)


def _provider(dialect: Dialect, turns: Sequence[RecordedTurn]) -> Provider:
    """Return a stand-in for the service of a kind."""
    origin = next((turn.origin for turn in turns if turn.dialect is dialect and turn.origin), _NO_ADDRESS)
    title = "" if origin == _NO_ADDRESS else origin.split("/")[2]
    return Provider(dialect.kind, dialect.kind, origin, title or dialect.name, embedded=True)


async def _save(
    history: History, conversation_id: int, turn: RecordedTurn, progress: Callable[[float], None]
) -> None:
    """Add a turn to a conversation as if it had been sent there."""
    turn_id = await history.add_turn(conversation_id, turn.message, turn.message, turn.sent_at)
    reply = await _whole_reply(turn, progress)
    await save_whole_reply(history, turn_id, reply, turn.recordings)


async def _whole_reply(turn: RecordedTurn, progress: Callable[[float], None]) -> Reply:
    reply = turn.empty_reply()
    player = Player(turn.recordings, turn.dialect, reply, speed=math.inf)
    await cooperatively(
        player.advance(), lambda: progress(player.position / player.duration if player.duration else 0.0)
    )
    if not turn.recordings[-1].timed:
        reply.first_token = reply.duration = None
    return reply


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
