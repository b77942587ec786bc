"""How a request differs from the recorded one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeGuard
from urllib.parse import parse_qsl

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import clean_line, mend_surrogates

COMPARED_HEADERS: Final = ("accept", "content-type")
"""The headers that describe what is requested. All others describe the client."""
_MOST: Final = 5
_LONGEST_NAME: Final = 60
_MASK: Final = "[key ..."
"""The start of the mask of a recorded key (`engine.key_mask`). Masked values cannot be compared."""
_DEEPEST: Final = 16
"""The levels of a body whose places are named; deeper values are compared as a whole."""


def query_differences(recorded: str, received: str) -> Iterator[str]:
    """Yield the parameters in which queries differ: `query limit`."""
    before, now = (Counter(parse_qsl(query, keep_blank_values=True)) for query in (recorded, received))
    masked = {name for name, value in before if _MASK in value}
    names = [name for name, _ in (*(before - now), *(now - before)) if name not in masked]
    if names:
        yield f"query {_listed(list(map(_name, dict.fromkeys(names))))}"


def header_differences(recorded: Iterable[tuple[str, str]], received: Mapping[str, str]) -> Iterator[str]:
    """Yield the headers in which requests differ: `header accept`. Only recorded headers are compared; the names in
    `received` are in lower case.
    """
    for name, value in recorded:
        name = name.lower()
        if name in COMPARED_HEADERS and _header(received.get(name, "")) != _header(value):
            yield f"header {name}"


def body_differences(recorded: JsonObject, received: JsonObject) -> Iterator[str]:
    """Yield the places at which bodies differ, at most the first ones: `body messages[0].content`."""
    try:
        places = list(islice(_differences(recorded, received, "", _DEEPEST), _MOST + 1))
    except RecursionError:
        places = ["nested too deeply"]
    if places:
        yield f"body {_listed(places)}"


def _differences(recorded: Json, received: Json, place: str, levels: int) -> Iterator[str]:
    if levels == 0:
        if recorded != received:
            yield place
    elif isinstance(recorded, Mapping) and isinstance(received, Mapping):
        for name in dict.fromkeys((*recorded, *received)):
            inner = f"{place}.{_name(name)}" if place else _name(name)
            if name not in received:
                yield f"{inner} is missing"
            elif name not in recorded:
                yield f"{inner} is new"
            else:
                yield from _differences(recorded[name], received[name], inner, levels - 1)
    elif _is_list(recorded) and _is_list(received):
        if len(recorded) != len(received):
            yield f"{place} has {len(received):,} items instead of {len(recorded):,}"
        else:
            for number, (before, now) in enumerate(zip(recorded, received, strict=True)):
                yield from _differences(before, now, f"{place}[{number}]", levels - 1)
    elif isinstance(recorded, str) and _MASK in recorded:
        return
    elif recorded != received or isinstance(recorded, bool) is not isinstance(received, bool):
        yield place


def _is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _listed(places: Sequence[str]) -> str:
    return ", ".join(places[:_MOST]) + (" and more" if len(places) > _MOST else "")


def _header(value: str) -> str:
    return "".join(value.lower().split())


def _name(name: str) -> str:
    return clean_line(mend_surrogates(name), _LONGEST_NAME) or "a field without name"
