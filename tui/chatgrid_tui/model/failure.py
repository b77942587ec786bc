"""What went wrong with a reply, as a value that can be stored, shown and printed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.model.json import Json, JsonObject

FailureKind: TypeAlias = Literal["stream", "http", "network", "timeout", "protocol"]
"""`stream`: reported within a 200 · `http`: another status · `network`: no connection, or a broken one ·
`timeout`: silence · `protocol`: not a reply."""

SettingsCause: TypeAlias = Literal[
    "insecure",  # plain http to a host that is not this machine
    "unusable address",
    "key",  # no request was made, since the key cannot be used; `place` says why
    "no board",  # no message was sent, since there is no board to send it to; `place` says why
    "certificates unreadable",  # the file or folder of SSL_CERT_FILE or SSL_CERT_DIR; `place` names both
    "no certificates",  # there are none in it
    "key log",  # the file of SSLKEYLOGFILE cannot be written
    "no SOCKS",  # a SOCKS proxy, and the package for it is not installed; `place` names the variable
    "unknown proxy kind",
    "unusable proxy address",
]
"""Nothing was sent, because of how the provider or this machine is set up."""

ProxyCause: TypeAlias = Literal[
    "proxy not reached",
    "unknown proxy host",
    "proxy silent",
    "proxy not trusted",  # no encrypted connection to a proxy of https
    "proxy refused",  # it answered with an error; `status` is its status, if it has one
    "not a proxy",  # it answered in another way than proxies do
]
"""The proxy did not connect to the service; `place` is its address and the variable that names it."""

ConnectCause: TypeAlias = Literal[
    "refused",  # nothing listens at the address
    "unreachable",  # there is no route to the address
    "unknown host",
    "name lookup failed",  # nobody could be asked for the address of the host
    "no connection in time",
    "certificate",  # not trusted, for another reason than those below
    "certificate name",  # it is for another host
    "certificate expired",
    "certificate not yet valid",
    "certificate issuer",  # signed by an untrusted issuer
    "certificate self-signed",
    "no TLS",  # https was asked for, and the port speaks something else
    "TLS refused",  # the two sides have no encryption in common
    "client certificate",  # the service wants one of us
    "TLS not answered",  # the port took the connection and stayed silent
]
"""There was no connection to the service."""

AnswerCause: TypeAlias = Literal[
    "dropped",  # the connection broke
    "no answer in time",  # connected, but no status line came
    "TLS expected",  # http was asked for, and the port speaks TLS
    "not HTTP",
    "headers too long",  # or informational responses without end
    "transfer coding",  # the body is sent in a way that HTTP/1.1 clients need not know
    "broken chunks",
    "broken compression",  # `place` is the coding
    "silence",  # the reply stopped coming
    "no text",  # bytes came, such as heartbeats, and nothing of a reply in them
]
"""There was a connection, and no whole answer."""

ReplyCause: TypeAlias = Literal[
    "said",  # the service said so itself
    "moved",  # a redirect, which is not followed
    "page",  # a web page in place of a reply
    "not a reply",
    "other kind",  # a stream of objects, and none is one of a reply of this kind
    "compressed",  # a coding that cannot be read; `place` names it
    "too long",
]
"""There was an answer, but it is an error or not a reply."""

FailureCause: TypeAlias = Literal[SettingsCause, ProxyCause, ConnectCause, AnswerCause, ReplyCause]
"""The reason, more specific than the kind. It determines the text on the screen."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of one reply.

    `code` and `message` are the service's own text, or None. `status` (the HTTP status, of the service or of the
    proxy that refused) is set for `http` and "proxy refused" only, `retry_after` (seconds, as sent) for `http` only.
    `place` is a host, an address or a media type, depending on `cause`; it is for people and never part of `--json`.
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

    def as_object(self) -> JsonObject:
        """Return it as a JSON object, without unset fields."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def from_object(cls, value: Json) -> Failure | None:
        """Return the failure from an object of `as_object`, or None if the value is not one."""
        if not isinstance(value, Mapping):
            return None
        code, message, place = value.get("code"), value.get("message"), value.get("place")
        field, status, retry_after = value.get("field"), value.get("status"), value.get("retry_after")
        return cls(
            kind=_KINDS.get(str(value.get("kind")), "stream"),
            cause=_CAUSES.get(str(value.get("cause")), "said"),
            code=code if isinstance(code, str) else None,
            message=message if isinstance(message, str) else None,
            status=status if isinstance(status, int) else None,
            retry_after=_seconds(retry_after) if isinstance(retry_after, int | float) else None,
            place=place if isinstance(place, str) else "",
            field=field if isinstance(field, str) else "",
        )


def _seconds(number: float) -> float | None:
    try:
        return float(number) if math.isfinite(number) and number >= 0 else None
    except OverflowError:  # of an integer of hundreds of digits
        return None


_KINDS: Final[dict[str, FailureKind]] = {kind: kind for kind in get_args(FailureKind)}
_CAUSES: Final[dict[str, FailureCause]] = {cause: cause for cause in get_args(FailureCause)}
