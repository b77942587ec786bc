"""Recent places and known boards: remembered on this machine, refreshed by the services."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.model.provider import Board, Provider
from fakes import FakeAnswer, broken, listing, says
from session.room import BOARD, GRID, MODEL, SITE, OpenRoom, Room, with_keys

OTHER = Board("n", "Model N")
BOARDS = {"data": [{"id": "b1", "name": "Support"}, {"id": "b2", "name": "Sales"}], "has_more": False}
WITHOUT_SALES = {"data": [{"id": "b1", "name": "Support"}], "has_more": False}
NO_BOARD = {"status": 404, "code": "board_not_found", "message": "Board not found"}


async def ask(room: Room, provider: Provider, *answers: FakeAnswer) -> bool:
    """Ask a provider for its boards."""
    room.transport.aside = lambda request: None
    room.script(*answers)
    return await room.session.recents.refresh(provider)


def names(room: Room, provider: Provider) -> list[str]:
    return [board.name for board in room.session.recents.boards(provider)]


def visited(room: Room) -> list[object]:
    return [visit.conversation or visit.board.name for visit in room.session.recents.visits]


async def test_a_listing_is_remembered_and_known_at_the_next_start(rooms: OpenRoom) -> None:
    room = await rooms()
    assert names(room, GRID) == []
    assert await ask(room, GRID, listing(BOARDS))
    assert names(room, GRID) == ["Support", "Sales"]
    again = await rooms()
    await again.session.recents.load()
    assert names(again, GRID) == ["Support", "Sales"]
    assert again.transport.sent == []


async def test_a_service_that_does_not_answer_leaves_what_is_known(room: Room) -> None:
    recents = room.session.recents
    assert await ask(room, GRID, listing(BOARDS))
    room.script(broken("refused"))
    assert not await recents.refresh(GRID)
    assert names(room, GRID) == ["Support", "Sales"]
    room.script(listing({"code": "unauthorized"}, 401))
    assert not await recents.refresh(GRID)
    assert names(room, GRID) == ["Support", "Sales"]
    assert room.session.clients.health_monitor.of("grid").summary == "refused (401)"


async def test_a_service_is_not_asked_while_it_is_being_asked_nor_soon_after(room: Room) -> None:
    recents, answer = room.session.recents, asyncio.Event()
    room.transport.aside = lambda request: None
    assert recents.is_due(GRID)
    room.script(FakeAnswer(answer, b'{"data": []}', headers={"content-type": "application/json"}))
    asking = asyncio.create_task(recents.refresh(GRID))
    await asyncio.sleep(0)
    assert not recents.is_due(GRID)
    assert not recents.is_loading(GRID)
    await room.clock.advance(2)
    assert recents.is_loading(GRID)
    answer.set()
    assert await asking
    assert not recents.is_due(GRID)
    assert not recents.is_loading(GRID)
    await room.clock.advance(61)
    assert recents.is_due(GRID)
    room.script(broken())
    await recents.refresh(GRID)
    assert recents.is_due(GRID), "what was not told may be asked for again at once"


async def test_a_long_listing_is_not_asked_for_as_often(room: Room) -> None:
    boards = [{"id": f"b{number}", "name": f"Board {number}"} for number in range(1_000)]
    await ask(room, GRID, listing({"data": boards, "has_more": False}))
    await room.clock.advance(500)
    assert not room.session.recents.is_due(GRID)
    await room.clock.advance(200)
    assert room.session.recents.is_due(GRID)


async def test_configured_boards_come_first_and_are_known_by_their_names(room: Room) -> None:
    provider = Provider("grid", "chatgrid", "http://127.0.0.1:1", boards=("Sales", "elsewhere"))
    assert names(room, provider) == ["Sales", "elsewhere"]
    await ask(room, GRID, listing(BOARDS))
    known = room.session.recents.boards(provider)
    assert [board.id for board in known] == ["b2", "elsewhere", "b1"]


async def test_visits_are_remembered_the_newest_first_and_each_once(rooms: OpenRoom) -> None:
    room = await rooms()
    first, second = room.begin(), room.begin(MODEL, OTHER)
    await room.session.show(first)
    assert visited(room) == ["Model M"]
    await room.say(first, "hello", says("Hi"))
    assert visited(room) == [first.id], "the board on which something was said since is that conversation"
    await room.session.show(second)
    await room.session.show(first)
    assert visited(room) == [first.id, "Model N"]
    again = await rooms()
    await again.session.recents.load()
    assert visited(again) == [first.id, "Model N"]
    assert names(again, MODEL) == ["Model M", "Model N"]


async def test_a_visit_during_loading_stays_first(rooms: OpenRoom) -> None:
    room = await rooms()
    await room.session.show(room.begin(MODEL, OTHER))
    again = await rooms()
    await again.session.show(again.begin(MODEL, BOARD))
    await again.session.recents.load()
    assert visited(again) == ["Model M", "Model N"]


async def test_a_board_that_is_gone_is_no_longer_remembered(rooms: OpenRoom) -> None:
    room = await rooms()
    await ask(room, GRID, listing(BOARDS))
    conversation = room.begin(GRID, Board("b2", "Sales"))
    await room.session.show(conversation)
    await room.say(conversation, "hello", listing(NO_BOARD, 404))
    assert room.session.recents.is_gone("grid", "b2")
    assert names(room, GRID) == ["Support"]
    again = await rooms()
    await again.session.recents.load()
    assert names(again, GRID) == ["Support"]
    assert await ask(again, GRID, listing(BOARDS)), "it is there again"
    assert "Sales" in names(again, GRID)


async def test_a_board_that_turns_out_to_be_gone_while_its_chats_are_listed(room: Room) -> None:
    await ask(room, GRID, listing(BOARDS))
    room.transport.aside = lambda request: listing(NO_BOARD, 404)
    room.session.remote.show(room.begin(GRID, Board("b2", "Sales")), 0)
    await room.session.until(lambda: not room.session.remote.chat_list.busy)
    assert "no such board" in room.session.remote.chat_list.status.text
    assert names(room, GRID) == ["Support"]


async def test_a_board_no_longer_listed_is_forgotten_even_if_visited(room: Room) -> None:
    await ask(room, GRID, listing(BOARDS))
    await room.session.show(room.begin(GRID, Board("b2", "Sales")))
    assert await ask(room, GRID, listing(WITHOUT_SALES))
    assert names(room, GRID) == ["Support"]


async def test_a_board_that_was_never_listed_stays_known_by_its_visit(room: Room) -> None:
    await room.session.show(room.begin(GRID, Board("public", "Somebody's board")))
    await ask(room, GRID, listing(BOARDS))
    assert names(room, GRID) == ["Somebody's board", "Support", "Sales"]


async def test_a_placeholder_is_not_remembered_as_a_board(room: Room) -> None:
    await room.session.show(room.begin(GRID, Board("grid", "grid")))
    assert names(room, GRID) == []
    await ask(room, GRID, listing({"data": [{"id": "grid", "name": "Really called so"}]}))
    assert names(room, GRID) == ["Really called so"]


async def test_a_board_that_was_made_is_known_at_once(room: Room) -> None:
    await ask(room, GRID, listing(BOARDS))
    await room.session.recents.add_board(GRID, Board("b3", "New"))
    assert names(room, GRID) == ["New", "Support", "Sales"]


async def test_the_board_to_go_to_is_the_one_visited_last(room: Room) -> None:
    recents = room.session.recents
    assert recents.default_board(GRID) is None
    await ask(room, GRID, listing(BOARDS))
    assert recents.default_board(GRID) == Board("b1", "Support")
    await room.session.show(room.begin(GRID, Board("b2", "Sales")))
    assert recents.default_board(GRID) == Board("b2", "Sales")


async def test_a_widget_has_its_one_site(room: Room) -> None:
    assert await ask(room, SITE)
    assert len(names(room, SITE)) == 1
    assert room.transport.sent == []


async def test_embedded_bots_are_not_remembered(rooms: OpenRoom) -> None:
    local = Provider("local", "chatgrid", "http://127.0.0.1:1", embedded=True)
    room = await rooms(providers=(local,))
    await ask(room, local, listing(BOARDS))
    assert names(room, local) == ["Support", "Sales"]
    assert await room.history.saved_state.boards("local") == []


async def test_without_a_key_what_is_configured_stays_known(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_KEY_VARIABLE", raising=False)
    with_keys(room, "grid")
    room.transport.aside = lambda request: listing({"code": "unauthorized"}, 401)
    assert not await room.session.recents.refresh(GRID)
    assert room.session.clients.health_monitor.of("grid").summary
