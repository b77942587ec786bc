"""TOML with line numbers, so that errors can name a line."""

from __future__ import annotations

import bisect
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chatgrid_tui.disk import read_bounded
from chatgrid_tui.errors import ConfigProblem

_LARGEST = 512 * 1024
"""In bytes; more than any file written by hand."""
_MOST_EFFORT = 256 * 1024
"""How many characters are parsed to locate errors. Further errors have no line."""
_DEEPEST = 100
"""Levels of lists and tables. Each dot of a dotted key makes one."""
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|(#)",
    re.DOTALL,
)


@dataclass(slots=True)
class _Effort:
    """How many characters have been parsed to locate errors."""

    spent: int = 0


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file."""

    path: Path
    text: str = field(repr=False)
    _effort: _Effort = field(default_factory=lambda: _Effort(), repr=False, compare=False)

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Read a file. A missing file counts as empty.

        Raises:
            ConfigProblem: it cannot be read, is too large, or is not UTF-8.
        """
        try:
            data = read_bounded(path, _LARGEST)
        except FileNotFoundError:
            target = Path(os.path.realpath(path))
            if path.is_symlink() and not target.parent.is_dir():
                message = f"{path} links to {target}, whose folder does not exist."
                raise ConfigProblem(message, path=str(path)) from None
            return cls(path, "")
        except OSError as problem:
            raise ConfigProblem(f"{path} cannot be read: {problem.strerror}.", path=str(path)) from problem
        try:
            text = data.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as problem:
            line = data.count(b"\n", 0, problem.start) + 1
            column = problem.start - data.rfind(b"\n", 0, problem.start)
            raise ConfigProblem(
                f"Line {line} of {path} cannot be read: there is a byte that is not UTF-8 (column {column}).",
                path=str(path),
                line=line,
                column=column,
            ) from problem
        return cls(path, text.replace("\r\n", "\n"))

    def parse(self) -> dict[str, object]:
        """Return the document.

        Raises:
            ConfigProblem: it is broken; has the line and the column.
        """
        try:
            return _loads(self.text)
        except RecursionError as problem:
            line = bisect.bisect_left(range(len(self._lines)), True, key=self._too_deep)
            raise ConfigProblem(
                f"Line {line} of {self.path} cannot be read: its lists or tables are nested too deeply.",
                path=str(self.path),
                line=line,
            ) from problem
        except tomllib.TOMLDecodeError as problem:
            raise self._syntax_problem(str(problem)) from problem
        except ValueError as problem:
            # Python's own limit on the digits of a number.
            raise self._syntax_problem("a number is too long") from problem

    def line_of(self, keys: Sequence[str]) -> int:
        """Return the line, from 1, of the key or table at the path `keys`, or 0 if it is not found.

        The parser itself finds it: without this line the first part of the file is a valid document that lacks the
        key; with the line, and those on which its value continues, the document is valid and has the key.
        """
        if self._effort.spent >= _MOST_EFFORT:
            return 0
        lines = self._lines
        for number, line in enumerate(lines):
            if keys[-1] in line and self._beginning(number) is not None:
                ends = range(number + 1, len(lines) + 1)
                document = next((candidate for end in ends if (candidate := self._beginning(end)) is not None), None)
                if document is not None and _leads_somewhere(document, keys):
                    return number + 1
        return 0

    @property
    def has_comments(self) -> bool:
        """Whether there are comments, which would be lost if the document was written again."""
        return any(found[1] for found in _STRING_OR_COMMENT.finditer(self.text))

    @property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def _beginning(self, count: int) -> dict[str, object] | None:
        """Return the document of the first `count` lines; None if they end within a value."""
        if self._effort.spent >= _MOST_EFFORT:
            return None
        text = "\n".join(self._lines[:count])
        self._effort.spent += len(text)
        try:
            return _loads(text)
        except (ValueError, RecursionError):
            return None

    def _too_deep(self, count: int) -> bool:
        try:
            _loads("\n".join(self._lines[:count]))
        except RecursionError:
            return True
        except ValueError:
            return False
        return False

    def _syntax_problem(self, parser_message: str) -> ConfigProblem:
        match = _PLACE.search(parser_message)
        what = _PLACE.sub("", parser_message)
        what = what[:1].lower() + what[1:]
        line, column = (int(match[1]), int(match[2])) if match and match[1] else (0, 0)
        # An unclosed list is noticed lines later, but the line where it starts is more helpful.
        before = range((line or len(self._lines)) - 1, 0, -1)
        start = next((count for count in before if self._beginning(count) is not None), 0) + 1
        if self._effort.spent >= _MOST_EFFORT:
            start = line or 1
        sentence = f"Line {line or start} of {self.path} cannot be read: {what}"
        sentence += f" (column {column})." if column else "."
        if line and start < line:
            sentence += f" It is part of a value that starts in line {start}."
        return ConfigProblem(sentence, path=str(self.path), line=line or start, column=column)


def _loads(text: str) -> dict[str, object]:
    """Parse a document. Raise `RecursionError` also if only walking it would be too deep."""
    document = tomllib.loads(text)
    level: list[object] = [document]
    for _ in range(_DEEPEST):
        level = [value for one in level for value in _values(one)]
        if not level:
            return document
    raise RecursionError


def _values(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _leads_somewhere(document: Mapping[str, object], keys: Sequence[str]) -> bool:
    place: object = document
    for key in keys:
        if not isinstance(place, Mapping) or key not in place:
            return False
        place = place[key]
    return True
