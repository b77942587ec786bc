"""Read the tables of providers in the configuration."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.config.option_values import as_pairs, as_text, as_texts, read_value
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.tables import Table, as_json
from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.registry import DIALECTS, kinds
from chatgrid_tui.model.hue import HUES, Hue
from chatgrid_tui.model.provider import Provider

_FIXED_KEYS: Final = frozenset({"kind", "api_key", "api_key_env", "api_key_cmd", "board"})
_PROVIDER_FIELDS: Final = frozenset(field.name for field in fields(Provider))


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the configuration says that a provider's key is."""

    variable: str = ""
    """`api_key_env`: the name of an environment variable."""
    command: tuple[str, ...] = ()
    """`api_key_cmd`: a program with its arguments, run without a shell."""
    written: Secret | None = None
    """`api_key`: the key itself, in plain text."""


def read_provider(name: str, table: Table) -> Provider:
    """Return the provider described by `table`.

    Raises:
        ConfigProblem: a value is invalid, or `kind` or `base_url` is missing.
    """
    dialect = DIALECTS[table.choice("kind", kinds())]
    _refuse_options_of_other_kinds(table, dialect)
    options = {option.name: option for option in dialect.all_options if not option.inside}
    values = {name: read_value(table, option) for name, option in options.items()}
    silence = values["silence_timeout"]
    return Provider(
        name=name,
        kind=dialect.kind,
        base_url=_address(table, dialect),
        title=as_text(values["title"]),
        boards=as_texts(values["boards"]),
        silence_timeout=silence if isinstance(silence, float) else 60.0,
        allow_http=values["allow_http"] is True,
        production=values["production"] is True,
        headers=tuple((header, str(value)) for header, value in as_pairs(values["headers"])),
        parameters=as_pairs(values.get("parameters")),
        system=as_text(values.get("system")),
        key_header=as_text(values.get("key_header")),
        options=tuple(
            (key, value)
            for key, value in values.items()
            if key not in _PROVIDER_FIELDS and value != options[key].default
        ),
        hues=_hues(table.table("board")),
        extra=tuple(
            (key, as_json(value))
            for key, value in table.values.items()
            if key not in options and key not in _FIXED_KEYS
        ),
    )


def _hues(boards: Table) -> tuple[tuple[str, Hue], ...]:
    """Return the hues that are set in the tables of boards."""
    tables = {name: boards.table(name) for name in boards.values}
    return tuple((name, table.choice("hue", HUES)) for name, table in tables.items() if "hue" in table.values)


def _refuse_options_of_other_kinds(table: Table, dialect: Dialect) -> None:
    for key in table.values:
        owners = [
            other.kind
            for other in DIALECTS.values()
            if any(key == option.name and not option.inside for option in other.options)
        ]
        if owners and dialect.kind not in owners and dialect.option(key) is None:
            names = " or ".join(f'"{kind}"' for kind in owners)
            raise table.problem(key, f"is for kind = {names} alone")


def read_key_source(table: Table) -> KeySource:
    """Return where the key of the provider described by `table` is.

    Raises:
        ConfigProblem: a value is invalid.
    """
    written = table.text("api_key")
    if "api_key_env" in table.values and not table.text("api_key_env").strip():
        raise table.problem("api_key_env", "must be the name of an environment variable")
    if "api_key_cmd" in table.values and not table.texts("api_key_cmd"):
        raise table.problem("api_key_cmd", 'must be a command, such as ["op", "read", "op://work/acme/key"]')
    return KeySource(
        variable=table.text("api_key_env").strip(),
        command=table.texts("api_key_cmd"),
        written=Secret(written) if written else None,
    )


def same_place(one: str, other: str) -> bool:
    """Return whether two addresses have the same origin, so that what may be sent to one may be sent to the other."""
    return origin_of(one) == origin_of(other)


def origin_of(address: str) -> str:
    """Return the scheme, host and port of an address, as `https://host`."""
    scheme, host = urlsplit(address.lower())[:2]
    return f"{scheme}://{host}"


def address_problem(address: str, dialect: Dialect) -> str:
    """Return a sentence on what is wrong with the address of a service, or an empty string. Only an endpoint may have
    a query.
    """
    if not address.isascii() or not address.isprintable() or " " in address:
        return "The address must be ASCII, without spaces."
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "The address is not valid. It looks like https://api.example.com/v1."
    if parts.scheme not in ("http", "https") or not host:
        return "The address must begin with https:// or http:// and name a host."
    if parts.username is not None or parts.password is not None:
        return "The address must not contain a user name or a password."
    if parts.fragment or (parts.query and not dialect.is_endpoint(address)):
        return "The address must not contain ? or #."
    try:
        port = parts.port
    except ValueError:
        port = 0
    return "The port must be between 1 and 65535." if port == 0 else ""


def _address(table: Table, dialect: Dialect) -> str:
    address = table.text("base_url").strip()
    if not address:
        is_there = "base_url" in table.values
        raise table.problem("base_url", "may not be empty") if is_there else table.missing("base_url")
    address = with_scheme(address)
    if sentence := address_problem(address, dialect):
        raise table.problem("base_url", f"cannot be used. {sentence.removesuffix('.')}")
    return address
