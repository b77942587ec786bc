"""Read the values of a TOML table. Errors name the table, the key and the line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Final, TypeVar

from chatgrid_tui.config.toml_spans import TomlFile
from chatgrid_tui.dialects.options import Option
from chatgrid_tui.errors import ConfigProblem
from chatgrid_tui.model.json import Json

Choice = TypeVar("Choice", bound=str)
_SIZE: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))? ?([kmgt]?i?)b?", re.IGNORECASE)
_UNITS: Final = ("", "k", "m", "g", "t")
_NAMES: Final = ("B", "KiB", "MiB", "GiB", "TiB")


class Table:
    """A table of a TOML file. Each reader returns the value, or the default if the key is missing.

    Every reader raises `ConfigProblem` if the value is invalid. The message never repeats a value, which could be a
    secret.
    """

    def __init__(self, file: TomlFile, keys: tuple[str, ...], values: Mapping[str, object]) -> None:
        self._file = file
        self._keys = keys
        self.values = values

    def text(self, key: str, default: str = "") -> str:
        """Read a text."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.problem(key, "must be a text in quotation marks")
        return value

    def choice(self, key: str, choices: Sequence[Choice], default: Choice | None = None) -> Choice:
        """Read one of several texts. Without a default, the key is required."""
        if key not in self.values:
            if default is None:
                raise self.missing(key)
            return default
        for choice in choices:
            if self.values[key] == choice:
                return choice
        raise self.problem(key, f"takes {_either(choices)}")

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Read true or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.problem(key, "must be true or false")
        return value

    def number(self, key: str, option: Option) -> float | int | None:
        """Read a number within the bounds of an option, or its default if missing."""
        if key not in self.values:
            return option.default if isinstance(option.default, int | float) else None
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_within(value, option):
            raise self.problem(key, f"takes {_number_wanted(option)}")
        return int(value) if option.whole else float(value)

    def size(self, key: str, default: int, least: int, most: int | None = None) -> int:
        """Read a number of bytes, written as text with a unit."""
        if key not in self.values:
            return default
        value = self.values[key]
        size = size_in(value) if isinstance(value, str) else None
        if size is None or size < least or (most is not None and size > most):
            bounds = "" if most is None else f" from {size_text(least)} to {size_text(most)}"
            raise self.problem(key, f'must be a size{bounds} with its unit, such as "{size_text(default)}"')
        return size

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of non-empty texts."""
        value = self.values.get(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.problem(key, 'must be a list of texts, such as ["one", "two"]')
        return tuple(value)

    def table(self, key: str) -> Table:
        """Read a table, or an empty one if missing."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            raise self.problem(key, f"is a table, so [{'.'.join((*self._keys, key))}] must begin it")
        return Table(self._file, (*self._keys, key), value)

    def json(self, key: str) -> Json:
        """Read a value of any type that JSON also has."""
        value = self.values[key]
        if not fits_json(value):
            raise self.problem(key, "must be a JSON value: no dates, no times, no inf or nan")
        return as_json(value)

    def problem(self, key: str, complaint: str) -> ConfigProblem:
        """Return an error about the value of `key`, with its line; `complaint` follows the name of the key."""
        name = f"`{key}`" + (f" in [{'.'.join(self._keys)}]" if self._keys else "")
        return self._problem((*self._keys, key), f"{name} {complaint}.")

    def missing(self, key: str) -> ConfigProblem:
        """Return an error that `key` is missing, with the line where the table starts."""
        return self._problem(self._keys, f"[{'.'.join(self._keys)}] needs `{key}`.")

    def _problem(self, keys: tuple[str, ...], sentence: str) -> ConfigProblem:
        line = self._file.line_of(keys)
        place = f"Line {line} of {self._file.path}" if line else str(self._file.path)
        return ConfigProblem(f"{place}: {sentence}", path=str(self._file.path), line=line)


def as_json(value: object) -> Json:
    """Return a TOML value as JSON; dates and times become ISO 8601 strings."""
    match value:
        case bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
        case _:
            return None


def fits_json(value: object) -> bool:
    """Return whether JSON can represent a value."""
    if isinstance(value, Mapping):
        return all(map(fits_json, value.values()))
    if isinstance(value, list | tuple):
        return all(map(fits_json, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool | int | str)


def _is_within(number: float, option: Option) -> bool:
    """Return whether a number is within the bounds of an option."""
    if not math.isfinite(number) or (option.whole and not float(number).is_integer()):
        return False
    above, least = option.above, option.least
    return (above is None or number > above) and (least is None or number >= least)


def _number_wanted(option: Option) -> str:
    bound = f" above {option.above:g}" if option.above is not None else ""
    bound += f" of {option.least:g} or more" if option.least is not None else ""
    return f"a {'whole ' if option.whole else ''}number{f' of {option.unit}' if option.unit else ''}{bound}"


def _either(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return " or ".join((", ".join(quoted[:-1]), quoted[-1]))


def size_in(text: str) -> int | None:
    """Return the bytes in a text such as `8 MiB`, `8MB` or `1.5 GB`; None if it is no size. Units with an `i` are
    powers of 1,024, those without powers of 1,000.
    """
    if (size := _SIZE.fullmatch(text.strip())) is None or size[3].lower() == "i":
        return None
    unit = size[3].lower()
    factor: int = (1024 if unit.endswith("i") else 1000) ** _UNITS.index(unit.removesuffix("i"))
    return round(float(f"{size[1]}.{size[2] or 0}") * factor)


def size_text(size: int) -> str:
    """Return a number of bytes in the largest unit, a power of 1,024, that divides it."""
    number = 0
    while size and size % 1024 == 0 and number < len(_NAMES) - 1:
        size, number = size // 1024, number + 1
    return f"{size} {_NAMES[number]}"
