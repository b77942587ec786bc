"""Processes that are killed at random moments while they chat, and what is in the history afterwards."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.outcome import Row
from bench.stage import Stage

_TALKING: Final = Path(__file__).with_name("talking.py")
_TUI: Final = Path(__file__).resolve().parents[2] / "tui"
_KILLS_A_ROUND: Final = 60
_AT_MOST_BEHIND: Final = 250
"""Milliseconds."""
_LONGEST_LIFE: Final = 1.5
"""Seconds after the first message within which the kill comes: enough for two replies."""


@dataclass
class _Found:
    """What the kills so far have shown."""

    kills: int = 0
    damaged: int = 0
    kept: int = 0
    lost: int = 0
    behind: list[float] = field(default_factory=list)


def kills(stage: Stage, rounds: int) -> list[Row]:
    """Kill sixty processes a round on one history; 5 rounds are 300 kills and take about ten minutes."""
    chance = random.Random(7)
    found = _Found()
    folder = stage.folder()
    for _ in range(rounds * _KILLS_A_ROUND):
        _kill_one(folder, chance.uniform(0.0, _LONGEST_LIFE), found)
    worst = max(found.behind, default=0.0) * 1000
    usual = f"{statistics.median(found.behind) * 1000:.0f} ms is the median"
    return [
        Row("kill -9: damaged histories", [found.damaged], "", f"of {found.kills} kills", 0),
        Row("kill -9: lost messages", [found.lost], "", f"of {found.kept} kept", 0),
        Row("kill -9: text behind the screen", [worst], "", usual, _AT_MOST_BEHIND, " ms"),
    ]


def _kill_one(folder: Path, life: float, found: _Found) -> None:
    environment = os.environ | {"PYTHONPATH": str(_TUI)}
    command = [sys.executable, str(_TALKING), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(life)
        killed_at = time.monotonic()
        process.kill()
        lines = [json.loads(line) for line in (first, *process.stdout) if line.endswith("\n")]
    found.kills += 1
    with closing(sqlite3.connect(folder / "history.db")) as history:
        sound = history.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found.damaged += not sound or history.execute("PRAGMA foreign_key_check").fetchone() is not None
        for line in lines:
            if "kept" in line:
                found.kept += 1
                found.lost += history.execute("SELECT 1 FROM turns WHERE id = ?", (line["kept"],)).fetchone() is None
        shown = [line for line in lines if "shown" in line and line["at"] <= killed_at]
        if shown:
            found.behind.append(_behind(history, shown, killed_at))


def _behind(history: sqlite3.Connection, shown: list[dict[str, float]], killed_at: float) -> float:
    """Return for how long text had been on the screen that is not in the history."""
    turn = shown[-1]["turn"]
    pieces = history.execute(
        "SELECT p.text FROM bubble_pieces p JOIN replies r ON r.id = p.reply_id WHERE r.turn_id = ?", (turn,)
    )
    stored = sum(len(text) for (text,) in pieces)
    missing = [line["at"] for line in shown if line["turn"] == turn and line["shown"] > stored]
    return killed_at - missing[0] if missing else 0.0
