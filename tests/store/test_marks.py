"""What the user says of replies is stored with them, and shown in the list."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.store import schema
from chatgrid_tui.store.history import History
from chatgrid_tui.store.salvage import salvage
from chatgrid_tui.store.sqlite_connection import connect
from chatgrid_tui.store.sqlite_file import SqliteFile


async def listed(history: History, conversation: int) -> ReplyVerdict | None:
    """Return the verdict in the list, which both ways of reading it must agree on."""
    (row,) = await history.conversations()
    assert row == await history.conversation(conversation)
    return row.verdict


async def test_the_list_has_the_verdict_on_the_newest_reply_with_one(history: History, noon: datetime) -> None:
    conversation = await history.create("acme", "support", "Support bot", at=noon)
    turns = [await history.add_turn(conversation, f"{number}", "sent", noon) for number in range(3)]
    first, second, third = [await history.add_reply(turn, "bot", noon) for turn in turns]
    assert await listed(history, conversation) is None
    await history.save_mark(second, "wrong", "Half\ud83d")
    await history.save_mark(first, "right", "")
    assert await listed(history, conversation) == "wrong"
    await history.save_reply(SavedReply(second, "finished", "bot", noon, ("x",), verdict="slow", note="Again"))
    await history.save_mark(third, None, "only a note")
    assert await listed(history, conversation) == "slow"
    replies = [turn.replies[0] for turn in await history.turns(conversation)]
    marks = [(reply.verdict, reply.note) for reply in replies]
    assert marks == [("right", ""), ("slow", "Again"), (None, "only a note")]
    await history.delete_turn(turns[1])
    assert await listed(history, conversation) == "right"
    await history.save_mark(first, None, "")
    assert await listed(history, conversation) is None
    await history.save_mark(12345, "right", "a reply that is gone")


async def test_an_unknown_verdict_costs_only_itself(folder: Path, noon: datetime) -> None:
    history = await History.open(folder)
    conversation = await history.create("acme", "support", "Support bot", at=noon)
    reply = await history.add_reply(await history.add_turn(conversation, "q", "q", noon), "bot", noon)
    await history.save_mark(reply, "right", "A note")
    await history.close()
    with closing(sqlite3.connect(folder / "history.db")) as connection, connection:
        connection.execute("UPDATE replies SET verdict = x'ff'")
        connection.execute("UPDATE conversations SET verdict = 'splendid'")
    history = await History.open(folder)
    assert await listed(history, conversation) is None
    (turn,) = await history.turns(conversation)
    assert (turn.replies[0].verdict, turn.replies[0].note) == (None, "A note")
    await history.close()


def test_marks_are_recovered_from_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    with closing(connect(file)) as connection:
        schema.migrate(connection)
        connection.execute(
            "INSERT INTO conversations (provider, board, board_name, title, created_at, updated_at, verdict)"
            " VALUES ('acme', 'support', 'Support bot', 'Title', 1, 1, 'unsafe')"
        )
        connection.execute("INSERT INTO turns (conversation_id, shown, sent, sent_at) VALUES (1, 'q', 'q', 1)")
        connection.execute(
            "INSERT INTO replies (turn_id, state, speaker, started_at, verdict, note)"
            " VALUES (1, 'finished', 'bot', 1, 'unsafe', 'Told the key')"
        )
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'replies_by_turn'").fetchone()
    with file.open("r+b") as opened:
        opened.seek((root - 1) * 4096)
        opened.write(b"\xa5" * 4096)
    with closing(connect(None)) as new, SqliteFile(file) as pages:
        salvage(pages, new, lambda _read, _all: None)
        assert new.execute("SELECT verdict, note FROM replies").fetchall() == [("unsafe", "Told the key")]
        assert new.execute("SELECT verdict FROM conversations").fetchall() == [("unsafe",)]
