"""Write `config.toml` atomically. A broken file is never overwritten, and comments are never lost silently."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import tomli_w

from chatgrid_tui.config.settings import check
from chatgrid_tui.config.toml_spans import TomlFile
from chatgrid_tui.disk import held_for_writing, write_file
from chatgrid_tui.errors import ConfigProblem

_ONE_AT_A_TIME: Final = threading.Lock()
_LINE: Final = 100
"""The most characters of a list on one line."""


def save(path: Path, document: Mapping[str, object]) -> Path | None:
    """Write `document` to the configuration at `path`.

    Return the path of the backup, which is made if the old file had comments, since the new one has none; or None.

    Raises:
        ConfigProblem: the old file is broken, or the new one would be, or it cannot be written, or another window
            keeps it locked. The old file is unchanged.
    """
    with _alone(path):
        old = TomlFile.read(path)
        check(old)
        return _replace(old, document)


def change(
    path: Path, changes: Mapping[str, object], *, decided_on: Mapping[str, object] | None = None
) -> Path | None:
    """Change some values of the configuration at `path`, and keep everything else, including unknown keys.

    `changes` has the structure of the document: a table is merged into the table of the same name, any other value
    replaces the old one, and None removes it. The file is read again first, so that manual changes are not lost.
    Return the same as `save`. `decided_on` is the document that the changes are based on: if the values to be changed
    are different by now, nothing is written.

    Raises:
        ConfigProblem: as for `save`, or a value to be changed is different by now.
    """
    with _alone(path):
        old = TomlFile.read(path)
        document = dict(check(old).document)
        if decided_on is not None and _touched(decided_on, changes) != _touched(document, changes):
            message = f"{path} was changed by another program. Nothing was saved; try again."
            raise ConfigProblem(message, path=str(path))
        return _replace(old, _merged(document, changes))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lock the configuration while it is read, changed and written again, so that no concurrent change is lost, in
    this process or in another.
    """
    message = f"Another window is writing {path}. Nothing was changed; try again."
    with _ONE_AT_A_TIME, held_for_writing(path, ConfigProblem(message, path=str(path))):
        yield


def _replace(old: TomlFile, document: Mapping[str, object]) -> Path | None:
    try:
        text = _as_people_write(document)
        data = text.encode("utf-8")
    except (TypeError, ValueError) as problem:
        raise ConfigProblem(
            "The new configuration has values that TOML does not support.", path=str(old.path)
        ) from problem
    # Never write what could not be read again.
    check(TomlFile(old.path, text))
    backup = old.path.with_name(old.path.name + ".bak") if old.has_comments else None
    try:
        if backup is not None:
            write_file(backup, old.text.encode("utf-8"), follow=False)
        write_file(old.path, data)
    except OSError as problem:
        raise ConfigProblem(f"{old.path} cannot be written: {problem.strerror}.", path=str(old.path)) from problem
    return backup


def _as_people_write(document: Mapping[str, object]) -> str:
    """Return the text of a document, with short lists on one line each."""
    text = tomli_w.dumps(document)
    lines: list[str] = []
    opened: list[str] | None = None
    for line in text.split("\n"):
        if opened is None:
            lines.append(line)
            opened = [] if line.endswith(" = [") else None
        elif line == "]":
            joined = f"{lines[-1]}{', '.join(item.strip().removesuffix(',') for item in opened)}]"
            plain = all(item.startswith("    ") and item[4:5] not in (" ", "[", "{", "]") for item in opened)
            if plain and len(joined) <= _LINE:
                lines[-1] = joined
            else:
                lines += [*opened, line]
            opened = None
        else:
            opened.append(line)
    shorter = "\n".join(lines)
    return shorter if tomllib.loads(shorter) == tomllib.loads(text) else text


def _touched(document: Mapping[str, object], changes: Mapping[str, object]) -> str:
    """Return the parts of a document that the changes affect, as comparable text: whole tables for providers, and
    single keys otherwise. As text, NaN equals NaN.
    """
    parts: list[object] = []
    for key, value in changes.items():
        before = document.get(key)
        if key == "providers" and isinstance(value, Mapping) and isinstance(before, Mapping | None):
            parts += [(before or {}).get(name) for name in value]
        else:
            parts.append(before)
    return repr(parts)


def _merged(old: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    merged = dict(old)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            before = merged.get(key)
            merged[key] = _merged(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged
