"""A session to test with: a scripted network, a real history, and a clock that the test advances."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.model.saved_conversation import SavedTurn
from chatgrid_tui.session.changes import Change
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.session import Session
from chatgrid_tui.store.history import History
from fakes import FakeAnswer, FakeTransport, ManualClock, listing
from quiet import PATIENCE

MODEL = Provider("model", "openai", "http://127.0.0.1:1")
GRID = Provider("grid", "chatgrid", "http://127.0.0.1:1")
BOT = Provider("bot", "chatiq", "http://127.0.0.1:1")
SITE = Provider("site", "widget", "http://127.0.0.1:1")
BOARD = Board("m", "Model M")


class WatchedSession(Session):
    """A session that can be waited for."""

    changes_seen: list[Change]
    ended: list[Conversation]

    def watch(self) -> None:
        """Start recording the changes that are reported."""
        self.changes_seen, self.ended = [], []
        self._news = asyncio.Event()

    def notify(self, change: Change) -> None:
        super().notify(change)
        self.changes_seen.append(change)
        self._news.set()

    async def reply_ended(self, conversation: Conversation) -> None:
        await super().reply_ended(conversation)
        self.ended.append(conversation)
        self._news.set()

    @property
    def troubles(self) -> list[str]:
        """What the user is alerted to: the messages, and the conditions that hold."""
        return [*self.alerts.messages, *(condition.text for condition in self.alerts.conditions)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that was told made the condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until_ended(self, count: int = 1) -> None:
        """Wait until so many replies have ended and are kept."""
        await self.until(lambda: len(self.ended) >= count)


@dataclass(slots=True)
class Room:
    """A session with everything around it."""

    session: WatchedSession
    history: History
    transport: FakeTransport
    clock: ManualClock

    def script(self, *answers: FakeAnswer | ConnectionProblem) -> None:
        """Say what the network answers next."""
        self.transport.answers += answers

    def begin(self, provider: Provider = MODEL, board: Board = BOARD) -> Conversation:
        """Begin a conversation."""
        return self.session.begin(provider, board)

    async def say(self, conversation: Conversation, text: str, *answers: FakeAnswer | ConnectionProblem) -> Reply:
        """Send a message, and return the reply once it has ended and is kept."""
        self.script(*answers)
        before = len(self.session.ended)
        await self.session.outbox.send(conversation, text)
        await self.session.until_ended(before + 1)
        return reply_of(conversation)

    async def stored(self, conversation: Conversation) -> list[SavedTurn]:
        """Return what the history has of a conversation, after all that was to be written so far."""
        await self.history.mark_read(0)
        return await self.history.turns(conversation.id)


OpenRoom: TypeAlias = Callable[..., Awaitable[Room]]


def chat_without_title(request: Request) -> FakeAnswer | None:
    """Answer what is asked of a chat after its first reply."""
    return listing({"data": {"id": "chat"}}) if request.method == "GET" else None


async def open_room(
    folder: Path, *answers: FakeAnswer | ConnectionProblem, providers: tuple[Provider, ...] = (MODEL, GRID, BOT, SITE)
) -> Room:
    """Open a session on the history in `folder`."""
    history = await History.open(folder)
    transport, clock = FakeTransport(*answers), ManualClock()
    transport.aside = chat_without_title
    settings = Settings(providers={provider.name: provider for provider in providers})
    clients = Clients(settings, Paths(folder / "config.toml", folder), lambda: transport)
    session = WatchedSession(clients, history, Clock(clock, sleep=clock.sleep))
    session.watch()
    await session.load()
    return Room(session, history, transport, clock)


class SlowDisk:
    """A history whose messages are kept when the disk is let go on."""

    def __init__(self, room: Room) -> None:
        self.go_on = asyncio.Event()
        self.asked = asyncio.Event()
        self._add_turn = room.history.add_turn

    async def add_turn(self, *arguments: object) -> int:
        """Keep a turn, once the disk may."""
        self.asked.set()
        await self.go_on.wait()
        return await self._add_turn(*arguments)  # type: ignore[arg-type]


def with_keys(room: Room, *names: str, source: KeySource | None = None) -> None:
    """Give providers a key source."""
    sources = {name: source or KeySource(variable="TEST_KEY_VARIABLE") for name in names}
    room.session.clients.settings = Settings(providers=room.session.clients.settings.providers, key_sources=sources)


def reply_of(conversation: Conversation) -> Reply:
    """Return the reply to the newest message that went out."""
    newest = conversation.newest
    assert newest is not None
    assert newest.reply is not None
    return newest.reply


def regenerate(session: Session, conversation: Conversation) -> None:
    """Send the newest message for another reply."""
    newest = conversation.newest
    assert newest is not None
    session.outbox.regenerate(conversation, newest)


def text_of(reply: Reply | None) -> str:
    """Return the bubbles of a reply, joined by bars."""
    return "" if reply is None else "|".join(bubble.text for bubble in reply.bubbles)
