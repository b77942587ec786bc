"""A provider as somebody types it, before it is one: what each field takes, and the table that is written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from chatgrid_tui.config.draft_kinds import check_kind
from chatgrid_tui.config.draft_lines import header_lines, headers_in, number_in, parameter_lines, plain_number
from chatgrid_tui.config.endpoints import base_address
from chatgrid_tui.config.keys import checked as checked_key
from chatgrid_tui.config.providers import KeySource, read_provider, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.tables import Table
from chatgrid_tui.config.toml_spans import TomlFile
from chatgrid_tui.dialects.addresses import is_loopback
from chatgrid_tui.dialects.openai_addresses import is_endpoint, model_in
from chatgrid_tui.errors import ConfigProblem, KeyProblem
from chatgrid_tui.model.provider import Provider

KeyPlace: TypeAlias = Literal["environment", "command", "keyring", "file", "config", "none"]
"""Where a key is kept. `config` is the configuration itself, which is never written there but may stand there."""

FieldName: TypeAlias = Literal[
    "shown", "name", "address", "variable", "command", "key", "boards", "allow_http", "silence", "headers", "system",
    "temperature", "max_tokens", "parameters",
]  # fmt: skip
"""What can be wrong in a draft."""

Problems: TypeAlias = dict[FieldName, str]
"""What is wrong, as a sentence for each field, in the order of the form."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A_KEY: Final = re.compile(r"(sk|pk|rk|cgk|key)[-_][A-Za-z0-9_-]{8,}")
_LONG_RUN: Final = re.compile(r"[A-Za-z0-9]{24,}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_NAME: Final = 60
_USUAL_SILENCE: Final = 60.0
_ORDER: Final[tuple[str, ...]] = (
    "kind", "base_url", "title", "api_key_env", "api_key_cmd", "boards", "production", "allow_http",
    "silence_timeout",
    "key_header", "path", "new_conversation", "private_mode", "system", "headers", "parameters",
)  # fmt: skip
"""The keys of a provider's table that a draft sets, in the order in which a person would write them."""


@dataclass(slots=True)
class Draft:
    """What stands in the fields. Texts are as typed; only the key is wrapped at once."""

    kind: str = "chatgrid"
    shown: str = ""
    name: str = ""
    """The name of its table; empty for one that follows from `shown`."""
    address: str = ""
    key_from: KeyPlace = "environment"
    variable: str = ""
    command: str = ""
    key: Secret | None = None
    """What was typed as the key; None where nothing was."""
    boards: str = ""
    production: bool = False
    allow_http: bool = False
    silence: str = "60"
    headers: str = ""
    system: str = ""
    temperature: str = ""
    max_tokens: str = ""
    parameters: str = ""
    key_header: str = ""
    path: str = ""
    same_session: bool = False
    private: bool = False

    def differs(self, other: Draft) -> bool:
        """Whether anything stands in another way in `other`. Keys are compared as what they are."""
        mine, others = self.key, other.key
        if (mine.reveal() if mine else "") != (others.reveal() if others else ""):
            return True
        return replace(self, key=None) != replace(other, key=None)


@dataclass(frozen=True, slots=True)
class Known:
    """What a draft is checked against."""

    providers: Mapping[str, Provider] = field(default_factory=dict)
    """The others that are configured, by name."""
    editing: str = ""
    """The name of the provider that is being edited; empty for a new one."""
    kept: KeyPlace = "none"
    """Where the provider's key is kept already."""
    kept_names: Collection[str] = ()
    """The names for which `keys.toml` has a key."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft in which nothing is wrong."""

    provider: Provider
    source: KeySource
    """Where the configuration says that the key is; a key that was typed is not in it."""
    table: dict[str, object]
    """What is written: only what differs from what is so anyway."""


def name_from(shown: str) -> str:
    """Return the name of a table for a provider that people call `shown`; empty where it has no letters for one."""
    words = re.findall(r"[A-Za-z0-9]+", shown.casefold())
    return "-".join(words)[:_LONGEST_NAME].strip("-")


def name_for(address: str, taken: Collection[str]) -> str:
    """Return a name for a provider at `address` that none of `taken` has."""
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        host = ""
    parts = [part for part in host.split(".") if part not in ("www", "api", "chat", "app")]
    local = is_loopback(host) or ":" in host or all(part.isdigit() for part in parts)
    name = "local" if local else name_from(parts[0])
    numbered = (f"{name or 'provider'}-{number}" for number in range(2, len(taken) + 3))
    return name if name and name not in taken else next(one for one in numbered if one not in taken)


def draft_of(provider: Provider, source: KeySource, kept: KeyPlace) -> Draft:
    """Return a configured provider as the form shows it. `kept` says where its key is, if that is apart from the
    configuration.
    """
    place: KeyPlace = kept
    if source.variable:
        place = "environment"
    elif source.command:
        place = "command"
    elif source.written is not None:
        place = "config"
    others = dict(provider.parameters)
    temperature, longest = others.pop("temperature", None), others.pop("max_tokens", None)
    return Draft(
        kind=provider.kind,
        shown=provider.shown,
        name=provider.name,
        address=provider.base_url,
        key_from=place,
        variable=source.variable,
        command=shlex.join(source.command),
        boards=", ".join(provider.boards),
        production=provider.production,
        allow_http=provider.allow_http,
        silence=f"{provider.silence_timeout:g}",
        headers=header_lines(provider.headers),
        system=provider.system,
        temperature=plain_number(temperature),
        max_tokens=plain_number(longest),
        parameters=parameter_lines(others),
        key_header=provider.key_header,
        path=provider.path,
        same_session=provider.same_session,
        private=provider.private,
    )


def wants_allow_http(draft: Draft) -> bool:
    """Whether the address leads to another machine without encryption, which has to be allowed."""
    address, _ = base_address(draft.kind, draft.address)
    parts = urlsplit(address)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def kept_for_another(draft: Draft, known: Known) -> str:
    """Return the sentence that says that a key is kept under the name of a draft which it cannot go on with, since it
    was kept for another address; empty where that is not so.
    """
    name, before = _name_of(draft, known), known.providers.get(known.editing)
    in_file = draft.key_from == "file" and name in known.kept_names
    if before is None:
        return "A key of another provider is kept under this name. Type the key of this one." if in_file else ""
    address, sentence = base_address(draft.kind, draft.address)
    if sentence or same_place(address, before.base_url) or (known.kept == "none" and not in_file):
        return ""
    return "The key that is kept is for the address before. Type the key for this one."


def check(draft: Draft, known: Known) -> Checked | Problems:
    """Return what is to be written, or what is wrong at which field."""
    problems: Problems = {}
    table: dict[str, object] = {"kind": draft.kind}
    name = _check_names(draft, known, table, problems)
    _check_address(draft, table, problems)
    source = _check_key(draft, name, known, table, problems)
    _check_lists(draft, table, problems)
    check_kind(draft, table, problems)
    if problems:
        return problems
    written: dict[str, object] = {key: table[key] for key in _ORDER if key in table}
    try:
        provider = read_provider(name, Table(TomlFile(Path(), ""), ("providers", name), written))
    except ConfigProblem as problem:  # what is written is what is read again: nobody else checks more than this
        return {"address": str(problem)}
    return Checked(provider, source, written)


def changes_of(checked: Checked, before: Mapping[str, object]) -> dict[str, object]:
    """Return what has to change in the table `before` of a provider: what the form does not know stays as it is."""
    changes: dict[str, object] = {key: None for key in (*_ORDER, "api_key") if key in before}
    if checked.source.written is not None and "api_key" in changes:
        del changes["api_key"]
    for key, value in checked.table.items():
        old = before.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            value = {gone: None for gone in old if gone not in value} | dict(value)
        changes[key] = value
    return changes


def _check_names(draft: Draft, known: Known, table: dict[str, object], problems: Problems) -> str:
    shown = " ".join(draft.shown.split())
    taken = set(known.providers) - {known.editing}
    name = _name_of(draft, known)
    if not shown and not name:
        problems["shown"] = "A name is missing."
    elif _holds_a_key(shown):
        problems["shown"] = "This looks like a key. Choose a name; the key has its own field."
    elif len(shown) > _LONGEST_NAME:
        problems["shown"] = f"A name may have {_LONGEST_NAME} characters."
    elif not all(character.isprintable() for character in shown):
        problems["shown"] = "The name holds characters that cannot be seen."
    elif any(_same(shown, known.providers[other].shown) or _same(shown, other) for other in taken):
        problems["shown"] = "Another provider has this name."
    elif not known.editing and draft.name.strip() and not _NAME.fullmatch(name):
        problems["name"] = "Letters, digits, dots and dashes make a short name."
    elif not known.editing and not name:
        problems["name"] = "Name it here in letters from a to z: it stands in the file and on the command line."
    elif not known.editing and _holds_a_key(name):
        problems["name"] = "This looks like a key. Choose a name; the key has its own field."
    elif name in taken or any(_same(name, known.providers[other].title) for other in taken):
        problems["name" if draft.name.strip() else "shown"] = f"Another provider is called {name} in the file."
    if shown and shown != name:
        table["title"] = shown
    return name


def _name_of(draft: Draft, known: Known) -> str:
    """Return the name of the table of a draft."""
    return known.editing or draft.name.strip() or name_from(draft.shown)


def _holds_a_key(name: str) -> bool:
    """Return whether a word of a name looks like a key: a key's prefix or a long run, with letters and digits."""
    words = [word for word in name.split() if _LIKE_A_KEY.fullmatch(word)] + _LONG_RUN.findall(name)
    return any(re.search("[A-Za-z]", word) and re.search("[0-9]", word) for word in words)


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()


def _check_address(draft: Draft, table: dict[str, object], problems: Problems) -> None:
    address, sentence = base_address(draft.kind, draft.address)
    if sentence:
        problems["address"] = sentence
    table["base_url"] = address
    nameless = draft.kind == "openai" and is_endpoint(address) and not model_in(address)
    if nameless and not draft.boards.strip():
        problems["boards"] = "Name the model: this address lists none."
    if not sentence and wants_allow_http(draft):
        if draft.allow_http:
            table["allow_http"] = True
        else:
            problems["allow_http"] = (
                "Allow it, or write https: the key and all that is said could be read on the way."
            )


def _check_key(draft: Draft, name: str, known: Known, table: dict[str, object], problems: Problems) -> KeySource:
    match draft.key_from:
        case "environment":
            variable = draft.variable.strip().removeprefix("$").strip("{}")
            if not variable:
                problems["variable"] = "The name of the variable is missing."
            elif _LIKE_A_KEY.fullmatch(variable):
                problems["variable"] = "This looks like a key. Its variable's name belongs here; File keeps a key."
            elif not _VARIABLE.fullmatch(variable):
                problems["variable"] = "Letters, digits and underscores make the name of a variable."
            table["api_key_env"] = variable
            return KeySource(variable=variable)
        case "command":
            command = _command(draft.command, problems)
            table["api_key_cmd"] = list(command)
            return KeySource(command=command)
        case "keyring" | "file":
            _check_typed(draft, name, known, problems)
            return KeySource()
        case "config":
            if "address" not in problems and kept_for_another(draft, known):
                problems["address"] = "The key in config.toml is for the address before. Choose another place."
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
        problems["command"] = "The command holds characters that cannot be seen."
    return command


def _check_typed(draft: Draft, name: str, known: Known, problems: Problems) -> None:
    if draft.key is None or not draft.key.reveal().strip():
        in_file = draft.key_from == "file" and name in known.kept_names
        if sentence := kept_for_another(draft, known):
            problems["key"] = sentence
        elif known.kept not in ("keyring", "file", "config") and not in_file:
            problems["key"] = "The key is missing. Where the service wants none, choose None."
        return
    try:
        checked_key(draft.key.reveal(), "the form")
    except KeyProblem:
        problems["key"] = "This holds a blank or a letter that no key has. Copy it once more."


def _check_lists(draft: Draft, table: dict[str, object], problems: Problems) -> None:
    boards = list(dict.fromkeys(board.strip() for board in re.split(r"[,\n]", draft.boards) if board.strip()))
    if not all(board.isprintable() and len(board) <= 500 for board in boards):
        problems["boards"] = "A board holds characters that cannot be seen, or is too long."
    if boards:
        table["boards"] = boards
    if draft.production:
        table["production"] = True
    silence, sentence = number_in(draft.silence, above=0.0)
    if sentence:
        problems["silence"] = sentence
    elif silence is not None and silence != _USUAL_SILENCE:
        table["silence_timeout"] = silence
    headers, sentence = headers_in(draft.headers)
    if sentence:
        problems["headers"] = sentence
    elif headers:
        table["headers"] = headers
