"""What went wrong with a reply, as a value that can be stored, shown and printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FailureKind: TypeAlias = Literal["stream", "http", "network", "timeout", "protocol"]
"""`stream`: said within a 200 · `http`: another status · `network`: no connection, or one that broke ·
`timeout`: silence · `protocol`: not a reply at all."""

FailureCause: TypeAlias = Literal[
    "said",  # the service said so itself
    "moved",  # a redirect, which is not followed
    "refused",  # nothing listens at the address
    "unknown host",
    "certificate",
    "no TLS",  # https was asked for, and no encrypted connection came about
    "insecure",  # plain http to a host that is not this machine
    "unusable address",
    "key",  # no request was made, since the key cannot be used; `place` says why
    "dropped",  # the connection broke
    "no connection in time",
    "no answer in time",  # connected, but no status line came
    "silence",  # the reply stopped coming
    "page",  # a web page in place of a reply
    "not a reply",
    "other kind",  # a stream of objects, and none is one of a reply of this kind
    "compressed",  # an encoding that was not asked for
    "too long",
]
"""Why, more finely than the kind: it chooses the words on the screen."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of one reply.

    `code` and `message` are the service's own words, or None. `status` (the HTTP status) and `retry_after`
    (seconds, as the service sent them) are set for `http` only. `place` is a host, an address or a media
    type, whatever `cause` is about; it is for people and never part of `--json`.
    """

    kind: FailureKind
    cause: FailureCause = "said"
    code: str | None = None
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None
    place: str = ""
    field: str = ""
    """The field of the request that the service names, with what it says of just that field."""
