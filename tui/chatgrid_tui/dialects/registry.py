"""The kinds of service. To add one, write a module next to this one and add it here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from chatgrid_tui.dialects import chatgrid, chatiq, openai, widget
from chatgrid_tui.dialects.dialect import Dialect, Preset

_REGISTERED: Final[dict[str, Dialect]] = {
    dialect.kind: dialect
    for dialect in (
        chatgrid.DIALECT,
        chatiq.DIALECT,
        widget.DIALECT,
        openai.DIALECT,
    )
}
DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(_REGISTERED)
"""By the ids of the kinds, in display order."""
DEFAULT_KIND: Final = chatgrid.DIALECT.kind
"""The kind that an empty form starts with."""
PLAINEST_KIND: Final = openai.DIALECT.kind
"""The kind that is used for an unknown one: its services store nothing that could be fetched."""


@contextmanager
def registered(dialect: Dialect) -> Iterator[None]:
    """Add a kind, or replace one, within the context."""
    before = dict(_REGISTERED)
    _REGISTERED[dialect.kind] = dialect
    try:
        yield
    finally:
        _REGISTERED.clear()
        _REGISTERED.update(before)


def kinds() -> tuple[str, ...]:
    """Return the ids of all kinds."""
    return tuple(DIALECTS)


def all_presets() -> tuple[tuple[str, Preset], ...]:
    """Return the well-known servers of all kinds, each with its kind."""
    return tuple((kind, preset) for kind, dialect in DIALECTS.items() for preset in dialect.presets)
