"""How a request differs from the recorded one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeGuard
from urllib.parse import parse_qsl

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import clean_line, mend_surrogates

COMPARED_HEADERS: Final = ("accept", "content-type")
"""The headers that say what is asked for. All others say who asks."""
_MOST: Final = 5
_LONGEST_NAME: Final = 60


def query_differences(recorded: str, asked: str) -> Iterator[str]:
    """Give the parameters in which queries differ: `query limit`."""
    before, now = (sorted(parse_qsl(query, keep_blank_values=True)) for query in (recorded, asked))
    if before != now:
        names = dict.fromkeys(
            name for name, value in (*before, *now) if before.count((name, value)) != now.count((name, value))
        )
        yield f"query {', '.join(map(_name, names))}"


def header_differences(recorded: Iterable[tuple[str, str]], asked: Mapping[str, str]) -> Iterator[str]:
    """Give the headers in which requests differ: `header accept`. Only those that were recorded are compared, and the
    names in `asked` are lower case.
    """
    for name, value in recorded:
        name = name.lower()
        if name in COMPARED_HEADERS and _header(asked.get(name, "")) != _header(value):
            yield f"header {name}"


def body_differences(recorded: JsonObject, asked: JsonObject) -> Iterator[str]:
    """Give the places in which bodies differ, of many only the first: `body messages[0].content`."""
    try:
        places = list(_differences(recorded, asked, ""))
    except RecursionError:
        places = ["nested too deeply"]
    if places:
        more = f" and {len(places) - _MOST:,} more" if len(places) > _MOST else ""
        yield f"body {', '.join(places[:_MOST])}{more}"


def _differences(recorded: Json, asked: Json, place: str) -> Iterator[str]:
    if isinstance(recorded, Mapping) and isinstance(asked, Mapping):
        for name in dict.fromkeys((*recorded, *asked)):
            inner = f"{place}.{_name(name)}" if place else _name(name)
            if name not in asked:
                yield f"{inner} is missing"
            elif name not in recorded:
                yield f"{inner} is new"
            else:
                yield from _differences(recorded[name], asked[name], inner)
    elif _is_list(recorded) and _is_list(asked):
        if len(recorded) != len(asked):
            yield f"{place} has {len(asked):,} items instead of {len(recorded):,}"
        else:
            for number, (before, now) in enumerate(zip(recorded, asked, strict=True)):
                yield from _differences(before, now, f"{place}[{number}]")
    elif recorded != asked or isinstance(recorded, bool) is not isinstance(asked, bool):
        yield place


def _is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _header(value: str) -> str:
    return "".join(value.lower().split())


def _name(name: str) -> str:
    return clean_line(mend_surrogates(name), _LONGEST_NAME) or "a field without name"
