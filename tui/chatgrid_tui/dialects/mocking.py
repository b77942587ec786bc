"""What a mock needs to know about a kind to serve its recordings: the ids that differ between clients, and the
requests that clients make before their first message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chatgrid_tui.model.json import Json, JsonObject

ANY_ID: Final = "*"
"""A placeholder for the id of a conversation, which each client gets or creates for itself."""


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
