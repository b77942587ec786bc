"""The tables of providers: what each key takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.tables import Table, as_json
from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.registry import DIALECTS, kinds
from chatgrid_tui.dialects.widget import PATHS
from chatgrid_tui.model.provider import Provider

_KEY_FIELDS = frozenset({"api_key", "api_key_env", "api_key_cmd"})
_KNOWN = _KEY_FIELDS | {
    "kind",
    "base_url",
    "title",
    "boards",
    "silence_timeout",
    "allow_http",
    "production",
    "headers",
    "parameters",
    "system",
    "key_header",
    "path",
    "new_conversation",
    "private_mode",
}
_ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "key_header": ("widget", "openai"),
    "path": ("widget",),
    "new_conversation": ("widget",),
    "private_mode": ("chatiq",),
}
"""Keys that only some kinds of service know what to do with."""
NEW_CONVERSATION = ("new user", "same session")
"""What a new conversation may be at a widget, the usual first."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the configuration says that a provider's key is."""

    variable: str = ""
    """`api_key_env`: the name of an environment variable."""
    command: tuple[str, ...] = ()
    """`api_key_cmd`: a program with its arguments, run without a shell."""
    written: Secret | None = None
    """`api_key`: the key itself, in the open."""


def read_provider(name: str, table: Table) -> Provider:
    """Return the provider that `table` describes.

    Raises:
        ConfigProblem: a value is not what its key takes, or `kind` or `base_url` is missing.
    """
    kind = table.choice("kind", kinds())
    for key, only in _ONLY_FOR.items():
        if key in table.values and kind not in only:
            names = " or ".join(f'"{one}"' for one in only)
            raise table.problem(key, f"is for kind = {names} alone")
    return Provider(
        name=name,
        kind=kind,
        base_url=_address(table, kind),
        title=table.text("title"),
        boards=table.texts("boards"),
        silence_timeout=table.seconds("silence_timeout", 60.0),
        allow_http=table.flag("allow_http"),
        production=table.flag("production"),
        headers=_pairs(table.table("headers"), _header),
        parameters=_pairs(table.table("parameters"), Table.json),
        system=table.text("system"),
        key_header=table.choice("key_header", DIALECTS[kind].key_headers, ""),
        path=table.choice("path", PATHS, ""),
        same_session=table.choice("new_conversation", NEW_CONVERSATION, "new user") == "same session",
        private=table.flag("private_mode"),
        extra=tuple((key, as_json(value)) for key, value in table.values.items() if key not in _KNOWN),
    )


def read_key_source(table: Table) -> KeySource:
    """Return where the key of the provider that `table` describes is.

    Raises:
        ConfigProblem: a value is not what its key takes.
    """
    written = table.text("api_key")
    if "api_key_env" in table.values and not table.text("api_key_env").strip():
        raise table.problem("api_key_env", "takes the name of an environment variable")
    if "api_key_cmd" in table.values and not table.texts("api_key_cmd"):
        raise table.problem("api_key_cmd", 'takes a command, such as ["op", "read", "op://work/acme/key"]')
    return KeySource(
        variable=table.text("api_key_env").strip(),
        command=table.texts("api_key_cmd"),
        written=Secret(written) if written else None,
    )


def same_place(one: str, other: str) -> bool:
    """Whether two addresses are of one server, so that what may be sent to one may be sent to the other."""
    return origin_of(one) == origin_of(other)


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, as `https://host`."""
    scheme, host = urlsplit(address.lower())[:2]
    return f"{scheme}://{host}"


def address_problem(address: str, kind: str) -> str:
    """Return what is wrong with the address of a service, as a sentence; empty if nothing is. Only a whole endpoint
    may have a query.
    """
    if not address.isascii() or not address.isprintable() or " " in address:
        return "The address may not hold spaces or letters beyond ASCII."
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "The address cannot be read. It is like https://api.example.com/v1."
    if parts.scheme not in ("http", "https") or not host:
        return "The address must begin with https:// or http:// and name a host."
    if parts.username is not None or parts.password is not None:
        return "The address may not hold a name or a password."
    if parts.fragment or (parts.query and not DIALECTS[kind].is_endpoint(address)):
        return "The address may not hold a question mark or a number sign."
    try:
        port = parts.port
    except ValueError:
        port = 0
    return "The port must be between 1 and 65535." if port == 0 else ""


def _address(table: Table, kind: str) -> str:
    address = table.text("base_url").strip()
    if not address:
        stands = "base_url" in table.values
        raise table.problem("base_url", "may not be empty") if stands else table.missing("base_url")
    address = with_scheme(address)
    if sentence := address_problem(address, kind):
        raise table.problem("base_url", f"cannot be used. {sentence.removesuffix('.')}")
    return address


def _pairs(table: Table, read: Callable[[Table, str], Value]) -> tuple[tuple[str, Value], ...]:
    return tuple((key, read(table, key)) for key in table.values)


def header_problem(name: str, value: str) -> str:
    """Return what is wrong with a header of a request, as a sentence; empty where nothing is. Repeats no value."""
    if not _HEADER_NAME.fullmatch(name):
        return "This is no name that an HTTP header can have."
    return "" if _HEADER_VALUE.fullmatch(value) else "A header takes a text of one line in ASCII."


def _header(table: Table, name: str) -> str:
    value = table.text(name)
    if not _HEADER_NAME.fullmatch(name):
        raise table.problem(name, "is no name that an HTTP header can have")
    if header_problem(name, value):
        raise table.problem(name, "takes a text of one line in ASCII")
    return value
