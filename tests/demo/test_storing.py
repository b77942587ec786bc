"""What the demo services store of a message and its reply, including deviations on request."""

from __future__ import annotations

from typing import get_args
from unittest import mock

import pytest

from chatgrid_tui.demo import state
from chatgrid_tui.demo.bots.commands import command_plan
from chatgrid_tui.demo.catalogue import ECHO, Kind
from chatgrid_tui.demo.state import Message
from chatgrid_tui.demo.steps import Say, StoredAs, Turn
from demo.talking import Talker


def stored(talker: Talker, kind: Kind) -> list[Message]:
    """Return the messages of the newest conversation."""
    state = talker.server.state
    chats = state.conversations if kind == "chatiq" else state.boards[ECHO.board_id].chats
    return list(chats.values())[-1].messages


def reply_to(message: str) -> str:
    plan = command_plan(Turn(message))
    assert plan is not None
    return "".join(step.text for step in plan.steps if isinstance(step, Say))


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("kind", ["chatgrid", "chatiq"])
@pytest.mark.parametrize("way", get_args(StoredAs))
async def test_each_way_to_store(talker: Talker, kind: Kind, way: StoredAs, stream: bool) -> None:
    message = f"/stored {way}"
    said = reply_to(message)
    with mock.patch.object(state, "LATE", 0.0):
        await talker.say(kind, message, ECHO, stream=stream)
    texts = [one.content for one in stored(talker, kind)]
    match way:
        case "nothing":
            assert texts == []
        case "twice":
            assert texts == [message, said] * 2
            assert len({one.id for one in stored(talker, kind)}) == 4
        case "same" | "late":
            assert texts == [message, said]
        case "longer" | "shorter" | "other":
            question, answer = texts
            assert (question, answer != said) == (message, True)
            assert answer.startswith(said) == (way == "longer")
            assert said.startswith(answer) == (way == "shorter")


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq"])
async def test_what_is_stored_late_is_not_stored_at_once(talker: Talker, kind: Kind) -> None:
    await talker.say(kind, "/stored late", ECHO)
    assert not stored(talker, kind)
