"""Guesses the kind of service of a request or of a body from its content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest
from chatgrid_tui.dialects.registry import DIALECTS, PLAINEST_KIND
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.model.events import BodyEnded, Finished, Skipped, StreamFailed
from chatgrid_tui.model.failure import Failure

LOOKED_AT: Final = 256 * 1024
"""Bytes of a body that are enough to guess its kind."""


def dialect_of(request: PastedRequest) -> Dialect | None:
    """Return the kind of service that recognises a request best, or None."""
    dialect = max(DIALECTS.values(), key=lambda dialect: dialect.recognise(request))
    return dialect if dialect.recognise(request) > Match.NONE else None


def guess_kind(body: bytes, headers: Mapping[str, str] | None = None) -> str:
    """Return the kind that recognises the most of a body; empty if no kind recognises anything. Header names are in
    lower case.
    """
    scores = {kind: _score(dialect, body[:LOOKED_AT], headers or {}) for kind, dialect in DIALECTS.items()}
    best = max(scores.values())
    if best[0] <= 0:
        return ""
    return PLAINEST_KIND if scores.get(PLAINEST_KIND) == best else max(scores, key=lambda kind: scores[kind])


def _score(dialect: Dialect, body: bytes, headers: Mapping[str, str]) -> tuple[int, bool]:
    """Return the number of events that a dialect finds in a body, minus what it cannot use, and whether the framing
    is its own. Errors and end marks do not count: most kinds write them the same way.
    """
    parser = ResponseParser(dialect, headers=headers)
    cut = Failure("network", "dropped") if len(body) == LOOKED_AT else None
    events = [event for item in (*parser.feed(body), *parser.end(cut)) for event in item.events]
    found = sum(not isinstance(event, (StreamFailed, Skipped, Finished, BodyEnded)) for event in events)
    unusable = sum(isinstance(event, Skipped) and event.why != "unfinished" for event in events)
    return found - unusable, parser.framing == dialect.wire
