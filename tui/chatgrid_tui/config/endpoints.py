"""Reduce pasted addresses of services to the part that belongs in a configuration."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from chatgrid_tui.config.providers import address_problem
from chatgrid_tui.config.shell_words import variables_in
from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.text import clean_line

_LONGEST: Final = 2_000
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LIKE: Final = "It looks like https://api.example.com/v1."

_ROUNDS: Final = 8
_BASES: Final = ("", "/v1", "/api", "/api/v1")
"""Ends of addresses that are no endpoints."""


def base_address(kind: str, typed: str) -> tuple[str, str]:
    """Return the base address for what was typed, completed for `kind`, or a sentence on what is wrong with it. One
    of the two is always empty.

    An endpoint of any kind is cut down to its base, unless the endpoint cannot be derived from a base. A missing
    scheme or ending is added. An address that was returned is returned unchanged when it is passed again.
    """
    typed = typed.strip()
    if not typed:
        return "", "The address is missing."
    if len(typed) > _LONGEST:
        return "", "The address is too long."
    if variables := variables_in(typed):
        return "", f"{clean_line(variables[0], 60)} is a variable. Enter the address itself."
    if any(character.isspace() for character in typed):
        return "", "The address must not contain spaces."
    if (scheme := _SCHEME.match(typed)) and scheme[1].lower() not in ("http", "https"):
        return "", "The address must begin with https:// or http://."
    if scheme:
        typed = scheme[0].lower() + typed[scheme.end() :].lstrip("/")
        if len(typed) == scheme.end():
            return "", f"The address must name a host. {_LIKE}"
    behind = typed[scheme.end() :] if scheme else typed.partition("/")[2]
    if "://" in re.split(r"[?#]", behind)[0]:
        return "", "This contains two addresses. Keep one."
    if not typed.isascii():
        return "", _in_ascii(typed)
    if DIALECTS[kind].is_endpoint(with_scheme(typed)):
        address = DIALECTS[kind].base_url(_with_lower_case_host(with_scheme(typed)))
        sentence = address_problem(address, DIALECTS[kind])
        return ("", sentence) if sentence else (address, "")
    address = _cut(kind, with_scheme(typed))
    if sentence := address_problem(address, DIALECTS[kind]):
        return "", sentence
    for _ in range(_ROUNDS):  # each round removes one of several endings
        before, address = address, DIALECTS[kind].base_url(_cut(kind, address))
        if address == before:
            break
    sentence = address_problem(address, DIALECTS[kind])
    return ("", sentence) if sentence else (address, "")


def kind_of_endpoint(kind: str, typed: str) -> str | None:
    """Return the kind, other than `kind`, that an address clearly belongs to the endpoints of, or None."""
    try:
        path = urlsplit(with_scheme(typed)).path.rstrip("/")
    except ValueError:
        return None
    if DIALECTS[kind].own_endpoints.search(path):
        return None
    return next((other for other, dialect in DIALECTS.items() if dialect.own_endpoints.search(path)), None)


def _cut(kind: str, address: str) -> str:
    """Return an address without its endpoint and query. An unreadable address is returned unchanged."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    path = parts.path.rstrip("/")
    other = kind_of_endpoint(kind, address)
    ends = DIALECTS[kind].endpoints if other is None else DIALECTS[other].own_endpoints
    shorter = ends.sub("", path).rstrip("/")
    host = parts.netloc.lower()
    if path[len(shorter) :] in _BASES:  # then the query is not part of an endpoint
        return urlunsplit((parts.scheme, host, shorter, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host, shorter, "", ""))


def _with_lower_case_host(address: str) -> str:
    """Return an address with its host in lower case and without a fragment."""
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.lower()}{slash}{path.partition('#')[0]}"


def _in_ascii(typed: str) -> str:
    """Return what is wrong with non-ASCII characters, and the ASCII form of the host if it contains them."""
    try:
        host = urlsplit(with_scheme(typed)).hostname or ""
        written = host.encode("idna").decode("ascii")
    except (UnicodeError, ValueError):
        written = host = ""
    if written and written != host:
        return f"The address must be ASCII. Write this host as {written}."
    return "The address must be ASCII."
