"""What some kinds of service offer besides messages: the requests for it, and readers of the answers.

A reader returns None if an answer is not what it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board, Chat, Page, Profile, Provider, RemoteMessage
from chatgrid_tui.model.request import Request


@dataclass(frozen=True, slots=True)
class RemoteBoards:
    """Boards that can be created, renamed and deleted."""

    create: Callable[[Provider, str], Request]
    get: Callable[[Provider, str], Request]
    rename: Callable[[Provider, str, str], Request]
    delete: Callable[[Provider, str], Request]
    read: Callable[[Json], Board | None]


@dataclass(frozen=True, slots=True)
class RemoteChats:
    """Conversations that the service lists, with their messages, and that can be renamed and deleted."""

    list: Callable[[Provider, str, str | None], Request]
    """The chats of a board after a cursor, newest first."""
    create: Callable[[Provider, str, str], Request]
    get: Callable[[Provider, str, str], Request]
    rename: Callable[[Provider, str, str, str], Request]
    delete: Callable[[Provider, str, str], Request]
    messages: Callable[[Provider, str, str, str | None], Request]
    """The messages of a chat after a cursor, newest first."""
    read_list: Callable[[Json], Page[Chat]]
    read: Callable[[Json], Chat | None]
    read_messages: Callable[[Json], Page[RemoteMessage] | None]


@dataclass(frozen=True, slots=True)
class RemoteMessages:
    """The messages of a conversation whose id is known, if the service lists no conversations."""

    list: Callable[[Provider, str, str], Request]
    """The messages of a conversation, oldest first: those after a `created_at`, or all if that is empty."""
    read: Callable[[Json], tuple[RemoteMessage, ...] | None]
    most: int
    """The most messages in one answer."""


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of a key, and the remaining credits."""

    profile: Callable[[Provider], Request]
    read_profile: Callable[[Json], Profile | None]
    credits: Callable[[Provider], Request]
    read_credits: Callable[[Json], int | None]
