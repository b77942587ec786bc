"""The proxy for a request, from the environment or the system settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from socket import inet_aton
from typing import Final, Literal, TypeAlias, get_args
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies

from chatgrid_tui.dialects.addresses import is_loopback
from chatgrid_tui.engine.transport import no_connection
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure, SettingsCause

ProxyScheme: TypeAlias = Literal["http", "https", "socks5"]

_SOCKS: Final = frozenset({"socks", "socks5", "socks5h"})
"""All of these mean SOCKS 5 with names resolved by the proxy. GNOME sets `socks`."""
_LONGEST_SOCKS_TEXT: Final = 255
"""The most bytes of a SOCKS user name or password."""
_LOOPBACK_NETWORK: Final = 127
_DEFAULT_PORTS: Final[dict[ProxyScheme, int]] = {"http": 80, "https": 443, "socks5": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and where it is configured."""

    scheme: ProxyScheme
    host: str
    port: int
    source: str
    """The variable that names it."""
    login: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """The address and the variable, for display; without user name and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port} ({self.source})"


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """The proxies for each scheme, and the hosts that are reached without a proxy."""

    urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By scheme: "http", "https" and "all"."""
    sources: Mapping[str, str] = field(default_factory=dict)
    exempt: tuple[str, ...] = ()
    """The entries of `NO_PROXY`."""

    @classmethod
    def read(cls) -> ProxySettings:
        """Return the current settings."""
        urls = getproxies()
        sources = {
            name.lower().removesuffix("_proxy"): name
            for name, value in os.environ.items()
            if urls.get(name.lower().removesuffix("_proxy")) == value
        }
        exempt = tuple(filter(None, map(str.strip, urls.pop("no", "").lower().split(","))))
        return cls(urls, sources, exempt)

    def proxy_for(self, url: str) -> Proxy | None:
        """Return the proxy for a request, or None to connect directly, as always to this machine.

        Raises:
            ConnectionProblem: the configured proxy cannot be used.
            ValueError: the URL is not valid.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
        if not host or _is_this_machine(host) or any(_covers(entry, parts, host) for entry in self.exempt):
            return None
        for scheme in (parts.scheme, "all"):
            if configured := self.urls.get(scheme):
                return _proxy(configured, self.sources.get(scheme, "the system's settings"))
        return None


def _is_this_machine(host: str) -> bool:
    if is_loopback(host) or host.endswith(".localhost") or host == "::":
        return True
    try:
        address = inet_aton(host)  # accepts `127.1` and `0`, as connecting does
    except OSError:
        return False
    return address[0] == _LOOPBACK_NETWORK or not any(address)


def _covers(entry: str, url: SplitResult, host: str) -> bool:
    """Return whether an entry of `NO_PROXY` covers a host. An entry is `*`, a name (with its subdomains), `.name`
    (only its subdomains), an address or a network; each with an optional scheme and port.
    """
    if entry == "*":
        return True
    scheme, _, rest = entry.rpartition("://")
    if scheme not in ("", "all", url.scheme):
        return False
    try:
        return ip_address(host) in ip_network(rest.strip("[]"), strict=False)
    except ValueError:  # one of them is a name, or has a port
        pass
    try:
        target = urlsplit(f"//{rest}")
        name, port = target.hostname or "", target.port
    except ValueError:
        return False
    if port is not None and port != (url.port or (443 if url.scheme == "https" else 80)):
        return False
    name = name.removeprefix("*")
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")


def _proxy(url: str, source: str) -> Proxy:
    url = url.strip()
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _unusable("unusable proxy address", source) from None
    scheme = _scheme(parts.scheme)
    if scheme is None:
        raise _unusable("unknown proxy kind", source)
    if not host or port == 0 or not host.isascii() or not host.isprintable() or set(host) & set(" %<>\"'`{}|\\^"):
        raise _unusable("unusable proxy address", source)
    login = None
    if parts.username or parts.password:
        login = unquote(parts.username or ""), unquote(parts.password or "")
        if scheme == "socks5" and max(len(part.encode()) for part in login) > _LONGEST_SOCKS_TEXT:
            raise _unusable("unusable proxy address", source)
    return Proxy(scheme, host, port or _DEFAULT_PORTS[scheme], source, login)


def _scheme(written: str) -> ProxyScheme | None:
    if written in _SOCKS:
        return "socks5"
    return next((scheme for scheme in get_args(ProxyScheme) if scheme == written), None)


def _unusable(cause: SettingsCause, source: str) -> ConnectionProblem:
    return no_connection(Failure("network", cause, place=source))
