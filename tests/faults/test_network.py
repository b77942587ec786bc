"""Rows 8 to 32 of the fault matrix over all four kinds: the text on the screen, and the data on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from app.scripted import provider
from app.window import Window, hurried, opened
from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.model.saved_conversation import SavedTurn
from chatgrid_tui.store.history import History
from chatgrid_tui.ui.chat import reply_notices
from faults.network import FAULTS, Fault
from faults.services import faulty_service
from faults.wire import WIRES


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", get_args(Kind))
async def test_each_fault_has_its_words_and_loses_nothing(
    tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_notices, "STALL", 0.3)
    handlers = {fault.name: fault.build(WIRES[kind]) for fault in FAULTS}
    async with (
        faulty_service(handlers) as service,
        opened(tmp_path, config=provider(service.url, kind), clock=hurried()) as window,
    ):
        unmet = [fault.name for fault in FAULTS if not await _is_met(window, fault)]
    turns = await _stored(tmp_path / "data")
    for fault in FAULTS:
        reply = turns[_message(fault)].replies[-1]
        if (reply.state, "".join(reply.bubbles)) != (fault.state, fault.text):
            unmet.append(f"{fault.name} on disk")
    assert not unmet


async def _is_met(window: Window, fault: Fault) -> bool:
    """Go on after a fault that is not met, and print why: the table is tried whole."""
    try:
        await _meets(window, fault)
    except AssertionError as error:
        print(f"--- row {fault.row}, {fault.name}\n{error}")
        return False
    return True


async def _meets(window: Window, fault: Fault) -> None:
    """Send the message that names a fault in a new conversation, and check the screen."""
    window.hits("ctrl+n")
    await window.until(lambda: not window.conversation.turns, "a new conversation")
    await window.sends(_message(fault))
    if fault.press == "escape":
        await window.until(
            lambda: window.conversation.live is not None and window.conversation.live.characters == len(fault.text),
            f"the text before the fault {fault.name}",
        )
        await window.sees("Esc Stop", fault.meanwhile)
        window.hits("escape")
    await window.ended()
    await window.sees(_message(fault), *fault.words)
    assert "Traceback" not in window.text
    if fault.absent:
        assert fault.absent not in window.words
    if fault.press.startswith("click "):
        button = fault.press.removeprefix("click ")
        await window.clicks(button)
        await window.sees_no(button)


def _message(fault: Fault) -> str:
    return f"fault: {fault.name}"


async def _stored(folder: Path) -> dict[str, SavedTurn]:
    """Return the turns of a history by their messages."""
    history = await History.open(folder)
    try:
        conversations = [await history.turns(row.id) for row in await history.conversations(limit=1_000)]
        return {turn.sent: turn for turns in conversations for turn in turns}
    finally:
        await history.close()
