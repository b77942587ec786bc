"""A session without a screen that talks to its own bots until it is killed, and reports what it shows and saves.

    python talking.py FOLDER

Each line that it prints is a JSON object: `kept`, a message that counts as saved, by its turn; or `at`, a time of the
system's monotonic clock, and `shown`, how many characters of the reply to `turn` were shown then.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from chatgrid_tui.cli.demo import with_embedded
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.demo.catalogue import LONG_WRITER
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.session import Session
from chatgrid_tui.store.history import History


async def _talk(folder: Path) -> None:
    server = DemoServer()
    await server.start()
    settings = with_embedded(Settings(), server)
    clients = Clients(settings, Paths.usual(folder / "config.toml", folder), HttpTransport)
    history = await History.open(folder)
    assert history.read_only is None and not history.in_memory, history.notice
    session = Session(clients, history)
    await session.load()
    conversation = session.begin(settings.providers["demo-openai"], Board(LONG_WRITER.slug, "Long writer"))
    await _send(session, conversation)
    async for _ in session.changes():
        turn = conversation.turns[-1]
        if turn.reply is not None:
            _say(at=time.monotonic(), turn=turn.id, shown=turn.reply.characters)
        if conversation.live is None:
            await _send(session, conversation)


async def _send(session: Session, conversation: Conversation) -> None:
    await session.outbox.send(conversation, "30 at 60")
    _say(kept=conversation.turns[-1].id)


def _say(**line: float) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    asyncio.run(_talk(Path(sys.argv[1])))
