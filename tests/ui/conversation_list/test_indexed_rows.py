"""The session's conversations as the list shows them, with rows made only as they are shown."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.session import Session
from chatgrid_tui.ui.conversation_list.indexed_rows import IndexedRows
from chatgrid_tui.ui.conversation_list.row_source import GivenRows

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=timezone(timedelta(hours=3)))
PROVIDERS = {
    name: Provider(name, "openai", f"https://{name}.example/v1", title=title)
    for name, title in (("acme", "Acme staging"), ("north", "Northwind"))
}


class StubSession:
    """The parts of a session that rows are made of."""

    def __init__(self, rows: list[ConversationRow]) -> None:
        self.index = ConversationIndex(rows)
        self.hues_asked: list[str] = []
        self.hues = SimpleNamespace(of=self._hue)
        self.recents = SimpleNamespace(boards=lambda provider: [Board(f"{provider.name}-b", "Support")])
        self.clients = SimpleNamespace(
            settings=SimpleNamespace(providers=PROVIDERS), key_status=lambda provider: KeyStatus()
        )

    def _hue(self, provider: str, board: str, board_name: str) -> Hue:
        self.hues_asked.append(board)
        return "plum"


def rows_of(session: StubSession, waiting: Collection[int] = (), words: str = "") -> IndexedRows:
    return IndexedRows(cast(Session, session), waiting, words)


def row(number: int, age: timedelta, **changes: object) -> ConversationRow:
    at = NOW.astimezone(UTC) - age
    values = {"provider": "p", "board": "b", "board_name": "board", "title": f"Title {number}", **changes}
    return ConversationRow(
        id=number,
        remote_id="",
        preview="said",
        preview_mine=False,
        unread=0,
        draft="",
        updated_at=at,
        **{"state": None, **values},  # type: ignore[arg-type]  # the test's own shorthand
    )


AGES = st.lists(st.integers(-20, 900).map(lambda hours: timedelta(hours=hours)), max_size=40).map(sorted)


@given(AGES, st.sets(st.integers(1, 40)))
def test_groups_and_places_are_as_if_every_row_was_in_memory(ages: list[timedelta], pinned: set[int]) -> None:
    session = StubSession([row(number, age, pinned=number in pinned) for number, age in enumerate(ages, 1)])
    rows = rows_of(session, {2})
    plain = GivenRows(list(rows))
    assert list(rows.ids(0, len(rows))) == [known.id for known in rows]
    assert [known.id for known in rows] == [known.id for known in session.index]
    assert [known.id for known in rows if known.waiting] == [2] * (len(ages) >= 2)
    assert rows.groups(NOW) == plain.groups(NOW)
    assert [rows.place_of(known.id) for known in plain] == [plain.place_of(known.id) for known in plain]
    assert rows.place_of(99) is None


def test_the_order_is_a_snapshot_and_the_text_is_current() -> None:
    session = StubSession([row(number, timedelta(hours=number)) for number in range(1, 6)])
    rows = rows_of(session)
    session.index.put(row(4, timedelta(0)), newest=True)
    session.index.remove(2)
    assert [known.id for known in rows] == [1, 2, 3, 4, 5]
    assert rows[1].title == "Deleted"
    assert rows.place_of(4) == 3
    assert rows.place_of(2) == 1
    assert [known.id for known in rows_of(session)] == [4, 1, 3, 5]


def test_few_rows_are_made_however_many_conversations_there_are() -> None:
    session = StubSession([row(n, timedelta(minutes=n), board=f"b{n}") for n in range(10_000)])
    rows = rows_of(session)
    assert len(rows.groups(NOW)) == 7
    assert rows.place_of(5_000) == 5_000
    assert rows[5_000].id == 5_000
    assert session.hues_asked == ["b5000"]


def test_rows_are_found_by_title_bot_and_provider() -> None:
    session = StubSession(
        [
            row(1, timedelta(0), title="A refund", board_name="Support", provider="acme"),
            row(2, timedelta(1), title="Lunch", board_name="Refund desk", provider="north"),
            row(3, timedelta(2), title="Lunch", board_name="Echo", provider="removed"),
        ]
    )

    def found(words: str) -> list[int]:
        return [known.id for known in rows_of(session, words=words)]

    assert found("REFUND") == [1, 2]
    assert found("refund acme") == [1]
    assert found("north lun") == [2]
    assert found("removed") == [3]
    assert found("  ") == [1, 2, 3]
    assert found("refund echo") == []
    session.index.put(row(2, timedelta(1), title="Lunch", board_name="Refund desk", provider="north", archived=True))
    assert (found("lunch"), found("is:archived"), found("is:archived echo")) == ([3], [2], [])
    session.index.put(row(2, timedelta(1), title="Lunch", board_name="Refund desk", provider="north"))
    rows = rows_of(session, words="lunch")
    assert rows.place_of(3) == 1
    assert rows.place_of(1) is None


def test_the_provider_is_named_where_two_known_bots_share_a_name() -> None:
    session = StubSession(
        [
            row(1, timedelta(0), board="acme-b", board_name="Support", provider="acme"),
            row(2, timedelta(1), board="x", board_name="Echo", provider="acme"),
            row(3, timedelta(2), board="x", board_name="Support", provider="demo-chatiq"),
        ]
    )
    assert [(known.bot, known.provider) for known in rows_of(session)] == [
        ("Support", "Acme staging"),
        ("Echo", ""),
        ("Support", "ChatIQ"),
    ]


def test_a_row_says_what_failed() -> None:
    session = StubSession(
        [
            row(1, timedelta(0), state="failed", failure=Failure("http", status=500)),
            row(2, timedelta(1), state="failed", failure=Failure("http", status=429)),
            row(3, timedelta(2), state="failed", failure=Failure("network", "refused", place="127.0.0.1:9")),
            row(4, timedelta(3), state="truncated"),
            row(5, timedelta(4), state="finished"),
        ]
    )
    assert [known.trouble for known in rows_of(session)] == [
        "500 failed",
        "429 limiting requests",
        "Nothing answers at 127.0.0.1:9",
        "No end mark",
        "",
    ]
