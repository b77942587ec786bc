"""Conversations and messages listed by the services, kept in the history."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.saved_conversation import ListedChat
from chatgrid_tui.store import remote_writes, schema, writes
from chatgrid_tui.store.history import History
from chatgrid_tui.store.sqlite_connection import connect


def message(number: int, text: str = "") -> RemoteMessage:
    return RemoteMessage(f"m{number}", "user", text or f"Said {number}", "", "2026-03-04T12:00:00Z")


async def test_chats_become_rows_once(history: History, noon: datetime) -> None:
    chats = [ListedChat("b", "Two", noon + timedelta(hours=1)), ListedChat("a", "", noon)]
    rows = await history.save_chats("grid", "board", "Board", chats)
    assert [(row.remote_id, row.title, row.updated_at, row.state) for row in rows] == [
        ("b", "Two", noon + timedelta(hours=1), None),
        ("a", "", noon, None),
    ]
    assert await history.save_chats("grid", "board", "Board", chats) == []
    assert len(await history.save_chats("grid", "another", "Board", chats)) == 2
    assert await history.count() == 4


async def test_titles_are_taken_over_unless_a_person_gave_one(history: History, noon: datetime) -> None:
    (first,) = await history.save_chats("grid", "b", "B", [ListedChat("a", "Old", noon)])
    (changed,) = await history.save_chats("grid", "b", "B", [ListedChat("a", "New", noon)])
    assert (changed.id, changed.title) == (first.id, "New")
    await history.rename(first.id, "Mine", by_service=False)
    assert await history.save_chats("grid", "b", "B", [ListedChat("a", "Newer", noon)]) == []
    assert await history.save_chats("grid", "b", "B", [ListedChat("a", "", noon)]) == []


async def test_a_chat_that_was_made_here_is_the_same_one(history: History, noon: datetime) -> None:
    made = await history.create("grid", "b", "B", "Hello", noon)
    (listed,) = await history.save_chats("grid", "b", "B", [ListedChat("a", "Listed", noon)])
    assert await history.set_remote_id(made, "a") == [listed.id]
    assert [row.id for row in await history.conversations()] == [made]
    assert await history.set_remote_id(made, "a") == []


async def test_conversations_with_messages_are_never_merged_as_duplicates(history: History, noon: datetime) -> None:
    one, two, three = [await history.create("site", "b", "B", "", noon) for _ in range(3)]
    await history.add_turn(one, "x", "x", noon)
    await history.save_draft(two, "typed")
    for number in (one, two, three):
        await history.set_remote_id(number, "shared session")
    assert await history.count() == 3


async def test_a_deleted_chat_is_listed_again_only_when_it_goes_on(history: History, noon: datetime) -> None:
    (row,) = await history.save_chats("grid", "b", "B", [ListedChat("a", "A", noon)])
    await history.delete(row.id)
    assert await history.save_chats("grid", "b", "B", [ListedChat("a", "A", noon)]) == []
    later = datetime.now(noon.tzinfo) + timedelta(minutes=1)
    assert len(await history.save_chats("grid", "b", "B", [ListedChat("a", "A", later)])) == 1


async def test_messages_are_kept_in_the_order_of_the_service(history: History, noon: datetime) -> None:
    conversation = await history.create("grid", "b", "B", "", noon)
    await history.save_messages(conversation, [message(2), message(3)], "Said 3", True)
    await history.save_messages(conversation, [message(1), message(3, "Changed"), message(4)], "", False)
    assert await history.messages(conversation) == [message(1), message(3, "Changed"), message(4)]
    row = await history.conversation(conversation)
    assert (row.preview, row.preview_mine) == ("Said 3", True)
    await history.delete(conversation)
    await history.save_messages(conversation, [message(1)], "x", True)
    assert await history.messages(conversation) == []


async def test_a_missing_chat_is_marked_until_it_is_listed_again(history: History, noon: datetime) -> None:
    (row,) = await history.save_chats("grid", "b", "B", [ListedChat("a", "A", noon)])
    await history.mark_gone(row.id, True)
    assert (await history.conversation(row.id)).gone
    (back,) = await history.save_chats("grid", "b", "B", [ListedChat("a", "A", noon)])
    assert not back.gone


async def test_a_history_of_the_first_version_is_taken_over(folder: Path, noon: datetime) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "history.db")) as old:
        schema.migrate(old, 1)
        old.execute(
            """INSERT INTO conversations (provider, board, board_name, title, remote_id, created_at, updated_at)
            VALUES ('grid', 'b', 'B', 'Kept', 'a', 0, 0)"""
        )
        old.execute("INSERT INTO turns (conversation_id, shown, sent, sent_at) VALUES (1, 'Hello', 'Hello', 0)")
        old.commit()
    history = await History.open(folder)
    assert history.notice == ""
    (row,) = await history.conversations()
    assert (row.title, row.remote_id, row.gone) == ("Kept", "a", False)
    assert [turn.sent for turn in await history.turns(row.id)] == ["Hello"]
    await history.save_messages(row.id, [message(1)], "", False)
    assert await history.messages(row.id) == [message(1)]
    (listed,) = await history.save_chats("grid", "b", "B", [ListedChat("a", "Kept", noon)])
    assert listed.id == row.id
    assert len(list(folder.glob("history.db.backup-v1-*"))) == 1
    await history.close()


@pytest.mark.parametrize("statement", [remote_writes._FIND_CHAT, writes._DUPLICATES])
def test_a_chat_is_found_by_its_id_without_going_through_all(statement: str) -> None:
    with closing(connect(None)) as connection:
        schema.migrate(connection)
        values = ("chat-1",) + (1,) * (statement.count("?") - 1)
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert any("USING INDEX conversations_by_remote" in step for step in plan)
    assert not any(step.startswith(("SCAN conversations", "SCAN double")) for step in plan)
