"""Replies are written to the disk: while they arrive, when they end, and if nothing can be written."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chatgrid_tui.engine.recording_format import read_recordings
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.recording_limits import RecordingLimits
from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.session.changes import UnhandledError
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.turns.reply_writer import BEHIND
from fakes import DONE, FakeAnswer, delta, listing, says, turns
from session.room import BOT, SITE, OpenRoom, Room, regenerate, reply_of, text_of


async def test_text_is_on_the_disk_a_quarter_of_a_second_later(room: Room) -> None:
    conversation = room.begin()
    gates = [asyncio.Event(), asyncio.Event()]
    room.script(FakeAnswer(delta("One"), delta(" two"), gates[0], delta(" three"), gates[1], DONE))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One two")
    (turn,) = await room.stored(conversation)
    assert (turn.replies[0].state, turn.replies[0].bubbles) == ("waiting", ())
    assert BEHIND <= 0.25
    await room.clock.advance(BEHIND)
    (turn,) = await room.stored(conversation)
    assert (turn.replies[0].state, turn.replies[0].bubbles) == ("writing", ("One two",))
    gates[0].set()
    await room.session.until(lambda: text_of(reply_of(conversation)) == "One two three")
    await room.clock.advance(BEHIND)
    (turn,) = await room.stored(conversation)
    assert turn.replies[0].bubbles == ("One two three",)
    gates[1].set()
    await room.session.until_ended()


async def test_a_whole_text_replaces_the_pieces_on_the_disk_too(room: Room) -> None:
    conversation = room.begin(SITE)
    token, done = b'{"type":"token","token":" Hi "}\n', b'{"type":"done","message":"Hi"}\n'
    room.script(FakeAnswer(token, done, headers={"content-type": "application/x-ndjson"}))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until_ended()
    (turn,) = await room.stored(conversation)
    assert turn.replies[0].bubbles == ("Hi",)


async def test_attachments_and_suggestions_are_on_the_disk_just_as_soon(room: Room) -> None:
    conversation = room.begin(BOT)
    more = b'data: {"attachments":[{"url":"u"}],"suggestions":[{"label":"l"}]}\n\n'
    room.script(FakeAnswer(delta("One"), more, asyncio.Event()))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: bool(reply_of(conversation).suggestions))
    await room.clock.advance(BEHIND)
    (turn,) = await room.stored(conversation)
    kept = turn.replies[0]
    assert (kept.state, kept.bubbles) == ("writing", ("One",))
    assert (kept.attachments, kept.suggestions) == (({"url": "u"},), ({"label": "l"},))


async def test_a_reply_that_takes_long_to_write_is_written_less_often(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = room.begin(BOT)
    gate = asyncio.Event()
    more = b'data: {"suggestions":[{"label":"l"}]}\n\n'
    room.script(FakeAnswer(delta("One"), more, gate, more, asyncio.Event()))
    save_reply = room.history.save_reply

    async def save_reply_slowly(saved: SavedReply) -> None:
        await save_reply(saved)
        await room.clock.advance(3)

    monkeypatch.setattr(room.history, "save_reply", save_reply_slowly)
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: len(reply_of(conversation).suggestions) == 1)
    await room.clock.advance(BEHIND)
    while not (await room.stored(conversation))[0].replies[0].suggestions:
        await turns()
    await turns()
    gate.set()
    await room.session.until(lambda: len(reply_of(conversation).suggestions) == 2)
    await room.clock.advance(BEHIND)
    (turn,) = await room.stored(conversation)
    assert len(turn.replies[0].suggestions) == 1
    await room.clock.advance(12)
    while len((await room.stored(conversation))[0].replies[0].suggestions) < 2:
        await turns()


async def test_the_recording_of_a_reply_is_kept(room: Room) -> None:
    conversation = room.begin()
    reply = await room.say(conversation, "Hello", says("Hi"))
    (stored,) = await room.history.recordings(reply.id)
    (recording,) = read_recordings(stored)
    assert recording.body == delta("Hi") + DONE
    assert recording.request.body == room.transport.bodies[0]


async def test_the_recording_of_a_refused_request_is_kept_too(room: Room) -> None:
    conversation = room.begin()
    refusal = listing({"error": {"message": "Unknown parameter: 'stream_options'."}}, 400)
    room.script(refusal, says("Hi"))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until_ended(1)
    stored = await room.history.recordings(reply_of(conversation).id)
    assert [recording.status for data in stored for recording in read_recordings(data)] == [400, 200]


async def test_recordings_stay_within_the_limits_of_the_settings(room: Room) -> None:
    clients = room.session.clients
    clients.settings = replace(clients.settings, recordings=RecordingLimits(per_reply=120))
    conversation = room.begin()
    first = await room.say(conversation, "Hello", says("One", " two", " three", " four"))
    (stored,) = await room.history.recordings(first.id)
    assert 0 < len(read_recordings(stored)[0].body) <= 120
    clients.settings = replace(clients.settings, recordings=RecordingLimits(total=0))
    second = await room.say(conversation, "Hello again", says("Hi"))
    assert [await room.history.recordings(reply.id) for reply in (first, second)] == [[], []]


async def test_closing_while_replies_come_keeps_everything_and_sends_nothing_more(rooms: OpenRoom) -> None:
    room = await rooms()
    conversations = [room.begin() for _ in range(3)]
    answers = [FakeAnswer(delta(f"Half {number}"), asyncio.Event()) for number in range(3)]
    for conversation, answer in zip(conversations, answers, strict=True):
        room.script(answer)
        await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: all(text_of(reply_of(one)) for one in conversations))
    await room.session.outbox.send(conversations[0], "Queued")
    await room.session.close()
    await turns()
    assert all(answer.closed.is_set() for answer in answers)
    assert len(room.transport.sent) == 3
    assert [turn.queued for turn in conversations[0].turns] == [False, True]
    assert room.transport.closed
    again = await rooms()
    for number, conversation in enumerate(conversations):
        opened = await again.session.open(conversation.id)
        reply = opened.turns[0].reply
        assert reply is not None
        assert (reply.state, text_of(reply)) == ("interrupted", f"Half {number}")


async def test_queued_messages_become_a_draft_again_after_a_restart(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    room.script(FakeAnswer(delta("Half"), asyncio.Event()))
    for text in ("Hello", "one", "two"):
        await room.session.outbox.send(conversation, text)
    await room.session.save_draft(conversation, "and typed")
    await room.session.close()
    for _ in range(2):  # the second time it is read as it was left by the first
        room = await rooms()
        again = await room.session.open(conversation.id)
        assert [turn.sent for turn in again.turns] == ["Hello"]
        assert again.draft == "one\ntwo\nand typed"
        await room.session.close()


async def test_closing_with_nothing_begun(room: Room) -> None:
    await room.session.close()
    await room.session.close()


async def test_replies_of_a_killed_program_are_marked_interrupted(
    room: Room, rooms: OpenRoom, folder: Path, tmp_path: Path
) -> None:
    conversation = room.begin()
    room.script(FakeAnswer(delta("Half"), asyncio.Event()))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: text_of(reply_of(conversation)) == "Half")
    await room.clock.advance(BEHIND)
    await room.stored(conversation)
    killed = tmp_path / "killed"
    shutil.copytree(folder, killed)
    after = await rooms(at=killed, beside=True)
    opened = await after.session.open(conversation.id)
    reply = reply_of(opened)
    assert (reply.state, reply.live, text_of(reply)) == ("interrupted", False, "Half")
    assert [row.state for row in after.session.index] == ["interrupted"]
    after.script(says("Whole"))
    regenerate(after.session, opened)
    await after.session.until_ended()
    assert text_of(reply_of(opened)) == "Whole"


async def test_chatting_works_with_a_history_in_memory(rooms: OpenRoom, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    room = await rooms(at=tmp_path / "file" / "data")
    assert room.history.in_memory
    assert [condition.kind for condition in room.session.alerts.conditions] == ["not saved"]
    conversation = room.begin()
    assert text_of(await room.say(conversation, "Hello", says("Hi"))) == "Hi"
    assert [turn.sent for turn in await room.stored(conversation)] == ["Hello"]


@pytest.mark.parametrize("step", ["add_reply", "append", "save_reply"])
@pytest.mark.parametrize("then", ["it ends", "all is closed"])
async def test_an_internal_error_during_a_reply_is_reported(
    room: Room, monkeypatch: pytest.MonkeyPatch, step: str, then: str
) -> None:
    error = LookupError("nobody thought of this")
    conversation = room.begin(BOT)
    gate = asyncio.Event()
    more = b'data: {"attachments":[{"url":"u"}]}\n\n' if step == "save_reply" else b""
    room.script(FakeAnswer(delta("One") + more, gate, DONE))
    with monkeypatch.context() as patched:

        async def wrong(*arguments: object, **options: object) -> None:
            raise error

        patched.setattr(room.history, step, wrong)
        await room.session.outbox.send(conversation, "Hello")
        await room.session.until(lambda: text_of(reply_of(conversation)) == "One")
        await room.clock.advance(BEHIND)
        await turns()
    assert [change.error for change in room.session.changes_seen if isinstance(change, UnhandledError)] == [error]
    if then == "it ends":
        gate.set()
        await room.session.until_ended()
    else:
        await room.session.close()
    assert sum(isinstance(change, UnhandledError) for change in room.session.changes_seen) == 1


async def test_an_internal_error_at_the_end_of_a_reply_is_reported(room: Room) -> None:
    conversation = room.begin()

    async def wrong(reply_id: int, recordings: Sequence[bytes]) -> None:
        raise LookupError("nobody thought of this")

    room.history.save_recordings = wrong  # type: ignore[method-assign]
    room.script(says("Hi"))
    await room.session.outbox.send(conversation, "Hello")
    await room.session.until(lambda: any(isinstance(change, UnhandledError) for change in room.session.changes_seen))


async def test_a_recording_that_is_kept_stays(room: Room) -> None:
    conversation = room.begin()
    reply = await room.say(conversation, "Hello", says("Hi"))
    await room.session.keep_recording(conversation, conversation.turns[0], reply, True)
    (turn,) = await room.stored(conversation)
    assert turn.replies[0].recording_kept
    clients = room.session.clients
    clients.settings = replace(clients.settings, recordings=RecordingLimits(total=0))
    second = await room.say(conversation, "Hello again", says("Hi"))
    assert [len(await room.history.recordings(each.id)) for each in (reply, second)] == [1, 0]
    with pytest.raises(UsageProblem, match="not in the history"):
        await room.session.keep_recording(conversation, conversation.turns[0], Reply(0, "", reply.started_at), True)
