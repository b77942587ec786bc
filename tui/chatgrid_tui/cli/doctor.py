"""`chatgrid-tui doctor`: how everything is, as a text for a report. No message is sent, and no key is in it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.cli import surroundings
from chatgrid_tui.cli.redacting import Redactor
from chatgrid_tui.config.option_values import described, value_at
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings, load_usable
from chatgrid_tui.config.themes import read_themes
from chatgrid_tui.dialects.options import BASE_URL, TITLE
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.providers.connection_test import CheckResult, ConnectionReport, check_connection
from chatgrid_tui.text import clean, clean_line

_SIGNS: Final = {"good": "ok", "bad": "!!", "unknown": "--"}


@dataclass(frozen=True, slots=True)
class _Tried:
    """A provider, and what trying it out showed."""

    facts: surroundings.Facts
    results: tuple[CheckResult, ...]


@dataclass(slots=True)
class _Report:
    """What was found out, by section, and what is wrong."""

    sections: dict[str, surroundings.Facts] = field(default_factory=dict)
    providers: list[_Tried] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What could not be found out."""


def doctor(paths: Paths, *, json_wanted: bool, named: bool = False) -> int:
    """Look at everything, print it, and return the exit code. With `named`, somebody said which configuration is
    meant, so that it should be there.
    """
    report, redact = asyncio.run(_examined(paths, named=named))
    shown = _as_json(report, redact) if json_wanted else clean(redact(_as_text(report)))
    sys.stdout.write(f"{shown}\n")
    return 1 if report.problems else 0


async def _examined(paths: Paths, *, named: bool) -> tuple[_Report, Redactor]:
    report, redact = _Report(), Redactor()
    report.sections["terminal"] = surroundings.terminal(os.environ)
    report.sections["versions"] = surroundings.versions()
    report.sections["network"] = surroundings.network(os.environ)
    facts, problems = await asyncio.to_thread(surroundings.folders, paths)
    report.sections["folders"] = facts
    report.problems += problems
    if named and not paths.config_file.exists():
        report.problems.append(f"There is no {paths.config_file}.")
    settings = _configured(report, paths)
    if settings.providers:
        await _ask_all(report, redact, settings, paths)
    return report, redact


def _configured(report: _Report, paths: Paths) -> Settings:
    """Read the configuration as far as it can be used, and note what it says and what is wrong with it."""
    facts = report.sections.setdefault("configuration", {})
    settings, problems = load_usable(paths.config_file)
    read = read_themes(paths.theme_folders)
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
        facts["state"] = f"It can be read. Providers: {providers:,}."
    else:
        facts["state"] = "Nothing is configured. The app opens on its own bots."
    facts["default provider"] = settings.default_provider or "the first"
    facts["theme"] = settings.theme
    facts["shown with"] = f"{settings.glyphs} signs, {settings.bubbles} bubbles" + (
        ", reduced motion" if settings.reduced_motion else ""
    )
    facts["own keys"] = f"{len(settings.keys):,}"
    report.problems += [*mistakes, *map(str, read.problems)]
    if settings.theme not in read.by_name:
        report.problems.append(f"No theme is called {settings.theme}. There are {', '.join(read.by_name)}.")
    return settings


async def _ask_all(report: _Report, redact: Redactor, settings: Settings, paths: Paths) -> None:
    """Try all providers out at the same time."""
    clients = Clients(settings, paths, HttpTransport)
    try:
        checked = await asyncio.gather(*(_ask(clients, redact, one) for one in settings.providers.values()))
    finally:
        await clients.close()
    for provider, checks in zip(settings.providers.values(), checked, strict=True):
        key = clients.key_status(provider)
        facts = {
            "name": provider.name,
            "kind": provider.kind,
            "host": urlsplit(provider.base_url).netloc,
            "key from": key.source or ("none found" if key.missing else "not looked up"),
            "options": ", ".join(_options(provider)),
        }
        report.providers.append(_Tried(facts, checks.results))
        if key.warning and key.warning not in report.problems:
            report.problems.append(f"{provider.name}: {key.warning}")
        for result in checks.results:
            if result.outcome == "bad":
                report.problems.append(f"{provider.name}: {result.words}")
            elif result.outcome == "unknown" and checks.good:
                report.unknown.append(f"{provider.name}, {result.subject}: {result.words}")


async def _ask(clients: Clients, redact: Redactor, provider: Provider) -> ConnectionReport:
    """Try a provider out, and keep what is secret of it out of the report."""
    for _, value in provider.headers:
        redact.add(value)
        redact.add(value.rpartition(" ")[2])
    client = await clients.of(provider)
    try:
        secret = await client.look_up_key()
    except ChatgridError:  # which the checkup says
        secret = None
    if secret is not None:
        redact.add(secret.reveal())
        redact.add(str(secret))
    return await check_connection(client)


def _options(provider: Provider) -> list[str]:
    """Return what of a provider's configuration changes how it is talked to, without any value that may be secret."""
    options = [option for option in DIALECTS[provider.kind].all_options if option not in (BASE_URL, TITLE)]
    values = [(option, value_at(provider, option)) for option in options if not option.inside]
    return [described(value, option) for option, value in values if value != option.default]


def _as_text(report: _Report) -> str:
    lines: list[str] = []
    for title, facts in report.sections.items():
        lines += [title.capitalize(), *_rows(facts), ""]
    for tried in report.providers:
        lines += [f"Provider {clean_line(tried.facts['name'], 200)}", *_rows(tried.facts)]
        for one in tried.results:
            lines.append(f"  {_SIGNS[one.outcome]} {one.subject:<14} {clean_line(one.words, 600)}")
        lines.append("")
    if report.problems:
        wrong = "One thing is wrong:" if len(report.problems) == 1 else f"{len(report.problems):,} things are wrong:"
        lines += [wrong, *(f"  {clean_line(problem, 600)}" for problem in report.problems)]
    elif report.unknown:
        lines += ["Nothing is wrong, but not all is known:"]
        lines += [f"  {clean_line(unknown, 600)}" for unknown in report.unknown]
    else:
        lines.append("All is well.")
    return "\n".join(lines)


def _rows(facts: surroundings.Facts) -> list[str]:
    return [f"  {name:<17} {clean_line(value, 400)}" for name, value in facts.items()]


def _as_json(report: _Report, redact: Redactor) -> str:
    """Return the report as one JSON object, in ASCII, so that no control character reaches a terminal."""
    whole = {
        **report.sections,
        "providers": [
            {**tried.facts, "findings": [asdict(result) for result in tried.results]} for tried in report.providers
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
