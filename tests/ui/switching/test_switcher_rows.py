"""The rows of the switcher: their text, their order, and their targets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.provider_health import ProviderHealth
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.overlays.picker_rows import PickerGroup, PickerRow
from chatgrid_tui.ui.switching.destinations import AddProvider, MakeBoard, ToBoard, ToConversation, ToProvider
from chatgrid_tui.ui.switching.states import RowStates, day_of, standing_words
from chatgrid_tui.ui.switching.switcher_rows import RECENT_AT_MOST, SwitcherRows
from fakes import broken, listing, says
from session.room import Room, open_room
from ui.widgets.frame_app import HOSTILE, controls_in

ACME = Provider("acme", "chatgrid", "https://api.acme.example/v1", "Acme", boards=("support", "sales"))
LIVE = Provider("live", "chatgrid", "https://api.acme.example/v1", "Acme live", boards=("support",), production=True)
LOCAL = Provider("local", "openai", "http://127.0.0.1:1", "Local bots", boards=("echo",), embedded=True)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    opened = await open_room(tmp_path / "data", providers=(ACME, LIVE, LOCAL))
    opened.transport.aside = lambda request: None if request.method == "POST" else listing({"data": {}})
    yield opened
    await opened.session.close()


def titles(groups: list[PickerGroup]) -> list[str]:
    return [group.title for group in groups]


def rows_of(groups: list[PickerGroup], title: str) -> list[PickerRow]:
    return [row for group in groups if group.title == title for row in group.rows]


async def here(room: Room, provider: Provider = LOCAL, board: str = "echo") -> Conversation:
    """Be on a board."""
    conversation = room.begin(provider, Board(board, board))
    await room.session.show(conversation)
    return conversation


async def test_local_bots_come_last_and_new_boards_are_own_ones(room: Room) -> None:
    rows = SwitcherRows(room.session)
    conversation = await here(room)
    assert titles(rows.at_rest(conversation)) == ["Boards", "Providers", "Local bots"]
    found = await rows.all()
    assert titles(found) == ["Conversations", "Boards", "Providers", "Local bots"]
    assert [row.name for row in rows_of(found, "Boards")] == ["support", "sales", "support"]
    offered = [row for group in rows.offers() for row in group.rows]
    assert [row.name for row in offered] == ["+ New board at Acme", "+ New board at Acme live", "+ Add a provider"]


async def test_each_row_has_a_target(room: Room) -> None:
    rows = SwitcherRows(room.session)
    conversation = await here(room)
    await room.say(conversation, "hello", says("Hi"))
    found = [*await rows.all(), *rows.offers()]
    kinds = {type(rows.target(row.id)) for group in found for row in group.rows}
    assert kinds == {ToConversation, ToBoard, ToProvider, MakeBoard, AddProvider}
    assert rows.target("board nowhere\nnothing") is None
    assert rows.target(None) is None


async def test_the_board_of_a_conversation_is_offered_once(room: Room) -> None:
    rows = SwitcherRows(room.session)
    conversation = await here(room)
    await room.session.recents.add_board(LOCAL, Board("echo", "Echo", "as the service describes it"))
    offered = await rows.boards(conversation)
    assert [row.name for row in rows_of(offered, "This board")] == ["echo"]
    assert "Echo" not in [row.name for row in rows_of(offered, "Other boards")]


async def test_recent_places_come_first_without_the_open_one(room: Room) -> None:
    rows = SwitcherRows(room.session)
    one = await here(room)
    await room.say(one, "one", says("Hi"))
    await here(room, ACME, "sales")
    two = await here(room)
    await room.say(two, "two", says("Hi"))
    recent = rows_of(rows.at_rest(two), "Recent")
    assert [row.name for row in recent] == ["sales", "one"]
    assert rows.target(recent[0].id) == ToBoard(ACME, Board("sales", "sales"))
    assert rows.target(recent[1].id) == ToConversation(one.id)
    assert "sales" not in [row.name for row in rows_of(rows.at_rest(two), "Boards")]
    boards = rows_of(await rows.all(), "Boards")
    assert boards[0].name == "sales", "the board that was used last is the first among equals"


async def test_recent_places_are_limited_and_never_deleted_ones(room: Room) -> None:
    rows = SwitcherRows(room.session)
    for number in range(RECENT_AT_MOST + 4):
        await room.say(await here(room), f"number {number}", says("Hi"))
    last = await here(room)
    assert len(rows_of(rows.at_rest(last), "Recent")) == RECENT_AT_MOST
    room.session.index.remove(room.session.recents.visits[1].conversation)
    names = [row.name for row in rows_of(rows.at_rest(last), "Recent")]
    assert names[0] == f"number {RECENT_AT_MOST + 2}"


async def test_unconfigured_providers_are_not_recent(room: Room) -> None:
    rows = SwitcherRows(room.session)
    await room.say(await here(room), "kept", says("Hi"))
    gone = await here(room, LIVE, "support")
    await room.say(gone, "removed", says("Hi"))
    last = await here(room, ACME, "sales")
    settings = room.session.clients.settings
    left = {name: each for name, each in settings.providers.items() if name != "live"}
    room.session.clients.reconfigure(replace(settings, providers=left))
    recent = rows_of(rows.at_rest(last), "Recent")
    assert [row.name for row in recent] == ["kept", "removed"]


async def test_rows_are_reused_until_something_changes(room: Room) -> None:
    rows = SwitcherRows(room.session)
    await room.say(await here(room), "hello", says("Hi"))
    first, second = await rows.all(), await rows.all()
    for title in ("Conversations", "Boards"):
        pairs = zip(rows_of(first, title), rows_of(second, title), strict=True)
        assert all(one is other for one, other in pairs)


async def test_bad_names_are_shown_as_what_they_are(room: Room) -> None:
    boards = [Board(f"id {number}", text) for number, text in enumerate(HOSTILE.values())]
    boards += [Board("empty", ""), Board("", ""), Board("x" * 10_000, "y" * 10_000)]
    boards += [Board("twin-one-abcdef", "Twin"), Board("twin-two-abcdef", "Twin")]
    for board in boards:
        await room.session.recents.add_board(ACME, board)
    rows = SwitcherRows(room.session)
    shown = [*rows_of(await rows.all(), "Boards"), *rows_of(rows.at_rest(await here(room)), "Boards")]
    assert not controls_in(text for row in shown for text in (row.name, row.beside, row.also))
    assert all(
        row.name and len(row.name) <= 200 and len(row.detail) <= 200 and len(row.place) <= 200 for row in shown
    )
    assert {"empty", "Unnamed board"} <= {row.name for row in shown}
    assert {row.beside for row in shown if row.name == "Twin"} == {"Acme · twin-one", "Acme · twin-two"}
    assert len({row.id for row in rows_of(await rows.all(), "Boards")}) == len(rows_of(await rows.all(), "Boards"))


async def test_the_text_at_the_right(room: Room) -> None:
    conversation = await here(room)
    await room.say(conversation, "hello", says("Hi"))
    states = RowStates(room.session, conversation, lambda number: False)
    assert states.of(ToConversation(conversation.id)) == ("here", "quiet")
    other = await here(room, ACME, "support")
    states = RowStates(room.session, other, lambda number: False)
    assert states.of(ToBoard(ACME, Board("support", "support"))) == ("here", "quiet")
    assert states.of(ToBoard(ACME, Board("sales", "sales"))) == ("", "quiet")
    assert states.of(ToBoard(LIVE, Board("support", "support"))) == ("PRODUCTION", "production")
    room.session.index.count_unread(conversation.id)
    assert states.of(ToConversation(conversation.id)) == ("1 unread", "unread")
    await room.say(conversation, "again", broken("refused"))
    room.session.index.mark_read(conversation.id)
    assert states.of(ToConversation(conversation.id)) == ("Failed", "failed")
    assert RowStates(room.session, other, lambda number: True).of(ToConversation(conversation.id)) == (
        "Waiting",
        "waiting",
    )
    room.session.clients.health_monitor.no_key("live")
    assert states.of(ToProvider(LIVE)) == ("PRODUCTION · no key", "production")
    await room.session.recents.remove_board(ACME, Board("sales", "sales"))
    assert states.of(ToBoard(ACME, Board("sales", "sales"))) == ("no such board", "failed")
    assert states.of(ToConversation(999)) == ("deleted", "quiet")
    assert states.of(None) == ("", "quiet")


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (ProviderHealth(), ("", "quiet")),
        (ProviderHealth("reachable"), ("", "quiet")),
        (ProviderHealth("limited", "limited, 18 s"), ("limited, 18 s", "waiting")),
        (ProviderHealth("refused", "refused (401)"), ("refused (401)", "failed")),
        (ProviderHealth("key missing", "no key"), ("no key", "failed")),
        (ProviderHealth("offline", "nothing answers"), ("nothing answers", "failed")),
        (ProviderHealth("reachable", "failed (500)"), ("failed (500)", "failed")),
    ],
)
def test_the_health_of_a_provider(health: ProviderHealth, expected: tuple[str, str]) -> None:
    assert standing_words(health) == expected


def test_days_are_named_as_in_lists() -> None:
    now = datetime(2026, 11, 19, 14, 3, tzinfo=UTC).astimezone().replace(hour=14)
    assert day_of(now - timedelta(hours=2), now) == "12:03"
    assert day_of(now - timedelta(days=1), now) == f"{now - timedelta(days=1):%A}"
    assert day_of(now - timedelta(days=9), now) == "10 Nov"
    assert day_of(now - timedelta(days=400), now).endswith(" 2025")
    assert day_of(now + timedelta(hours=1), now) == "15:03"
