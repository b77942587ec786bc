"""The chats of a board are loaded from its service, page by page, into the list of conversations."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.changes import RowsChanged
from fakes import FakeAnswer, ManualClock, broken, says, turns
from fakes import listing as listing_of
from session.grid import NOON, Grid, chat, refused
from session.room import BOARD, GRID, MODEL, OpenRoom, Room


async def shown(room: Room, board: Board = BOARD) -> None:
    """Show a new conversation of a board, and wait for the end of what is asked for that."""
    room.session.remote.show(room.begin(GRID, board), 0)
    await settled(room)


async def settled(room: Room) -> None:
    await room.session.until(lambda: not room.session.remote.chat_list.busy)


def titles(room: Room) -> list[str]:
    return [row.title for row in room.session.index]


async def test_chats_become_rows_ordered_by_time(room: Room) -> None:
    Grid([chat(3), chat(2), chat(1)]).serve(room)
    await room.history.create("model", "m", "M", "Between", NOON + timedelta(hours=2.5))
    await room.session.load()
    await shown(room)
    assert titles(room) == ["Chat 3", "Between", "Chat 2", "Chat 1"]
    row = room.session.index.at(0)
    assert (row.provider, row.board, row.remote_id, row.updated_at) == (
        "grid",
        "m",
        "chat-3",
        NOON + timedelta(hours=3),
    )
    assert RowsChanged() in room.session.changes_seen


async def test_pages_are_loaded_as_far_as_the_user_scrolls(room: Room) -> None:
    grid = Grid([chat(number) for number in range(330, 0, -1)]).serve(room)
    await shown(room)
    assert (len(room.session.index), grid.asked) == (100, ["GET chats"])
    listing = room.session.remote.chat_list
    listing.scrolled_to(room.session.index.at(50).updated_at)
    assert not listing.busy
    listing.scrolled_to(room.session.index.at(99).updated_at)
    await settled(room)
    assert grid.asked == ["GET chats", "GET chats after chat-231"]
    for _ in range(4):
        listing.scrolled_to(room.session.index.at(len(room.session.index) - 1).updated_at)
        await settled(room)
    assert len(room.session.index) == 330
    assert len(grid.asked) == 4


async def test_known_chats_are_not_duplicated_and_stay_offline(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(2), chat(1)]).serve(room)
    await shown(room)
    again = await rooms()
    grid.chats = [chat(3), chat(2, "Another title"), chat(1)]
    grid.serve(again)
    assert titles(again) == ["Chat 2", "Chat 1"]
    await shown(again)
    assert titles(again) == ["Chat 3", "Another title", "Chat 1"]
    offline = await rooms()
    offline.transport.aside = lambda request: None
    offline.script(broken("refused"))
    await shown(offline)
    assert titles(offline) == ["Chat 3", "Another title", "Chat 1"]
    assert offline.session.remote.chat_list.status.text == "Offline. Shown from this machine."
    assert not offline.session.troubles


async def test_a_title_set_by_the_user_stays(room: Room) -> None:
    grid = Grid([chat(1)]).serve(room)
    await shown(room)
    await room.history.rename(room.session.index.at(0).id, "Mine", by_service=False)
    await room.session.load()
    grid.chats = [chat(1, "Theirs")]
    await room.clock.advance(60)
    await shown(room)
    assert titles(room) == ["Mine"]


async def test_a_continued_chat_moves_up(room: Room) -> None:
    grid = Grid([chat(2), chat(1)]).serve(room)
    await shown(room)
    grid.chats[1] |= {"last_message_at": (NOON + timedelta(hours=9)).isoformat()}
    await room.clock.advance(60)
    await shown(room)
    assert titles(room) == ["Chat 1", "Chat 2"]


async def test_after_a_limit_the_listing_continues(room: Room) -> None:
    grid = Grid([chat(1)]).serve(room)
    grid.trouble = [refused(429, "rate_limit_exceeded", retry_after="18")]
    room.session.remote.show(room.begin(GRID), 0)
    said_then: list[str] = []
    for _ in range(18):
        await counting(room.clock)
        said_then.append(room.session.remote.chat_list.status.text)
        await room.clock.advance(1)
    await settled(room)
    assert said_then[0] == "The service is limiting requests. Next try in 18 s."
    assert said_then[-1] == "The service is limiting requests. Next try in 1 s."
    assert titles(room) == ["Chat 1"]
    assert room.session.remote.chat_list.status.text == ""


async def test_a_long_limit_is_reported_and_not_waited_for(room: Room) -> None:
    grid = Grid([chat(1)]).serve(room)
    grid.trouble = [refused(429, "rate_limit_exceeded", retry_after="999999999")]
    room.session.remote.show(room.begin(GRID), 0)
    await settled(room)
    words = "The service is limiting requests (429). It asks to wait for more than a day. Shown from this machine."
    assert room.session.remote.chat_list.status.text == words
    assert len(grid.asked) == 1


async def counting(clock: ManualClock) -> None:
    """Wait until the countdown sleeps for its next second."""
    for _ in range(10_000):
        if any(0.9 < nap <= 1.0 for nap in clock.naps):
            return
        await turns(1)
    raise AssertionError(clock.naps)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(403, "forbidden"), "The key does not allow reading this (403 forbidden). Shown from this machine."),
        (
            refused(404, "board_not_found"),
            "The service has no such board (404 board_not_found). Shown from this machine.",
        ),
        (refused(500, "internal_error"), "The service failed (500 internal_error). Shown from this machine."),
    ],
)
async def test_refusals_are_reported(room: Room, answer: object, words: str) -> None:
    grid = Grid([chat(1)]).serve(room)
    grid.trouble = [answer]  # type: ignore[list-item]
    await shown(room)
    assert room.session.remote.chat_list.status.text == words


async def test_pages_loaded_before_a_refusal_are_kept(room: Room) -> None:
    grid = Grid([chat(number) for number in range(150, 0, -1)]).serve(room)
    await shown(room)
    grid.trouble = [refused(403, "forbidden")]
    room.session.remote.chat_list.scrolled_to(NOON)
    await settled(room)
    assert len(room.session.index) == 100
    assert (
        room.session.remote.chat_list.status.text
        == "The key does not allow reading this (403 forbidden). 100 chats were listed."
    )


async def test_an_expired_cursor_restarts_the_listing(room: Room) -> None:
    grid = Grid([chat(number) for number in range(250, 0, -1)]).serve(room)
    await shown(room)
    del grid.chats[99]  # the row that the cursor stands on
    room.session.remote.chat_list.scrolled_to(NOON)
    await settled(room)
    assert len(room.session.index) == 250  # what is no longer listed is still here
    assert grid.asked == [
        "GET chats",
        "GET chats after chat-151",
        "GET chats",
        "GET chats after chat-150",
        "GET chats after chat-50",
    ]


async def test_a_long_wait_shows_its_progress(room: Room) -> None:
    grid = Grid([chat(number) for number in range(150, 0, -1)]).serve(room)
    await shown(room)
    listing, held = room.session.remote.chat_list, asyncio.Event()
    grid.trouble = [FakeAnswer(held, b'{"data": []}', headers={"content-type": "application/json"})]
    room.session.remote.show(room.begin(GRID), 400)
    listing.scrolled_to(NOON)
    await room.session.until(lambda: not grid.trouble)
    assert listing.status.text == ""
    await room.clock.advance(0.5)
    assert (listing.status.text, listing.status.tone) == ("Loading, 100 of about 400", "live")
    held.set()
    await settled(room)
    assert listing.status.text == ""


async def test_embedded_bots_and_other_kinds_list_nothing(room: Room) -> None:
    grid = Grid([chat(1)]).serve(room)
    room.session.remote.show(room.begin(replace(GRID, embedded=True)), 0)
    room.session.remote.show(room.begin(MODEL), 0)
    assert not room.session.remote.chat_list.busy
    assert not grid.asked


async def test_a_chat_made_here_while_it_is_listed_is_there_once(room: Room) -> None:
    grid = Grid().serve(room)
    conversation = room.begin(GRID)
    set_remote_id = room.history.set_remote_id

    async def listed_first(conversation_id: int, remote_id: str) -> list[int]:
        await shown(room)
        return await set_remote_id(conversation_id, remote_id)

    room.history.set_remote_id = listed_first  # type: ignore[method-assign]
    await room.say(conversation, "Hello", says())
    assert grid.chats
    assert [row.id for row in room.session.index] == [conversation.id]
    assert await room.history.count() == 1


async def test_another_window_has_the_history(rooms: OpenRoom) -> None:
    await rooms()
    second = await rooms(beside=True)
    grid = Grid([chat(1)]).serve(second)
    second.session.remote.show(second.begin(GRID), 0)
    assert "listed there" in second.session.remote.chat_list.status.text
    assert not grid.asked


async def test_ten_thousand_chats_do_not_block_the_loop(room: Room) -> None:
    Grid([chat(number) for number in range(10_000, 0, -1)]).serve(room)
    await shown(room)
    listing = room.session.remote.chat_list
    listing.scrolled_to(NOON)
    await settled(room)
    assert len(room.session.index) == 10_000
    assert [room.session.index.at(place).title for place in (0, 5_000, 9_999)] == [
        "Chat 10000",
        "Chat 5000",
        "Chat 1",
    ]
    assert room.session.index.place_of(room.session.index.at(7_000).id) == 7_000


async def test_a_chat_deleted_here_returns_only_if_it_continues(room: Room) -> None:
    grid = Grid([chat(1)]).serve(room)
    await shown(room)
    conversation = await room.session.open(room.session.index.at(0).id)
    room.session.deletions.delete([conversation], at_service=False)
    grid.chats[0] |= {"title": "Renamed there"}
    await shown(room)
    assert titles(room) == [], "while that can be undone"
    await room.session.deletions.finish()
    await room.clock.advance(60)
    await shown(room)
    assert titles(room) == []
    grid.chats[0] |= {"last_message_at": "2126-01-01T00:00:00Z"}
    await room.clock.advance(60)
    await shown(room)
    assert titles(room) == ["Renamed there"]


async def test_pinned_and_archived_chats_stay_so_when_they_are_listed_again(room: Room) -> None:
    grid = Grid([chat(3), chat(2), chat(1)]).serve(room)
    await shown(room)
    three, two, one = (row.id for row in room.session.index)
    await room.session.manager.pin([one], True)
    await room.session.manager.archive([two], True)
    for listed in grid.chats:
        listed |= {"last_message_at": "2126-01-01T00:00:00Z"}
    await room.clock.advance(60)
    await shown(room)
    assert [key.id for key in reversed(room.session.index.order())] == [one, three]
    assert [key.id for key in room.session.index.order(archived=True)] == [two]


@pytest.mark.parametrize("page", [[chat(1)], []], ids=["the same page", "an empty page"])
async def test_an_endless_listing_is_ended(room: Room, page: list[dict[str, Json]]) -> None:
    grid = Grid([chat(1)]).serve(room)
    endless = {"data": page, "has_more": True, "cursor": "on and on"}
    grid.trouble = [listing_of(endless) for _ in range(50)]
    await shown(room)
    room.session.remote.chat_list.scrolled_to(NOON - timedelta(days=1))
    await settled(room)
    assert len(grid.asked) <= 3
    assert titles(room) == [str(one["title"]) for one in page]


async def test_a_limit_that_needs_no_wait_is_waited_for_all_the_same(room: Room) -> None:
    grid = Grid([chat(1)]).serve(room)
    grid.trouble = [refused(429, "rate_limit_exceeded", retry_after="0") for _ in range(2)]
    room.session.remote.show(room.begin(GRID), 0)
    listing = room.session.remote.chat_list
    for wanted in (1, 2):
        await room.session.until(lambda: listing.status.text.endswith("in 1 s.") and bool(room.clock.naps))
        assert len(grid.asked) == wanted
        await room.clock.advance(1)
    await settled(room)
    assert (len(grid.asked), titles(room)) == (3, ["Chat 1"])


async def test_a_provider_with_another_address_is_listed_there(room: Room) -> None:
    Grid([chat(number) for number in range(150, 0, -1)]).serve(room)
    await shown(room)
    settings = room.session.clients.settings
    moved = replace(GRID, base_url="http://127.0.0.1:9")
    room.session.clients.reconfigure(replace(settings, providers={**settings.providers, "grid": moved}))
    room.session.remote.chat_list.scrolled_to(NOON)
    await settled(room)
    assert [urlsplit(sent.request.url).port for sent in room.transport.sent_aside] == [1, 9]
    room.session.clients.reconfigure(replace(settings, providers={"model": MODEL}))
    await room.clock.advance(60)
    room.session.remote.chat_list.scrolled_to(NOON - timedelta(days=9))
    assert not room.session.remote.chat_list.busy
