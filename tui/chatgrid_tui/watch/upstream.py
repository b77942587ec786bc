"""The service behind the proxy: its address, and whether requests may be forwarded to it."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.kind_guess import dialect_of
from chatgrid_tui.dialects.pasted_request import PastedRequest
from chatgrid_tui.engine.transport import refuse_insecure
from chatgrid_tui.errors import ConnectionProblem, UsageProblem
from chatgrid_tui.text import clean_line

_PORTS: Final = {"http": 80, "https": 443}
_THIS_MACHINE: Final = ("127.0.0.1", "0.0.0.0")  # noqa: S104 (as a destination it means this machine)


@dataclass(frozen=True, slots=True)
class Upstream:
    """The service to which requests are forwarded."""

    scheme: str
    host: str
    port: int
    place: str
    """Its host, with the port if the address contains one."""
    path: str
    """The path of its address, which clients must also use; without a trailing slash."""

    @property
    def origin(self) -> str:
        """The beginning of its URLs."""
        return f"{self.scheme}://{self.place}"

    @property
    def address(self) -> str:
        """Its address without a query."""
        return self.origin + self.path

    @property
    def kind(self) -> str:
        """The kind of service that its address suggests; empty if none."""
        dialect = dialect_of(PastedRequest(self.host, self.path, frozenset(), {}))
        return "" if dialect is None else dialect.kind


def upstream_at(address: str, *, allow_http: bool = False) -> Upstream:
    """Return the service at an address given by the user. The query is ignored.

    Raises:
        UsageProblem: it is not the address of a service, or requests would be sent unencrypted to another machine.
    """
    shown = clean_line(address, 200)
    try:
        parts = urlsplit(with_scheme(address))
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port = "", 0
    if not host or not port or not address.isascii() or any(character <= " " for character in address.strip()):
        raise UsageProblem(f"{shown} is not the address of a service. It must begin with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise UsageProblem("The address must not contain a user name or password: clients send those themselves.")
    try:
        refuse_insecure(with_scheme(address), allow_http=allow_http)
    except ConnectionProblem:
        raise UsageProblem(
            f"{parts.netloc} would be reached without encryption. Use https, or add --allow-http."
        ) from None
    return Upstream(parts.scheme, host.lower(), port, parts.netloc, parts.path.rstrip("/"))


async def refuse_loop(upstream: Upstream, port: int) -> None:
    """Raise `UsageProblem` if the service is the proxy itself, which listens on `port` of 127.0.0.1."""
    if upstream.port != port:
        return
    try:
        found = await asyncio.get_running_loop().getaddrinfo(upstream.host, port, type=socket.SOCK_STREAM)
    except OSError:  # the request will report it
        return
    if any(address[0] in _THIS_MACHINE for *_, address in found):
        raise UsageProblem(f"{upstream.place} is this proxy itself. Requests would loop.")
