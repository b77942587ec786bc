"""The text of form fields: numbers, headers and parameters, one per line."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Final

from chatgrid_tui.config.tables import as_json, fits_json
from chatgrid_tui.dialects.options import Option
from chatgrid_tui.model.json import Json

_OWN_HEADERS: Final = frozenset({"content-type", "accept", "accept-encoding", "content-length", "host", "connection"})
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\x20-\x7e\t]*")
_MOST_LINES: Final = 50
_BARE_WORD: Final = re.compile(r"[^\W\d][\w./:+-]*")
"""Text that needs no quotation marks."""


def number_in(text: str, option: Option) -> tuple[float | int | None, str]:
    """Return the number typed for an option, or its default if nothing is; and a sentence on what is wrong."""
    text = text.strip() if option.whole else text.strip().replace(",", ".")
    if not text:
        default = option.default
        return default if isinstance(default, int | float) else None, ""
    try:
        number = float(text) if len(text) <= 30 else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return None, "This must be a number."
    if option.whole and not number.is_integer():
        return None, "This must be a whole number."
    if option.above is not None and number <= option.above:
        return None, f"This must be a number above {option.above:g}."
    if option.least is not None and number < option.least:
        return None, f"This must be {option.least:g} or more."
    return (int(number) if number.is_integer() else number), ""


def plain_number(value: Json) -> str:
    """Return a number as it is typed, or an empty string for any other value."""
    return "" if isinstance(value, bool) or not isinstance(value, int | float) else f"{value:.15g}"


def is_header_name(name: str) -> bool:
    """Return whether an HTTP header can have this name."""
    return _HEADER_NAME.fullmatch(name) is not None


def header_problem(name: str, value: str) -> str:
    """Return a sentence on what is wrong with a request header, or an empty string. It does not repeat the value."""
    if not is_header_name(name):
        return "This is not a valid header name."
    return "" if _HEADER_VALUE.fullmatch(value) else "A header must be one line of ASCII text."


def headers_in(text: str) -> tuple[dict[str, str], str]:
    """Return the headers in lines like `Origin: https://acme.example`, and a sentence on what is wrong."""
    headers: dict[str, str] = {}
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST_LINES:
        return {}, f"At most {_MOST_LINES} headers are allowed."
    for number, line in lines:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not name or " " in name:
            return {}, f"Line {number} must look like Origin: https://acme.example."
        if name.lower() in _OWN_HEADERS:
            return {}, f"Line {number}: {name} is set by the program itself."
        if name.lower() in {existing.lower() for existing in headers}:
            return {}, f"Line {number}: {name} is set twice."
        if sentence := header_problem(name, value):
            return {}, f"Line {number}: {sentence}"
        headers[name] = value
    return headers, ""


def header_lines(headers: Iterable[tuple[str, str]]) -> str:
    """Return headers as they are typed."""
    return "\n".join(f"{name}: {value}" for name, value in headers)


def parameters_in(text: str, option: Option) -> tuple[dict[str, Json], str]:
    """Return the parameters typed for an option, in lines like `top_p = 0.9`, and a sentence on what is wrong. Values
    are written as in TOML or JSON; a single word needs no quotation marks.
    """
    parameters: dict[str, Json] = {}
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST_LINES:
        return {}, f"At most {_MOST_LINES} parameters are allowed."
    for number, line in lines:
        name, equals, written = (part.strip() for part in line.partition("="))
        name = name.strip("\"'")
        if not equals or not name or not written or not name.isprintable():
            return {}, f"Line {number} must look like top_p = 0.9."
        if name in option.reserved:
            return {}, f"Line {number}: {name} is set by the program itself."
        if name in parameters:
            return {}, f"Line {number}: {name} is set twice."
        value, sentence = _value(written)
        if not sentence and value == written and name in option.numbers:  # typed without quotation marks
            sentence = f"{name} must be a number."
        if sentence:
            return {}, f"Line {number}: {sentence}"
        parameters[name] = value
    return parameters, ""


def parameter_lines(parameters: Mapping[str, Json]) -> str:
    """Return parameters as they are typed."""
    return "\n".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in parameters.items())


def _value(written: str) -> tuple[Json, str]:
    try:
        value = _parsed(written)
        if value is not None and fits_json(value):
            return as_json(value), ""
    except RecursionError:
        return None, "its lists are nested too deeply."
    except ValueError:
        return None, "its value cannot be read."
    return None, "it must be a number, a text, true, false or a list."


def _parsed(written: str) -> object:
    """Return the value that a text represents.

    Raises:
        ValueError: it represents none.
    """
    try:
        return json.loads(written)
    except ValueError:
        pass
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except ValueError:
        if not _BARE_WORD.fullmatch(written):
            raise
        return written
