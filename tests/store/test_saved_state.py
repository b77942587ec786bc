"""What is remembered between runs, and how it is migrated from the history that stored it as JSON."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Board
from chatgrid_tui.model.saved_conversation import NewConversation, SavedReply, Visit
from chatgrid_tui.store import schema
from chatgrid_tui.store.history import History

SUPPORT, SALES = Board("b1", "Support", "For everyone"), Board("b2", "Sales")


async def test_everything_comes_back_as_it_was_saved_last(folder: Path) -> None:
    history = await History.open(folder)
    assert await history.saved_state.last_shown() == 0
    assert await history.saved_state.shared_session("site", "b") == ""
    for order in ([SUPPORT, SALES], [SALES, SUPPORT]):
        await history.saved_state.save_boards("grid", order)
        await history.saved_state.save_visits([Visit("grid", Board(board.id, board.name), 7) for board in order])
        await history.saved_state.save_new_conversations(
            [NewConversation("grid", board, "half", {"n": 1}) for board in order]
        )
    await history.saved_state.save_boards("other", [SALES])
    await history.saved_state.save_gone_boards({("grid", "b3")})
    await history.saved_state.save_shared_session("site", "b", "s-1")
    assert await history.saved_state.shared_session("site", "b") == "s-1"
    await history.saved_state.save_last_shown(7)
    await history.saved_state.save_last_shown(8)
    await history.close()
    history = await History.open(folder)
    assert await history.saved_state.boards("grid") == [SALES, SUPPORT]
    assert await history.saved_state.boards("other") == [SALES]
    assert await history.saved_state.visits() == [Visit("grid", SALES, 7), Visit("grid", Board("b1", "Support"), 7)]
    assert await history.saved_state.new_conversations() == [
        NewConversation("grid", SALES, "half", {"n": 1}),
        NewConversation("grid", Board("b1", "Support"), "half", {"n": 1}),
    ]
    assert await history.saved_state.gone_boards() == {("grid", "b3")}
    assert await history.saved_state.shared_session("site", "b") == "s-1"
    assert await history.saved_state.last_shown() == 8
    await history.close()


async def test_the_chosen_reply_of_a_turn_is_kept(history: History, noon: datetime) -> None:
    conversation = await history.create("acme", "b", "B")
    turn = await history.add_turn(conversation, "Hi", "Hi", noon)
    for _ in range(2):
        reply = await history.add_reply(turn, "bot", noon)
        await history.save_reply(SavedReply(reply, "finished", "bot", noon))
    assert (await history.turns(conversation))[0].selected is None
    await history.select_reply(turn, 0)
    assert (await history.turns(conversation))[0].selected == 0
    await history.select_reply(turn, None)
    assert (await history.turns(conversation))[0].selected is None


async def test_the_list_shows_the_chosen_reply(history: History, noon: datetime) -> None:
    conversation = await history.create("acme", "b", "B")
    turn = await history.add_turn(conversation, "Hi", "Hi", noon)
    first = await history.add_reply(turn, "bot", noon)
    await history.save_reply(SavedReply(first, "stopped", "bot", noon, ("First",)))
    second = await history.add_reply(turn, "bot", noon)
    await history.save_reply(SavedReply(second, "finished", "bot", noon, ("Second",)))

    async def listed() -> tuple[str, str | None]:
        (row,) = await history.conversations(1)
        return row.preview, row.state

    assert await listed() == ("Second", "finished")
    await history.select_reply(turn, 0)
    assert await listed() == ("First", "stopped")
    await history.select_reply(turn, 7)
    assert await listed() == ("Second", "finished")


async def test_the_list_knows_why_a_reply_failed(history: History, noon: datetime) -> None:
    conversation = await history.create("acme", "b", "B")
    turn = await history.add_turn(conversation, "Hi", "Hi", noon)
    refused = Failure("http", status=401, code="invalid_api_key")
    first = await history.add_reply(turn, "bot", noon)
    await history.save_reply(SavedReply(first, "failed", "bot", noon, failure=refused))
    assert [row.failure for row in await history.conversations(1)] == [refused]
    await history.add_reply(turn, "bot", noon)
    assert [row.failure for row in await history.conversations(1)] == [None]


def older_history(folder: Path, **remembered: str) -> None:
    """Make a history of the version that kept all this as JSON."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as connection:
        schema.migrate(connection, 4)
        connection.execute(
            """INSERT INTO conversations (provider, board, board_name, created_at, updated_at)
            VALUES ('my site', 'b 1', 'B', 0, 0)"""
        )
        connection.executemany("INSERT INTO remembered VALUES (?, ?)", remembered.items())


async def test_what_was_kept_as_json_is_carried_over(folder: Path) -> None:
    remembered = {
        "conversation": "1",
        "recent places": json.dumps([["grid", "b1", "Support", 1], ["grid", "b2", "Sales", 0]]),
        "boards grid": json.dumps([["b1", "Support", "For everyone"], ["b2", "Sales", ""]]),
        "boards that are gone": json.dumps([["grid", "b3"]]),
        "beginning": json.dumps(
            [["grid", "b1", "Support", "half", {"system": "x"}], ["grid", "b2", "Sales", "", None]]
        ),
        "session my site b 1": "s-1",
        "session other b": "s-2",
    }
    older_history(folder, **remembered)
    history = await History.open(folder)
    assert history.notice == ""
    assert await history.saved_state.last_shown() == 1
    assert await history.saved_state.visits() == [Visit("grid", Board("b1", "Support"), 1), Visit("grid", SALES, 0)]
    assert await history.saved_state.boards("grid") == [SUPPORT, SALES]
    assert await history.saved_state.gone_boards() == {("grid", "b3")}
    assert await history.saved_state.new_conversations() == [
        NewConversation("grid", Board("b1", "Support"), "half", {"system": "x"}),
        NewConversation("grid", SALES, ""),
    ]
    assert await history.saved_state.shared_session("my site", "b 1") == "s-1"
    assert await history.saved_state.shared_session("other", "b") == "s-2"
    await history.close()
    (backup,) = folder.glob("history.db.backup-v4-*")
    with closing(sqlite3.connect(backup)) as connection:
        assert dict(connection.execute("SELECT key, value FROM remembered")) == remembered


async def test_the_one_draft_of_an_even_older_history_is_carried_over(folder: Path) -> None:
    older_history(folder, beginning='["grid", "b2", "Sales", "half a thought", null]', conversation="")
    history = await History.open(folder)
    assert await history.saved_state.new_conversations() == [NewConversation("grid", SALES, "half a thought")]
    assert await history.saved_state.last_shown() == 0
    await history.close()


@pytest.mark.parametrize(
    "value", ["", "nonsense", "{}", "[7]", '[["a"]]', '[["a", 1, "", ""]]', '[["x", "y", "z", []]]', "[[[" * 9_000]
)
async def test_json_that_cannot_be_read_is_left_out(folder: Path, value: str) -> None:
    keys = ("conversation", "recent places", "boards that are gone", "beginning")
    older_history(folder, **dict.fromkeys(keys, value))
    history = await History.open(folder)
    assert history.notice == ""
    assert not history.in_memory
    assert await history.saved_state.visits() == []
    assert await history.saved_state.last_shown() == 0
    await history.close()


async def test_what_an_older_damaged_history_kept_is_recovered(folder: Path) -> None:
    older_history(folder, beginning='[["grid", "b2", "Sales", "half", null]]', conversation="1")
    file = folder / "history.db"
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'replies'").fetchone()[0]
    with file.open("r+b") as opened:
        opened.seek((page - 1) * 4096)
        opened.write(b"\xa5" * 4096)
    history = await History.open(folder)
    assert "was damaged" in history.notice
    assert await history.saved_state.new_conversations() == [NewConversation("grid", SALES, "half")]
    assert await history.saved_state.last_shown() == 1
    assert await history.count() == 1
    await history.close()
