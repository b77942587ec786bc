"""Where a mock serves each kind of service: how a recorded address splits into the base and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from chatgrid_tui.config.endpoints import base_address
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.registry import DIALECTS

UNKNOWN_KIND: Final = "unknown"
_ORIGIN: Final = "http://127.0.0.1:1"
"""The address with which a base is tested."""
_UNQUOTED: Final = "/:@!$&'()*+,;=~"
_USER_INFO: Final = re.compile(r"(?<=://)[^/?#]*@")


class Place(NamedTuple):
    """The address of a recorded request."""

    base: str
    """The path of the base address, without a slash at its end."""
    path: str | None
    """The path after the base, without the query; None if unknown, as in a captured body."""
    query: str = ""

    @property
    def is_endpoint(self) -> bool:
        """Whether the base is a complete endpoint, which is configured with its query."""
        return self.path == "" and bool(self.base)


@dataclass(frozen=True, slots=True)
class Mount:
    """The address at which one kind of service is mocked."""

    kind: str
    path: str
    """The path of its base address."""
    query: str = ""
    """The query of its base address, if that is a complete endpoint."""

    @property
    def dialect(self) -> Dialect | None:
        """The kind of service; None if the recordings do not name it."""
        return DIALECTS.get(self.kind)

    def url(self, origin: str) -> str:
        """Return its address on a server."""
        return f"{origin}{self.path}" + (f"?{self.query}" if self.query else "")

    def path_in(self, path: str) -> str | None:
        """Return the path of a request after the base; None if the path is outside it."""
        rest = path[len(self.path) :]
        return rest if path.startswith(self.path) and rest[:1] in ("", "/") else None


def same_path(path: str) -> str:
    """Return a path in a normalised form, for comparison."""
    return quote(unquote(path, errors="surrogateescape"), safe=_UNQUOTED, errors="surrogateescape")


def place_in(url: str, kind: str) -> Place:
    """Return the place of a recorded request."""
    if not url:
        return Place("", None)
    url = _USER_INFO.sub("", url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return Place("", same_path("/" + url.partition("://")[2].partition("/")[2]))
    path = same_path(parts.path) or "/"
    base = _base_path(kind, f"{parts.scheme}://{parts.netloc}{parts.path}", parts.query)
    if base is None or (path != base and not path.startswith(f"{base}/")):
        return Place("", path, parts.query)
    return Place(base, path[len(base) :], parts.query)


def mounts_for(places: Iterable[tuple[str, Place]]) -> dict[tuple[str, bool], Mount]:
    """Return the mounts for recorded requests, given with their kinds. The key is the kind, and whether the place is
    a complete endpoint. Recordings of one kind from several services share the base of the first.

    Paths are as recorded, unless there are several mounts or a client would complete the address: then the kind is
    their prefix.
    """
    first: dict[tuple[str, bool], Place] = {}
    for kind, place in places:
        key = (kind, place.is_endpoint)
        if key not in first or first[key].path is None:
            first[key] = place
    return {
        (kind, is_endpoint): _mount(kind, place, alone=len(first) == 1)
        for (kind, is_endpoint), place in first.items()
    }


def _mount(kind: str, place: Place, *, alone: bool) -> Mount:
    query = place.query if place.is_endpoint else ""
    dialect = DIALECTS.get(kind)
    name = f"/{kind or UNKNOWN_KIND}"
    if place.path is None and dialect is not None:
        return Mount(kind, urlsplit(dialect.base_url(f"{_ORIGIN}{name}")).path)
    mount = Mount(kind, place.base, query)
    complete = dialect is None or dialect.base_url(mount.url(_ORIGIN)) == mount.url(_ORIGIN)
    if (alone and complete) or f"{place.base}/".startswith(f"{name}/"):
        return mount
    return Mount(kind, name + place.base, query)


def _base_path(kind: str, address: str, query: str) -> str | None:
    """Return the path of the base of an address; None if it has none."""
    dialect = DIALECTS.get(kind)
    if dialect is None:
        return None
    whole = f"{address}?{query}"
    base, _ = base_address(kind, whole) if query and dialect.is_endpoint(whole) else ("", "")
    base = base or base_address(kind, address)[0]
    return same_path(urlsplit(base).path).rstrip("/") if base else None
