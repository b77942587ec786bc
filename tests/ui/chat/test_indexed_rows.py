"""The session's conversations as the list shows them, without a row for each that nobody looks at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.history import ConversationRow
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.ui.chat import indexed_rows
from chatgrid_tui.ui.chat.indexed_rows import IndexedRows
from chatgrid_tui.ui.chat.status import list_row
from chatgrid_tui.ui.widgets.row_source import GivenRows

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=timezone(timedelta(hours=3)))


def row(number: int, age: timedelta) -> ConversationRow:
    at = NOW.astimezone(UTC) - age
    return ConversationRow(number, "p", "b", "board", f"Title {number}", "", "said", False, None, 0, "", at)


AGES = st.lists(st.integers(-20, 900).map(lambda hours: timedelta(hours=hours)), max_size=40).map(sorted)


@given(AGES)
def test_it_is_as_if_every_row_was_there(ages: list[timedelta]) -> None:
    index = ConversationIndex([row(number, age) for number, age in enumerate(ages, 1)])
    rows = IndexedRows(index, {2})
    plain = GivenRows([list_row(known, waiting=known.id == 2) for known in index])
    assert list(rows) == list(plain)
    assert rows.groups(NOW) == plain.groups(NOW)
    assert [rows.place_of(known.id) for known in plain] == [plain.place_of(known.id) for known in plain]
    assert rows.place_of(99) is None


def test_the_order_is_that_of_a_moment_and_the_words_are_those_of_now() -> None:
    index = ConversationIndex([row(number, timedelta(hours=number)) for number in range(1, 6)])
    rows = IndexedRows(index, set())
    index.put(row(4, timedelta(0)), newest=True)
    index.remove(2)
    assert [known.id for known in rows] == [1, 2, 3, 4, 5]
    assert rows[1].title == "Deleted"
    assert rows.place_of(4) == 3
    assert rows.place_of(2) == 1
    assert [known.id for known in IndexedRows(index, set())] == [4, 1, 3, 5]


def test_few_rows_are_made_however_many_conversations_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(known: ConversationRow, *, waiting: bool = False) -> object:
        made.append(known.id)
        return list_row(known, waiting=waiting)

    monkeypatch.setattr(indexed_rows, "list_row", counted)
    rows = IndexedRows(ConversationIndex([row(n, timedelta(minutes=n)) for n in range(10_000)]), set())
    assert len(rows.groups(NOW)) == 7
    assert rows.place_of(5_000) == 5_000
    assert rows[5_000].id == 5_000
    assert len(made) == 1
