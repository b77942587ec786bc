"""While the history is read-only, each reason is reported correctly, and nothing is sent."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.saved_conversation import ReadOnly
from fakes import says
from session.room import BOARD, GRID, OpenRoom, regenerate

WINDOW = "Another window has this history"
NEWER = "A newer version of this program made this history"
DISK = "This history cannot be written now"


@pytest.mark.parametrize(
    ("reason", "why", "chats"),
    [
        ("another window", WINDOW, "The chats of the service are listed there."),
        ("newer version", NEWER, "The chats of the service are not listed here."),
        ("not writable", DISK, "The chats of the service are not listed here."),
    ],
)
async def test_reasons_are_said_everywhere(
    rooms: OpenRoom, folder: Path, monkeypatch: pytest.MonkeyPatch, reason: ReadOnly, why: str, chats: str
) -> None:
    first = await rooms()
    conversation = first.begin()
    await first.say(conversation, "Hello", says("Hi"))
    monkeypatch.setattr("chatgrid_tui.store.sqlite_connection._BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as program:
        if reason != "another window":
            await first.session.close()
            program.execute("PRAGMA user_version = 99" if reason == "newer version" else "BEGIN IMMEDIATE")
        room = await rooms(beside=True)
    session = room.session
    assert session.read_only == reason
    opened = await session.open(conversation.id)
    with pytest.raises(UsageProblem) as sending:
        await session.outbox.send(opened, "More")
    with pytest.raises(UsageProblem) as regenerating:
        regenerate(session, opened)
    assert [str(sending.value), str(regenerating.value)] == [f"{why}; it is read-only here."] * 2
    for change in (session.manager.rename(opened, "New"), session.manager.archive([opened.id], True)):
        with pytest.raises(UsageProblem) as changing:
            await change
        assert str(changing.value) == f"{why}; nothing can be changed here."
    session.remote.chat_list.show_board(GRID, BOARD, 0)
    assert session.remote.chat_list.status.text == f"{why}. {chats}"
    assert room.transport.sent == []
