"""Which kind of service a request goes to, or wrote a body, by what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest
from chatgrid_tui.dialects.registry import DIALECTS, PLAINEST_KIND
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.model.events import BodyEnded, Finished, Skipped, StreamFailed
from chatgrid_tui.model.failure import Failure

_LOOKED_AT: Final = 256 * 1024
"""Bytes of a body that tell its kind."""


def dialect_of(request: PastedRequest) -> Dialect | None:
    """Return the kind of service that best recognises a request, or None."""
    dialect = max(DIALECTS.values(), key=lambda dialect: dialect.recognise(request))
    return dialect if dialect.recognise(request) > Match.NONE else None


def guess_kind(body: bytes, headers: Mapping[str, str] | None = None) -> str:
    """Return the kind that recognises most of a body; empty if none recognises any of it. Header names are lower
    case.
    """
    scores = {kind: _score(dialect, body[:_LOOKED_AT], headers or {}) for kind, dialect in DIALECTS.items()}
    best = max(scores.values())
    if best[0] <= 0:
        return ""
    return PLAINEST_KIND if scores.get(PLAINEST_KIND) == best else max(scores, key=lambda kind: scores[kind])


def _score(dialect: Dialect, body: bytes, headers: Mapping[str, str]) -> tuple[int, bool]:
    """Return how many events a dialect finds in a body, less what it cannot use, and whether the framing is its own.
    Errors and end marks do not count: most kinds write them alike.
    """
    parser = ResponseParser(dialect, headers=headers)
    cut = Failure("network", "dropped") if len(body) == _LOOKED_AT else None
    events = [event for item in (*parser.feed(body), *parser.end(cut)) for event in item.events]
    found = sum(not isinstance(event, (StreamFailed, Skipped, Finished, BodyEnded)) for event in events)
    unusable = sum(isinstance(event, Skipped) and event.why != "unfinished" for event in events)
    return found - unusable, parser.framing == dialect.wire
