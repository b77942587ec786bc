"""A provider as it is typed in a form: the values of the fields, what is wrong with them, and what gets written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from chatgrid_tui.config.api_keys import checked as checked_key
from chatgrid_tui.config.endpoints import base_address
from chatgrid_tui.config.option_values import Typed, parse, typed_value, value_at, written_value
from chatgrid_tui.config.providers import KeySource, read_provider, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.tables import Table
from chatgrid_tui.config.toml_spans import TomlFile
from chatgrid_tui.dialects.addresses import is_loopback
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.options import ALLOW_HTTP, BASE_URL, BOARDS, TITLE, Option
from chatgrid_tui.dialects.registry import DEFAULT_KIND, DIALECTS
from chatgrid_tui.errors import ConfigProblem, KeyProblem
from chatgrid_tui.model.provider import Provider

KeyPlace: TypeAlias = Literal["environment", "command", "keyring", "file", "config", "none"]
"""Where a key is stored. `config` is the configuration itself, in which a user may have written one."""

Problems: TypeAlias = dict[str, str]
"""What is wrong: sentences by the names of fields, which are `name`, `variable`, `command`, `key` or an option's."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A_KEY: Final = re.compile(r"(sk|pk|rk|cgk|key)[-_][A-Za-z0-9_-]{8,}")
_LONG_RUN: Final = re.compile(r"[A-Za-z0-9]{24,}")
LOOKS_LIKE_A_KEY: Final = "This looks like a key. Choose a name; the key has its own field."
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_NAME: Final = TITLE.longest


@dataclass(slots=True)
class ProviderFields:
    """The values of the fields of a provider's form, as typed."""

    kind: str = DEFAULT_KIND
    name: str = ""
    """The name of its table; empty if it is derived from the title."""
    key_from: KeyPlace = "environment"
    variable: str = ""
    command: str = ""
    key: Secret | None = None
    """The key that was typed; None if none was."""
    options: dict[str, Typed] = field(default_factory=dict)
    """By the names of the options, of any kind. A missing one has its default."""

    @property
    def dialect(self) -> Dialect:
        """The chosen kind."""
        return DIALECTS[self.kind]

    @property
    def title(self) -> str:
        """The name that the user gives it."""
        return str(self.typed(TITLE))

    @property
    def address(self) -> str:
        """The typed address."""
        return str(self.typed(BASE_URL))

    def typed(self, option: Option) -> Typed:
        """Return what was typed for an option."""
        typed = self.options.get(option.name)
        return typed_value(option.default, option) if typed is None else typed

    def with_options(self, **typed: Typed) -> ProviderFields:
        """Return a copy with other values for some options."""
        return replace(self, options={**self.options, **typed})

    def copy(self) -> ProviderFields:
        """Return an independent copy."""
        return self.with_options()

    def differs(self, other: ProviderFields) -> bool:
        """Return whether any value differs in `other`. Keys are compared by their text."""
        mine, others = self.key, other.key
        if (mine.reveal() if mine else "") != (others.reveal() if others else ""):
            return True
        names = {*self.options, *other.options}
        options = {option.name: option for dialect in DIALECTS.values() for option in dialect.all_options}
        if any(self.typed(options[name]) != other.typed(options[name]) for name in names):
            return True
        return replace(self, key=None, options={}) != replace(other, key=None, options={})


@dataclass(frozen=True, slots=True)
class EditContext:
    """What a form is checked against."""

    providers: Mapping[str, Provider] = field(default_factory=dict)
    """The other configured providers, by name."""
    editing: str = ""
    """The name of the provider that is being edited; empty for a new one."""
    stored: KeyPlace = "none"
    """Where the provider's key is stored now."""
    stored_names: Collection[str] = ()
    """The names that have a key in `keys.toml`."""


@dataclass(frozen=True, slots=True)
class ValidProvider:
    """A form without errors."""

    provider: Provider
    source: KeySource
    """Where the configuration says that the key is; does not contain the typed key."""
    table: dict[str, object]
    """The table to write, with only the values that differ from the defaults."""


def name_from(title: str) -> str:
    """Return a name for the table of a provider with this title; empty if the title has no usable letters."""
    parts = re.findall(r"[A-Za-z0-9]+", title.casefold())
    return "-".join(parts)[:_LONGEST_NAME].strip("-")


def name_for(address: str, taken: Collection[str]) -> str:
    """Return a name for a provider at `address` that is not one of `taken`."""
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        host = ""
    parts = [part for part in host.split(".") if part not in ("www", "api", "chat", "app")]
    local = is_loopback(host) or ":" in host or all(part.isdigit() for part in parts)
    name = "local" if local else name_from(parts[0])
    numbered = (f"{name or 'provider'}-{number}" for number in range(2, len(taken) + 3))
    return name if name and name not in taken else next(one for one in numbered if one not in taken)


def fields_of(provider: Provider, source: KeySource, stored: KeyPlace) -> ProviderFields:
    """Return a configured provider as the form shows it. `stored` says where its key is, if that is not in the
    configuration.
    """
    place: KeyPlace = stored
    if source.variable:
        place = "environment"
    elif source.command:
        place = "command"
    elif source.written is not None:
        place = "config"
    options = DIALECTS[provider.kind].all_options
    separate = {option.name for option in options if option.inside}
    rest = tuple((name, value) for name, value in provider.parameters if name not in separate)
    others = replace(provider, parameters=rest, title=provider.shown)
    return ProviderFields(
        provider.kind,
        provider.name,
        place,
        source.variable,
        shlex.join(source.command),
        options={
            option.name: typed_value(value_at(provider if option.inside else others, option), option)
            for option in options
        },
    )


def wants_allow_http(fields: ProviderFields) -> bool:
    """Return whether the address is on another machine and unencrypted, which must be allowed explicitly."""
    address, _ = base_address(fields.kind, fields.address)
    parts = urlsplit(address)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def stored_for_another(fields: ProviderFields, context: EditContext) -> str:
    """Return a sentence if the key stored under the provider's name was stored for another address and cannot be
    used; otherwise an empty string.
    """
    name, before = _name_of(fields, context), context.providers.get(context.editing)
    in_file = fields.key_from == "file" and name in context.stored_names
    if before is None:
        return "A key of another provider is stored under this name. Type the key of this one." if in_file else ""
    address, sentence = base_address(fields.kind, fields.address)
    if sentence or same_place(address, before.base_url) or (context.stored == "none" and not in_file):
        return ""
    return "The stored key is for the old address. Type the key for this one."


def validate(fields: ProviderFields, context: EditContext) -> ValidProvider | Problems:
    """Return the provider to write, or what is wrong with which fields."""
    problems: Problems = {}
    table: dict[str, object] = {"kind": fields.kind, "base_url": "", "title": ""}
    name = _check_names(fields, context, table, problems)
    _check_address(fields, table, problems)
    source = _check_key(fields, name, context, table, problems)
    _check_options(fields, table, problems)
    if problems:
        return problems
    written = {key: value for key, value in table.items() if value != ""}
    try:
        provider = read_provider(name, Table(TomlFile(Path(), ""), ("providers", name), written))
    except ConfigProblem as problem:  # check it as if it was read from the file
        return {BASE_URL.name: str(problem)}
    return ValidProvider(provider, source, written)


def changes_of(valid: ValidProvider, before: Mapping[str, object]) -> dict[str, object]:
    """Return the changes to the table `before` of a provider. Keys unknown to the form stay as they are."""
    own_keys = {"api_key", "api_key_env", "api_key_cmd"}
    own_keys |= {option.name for dialect in DIALECTS.values() for option in dialect.all_options if not option.inside}
    changes: dict[str, object] = {key: None for key in before if key in own_keys}
    if valid.source.written is not None and "api_key" in changes:
        del changes["api_key"]
    for key, value in valid.table.items():
        old = before.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            value = {gone: None for gone in old if gone not in value} | dict(value)
        changes[key] = value
    return changes


def _check_names(fields: ProviderFields, context: EditContext, table: dict[str, object], problems: Problems) -> str:
    shown = " ".join(fields.title.split())
    taken = set(context.providers) - {context.editing}
    name = _name_of(fields, context)
    if not shown and not name:
        problems["title"] = "The name is missing."
    elif holds_a_key(shown):
        problems["title"] = LOOKS_LIKE_A_KEY
    elif len(shown) > _LONGEST_NAME:
        problems["title"] = f"A name may have at most {_LONGEST_NAME} characters."
    elif not all(character.isprintable() for character in shown):
        problems["title"] = "The name has invisible characters."
    elif any(_same(shown, context.providers[other].shown) or _same(shown, other) for other in taken):
        problems["title"] = "Another provider has this name."
    elif not context.editing and fields.name.strip() and not _NAME.fullmatch(name):
        problems["name"] = "A short name consists of letters, digits, dots and dashes."
    elif not context.editing and not name:
        problems["name"] = "Enter a name in letters from a to z, for the file and the command line."
    elif not context.editing and holds_a_key(name):
        problems["name"] = LOOKS_LIKE_A_KEY
    elif name in taken or any(_same(name, context.providers[other].title) for other in taken):
        problems["name" if fields.name.strip() else "title"] = f"Another provider is called {name} in the file."
    if shown and shown != name:
        table["title"] = shown
    return name


def _name_of(fields: ProviderFields, context: EditContext) -> str:
    """Return the name of the provider's table."""
    return context.editing or fields.name.strip() or name_from(fields.title)


def holds_a_key(name: str) -> bool:
    """Return whether a word of a name looks like a key: a key's prefix or a long run, with letters and digits."""
    key_like = [word for word in name.split() if _LIKE_A_KEY.fullmatch(word)] + _LONG_RUN.findall(name)
    return any(re.search("[A-Za-z]", word) and re.search("[0-9]", word) for word in key_like)


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()


def _check_address(fields: ProviderFields, table: dict[str, object], problems: Problems) -> None:
    address, sentence = base_address(fields.kind, fields.address)
    if sentence:
        problems["base_url"] = sentence
    table["base_url"] = address
    if not sentence and not str(fields.typed(BOARDS)).strip() and _has_no_board(Provider("", fields.kind, address)):
        problems["boards"] = f"Name the {fields.dialect.nouns.one}: this address lists none."
    if not sentence and wants_allow_http(fields):
        if fields.typed(ALLOW_HTTP):
            table["allow_http"] = True
        else:
            problems["allow_http"] = "Allow it, or use https: the key and the messages could be read on the way."


def _has_no_board(provider: Provider) -> bool:
    """Return whether neither a listing nor the address itself provides a board."""
    dialect = DIALECTS[provider.kind]
    return dialect.boards(provider, None) is None and dialect.own_board(provider) is None


def _check_key(
    fields: ProviderFields, name: str, context: EditContext, table: dict[str, object], problems: Problems
) -> KeySource:
    match fields.key_from:
        case "environment":
            variable = fields.variable.strip().removeprefix("$").strip("{}")
            if not variable:
                problems["variable"] = "The name of the variable is missing. If no key is needed, choose None."
            elif _LIKE_A_KEY.fullmatch(variable):
                problems["variable"] = (
                    "This looks like a key. Enter the name of its variable, or store it in keys.toml."
                )
            elif not _VARIABLE.fullmatch(variable):
                problems["variable"] = "A variable name consists of letters, digits and underscores."
            table["api_key_env"] = variable
            return KeySource(variable=variable)
        case "command":
            command = _command(fields.command, problems)
            table["api_key_cmd"] = list(command)
            return KeySource(command=command)
        case "keyring" | "file":
            _check_typed(fields, name, context, problems)
            return KeySource()
        case "config":
            if "base_url" not in problems and stored_for_another(fields, context):
                problems["base_url"] = "The key in config.toml is for the old address. Choose another place."
            return KeySource(written=Secret(""))
        case "none":
            return KeySource()


def _command(line: str, problems: Problems) -> tuple[str, ...]:
    try:
        command = tuple(shlex.split(line))
    except ValueError:
        problems["command"] = "A quotation mark is not closed."
        return ()
    if not command or not all(part.strip() for part in command):
        problems["command"] = "The command is missing." if not command else "A part of the command is empty."
    elif not line.isprintable():
        problems["command"] = "The command has invisible characters."
    return command


def _check_typed(fields: ProviderFields, name: str, context: EditContext, problems: Problems) -> None:
    if fields.key is None or not fields.key.reveal().strip():
        in_file = fields.key_from == "file" and name in context.stored_names
        if sentence := stored_for_another(fields, context):
            problems["key"] = sentence
        elif context.stored not in ("keyring", "file", "config") and not in_file:
            problems["key"] = "The key is missing. If the service needs none, choose None."
        return
    try:
        checked_key(fields.key.reveal(), "the form")
    except KeyProblem:
        problems["key"] = "This contains a space or a character that keys cannot have. Copy it again."


def _check_options(fields: ProviderFields, table: dict[str, object], problems: Problems) -> None:
    """Check the options of the kind, and put the values that differ from the defaults into the table."""
    inside: dict[str, dict[str, object]] = {}
    for option in fields.dialect.all_options:
        if option in (BASE_URL, TITLE, ALLOW_HTTP):
            continue
        value, problem = parse(fields.typed(option), option)
        separate = inside.get(option.name, {})
        if not problem and isinstance(value, tuple):
            taken = next((str(pair[0]) for pair in value if isinstance(pair, tuple) and pair[0] in separate), "")
            problem = f"{taken} is already set above." if taken else ""
        if problem:
            problems[option.name] = problem
        elif option.inside and value != option.default:
            inside.setdefault(option.inside, {})[option.name] = value
        elif not option.inside and (separate or value != option.default):
            written = written_value(value, option)
            table[option.name] = {**separate, **written} if isinstance(written, dict) else written
