"""Writes `config.toml` atomically, never over a broken one, and never losing comments silently."""

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
"""Characters that a list may take on one line."""


def save(path: Path, document: Mapping[str, object]) -> Path | None:
    """Write `document` to the configuration at `path`.

    Return the backup that was made because the old file had comments, which are not in the new one; None if it had
    none.

    Raises:
        ConfigProblem: the old file is broken, or the new one would be, or it cannot be written, or another window
            does not let go of it. The old file stays as it is.
    """
    with _alone(path):
        old = TomlFile.read(path)
        check(old)
        return _replace(old, document)


def change(
    path: Path, changes: Mapping[str, object], *, decided_on: Mapping[str, object] | None = None
) -> Path | None:
    """Change single values of the configuration at `path` and keep everything else, also unknown keys.

    `changes` is shaped like the document: a table in it goes into the table of that name, any other value
    replaces what was there, and None takes it away. The file is read anew, so that what was changed by hand
    meanwhile survives. Returns what `save` returns. `decided_on` is the document that the changes come from: where
    what they touch stands there in another way by now, nothing is written.

    Raises:
        ConfigProblem: as `save` does, or what is to be changed is another by now.
    """
    with _alone(path):
        old = TomlFile.read(path)
        document = dict(check(old).document)
        if decided_on is not None and _touched(decided_on, changes) != _touched(document, changes):
            words = f"{path} was changed by another program. Nothing was saved; try again."
            raise ConfigProblem(words, path=str(path))
        return _replace(old, _merged(document, changes))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """What was read is written again with the change: of two at the same time, in this process or in another, one
    would be lost.
    """
    words = f"Another window is writing {path}. Nothing was changed; try again."
    with _ONE_AT_A_TIME, held_for_writing(path, ConfigProblem(words, path=str(path))):
        yield


def _replace(old: TomlFile, document: Mapping[str, object]) -> Path | None:
    try:
        text = _as_people_write(document)
        data = text.encode("utf-8")
    except (TypeError, ValueError) as problem:
        raise ConfigProblem("The new configuration holds what TOML cannot.", path=str(old.path)) from problem
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
    """Return the parts of a document that changes are made to, as a text to compare: single tables of providers as a
    whole, and any other key. In a text, a number that is none is like another that is none.
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
