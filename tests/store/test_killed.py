"""A process that is killed while it writes loses nothing that was acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatgrid_tui.store.history import History

KILLS = 10

WRITES = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from chatgrid_tui.store.history import History

async def main():
    history = await History.open(Path(sys.argv[1]))
    assert not history.notice, history.notice
    while True:
        conversation = await history.create("acme", "support", "Support bot")
        turn = await history.add_turn(conversation, "hello", "hello", datetime.now(UTC))
        reply = await history.add_reply(turn, "bot", datetime.now(UTC))
        print(conversation, 0, flush=True)
        for number in range(200):
            await history.append(reply, [(0, f"{number},")])
            print(conversation, number + 1, flush=True)

asyncio.run(main())
"""


def killed_while_writing(folder: Path, patience: float) -> dict[int, int]:
    """Let a process write and kill it; return the conversation and the number of pieces that it reported as saved."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, "-c", WRITES, str(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        # A line that the kill cut says nothing.
        lines = [line.split() for line in (first, *process.stdout) if line.endswith("\n")]
    return {int(conversation): int(number) for conversation, number in lines}


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
async def test_nothing_that_was_acknowledged_is_lost(folder: Path) -> None:
    chance = random.Random(7)
    seen: dict[int, int] = {}
    for _ in range(KILLS):
        seen |= killed_while_writing(folder, chance.uniform(0.0, 0.12))
    assert len(seen) >= KILLS
    history = await History.open(folder)
    assert history.notice == ""
    for conversation, number in seen.items():
        (turn,) = await history.turns(conversation)
        (reply,) = turn.replies
        text = "".join(reply.bubbles)
        whole = "".join(f"{piece}," for piece in range(200))
        assert whole.startswith(text)
        assert text.count(",") >= number
        assert reply.state == "interrupted"
    await history.close()
