"""`chatgrid-tui doctor`: a report on the installation for bug reports. It sends no message and contains no key."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.cli import environment
from chatgrid_tui.config.option_values import described, value_at
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings, load_usable
from chatgrid_tui.config.tables import size_text
from chatgrid_tui.config.themes import read_themes
from chatgrid_tui.dialects.options import BASE_URL, TITLE
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.providers.connection_test import CheckResult, ConnectionReport, check_connection
from chatgrid_tui.session.system_facts import Facts
from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.units import counted

_SIGNS: Final = {"good": "ok", "bad": "!!", "unknown": "--"}
_PIECE: Final = 12
"""The shortest part of a key that is removed. Shorter secrets are removed as a whole."""
_SHORTEST: Final = 4
_MAIL: Final = re.compile(r"[\w.+-]+@(?=[\w-]+)")


@dataclass(frozen=True, slots=True)
class _CheckedProvider:
    """A provider and the results of its connection test."""

    facts: Facts
    results: tuple[CheckResult, ...]


@dataclass(slots=True)
class _Report:
    """Facts by section, the checked providers, and problems."""

    sections: dict[str, Facts] = field(default_factory=dict)
    providers: list[_CheckedProvider] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What could not be checked."""


def doctor(paths: Paths, *, as_json: bool, named: bool = False) -> int:
    """Print the report and return the exit code.

    With `named`, the configuration file was named by the user, so a missing one is a problem.
    """
    report, redact = asyncio.run(_examine(paths, named=named))
    output = _as_json(report, redact) if as_json else clean(redact(_as_text(report)))
    sys.stdout.write(f"{output}\n")
    return 1 if report.problems else 0


async def _examine(paths: Paths, *, named: bool) -> tuple[_Report, Redactor]:
    report, redact = _Report(), Redactor()
    report.sections["terminal"] = environment.terminal(os.environ)
    report.sections["versions"] = environment.versions()
    report.sections["network"] = environment.network(os.environ)
    facts, problems = await asyncio.to_thread(environment.folders, paths)
    report.sections["folders"] = facts
    report.problems += problems
    if named and not paths.config_file.exists():
        report.problems.append(f"There is no {paths.config_file}.")
    settings = _read_configuration(report, paths)
    if settings.providers:
        await _check_all(report, redact, settings, paths)
    return report, redact


def _read_configuration(report: _Report, paths: Paths) -> Settings:
    """Read the usable part of the configuration, and record its settings and errors."""
    from chatgrid_tui.ui.key_settings import read_keys

    facts = report.sections.setdefault("configuration", {})
    settings, problems = load_usable(paths.config_file)
    themes = read_themes(paths.theme_folders)
    mistakes = [*map(str, problems)]
    if settings.providers:
        try:
            settings.provider()
        except UsageProblem as problem:
            mistakes.append(str(problem))
    providers = len(settings.providers)
    if mistakes:
        facts["state"] = mistakes[0]
    elif providers:
        facts["state"] = f"Valid, with {counted(providers, 'provider')}."
    else:
        facts["state"] = "Empty. The app opens with the demo bots."
    facts["default provider"] = settings.default_provider or "the first"
    facts["theme"] = settings.theme
    facts["display"] = f"{settings.glyphs} signs, {settings.bubbles} bubbles" + (
        ", reduced motion" if settings.reduced_motion else ""
    )
    limits = settings.recordings
    facts["recordings"] = f"at most {size_text(limits.per_reply)} of a reply, {size_text(limits.total)} in all"
    facts["remapped keys"] = f"{len(settings.keys):,}"
    report.problems += [*mistakes, *map(str, themes.problems), *read_keys(settings.keys).complaints]
    if settings.theme not in themes.by_name:
        report.problems.append(f"There is no theme {settings.theme}. Available: {', '.join(themes.by_name)}.")
    return settings


async def _check_all(report: _Report, redact: Redactor, settings: Settings, paths: Paths) -> None:
    """Test the connections of all providers at the same time."""
    clients = Clients(settings, paths, HttpTransport)
    try:
        reports = await asyncio.gather(
            *(_check(clients, redact, provider) for provider in settings.providers.values())
        )
    finally:
        await clients.close()
    for provider, tested in zip(settings.providers.values(), reports, strict=True):
        key = clients.key_status(provider)
        facts = {
            "name": provider.name,
            "kind": provider.kind,
            "host": urlsplit(provider.base_url).netloc,
            "key from": key.source or ("none found" if key.missing else "lookup failed"),
            "options": ", ".join(_options(provider)) or "the defaults",
        }
        report.providers.append(_CheckedProvider(facts, tested.results))
        if key.warning and key.warning not in report.problems:
            report.problems.append(f"{provider.name}: {key.warning}")
        for result in tested.results:
            if result.outcome == "bad":
                report.problems.append(f"{provider.name}: {result.text}")
            elif result.outcome == "unknown" and tested.good:
                report.unknown.append(f"{provider.name}, {result.subject}: {result.text}")


async def _check(clients: Clients, redact: Redactor, provider: Provider) -> ConnectionReport:
    """Test the connection of a provider, and keep its secrets out of the report."""
    for _, value in provider.headers:
        redact.add(value)
        redact.add(value.rpartition(" ")[2])
    client = await clients.get(provider)
    try:
        secret = await client.look_up_key()
    except ChatgridError:  # reported by the connection test
        secret = None
    if secret is not None:
        redact.add(secret.reveal())
        redact.add(str(secret))
    return await check_connection(client)


def _options(provider: Provider) -> list[str]:
    """Return the options of a provider that differ from their defaults, without values that may be secret."""
    options = [option for option in DIALECTS[provider.kind].all_options if option not in (BASE_URL, TITLE)]
    values = [(option, value_at(provider, option)) for option in options if not option.inside]
    return [described(value, option) for option, value in values if value != option.default]


def _as_text(report: _Report) -> str:
    lines: list[str] = []
    for title, facts in report.sections.items():
        lines += [title.capitalize(), *_rows(facts), ""]
    for checked in report.providers:
        lines += [f"Provider {clean_line(checked.facts['name'], 200)}", *_rows(checked.facts)]
        for result in checked.results:
            lines.append(f"  {_SIGNS[result.outcome]} {result.subject:<14} {clean_line(result.text, 600)}")
        lines.append("")
    if report.problems:
        title = f"{counted(len(report.problems), 'problem')}:"
        lines += [title, *(f"  {clean_line(problem, 600)}" for problem in report.problems)]
    elif report.unknown:
        lines += ["No problems, but not everything could be checked:"]
        lines += [f"  {clean_line(unknown, 600)}" for unknown in report.unknown]
    else:
        lines.append("No problems.")
    return "\n".join(lines)


def _rows(facts: Facts) -> list[str]:
    return [f"  {name:<17} {clean_line(value, 400)}" for name, value in facts.items()]


def _as_json(report: _Report, redact: Redactor) -> str:
    """Return the report as one JSON object, in ASCII, so that no control character reaches a terminal."""
    whole = {
        **report.sections,
        "providers": [
            {**checked.facts, "findings": [asdict(result) for result in checked.results]}
            for checked in report.providers
        ],
        "problems": report.problems,
        "unknown": report.unknown,
        "well": not report.problems and not report.unknown,
    }
    return json.dumps(_redacted(whole, redact), ensure_ascii=True)


def _redacted(value: object, redact: Redactor) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: _redacted(inner, redact) for name, inner in value.items()}
    return [_redacted(inner, redact) for inner in value] if isinstance(value, list) else value


class Redactor:
    """Removes secrets, and parts of them, from texts. The home folder becomes `~`."""

    def __init__(self, secrets: Iterable[str] = (), home: Path | None = None) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= _SHORTEST]
        self._home = str(home or Path.home())

    def add(self, secret: str) -> None:
        """Remove this secret from now on."""
        if len(secret) >= _SHORTEST:
            self._secrets.append(secret)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in self._secrets:
            text = _without(text, secret)
        if len(self._home) > 1:
            text = re.sub(re.escape(self._home) + r"(?=[/\\]|\W|\Z)", "~", text)
        return _MAIL.sub("…@", text)


def _without(text: str, secret: str) -> str:
    """Replace every run of characters that also occurs in the secret with an ellipsis."""
    length = min(_PIECE, len(secret))
    pieces = {secret[start : start + length] for start in range(len(secret) - length + 1)}
    covered = [False] * len(text)
    for start in range(len(text) - length + 1):
        if text[start : start + length] in pieces:
            covered[start : start + length] = [True] * length
    lines = [
        letter if not covered[place] else "…" if not place or not covered[place - 1] else ""
        for place, letter in enumerate(text)
    ]
    return "".join(lines)
