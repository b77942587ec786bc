"""Files at web addresses, requested one at a time: redirects are checked, and bodies are bounded.

Neither a key nor the headers of a provider are sent: no service documents that its files need them. A public address
must not lead to this machine or a private network. Host names are not looked up for that: such a request would be
encrypted, and nothing there has a certificate for a public name.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import inet_aton
from typing import Final
from urllib.parse import urljoin, urlsplit

from chatgrid_tui.dialects.response_parser import is_success
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.deadline import Deadline
from chatgrid_tui.engine.transport import Answer, Transport, no_connection, place_of, refuse_insecure
from chatgrid_tui.errors import ServiceProblem, UsageProblem
from chatgrid_tui.markdown.links import WebAddress, web_address
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from chatgrid_tui.units import size as data_size

SILENCE: Final = 30.0
"""Seconds without data after which a download is given up."""
MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NO_CODING: Final = frozenset({"", "identity"})
_LENGTH: Final = re.compile(r"[0-9]{1,18}")


class LeadsElsewhere(UsageProblem):
    """A file comes from a host that was not agreed to."""

    def __init__(self, shown: str, host: str) -> None:
        super().__init__(f"{shown} leads to {host}.")
        self.host = host


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that can be requested."""

    address: WebAddress
    other_hosts: frozenset[str] = frozenset()
    """The hosts to which redirects may lead, besides that of the address."""
    allow_http: bool = False
    """Whether it may be requested from another machine without encryption."""

    def also_from(self, hosts: Iterable[str]) -> RemoteFile:
        """Return the file, which may also come from these hosts."""
        return replace(self, other_hosts=self.other_hosts | set(hosts))


class IncomingFile:
    """A file whose head has arrived."""

    def __init__(self, answer: Answer, place: str, limit: int, clock: Clock) -> None:
        """Raises:
        ServiceProblem: the answer is an error.
        UsageProblem: the file is too large.
        """
        if not is_success(answer.status):
            failure = Failure("http", status=answer.status, place=place)
            raise ServiceProblem(f"{place} answered {answer.status}.", failure)
        self._answer, self._place, self._limit, self._clock = answer, place, limit, clock
        self.size = _declared_size(answer.headers)
        """Its size in bytes, if the server says."""
        self._check(self.size or 0)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the content as it arrives.

        Raises:
            ConnectionProblem: the connection broke, or nothing arrived for a while.
            UsageProblem: the file is too large.
        """
        received = 0
        async with Deadline(self._clock, SILENCE) as deadline, aclosing(self._answer.pieces()) as pieces:
            while True:
                deadline.put_off()
                try:
                    piece = await deadline.wait_for(anext(pieces, None))
                except TimeoutError:
                    raise no_connection(Failure("timeout", "silence", place=self._place)) from None
                if piece is None:
                    return
                received += len(piece)
                self._check(received)
                yield piece

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise UsageProblem(f"The file is larger than {data_size(self._limit)}.")


@asynccontextmanager
async def open_file(
    transport: Transport, file: RemoteFile, limit: int, clock: Clock = SYSTEM_CLOCK
) -> AsyncIterator[IncomingFile]:
    """Request a file of at most `limit` bytes, and follow redirects.

    Raises:
        LeadsElsewhere: it is at a host that was not agreed to.
        UsageProblem: it is too large, or the redirects cannot be followed.
        ConnectionProblem: no answer arrived.
        ServiceProblem: the answer is an error.
    """
    address = file.address
    for _ in range(MOST_REDIRECTS + 1):
        refuse_insecure(address.url, allow_http=file.allow_http)
        async with transport.open(Request("GET", address.url), None, SILENCE) as answer:
            if answer.status not in _REDIRECTS:
                yield IncomingFile(answer, place_of(address.url), limit, clock)
                return
            address = _next_address(address, answer.headers.get("location", ""), file)
    raise UsageProblem(f"{file.address.host} redirects more than {MOST_REDIRECTS} times.")


def _next_address(address: WebAddress, location: str, file: RemoteFile) -> WebAddress:
    """Return the address to which a redirect leads."""
    try:
        following = web_address(urljoin(address.url, location))
    except ValueError:
        following = None
    if following is None or not location:
        raise UsageProblem(f"{address.host} redirects to no web address.")
    before, after = urlsplit(address.url), urlsplit(following.url)
    if before.scheme.lower() == "https" and after.scheme.lower() != "https":
        raise no_connection(Failure("network", "insecure", place=following.host))
    if _is_private(after.hostname or "") and not _is_private(before.hostname or ""):
        raise UsageProblem(f"{address.host} leads to {following.host}, which is not public. It was not followed.")
    if following.host != file.address.host and following.host not in file.other_hosts:
        raise LeadsElsewhere(file.address.host, following.host)
    return following


def _is_private(host: str) -> bool:
    """Return whether a host is this machine or in a private network: `localhost`, or an address in any of the forms
    that connecting accepts.
    """
    host = host.lower().removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        try:
            address = IPv4Address(inet_aton(host))
        except OSError:
            return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return not (mapped or address).is_global


def _declared_size(headers: Mapping[str, str]) -> int | None:
    """Return the size that an answer announces, if it is that of the content."""
    length = _LENGTH.fullmatch(headers.get("content-length", ""))
    is_plain = headers.get("content-encoding", "").lower() in _NO_CODING
    return int(length[0]) if length is not None and is_plain else None
