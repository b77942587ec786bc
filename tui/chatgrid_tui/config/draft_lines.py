"""Small languages of the provider's form: numbers, headers one a line, parameters one a line."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Final

from chatgrid_tui.config.providers import header_problem
from chatgrid_tui.config.tables import as_json, fits_json
from chatgrid_tui.model.json import Json

OWN: Final = frozenset({"model", "messages", "stream", "stream_options"})
"""Fields of a request to an OpenAI-compatible server that every message sets anew."""
_OWN_HEADERS: Final = frozenset({"content-type", "accept", "accept-encoding", "content-length", "host", "connection"})
_MOST_LINES: Final = 50
_NUMBERS: Final = frozenset(
    {"temperature", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens", "seed", "n"}
    | {"presence_penalty", "frequency_penalty", "repetition_penalty"}
)
"""Parameters that every server takes as numbers."""
_BARE_WORD: Final = re.compile(r"[^\W\d][\w./:+-]*")
"""A text that needs no quotation marks."""


def number_in(
    text: str, *, above: float = -math.inf, least: float = -math.inf, whole: bool = False
) -> tuple[float | int | None, str]:
    """Return the number in `text`, None where nothing is typed, and what is wrong with it as a sentence."""
    text = text.strip().replace(",", ".") if not whole else text.strip()
    if not text:
        return None, ""
    try:
        number = float(text) if len(text) <= 30 else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return None, "This takes a number."
    if whole and not number.is_integer():
        return None, "This takes a whole number."
    if number <= above:
        return None, f"This takes a number above {above:g}."
    if number < least:
        return None, f"This takes {least:g} or more."
    return (int(number) if number.is_integer() else number), ""


def plain_number(value: Json) -> str:
    """Return a number as it is typed; empty for what is none."""
    return "" if isinstance(value, bool) or not isinstance(value, int | float) else f"{value:.15g}"


def headers_in(text: str) -> tuple[dict[str, str], str]:
    """Return the headers of lines like `Origin: https://acme.example`, and what is wrong as a sentence."""
    headers: dict[str, str] = {}
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST_LINES:
        return {}, f"At most {_MOST_LINES} headers are taken."
    for number, line in lines:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not name or " " in name:
            return {}, f"Line {number} is not like Origin: https://acme.example."
        if name.lower() in _OWN_HEADERS:
            return {}, f"Line {number}: {name} is set by the program itself."
        if name.lower() in {known.lower() for known in headers}:
            return {}, f"Line {number}: {name} stands there twice."
        if sentence := header_problem(name, value):
            return {}, f"Line {number}: {sentence}"
        headers[name] = value
    return headers, ""


def header_lines(headers: Iterable[tuple[str, str]]) -> str:
    """Return headers as they are typed."""
    return "\n".join(f"{name}: {value}" for name, value in headers)


def parameters_in(text: str) -> tuple[dict[str, Json], str]:
    """Return the parameters of lines like `top_p = 0.9`, and what is wrong as a sentence. A value is written as in
    TOML or JSON; one word without quotation marks is a text.
    """
    parameters: dict[str, Json] = {}
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST_LINES:
        return {}, f"At most {_MOST_LINES} parameters are taken."
    for number, line in lines:
        name, equals, written = (part.strip() for part in line.partition("="))
        name = name.strip("\"'")
        if not equals or not name or not written or not name.isprintable():
            return {}, f"Line {number} is not like top_p = 0.9."
        if name in OWN:
            return {}, f"Line {number}: {name} is set by the program itself."
        if name in parameters:
            return {}, f"Line {number}: {name} stands there twice."
        value, sentence = _value(written)
        if not sentence and value == written and name in _NUMBERS:  # a text in quotation marks is meant
            sentence = f"{name} takes a number."
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
        return None, "its lists lie too deep in each other."
    except ValueError:
        return None, "its value cannot be read."
    return None, "it takes a number, a text, true, false or a list."


def _parsed(written: str) -> object:
    """Return the value that is written; raises ValueError where it is none."""
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
