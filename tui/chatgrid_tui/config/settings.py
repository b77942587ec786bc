"""The settings, read from `config.toml` and validated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar, get_args

from chatgrid_tui.config.providers import KeySource, read_key_source, read_provider
from chatgrid_tui.config.tables import Table
from chatgrid_tui.config.toml_spans import TomlFile
from chatgrid_tui.errors import ConfigProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.recording_limits import LARGEST_RECORDING, PER_REPLY, SMALLEST_LIMIT, TOTAL, RecordingLimits

Glyphs: TypeAlias = Literal["unicode", "ascii"]
BubbleStyle: TypeAlias = Literal["filled", "compact", "plain"]
Notify: TypeAlias = Literal["auto", "bell", "off"]
Pictures: TypeAlias = Literal["auto", "kitty", "sixel", "blocks"]

Value = TypeVar("Value")

DEFAULT_THEME = "midnight"


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration. The defaults here apply to what a file leaves out."""

    default_provider: str = ""
    theme: str = DEFAULT_THEME
    glyphs: Glyphs = "unicode"
    bubbles: BubbleStyle = "filled"
    reduced_motion: bool = False
    notify: Notify = "auto"
    """How to tell of replies that end out of sight: as the terminal can, with its bell, or not at all."""
    pictures: Pictures = "auto"
    """How to show pictures: as the terminal can, with kitty's protocol, as sixels, or as half blocks."""
    probe_local: bool = True
    """Whether to look for model servers on this machine while no provider is configured."""
    recordings: RecordingLimits = field(default_factory=RecordingLimits)
    keys: Mapping[str, str] = field(default_factory=dict)
    """The keys that the user assigned, by action id."""
    providers: Mapping[str, Provider] = field(default_factory=dict)
    """By name, in the order of the file."""
    key_sources: Mapping[str, KeySource] = field(default_factory=dict)
    """By the names of the providers; each has one."""
    document: Mapping[str, object] = field(default_factory=dict, repr=False)
    """The whole document, including unknown keys."""

    def provider(self, name: str = "") -> Provider | None:
        """Return the provider with this name or title; without a name, the default, else the first, else None.

        Raises:
            UsageProblem: there is none; the message lists the existing ones.
        """
        requested = name or self.default_provider or next(iter(self.providers), "")
        if not requested:
            return None
        by_title = (one for one in self.providers.values() if one.title.casefold() == requested.casefold())
        provider = self.providers.get(requested) or next(by_title, None)
        if provider is None:
            whose = "" if name else " It is what `default_provider` names."
            names = ", ".join(self.providers) or "none"
            raise UsageProblem(f"No provider is called {requested}.{whose} Configured: {names}.")
        return provider


def load(path: Path) -> Settings:
    """Read and check the configuration at `path`; a missing file is an empty configuration.

    Raises:
        ConfigProblem: the file cannot be read, is broken, or contains an invalid value. The message names the line
            if that is known, and so does `line`.
    """
    return check(TomlFile.read(path))


def load_usable(path: Path) -> tuple[Settings, tuple[ConfigProblem, ...]]:
    """Return the usable part of the configuration at `path`, and the errors in the rest.

    A broken provider is left out, any other broken value is replaced by its default, and if the file cannot be read,
    nothing of it is used.
    """
    problems: list[ConfigProblem] = []
    try:
        file = TomlFile.read(path)
        document = file.parse()
    except ConfigProblem as problem:
        return Settings(), (problem,)
    return _settings(file, document, problems.append), tuple(problems)


def check(file: TomlFile) -> Settings:
    """Return the settings in `file`.

    Raises:
        ConfigProblem: as for `load`.
    """

    def refuse(problem: ConfigProblem) -> None:
        raise problem

    return _settings(file, file.parse(), refuse)


def _settings(
    file: TomlFile, document: Mapping[str, object], on_problem: Callable[[ConfigProblem], None]
) -> Settings:
    """Return the settings in `document`. Unless `on_problem` raises, defaults replace broken values."""

    def read(reading: Callable[[], Value], default: Value) -> Value:
        try:
            return reading()
        except ConfigProblem as problem:
            on_problem(problem)
            return default

    root = Table(file, (), document)
    tables = read(lambda: root.table("providers"), Table(file, ("providers",), {}))
    providers: dict[str, Provider] = {}
    sources: dict[str, KeySource] = {}
    for name in tables.values:
        if (entry := read(partial(_provider, tables, name), None)) is not None:
            providers[name], sources[name] = entry
    glyphs: Glyphs = "unicode"
    bubbles: BubbleStyle = "filled"
    notify: Notify = "auto"
    pictures: Pictures = "auto"
    limits = read(lambda: root.table("recordings"), Table(file, ("recordings",), {}))
    return Settings(
        default_provider=read(lambda: root.text("default_provider"), ""),
        theme=read(lambda: root.text("theme", DEFAULT_THEME), DEFAULT_THEME),
        glyphs=read(lambda: root.choice("glyphs", get_args(Glyphs), glyphs), glyphs),
        bubbles=read(lambda: root.choice("bubbles", get_args(BubbleStyle), bubbles), bubbles),
        reduced_motion=read(lambda: root.flag("reduced_motion"), False),
        notify=read(lambda: root.choice("notify", get_args(Notify), notify), notify),
        pictures=read(lambda: root.choice("pictures", get_args(Pictures), pictures), pictures),
        probe_local=read(lambda: root.flag("probe_local", default=True), True),
        recordings=RecordingLimits(
            read(lambda: limits.size("per_reply", PER_REPLY, SMALLEST_LIMIT, LARGEST_RECORDING), PER_REPLY),
            read(lambda: limits.size("total", TOTAL, 0), TOTAL),
        ),
        keys=read(lambda: _keys(root.table("keys")), {}),
        providers=providers,
        key_sources=sources,
        document=document,
    )


def _provider(tables: Table, name: str) -> tuple[Provider, KeySource] | None:
    if not name.strip():
        raise tables.problem(name, "needs a name")
    table = tables.table(name)
    return read_provider(name, table), read_key_source(table)


def _keys(table: Table, before: str = "") -> dict[str, str]:
    """Read the keys. In TOML, an unquoted dot in an action id makes a nested table."""
    keys: dict[str, str] = {}
    for action, value in table.values.items():
        if isinstance(value, Mapping):
            keys |= _keys(table.table(action), f"{before}{action}.")
            continue
        key = table.text(action).strip()
        if not key:
            raise table.problem(action, 'must be a key, such as "ctrl+n" or "f5"')
        keys[before + action] = key
    return keys
