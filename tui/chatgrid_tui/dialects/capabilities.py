"""What some kinds of service offer besides messages: the requests for it, and readers of the answers.

A reader returns None if an answer is not what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Board, Chat, Page, Profile, Provider, RemoteMessage
from chatgrid_tui.model.request import Request

ANY_ID: Final = "*"
"""A placeholder for the id of a conversation, which each client gets or creates for itself."""


@dataclass(frozen=True, slots=True)
class RemoteBoards:
    """Boards that can be created."""

    create: Callable[[Provider, str], Request]
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

    read_profile: Callable[[Json], Profile | None]
    credits: Callable[[Provider], Request]
    read_credits: Callable[[Json], int | None]


class RelativeRequest(NamedTuple):
    """A request without the address of its service."""

    method: str
    path: str
    """The path after the base address, without the query."""
    body: JsonObject
    """The JSON object in its body; empty if there is none."""


def _error(message: str) -> Json:
    return {"error": {"message": message}}


@dataclass(frozen=True, slots=True)
class Mocking:
    """How to mock one kind of service."""

    without_ids: Callable[[RelativeRequest], RelativeRequest] = lambda request: request
    """Returns a request with `ANY_ID` in place of the id of its conversation."""
    answer: Callable[[RelativeRequest, Sequence[RelativeRequest], str], Json] = lambda request, recorded, new_id: None
    """Returns the answer to a request that was not recorded, but that clients make before they can send a message,
    such as the listing of boards; None for any other. Takes the recorded requests, and an id for what the request
    creates.
    """
    error: Callable[[str], Json] = _error
    """Returns the body of an error with a message."""


USUAL_MOCKING: Final = Mocking()
"""For a kind without conversation ids, whose clients make no request before a message."""


def without_id(request: RelativeRequest, name: str) -> RelativeRequest:
    """Return a request with `ANY_ID` in place of the id in a field of its body, if it has one."""
    return request._replace(body={**request.body, name: ANY_ID}) if request.body.get(name) else request


def distinct(texts: Sequence[str]) -> list[str]:
    """Return the texts that are not empty, without duplicates."""
    return list(dict.fromkeys(filter(None, texts)))
