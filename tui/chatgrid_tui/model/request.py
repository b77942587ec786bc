"""A request as a value, made by a dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import Provider

Method: TypeAlias = Literal["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"]
METHODS: Final[dict[str, Method]] = {method: method for method in get_args(Method)}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. It does not contain the provider's key, which is added when it is sent."""

    method: Method
    url: str
    body: JsonObject | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The headers of the kind and the configured ones; one may contain a key."""
    other_url: str = ""
    """Where to send the same request if the server does not know `url`."""
    content: bytes | None = field(default=None, repr=False)
    """The body of a request of another client, which is sent exactly as it came: its URL and bytes as they are, and
    no headers but its own. `body` is then what can be read of it. None for a request of this program.
    """


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier message, for services that do not store conversations."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way to a board.

    `conversation` is the id by which the service continues: of a chat (ChatGrid), of a conversation (ChatIQ, empty
    for a new one), of a session (widget). OpenAI-compatible servers continue by `history` alone.
    """

    provider: Provider
    board: str
    text: str
    conversation: str = ""
    stream: bool = True
    history: tuple[Said, ...] = field(default=(), repr=False)
