"""Find in 5,000 messages: the app's own work from the last letter to the lines of the first match."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from textual.geometry import Region

from bench.histories import newest, one_conversation
from bench.outcome import Row, milliseconds
from bench.stage import Stage, progress
from bench.texts import mark
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.transcript.viewport import FRAME_BUDGET

_MESSAGES: Final = 5_000
_FAR: Final = mark(777)
_PATIENCE: Final = 60.0


def find(stage: Stage, rounds: int) -> list[Row]:
    """Find a word in view and one far above, after all was read and right after find was opened."""
    progress(f"find: preparing {_MESSAGES:,} messages")
    return asyncio.run(_measure(one_conversation(stage.folder(), _MESSAGES), rounds))


async def _measure(folder: Path, rounds: int) -> list[Row]:
    (folder / "config.toml").write_text(
        '[providers.bots]\nkind = "openai"\nbase_url = "http://127.0.0.1:9/openai/v1"\nboards = ["long-writer"]\n'
    )
    app = make_app(Paths.usual(folder / "config.toml", folder), OpeningOptions())
    spent: dict[str, list[tuple[float, float]]] = {}
    async with app.run_test(size=(120, 40)) as pilot:
        await _until(lambda: bool(app.chat.query(Transcript)))
        transcript = app.chat.query_one(Transcript)
        await _until(lambda: len(transcript.document.turns) == _MESSAGES // 2)
        for _ in range(rounds + 1):
            for is_read in (True, False):
                for where, word in (("in view", newest(_MESSAGES)), ("far above", _FAR)):
                    transcript.finder.open()
                    if is_read:
                        await _until(lambda: not transcript.finder.is_searching)
                    seconds = _find(transcript, word)
                    spent.setdefault(f"{where}, {'read' if is_read else 'just opened'}", []).append(seconds)
                    transcript.finder.close()
                    transcript.viewport.go_to_end()
                    await pilot.pause()
        await app.end(0)
    return [_row(name, seconds[1:]) for name, seconds in spent.items()]


def _row(name: str, seconds: list[tuple[float, float]]) -> Row:
    finding, drawing = (milliseconds(statistics.median(each)) for each in zip(*seconds, strict=True))
    values = [1_000 * sum(each) for each in seconds]
    words = f"{finding} to find, {drawing} to draw"
    return Row(f"find in {_MESSAGES:,} messages: {name}", values, "none", words, 1_000 * FRAME_BUDGET, " ms CPU")


def _find(transcript: Transcript, word: str) -> tuple[float, float]:
    """Return the CPU seconds until the match is in place, and those of drawing all lines in view."""
    finder = transcript.finder
    began = time.thread_time()
    finder.find(word)
    for _ in finder._search():  # as its worker does, but without pauses for others
        if finder._place is not None:
            break
    found = time.thread_time()
    transcript.render_lines(Region(0, 0, *transcript.size))
    assert finder._place is not None, word
    return found - began, time.thread_time() - found


async def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not done():
        assert time.monotonic() < deadline, "what is waited for does not come"
        await asyncio.sleep(0)
