"""The usable part of the configuration, and what to tell the user about the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import DEFAULT_THEME, Settings, load_usable
from chatgrid_tui.config.themes import ReadThemes, Theme, read_themes
from chatgrid_tui.disk import writable_by_others
from chatgrid_tui.errors import ConfigProblem, UsageProblem
from chatgrid_tui.session.alerts import Condition

_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Configuration:
    """Usable settings; their theme is one of `themes`."""

    settings: Settings
    themes: Mapping[str, Theme]
    conditions: tuple[Condition, ...] = ()
    """What is wrong, shown as long as the app runs."""
    notices: tuple[str, ...] = ()
    """Sentences to show once."""


def read_configuration(paths: Paths, *, theme: str = "", provider: str = "") -> Configuration:
    """Read the configuration and the themes. `theme` and `provider` are those named on the command line.

    Raises:
        ConfigProblem, UsageProblem: there is no such theme or provider.
    """
    settings, problems = load_usable(paths.config_file)
    read = read_themes(paths.theme_folders)
    notices: list[str] = []
    if provider and (problems or settings.providers):
        _refuse_unknown(settings, provider, problems)
    elif settings.providers:
        try:
            settings.provider()
        except UsageProblem as problem:
            settings = replace(settings, default_provider="")
            if not problems:
                notices.append(f"{problem} The first one is used.")
    settings = replace(settings, theme=_usable_theme(theme, settings.theme, read, notices))
    if read.problems:
        notices.append(_first(read.problems))
    conditions = [Condition("open to others", sentence) for sentence in open_folders(paths)[:1]]
    if problems:
        message = f"{_first(problems)} The settings cannot be changed here until that is fixed."
        conditions.append(Condition("settings read only", message))
    return Configuration(settings, read.by_name, tuple(conditions), tuple(notices))


def open_folders(paths: Paths) -> list[str]:
    """Return a sentence for each of the program's folders in which other users could replace files."""
    places = {writable_by_others(folder) for folder in (paths.data_folder, paths.config_file.parent)}
    return [
        f"Other users of this machine can replace files in {place}. `chmod go-w` prevents that."
        for place in sorted(filter(None, places))
    ]


def _refuse_unknown(settings: Settings, provider: str, problems: Sequence[ConfigProblem]) -> None:
    """Raise an error if a requested provider does not exist: it may be the one with the mistake."""
    try:
        if settings.provider(provider) is not None:
            return
    except UsageProblem:
        if not problems:
            raise
    raise problems[0]


def _usable_theme(requested: str, configured: str, read: ReadThemes, notices: list[str]) -> str:
    name = requested or configured
    if name in read.by_name:
        return name
    reason = next((str(problem) for problem in read.problems if Path(problem.path).stem == name), "")
    message = reason or f"There is no theme called {name}. Available: {', '.join(read.by_name)}."
    if requested:
        raise UsageProblem(message)
    if not reason:  # otherwise it is shown with the other problems
        notices.append(message)
    return DEFAULT_THEME


def _first(problems: Sequence[ConfigProblem]) -> str:
    """Return the text of the first problems, and how many more there are."""
    more = len(problems) - _MOST_NAMED
    sentences = [str(problem) for problem in problems[:_MOST_NAMED]]
    return " ".join([*sentences, *([f"There are {more:,} more errors."] if more > 0 else [])])
