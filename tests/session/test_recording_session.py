"""A session on recorded turns: what it shows, and that it changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.session.recorded_turns import recorded_turns
from chatgrid_tui.session.recording_session import open_recording
from engine.raw import recorded
from fakes import DONE, delta
from session.room import regenerate, text_of


def said(*texts: str) -> Recording:
    reads = [(number, delta(text)) for number, text in enumerate(texts, 1)]
    return recorded(*((float(t), data) for t, data in reads), (len(texts) + 1.0, DONE))


async def test_turns_are_shown_with_their_recordings(tmp_path: Path) -> None:
    turns = recorded_turns([said("One", " two"), said("Three")])
    shares: list[float] = []
    session, conversation = await open_recording(turns, "file.jsonl", tmp_path, progress=shares.append)
    assert (conversation.title, conversation.board.name, conversation.provider.shown) == (
        "file.jsonl", "m", "127.0.0.1:1",
    )  # fmt: skip
    assert [turn.shown for turn in conversation.turns] == ["Hello", "Hello"]
    replies = [turn.reply for turn in conversation.turns if turn.reply is not None]
    assert [text_of(reply) for reply in replies] == ["One two", "Three"]
    assert [(reply.state, reply.first_token, reply.duration) for reply in replies] == [
        ("finished", 1.0, 3.0),
        ("finished", 1.0, 2.0),
    ]
    facts = await session.wire_facts(conversation, replies[0])
    assert [recording.reads for recording in facts.recordings] == [list(turns[0].recordings[0].reads)]
    assert shares == sorted(shares)
    await session.close()
    assert session.not_saved == ""


async def test_nothing_is_sent_or_changed(tmp_path: Path) -> None:
    session, conversation = await open_recording(recorded_turns([said("One")]), "file", tmp_path)
    await session.show(conversation)
    with pytest.raises(ChatgridError, match="nothing is sent"):
        await session.outbox.send(conversation, "Hi")
    with pytest.raises(ChatgridError, match="nothing is sent"):
        regenerate(session, conversation)
    assert len(conversation.turns) == 1
    with pytest.raises(ChatgridError):
        await (await session.clients.get(conversation.provider)).boards()
    await session.close()


async def test_each_kind_has_a_conversation(tmp_path: Path) -> None:
    other = recorded((1.0, b'{"type":"done","message":"Hi"}\n'), kind="widget")
    session, conversation = await open_recording(recorded_turns([said("One"), other]), "file", tmp_path)
    assert len(session.index) == 2
    assert [row.provider for row in session.index].count("widget") == 1
    assert conversation.provider.kind == "openai"
    await session.close()
