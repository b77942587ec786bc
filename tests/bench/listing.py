"""A list of 100,000 conversations: how long reading and filtering them holds up keys."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from bench.outcome import Row, milliseconds
from bench.stage import Stage, progress
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.session import Session
from chatgrid_tui.ui.conversation_list.indexed_rows import IndexedRows

_ROWS: Final = 100_000
_FIRST: Final = 100
_LONGEST: Final = 100.0
_FILTERS: Final = ("c", "99", "long", "no such chat")
_BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)


class _Clients:
    settings = Settings()


class _Session:
    """As much of a session as the rows of the list read."""

    clients = _Clients()

    def __init__(self, index: ConversationIndex) -> None:
        self.index = index


def listing(stage: Stage, rounds: int) -> list[Row]:
    """Read the rest of the list in steps, and filter the whole."""
    progress(f"list: {_ROWS:,} conversations")
    rows = [_row(number) for number in range(_ROWS, 0, -1)]
    steps: list[float] = []
    whole: list[float] = []
    filtering: list[float] = []
    for _ in range(rounds):
        index = ConversationIndex(rows[:_FIRST])
        began = last = time.thread_time()
        longest = 0.0
        for _ in index.put_older(rows):
            now = time.thread_time()
            longest, last = max(longest, now - last), now
        ended = time.thread_time()
        steps.append(max(longest, ended - last) * 1_000)
        whole.append(ended - began)
        session = cast(Session, _Session(index))
        filtering.append(max(_filtered(session, words) for words in _FILTERS) * 1_000)
    took = f"{milliseconds(statistics.median(whole))} in all"
    return [
        Row(f"{_ROWS:,} conversations: longest step of reading", steps, "none", took, _LONGEST, " ms CPU"),
        Row("the same: a letter of a filter", filtering, "none", f"{len(_FILTERS)} filters", _LONGEST, " ms CPU"),
    ]


def _filtered(session: Session, words: str) -> float:
    began = time.thread_time()
    IndexedRows(session, (), words)
    return time.thread_time() - began


def _row(number: int) -> ConversationRow:
    at = _BEGAN + timedelta(minutes=number)
    return ConversationRow(number, "bots", "long-writer", "Long", f"Chat {number}", "", "", False, None, 0, "", at)
