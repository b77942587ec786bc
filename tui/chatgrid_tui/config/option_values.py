"""The values of options: in a table of the configuration, as typed in the form, and in a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias, TypeVar

from chatgrid_tui.config.field_text import (
    header_lines,
    header_problem,
    headers_in,
    is_header_name,
    number_in,
    parameter_lines,
    parameters_in,
    plain_number,
)
from chatgrid_tui.config.tables import Table
from chatgrid_tui.dialects.options import Option
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import OptionValue, Provider

Typed: TypeAlias = str | bool
"""The value of a form field: a text, or whether a box is checked."""
Item = TypeVar("Item")


def read_value(table: Table, option: Option) -> OptionValue:
    """Return the value of an option in a table of the configuration.

    Raises:
        ConfigProblem: the value is not what the option takes.
    """
    match option.type:
        case "text" | "address" | "lines":
            return table.text(option.name)
        case "flag":
            return table.flag(option.name)
        case "choice":
            return table.choice(option.name, option.choices, "")
        case "number":
            return table.number(option.name, option)
        case "texts":
            return table.texts(option.name)
        case "headers":
            return _pairs(table.table(option.name), _header)
        case "parameters":
            return _pairs(table.table(option.name), Table.json)


def value_at(provider: Provider, option: Option) -> OptionValue:
    """Return a provider's value of an option."""
    if option.inside:
        return _scalar(dict(provider.parameters).get(option.name, option.default))
    if (value := provider.option(option.name)) is not None:
        return value
    value = getattr(provider, option.name, option.default)
    return option.default if value is None else value


def typed_value(value: OptionValue, option: Option) -> Typed:
    """Return a value as it is typed in the form."""
    match option.type:
        case "flag":
            return value is True
        case "choice":
            return str(value) if value in option.choices else option.choices[0]
        case "number":
            return plain_number(_scalar(value))
        case "texts":
            return ", ".join(str(item) for item in _items(value))
        case "headers":
            return header_lines((name, str(item)) for name, item in as_pairs(value))
        case "parameters":
            return parameter_lines(dict(as_pairs(value)))
        case "text" | "address" | "lines":
            return str(value)


def parse(typed: Typed, option: Option) -> tuple[OptionValue, str]:
    """Return the value that was typed, and a sentence on what is wrong with it, or an empty string."""
    if isinstance(typed, bool) or option.type == "flag":
        return bool(typed), ""
    match option.type:
        case "choice":
            return ("" if typed not in option.choices[1:] else typed), ""
        case "number":
            return number_in(typed, option)
        case "texts":
            items = tuple(dict.fromkeys(item.strip() for item in re.split(r"[,\n]", typed) if item.strip()))
            usable = all(item.isprintable() and len(item) <= (option.longest or len(item)) for item in items)
            return items, "" if usable else "One of them has invisible characters, or is too long."
        case "headers":
            headers, problem = headers_in(typed)
            return tuple(headers.items()), problem
        case "parameters":
            parameters, problem = parameters_in(typed, option)
            return tuple(parameters.items()), problem
        case "text" | "address" | "lines":
            text = typed.strip()
            too_long = option.longest and len(text) > option.longest
            return text, f"This may have at most {option.longest:,} characters." if too_long else ""


def written_value(value: OptionValue, option: Option) -> object:
    """Return a value as it is written in a table."""
    match option.type:
        case "texts":
            return list(_items(value))
        case "headers" | "parameters":
            return dict(as_pairs(value))
        case "number" if isinstance(value, float) and value.is_integer():
            return int(value)
        case _:
            return value


def described(value: OptionValue, option: Option) -> str:
    """Return a description of a value for a report, without secrets."""
    match option.type:
        case "flag" | "text" | "address" | "lines":
            return option.name
        case "headers" | "parameters":
            return " ".join((option.name, *(name for name, _ in as_pairs(value))))
        case "texts":
            return f"{option.name}: {len(_items(value)):,}"
        case "choice" | "number":
            shown = "…" if option.secret else plain_number(value) if isinstance(value, float) else str(value)
            return " ".join(filter(None, (option.name, shown, option.unit)))


def as_pairs(value: OptionValue) -> tuple[tuple[str, Json], ...]:
    """Return a value that consists of pairs, or an empty tuple for any other value."""
    return tuple((str(item[0]), item[1]) for item in _items(value) if isinstance(item, tuple) and len(item) == 2)


def as_text(value: OptionValue) -> str:
    """Return a value that is a text, or an empty string for any other value."""
    return value if isinstance(value, str) else ""


def as_texts(value: OptionValue) -> tuple[str, ...]:
    """Return a value that consists of texts, or an empty tuple for any other value."""
    return tuple(item for item in _items(value) if isinstance(item, str))


def _items(value: OptionValue) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _scalar(value: Json | OptionValue) -> bool | int | float | str | None:
    return value if isinstance(value, bool | int | float | str) else None


def _pairs(table: Table, read: Callable[[Table, str], Item]) -> tuple[tuple[str, Item], ...]:
    return tuple((key, read(table, key)) for key in table.values)


def _header(table: Table, name: str) -> str:
    value = table.text(name)
    if not is_header_name(name):
        raise table.problem(name, "is not a valid header name")
    if header_problem(name, value):
        raise table.problem(name, "must be one line of ASCII text")
    return value


def merged_lines(typed: str, parameters: Mapping[str, Json], replaced: Collection[str]) -> str:
    """Return the text of a parameters field in which `parameters` replace those called `replaced`."""
    lines = [line for line in typed.splitlines() if line.partition("=")[0].strip("\"' \t") not in replaced]
    return "\n".join(part for part in ("\n".join(lines), parameter_lines(parameters)) if part.strip())
