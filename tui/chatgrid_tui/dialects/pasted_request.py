"""A request that was pasted as a cURL command: which kind of service recognises it, and what the kind uses of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import OptionValue
from chatgrid_tui.text import clean_line, mend_surrogates

_MOST_FIELDS: Final = 12


class Match(IntEnum):
    """How surely a request belongs to a kind of service. The surest kind is chosen, and the first among equals."""

    NONE = 0
    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


@dataclass(frozen=True, slots=True)
class PastedRequest:
    """The parts of a request by which a kind recognises it."""

    host: str
    """In lower case."""
    path: str
    """Without a trailing slash."""
    headers: frozenset[str]
    """The names, in lower case."""
    body: Mapping[str, Json]
    """Its JSON object; empty if there is none."""


@dataclass(frozen=True, slots=True)
class PastedSettings:
    """What a request says about a provider besides its address, key and headers."""

    board: str = ""
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    """By name."""
    taken: tuple[str, ...] = ()
    """Descriptions of what was used, besides the board."""
    left_out: tuple[str, ...] = ()
    """Descriptions of what was not used."""


def other_fields(body: Mapping[str, Json], used: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of the body's fields that belong to one message and not to a provider."""
    names = [field_name(name) for name in body if name not in used and name != "stream"]
    more = [f"{len(names) - _MOST_FIELDS:,} more fields"] if len(names) > _MOST_FIELDS else []
    return (*names[:_MOST_FIELDS], *more)


def field_name(name: str) -> str:
    """Return the name of a field, cleaned for display."""
    return clean_line(mend_surrogates(name), 40) or "a field without name"


def text_field(body: Mapping[str, Json], name: str) -> str:
    """Return a text field of a body, or an empty text."""
    value = body.get(name)
    return value if isinstance(value, str) else ""
