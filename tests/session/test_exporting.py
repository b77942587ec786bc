"""What an export of a session contains: also what only the service has, and what the user says of a reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.provider import Board, RemoteMessage
from chatgrid_tui.model.saved_conversation import SavedReply, SavedTurn
from chatgrid_tui.store.copies import NewCopy
from session.room import Room

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def begin(room: Room) -> int:
    """Save a conversation with one turn and two replies to it, the first of which is chosen."""
    conversation = await room.history.create("grid", "b", "Support bot", "Parcel", AT)
    turn = await room.history.add_turn(conversation, "Yes", "yes-payload", AT)
    for text in ("First", "Second"):
        reply = await room.history.add_reply(turn, "Support bot", AT)
        await room.history.save_reply(
            SavedReply(reply, "truncated", "Support bot", AT, (text,), ({"name": "a.pdf"},))
        )
    await room.history.select_reply(turn, 0)
    return conversation


async def test_a_transcript_has_the_chosen_reply_and_says_what_is_to_be_known(room: Room) -> None:
    text = await room.session.transfers.text(await begin(room))
    assert text.startswith("Parcel\ngrid (chatgrid) · Support bot\n\nYou · 2026-03-04 ")
    for words in ("\nYes\n", "(Sent as: yes-payload)", "\nFirst\n", "\na.pdf\n", "(Reply 1 of 2 to this message.)"):
        assert words in text
    assert "Second" not in text
    assert "end mark" in text


async def test_known_keys_are_masked_in_formats_for_reading(room: Room, tmp_path: Path) -> None:
    key = Secret("sk&typed<into>a message").reveal()
    conversation = await room.history.create("grid", "b", "Support bot", f"Is it {key}?", AT)
    turn = await room.history.add_turn(conversation, f"Is it {key}?", f"Is it {key}?", AT)
    reply = await room.history.add_reply(turn, "Support bot", AT)
    await room.history.save_reply(SavedReply(reply, "finished", "Support bot", AT, ("Yes",)))
    for format_ in ("markdown", "html", "text"):
        path = tmp_path / format_
        await room.session.transfers.save([conversation], format_, path)
        exported = path.read_text()
        assert exported.count("[key ...sage]") >= 2
        assert "sk&" not in exported


async def test_messages_that_only_the_service_has_are_in_the_transcript(room: Room) -> None:
    conversation = await begin(room)
    await room.history.set_remote_id(conversation, "chat")
    later = ("user", "From elsewhere"), ("assistant", "Answered elsewhere")
    messages = [
        RemoteMessage(str(number), role, content, created_at=f"2026-03-04T12:0{number}:00Z")
        for number, (role, content) in enumerate(later, 1)
    ]
    await room.history.save_messages(conversation, messages, "Answered elsewhere", mine=False)
    text = await room.session.transfers.text(conversation)
    assert text.index("From elsewhere") < text.index("Answered elsewhere")
    assert text.index("First") < text.index("From elsewhere")


async def test_copied_messages_are_in_the_transcript_beside_the_same_ones_from_the_service(room: Room) -> None:
    turn = SavedTurn(0, "Hello", "Hello", AT, (SavedReply(0, "finished", "Support bot", AT, ("Hi",)),))
    copy = NewCopy("grid", Board("b", "Support bot"), "Fork", None, [turn], AT)
    fork, _ = await room.history.copies.add(copy)
    await room.history.set_remote_id(fork, "chat")
    messages = [RemoteMessage("1", "user", "Hello"), RemoteMessage("2", "assistant", "Hi")]
    await room.history.save_messages(fork, messages, "Hi", mine=False)
    text = await room.session.transfers.text(fork)
    conversation = await room.session.open(fork)
    assert (text.count("\nHello\n"), len(conversation.turns)) == (2, 2)


async def test_nothing_to_export_and_a_conversation_that_is_gone(room: Room, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="There are no conversations"):
        await room.session.transfers.save((), "markdown", tmp_path / "a.md")
    with pytest.raises(StorageProblem, match="no longer in the history"):
        await room.session.transfers.save((7,), "json", tmp_path / "a.json")
    assert not (tmp_path / "a.md").exists()


async def test_a_conversation_that_is_deleted_meanwhile_leaves_no_file(room: Room, tmp_path: Path) -> None:
    conversation = await begin(room)
    row = await room.history.conversation(conversation)
    exporter = room.session.transfers._exporter
    with pytest.raises(StorageProblem):
        await exporter.save([row, replace(row, id=row.id + 1)], "json", tmp_path / "a.json")
    assert not any(tmp_path.glob("*a.json*"))


async def test_what_is_imported_is_in_the_list(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    await room.session.transfers.save((await begin(room),), "json", path)
    path.write_text(path.read_text().replace("2026-03-04T12:00:00.000000Z", "2026-03-05T12:00:00.000000Z"))
    assert await room.session.transfers.import_file(path) == "Imported 1 conversation with 3 messages."
    assert [row.title for row in room.session.index] == ["Parcel"]
