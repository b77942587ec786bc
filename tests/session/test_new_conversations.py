"""Drafts of conversations without messages are kept: on each board, and after a restart."""

from __future__ import annotations

import pytest

from chatgrid_tui.model.provider import Board
from fakes import says
from session.room import BOT, OpenRoom, Room


async def test_a_first_draft_survives_switching_and_a_restart(rooms: OpenRoom) -> None:
    room = await rooms()
    first = room.begin()
    await room.session.show(first)
    await room.session.save_draft(first, "half a thought")
    assert room.session.begin(first.provider, first.board) is first
    assert room.session.begin(first.provider, Board("another", "another")) is not first
    again = await rooms()
    opened = await again.session.open_last()
    assert opened is not None
    assert (opened.id, opened.board.id, opened.draft) == (0, first.board.id, "half a thought")


async def test_a_draft_stays_on_its_board(rooms: OpenRoom) -> None:
    room = await rooms()
    first, second = room.begin(), room.begin(BOT)
    await room.session.show(first)
    await room.session.save_draft(first, "half a thought")
    await room.session.show(second)
    assert room.begin() is first
    await room.session.save_draft(second, "another")
    again = await rooms()
    assert (again.begin().draft, again.begin(BOT).draft) == ("half a thought", "another")
    opened = await again.session.open_last()
    assert opened is again.begin(BOT)
    await again.say(opened, opened.draft, says("Hi"))
    await again.session.show(opened)
    later = await rooms()
    assert (later.begin().draft, later.begin(BOT).draft) == ("half a thought", ""), "that was sent"


async def test_a_draft_taken_to_another_board_is_only_there(room: Room) -> None:
    first, second = room.begin(), room.begin(BOT)
    await room.session.save_draft(first, "half a thought")
    second.draft = first.draft
    await room.session.show(second)
    assert (room.begin().draft, room.begin(BOT).draft) == ("", "half a thought")


async def test_a_draft_taken_along_and_sent_does_not_come_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = room.begin(), room.begin()
    await room.session.save_draft(first, "half a th")
    save_last_shown = room.history.saved_state.save_last_shown

    async def send_meanwhile(conversation_id: int) -> None:
        monkeypatch.undo()
        await room.say(second, "half a thought", says("Hi"))
        await save_last_shown(conversation_id)

    monkeypatch.setattr(room.history.saved_state, "save_last_shown", send_meanwhile)
    await room.session.show(second)
    assert room.begin().draft == ""
