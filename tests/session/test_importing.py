"""Importing: the forms of other programs, and files that are something else."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.saved_conversation import SavedTurn
from chatgrid_tui.session.importing import file as importing_file
from chatgrid_tui.session.importing.file import import_conversations, read_import
from chatgrid_tui.store.conversion import EARLIEST, LATEST, to_time
from chatgrid_tui.store.history import History
from session.foreign_exports import chatgpt, claude, write_llm_logs
from session.room import OpenRoom, Room


def written(tmp_path: Path, value: object) -> Path:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps(value))
    return path


async def imported(room: Room, path: Path) -> tuple[str, list[SavedTurn]]:
    """Import a file, and return what is reported and the turns of its first conversation."""
    result = await import_conversations(room.history, path)
    room.session.add_rows(list(result.rows))
    return result.report, await room.history.turns(result.rows[-1].id)


async def test_chatgpt(room: Room, tmp_path: Path) -> None:
    report, (first, second) = await imported(room, written(tmp_path, chatgpt()))
    assert report == (
        "Imported 1 conversation with 6 messages from ChatGPT. 1 conversation could not be read. "
        "Conversation 2: It has no messages. 1 message on other branches left out."
    )
    assert (first.shown, first.sent_at.isoformat()) == ("A question", "2026-03-04T12:00:00.250000+00:00")
    assert (second.shown, second.selected) == ("See\n\nAttached: p.png", None)
    before, answer, to_typo = first.replies
    assert (before.bubbles, answer.bubbles, answer.reasoning) == (("The first answer",), ("Two",), ("Hm\n\nI think",))
    assert (to_typo.edited_message, to_typo.bubbles, first.selected) == ("A typo", ("An answer to the typo",), 1)
    assert [(call["function"], call["output"]) for call in answer.tool_calls] == [
        ({"name": "python", "arguments": "1 + 1"}, "2")
    ]
    assert (answer.model, answer.remote_id, answer.duration) == ("gpt-5", "second", 3.0)
    conversation = await room.session.open(room.session.index.at(0).id)
    assert (conversation.title, conversation.provider.shown, conversation.remote_id) == ("Sums", "ChatGPT", "c-1")
    with pytest.raises(UsageProblem, match="What was imported from ChatGPT can be read"):
        await room.session.outbox.send(conversation, "More")


async def test_claude(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("users.json", "[]")
        bundle.writestr("export/conversations.json", json.dumps(claude()))
    report, (first, second) = await imported(room, path)
    assert report == "Imported 1 conversation with 4 messages from Claude."
    assert first.shown == "Read this\n\nAttached: notes.txt"
    (reply,) = first.replies
    assert (reply.bubbles, reply.reasoning) == (("Done",), ("Let me see",))
    assert [call["output"] for call in reply.tool_calls] == ["found"]
    assert (second.shown, [reply.state for reply in second.replies]) == ("Thanks", ["interrupted"])


async def test_a_branch_of_claude_that_was_left(room: Room, tmp_path: Path) -> None:
    conversation = claude()[0]
    first, answer, _ = conversation["chat_messages"]
    other = {**answer, "uuid": "m4", "content": [], "text": "Otherwise"}
    parents = {"m1": "root", "m2": "m1", "m4": "m1"}
    conversation["chat_messages"] = [
        {**message, "parent_message_uuid": parents[message["uuid"]]} for message in (first, answer, other)
    ]
    _, (turn,) = await imported(room, written(tmp_path, [conversation]))
    assert [reply.bubbles for reply in turn.replies] == [("Done",), ("Otherwise",)]


async def test_the_older_log_of_llm(room: Room, tmp_path: Path) -> None:
    write_llm_logs(tmp_path / "logs.db", newer=False)
    report, (first, second) = await imported(room, tmp_path / "logs.db")
    assert report == "Imported 2 conversations with 6 messages from llm."
    assert first.shown == "A pelican\n\nAttached: https://x.example/p.png"
    (reply,) = first.replies
    assert (reply.bubbles, reply.duration, reply.usage) == (("Percy",), 1.5, {"input_tokens": 3, "output_tokens": 4})
    assert second.replies[0].tool_calls[0]["output"] == "found"
    row = next(row for row in room.session.index if row.title == "Pelicans")
    assert await room.history.options(row.id) == {"system": "Be brief"}


async def test_the_newer_log_of_llm(room: Room, tmp_path: Path) -> None:
    write_llm_logs(tmp_path / "logs.db", newer=True)
    report, (first, second) = await imported(room, tmp_path / "logs.db")
    assert report == "Imported 1 conversation with 4 messages from llm."
    assert (first.shown, second.shown) == ("A long text\nabout it", "Another")
    (reply,) = first.replies
    assert (reply.bubbles, reply.reasoning, len(reply.tool_calls)) == (("Percy",), ("Hm",), 1)
    assert second.replies[0].bubbles == ("Wallace",)


async def test_the_same_file_twice_and_a_later_one(room: Room, tmp_path: Path) -> None:
    await imported(room, written(tmp_path, claude()))
    again = await import_conversations(room.history, written(tmp_path, claude()))
    assert (again.rows, again.report) == (
        (),
        "Nothing was imported. 1 conversation was here already and stayed as it was.",
    )
    later = claude()
    later[0]["chat_messages"].append({"uuid": "m9", "sender": "assistant", "text": "!", "created_at": "2026-04-01"})
    result = await import_conversations(room.history, written(tmp_path, later))
    assert "The file has newer messages of 1 of these" in result.report
    assert await room.history.count() == 1


async def test_another_window_has_the_history(rooms: OpenRoom, tmp_path: Path) -> None:
    await rooms()
    second = await rooms(beside=True)
    with pytest.raises(UsageProblem, match="Another window has this history"):
        await import_conversations(second.history, written(tmp_path, claude()))


async def test_a_history_that_cannot_be_written_now(room: Room, folder: Path, tmp_path: Path) -> None:
    """Nothing waits in memory, to be imported later when nobody expects it."""
    (folder / "history.db").rename(folder / "moved.db")
    with pytest.raises(StorageProblem, match="moved or deleted"):
        await import_conversations(room.history, written(tmp_path, claude()))
    (folder / "moved.db").rename(folder / "history.db")
    await room.history.save_chats("acme", "b", "B", [])  # waits until everything before it was written
    assert await room.history.count() == 0


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("conversations.json", b"[" + b" " * (2 << 20))
    return packed.getvalue()


def other_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        bundle.writestr("photos.json", "[]")
    return packed.getvalue()


OURS = '{"format": "chatgrid-tui conversations", "version": 1, "conversations": '
ONE = (
    '[{"provider": "a", "board": "b", "board_name": "b", "created_at": "2026-03-04T12:00:00Z", '
    '"updated_at": "2026-03-04T12:00:00Z", "turns": '
)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "It is empty."),
        ("Dear diary", "It is no JSON. What can be imported:"),
        ('{"log": {}}', "It is JSON of another program."),
        ("[]", "There are no conversations in it."),
        ('[{"mapping": {"a": {"pare', "It was cut: the JSON does not end (line 1, column 21)."),
        ('[{"mapping": }]', "It is no JSON at line 1, column 14."),
        ("[" * 100_000, "nested too deeply"),
        ('[{"mapping": ' + "1" * 5_000 + "}]", "numbers that are too long"),
        (b'["\xff"]', "It is no text: byte 2"),
        ("[" + "0," * 300, "more than 200 values"),
        ("x" * (1 << 20) + "y", "It is larger than 1 MiB."),
        (bomb(), "Unpacked, it is larger than 1 MiB."),
        (bomb()[:-30], "The zip was cut, is damaged"),
        (other_zip(), "There is no conversations.json in the zip."),
        (b"SQLite format 3\0" + b"x" * 100, "The database cannot be read: it is damaged."),
        (OURS.replace("1", "2") + "[]}", "written by a newer version"),
        (OURS + "7}", "conversations is no list."),
        (OURS + "[7]}", "conversations[0] is no object."),
        (OURS + '[{"provider": "a"}]}', "conversations[0].board is missing."),
        (OURS + ONE + '[{"shown": 7}]}]}', "conversations[0]: turns[0].shown is no text."),
        (OURS + ONE.replace('"b", "c', 'null, "c') + "[]}]}", "conversations[0].board_name is null."),
        (OURS + ONE.replace("2026-03-04T12:00:00Z", "noon") + "[]}]}", "created_at is no time in ISO 8601."),
        (OURS + ONE.replace("2026", "9999") + "[]}]}", "created_at is no time from 1970 to 9000."),
    ],
)
async def test_a_file_that_cannot_be_imported(
    content: str | bytes, problem: str, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing_file, "FILE_LIMIT", 1 << 20)
    if "values" in problem and "200" in problem:
        monkeypatch.setattr(importing_file, "_MOST_VALUES", 200)
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageProblem) as refused:
        await import_conversations(room.history, path)
    assert problem in str(refused.value)
    assert str(path) in str(refused.value)
    assert await room.history.count() == 0


def test_times_of_other_programs_are_ones_that_can_be_shown() -> None:
    conversation = claude()[0]
    conversation["created_at"] = "0001-01-01T00:00:00Z"
    conversation["chat_messages"][0]["created_at"] = "9999-12-31T23:59:59Z"
    (found,) = importing_file._from_json(json.dumps([conversation]).encode()).conversations
    assert found.fields["created_at"] == to_time(EARLIEST)
    assert found.turns[0].fields["sent_at"] == to_time(LATEST)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("CREATE TABLE photos (id)", "It is a database, but not the log of llm."),
        ("CREATE VIEW responses AS SELECT 1", "not the log of llm"),
        ("CREATE TABLE responses (answer)", "cannot be read: it has other tables than llm makes."),
    ],
    ids=["another program", "view", "other columns"],
)
def test_a_database_of_another_program(statement: str, problem: str, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("CREATE TABLE conversations (id)")
        connection.execute(statement)
    with pytest.raises(UsageProblem, match=problem):
        read_import(tmp_path / "a.db")


async def test_a_history_of_this_program_is_no_file_to_import(room: Room, folder: Path) -> None:
    with pytest.raises(UsageProblem, match="It is a history of this program"):
        read_import(folder / "history.db")


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def damaged(value: object, draw: Callable[[st.SearchStrategy[Any]], Any]) -> object:
    """Return a value with some of its parts replaced by others."""
    if draw(st.integers(0, 11)) == 0:
        return draw(_ANY)
    if isinstance(value, Mapping):
        return {name: damaged(inner, draw) for name, inner in value.items()}
    return [damaged(inner, draw) for inner in value] if isinstance(value, list) else value


@given(st.data(), st.sampled_from([chatgpt, claude]))
def test_no_wrong_type_is_fatal(data: st.DataObject, export: Callable[[], list[dict[str, Any]]]) -> None:
    text = json.dumps(damaged(export(), data.draw)).encode()
    with contextlib.suppress(UsageProblem):
        importing_file._from_json(text)


async def test_a_conversation_with_the_time_of_another(tmp_path: Path) -> None:
    """Two conversations in one file are two, however alike they are."""
    history = await History.open(tmp_path / "data")
    path = written(tmp_path, [*claude(), *claude()])
    assert len((await import_conversations(history, path)).rows) == 2
    await history.close()
