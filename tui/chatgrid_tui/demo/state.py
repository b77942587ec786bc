"""What the server stores while it runs, within bounds."""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, assert_never

from chatgrid_tui.demo.catalogue import BOTS, BY_SLUG, ECHO, Bot
from chatgrid_tui.demo.steps import StoredAs

_Value = TypeVar("_Value")

MAX_MESSAGES = 2_000
MAX_CHARACTERS = 8_000_000
MAX_BOARDS = 200
MAX_CHATS = 500
MAX_CONVERSATIONS = 500
LATE = 5.0
"""Seconds until a late message is stored."""
_MORE = " This was not streamed."


class Clock:
    """Wall-clock times that never repeat, so that times sort in the order of calls."""

    def __init__(self) -> None:
        self._last = datetime.fromtimestamp(0, UTC)

    def now(self) -> datetime:
        """Return the time, at least a millisecond after the last one returned."""
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last


def iso(moment: datetime) -> str:
    """Return a time in the format of JavaScript's `toISOString`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(slots=True)
class Message:
    """A stored message; `role` is `user` or `assistant`."""

    role: str
    content: str
    created_at: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    model: str | None = None
    metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class Conversation:
    """A thread with one bot: a ChatGrid chat, a ChatIQ conversation, a widget session."""

    id: str
    bot: Bot
    created_at: datetime
    title: str | None = None
    node_id: str | None = None
    updated_at: datetime | None = None
    last_message_at: datetime | None = None
    messages: list[Message] = field(default_factory=list)

    def add(self, message: Message) -> None:
        """Store a message, and drop the oldest ones beyond the bounds."""
        self.messages.append(message)
        self.last_message_at = self.updated_at = message.created_at
        size = sum(len(one.content) for one in self.messages)
        while len(self.messages) > MAX_MESSAGES or (size > MAX_CHARACTERS and len(self.messages) > 2):
            size -= len(self.messages.pop(0).content)

    def said(self) -> tuple[str, ...]:
        """Return what the user has said so far."""
        return tuple(message.content for message in self.messages if message.role == "user")


@dataclass(slots=True)
class Board:
    """A ChatGrid board and its chats."""

    id: str
    name: str
    bot: Bot
    created_at: datetime
    updated_at: datetime
    viewport: dict[str, float]
    view_mode: str = "canvas"
    form: str = "json"
    chats: OrderedDict[str, Conversation] = field(default_factory=OrderedDict)


class State:
    """All that is stored, in memory."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.boards: OrderedDict[str, Board] = OrderedDict()
        self.conversations: OrderedDict[str, Conversation] = OrderedDict()
        self.sessions: OrderedDict[str, Conversation] = OrderedDict()
        self._asked: OrderedDict[str, None] = OrderedDict()
        for bot in reversed(BOTS):  # the newest board is listed first, and that should be the first bot
            self.add_board(bot.name, "canvas", bot, bot.board_id)

    def add_board(self, name: str, view_mode: str, bot: Bot | None = None, id: str | None = None) -> Board:  # noqa: A002
        """Add a board. A board that a client adds gets the bot that its name says, else Echo."""
        now = self.clock.now()
        if bot is None:
            bot = BY_SLUG.get(name.strip().lower().replace(" ", "-"), ECHO)
        viewport = {"x": 0.0, "y": 0.0, "zoom": 1.0}
        board = Board(id or str(uuid.uuid4()), name, bot, now, now, viewport, view_mode, bot.chatgrid_form)
        self.boards[board.id] = board
        _bound(self.boards, MAX_BOARDS)
        return board

    def add_chat(self, board: Board, title: str | None, node_id: str | None) -> Conversation:
        """Add a chat to a board."""
        now = self.clock.now()
        chat = Conversation(str(uuid.uuid4()), board.bot, now, title or "New chat", node_id, now)
        board.chats[chat.id] = chat
        _bound(board.chats, MAX_CHATS)
        return chat

    def add_conversation(self, bot: Bot) -> Conversation:
        """Start a ChatIQ conversation."""
        conversation = Conversation(str(uuid.uuid4()), bot, self.clock.now())
        self.conversations[conversation.id] = conversation
        _bound(self.conversations, MAX_CONVERSATIONS)
        return conversation

    def asked_before(self, question: str) -> bool:
        """Return whether this question was asked before, and remember it."""
        before = question in self._asked
        self._asked[question] = None
        _bound(self._asked, MAX_CONVERSATIONS)
        return before

    def session(self, key: str, bot: Bot, new_id: Callable[[], str]) -> Conversation:
        """Return the widget's only conversation for a session id, started if necessary."""
        if key not in self.sessions:
            self.sessions[key] = Conversation(new_id(), bot, self.clock.now())
            _bound(self.sessions, MAX_CONVERSATIONS)
        self.sessions.move_to_end(key)
        return self.sessions[key]


def _bound(store: OrderedDict[str, _Value], limit: int) -> None:
    while len(store) > limit:
        store.popitem(last=False)


def join_halves(text: str) -> str:
    """Join surrogate pairs that arrived as two halves. A single half is kept."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def utf16_length(text: str) -> int:
    """Return the length as JavaScript counts it, in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def store(conversation: Conversation, question: Message, reply: Message | None, stored: StoredAs) -> None:
    """Store a message and its reply, at once or late, or something different instead."""
    messages = [question] if reply is None else [question, replace(reply, content=_content(reply.content, stored))]
    match stored:
        case "same" | "longer" | "shorter" | "other":
            _add(conversation, messages)
        case "nothing":
            return
        case "twice":
            copies = [replace(message, id=str(uuid.uuid4())) for message in messages]
            _add(conversation, [*messages, *copies])
        case "late":
            asyncio.get_running_loop().call_later(LATE, _add, conversation, messages)
        case _:
            assert_never(stored)


def _add(conversation: Conversation, messages: list[Message]) -> None:
    for message in messages:
        conversation.add(message)


def _content(text: str, stored: StoredAs) -> str:
    match stored:
        case "longer":
            return text + _MORE
        case "shorter":
            return text[: len(text) // 2]
        case "other":
            words = text.split(" ")
            return " ".join([*words[: len(words) // 2], "otherwise", *words[len(words) // 2 + 1 :]])
        case "same" | "nothing" | "twice" | "late":
            return text
        case _:
            assert_never(stored)
