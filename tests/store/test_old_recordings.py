"""Recordings of earlier versions are converted when the history is opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from chatgrid_tui.engine.recording import End, Head, Read
from chatgrid_tui.engine.recording_format import read_recordings
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from chatgrid_tui.store import schema
from chatgrid_tui.store.history import History

_OLD_RECORDING = b"""{"method": "POST", "url": "https://bots.example/chat", \
"body": {"message": "Gr\\u00fc\\u00dfe"}, "status": 200, \
"headers": {"content-type": "text/event-stream"}, "answered": 0.125, "dropped": 3}
[0.250000,"ZGF0YTogSGkKCg=="]
[0.500000,"ww=="]"""


async def test_old_recordings_are_converted(folder: Path, noon: datetime) -> None:
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "history.db", isolation_level=None)) as connection:
        schema.migrate(connection, 4)
        connection.execute(
            "INSERT INTO conversations (id, provider, board, board_name, created_at, updated_at)"
            " VALUES (1, 'a', 'b', 'c', 1, 2)"
        )
        connection.execute("INSERT INTO turns VALUES (1, 1, 'Hi', 'Hi', 1)")
        failure = '{"kind": "network", "cause": "dropped"}'
        started = int(noon.timestamp() * 1_000_000)
        connection.executemany(
            "INSERT INTO replies (id, turn_id, state, speaker, started_at, failure) VALUES (?, 1, ?, 'bot', ?, ?)",
            [(1, "truncated", started, failure), (2, "finished", started, None)],
        )
        connection.executemany("INSERT INTO recordings VALUES (?, ?)", [(1, _OLD_RECORDING), (2, b"no recording")])
    history = await History.open(folder)
    (stored,) = await history.recordings(1)
    (recording,) = read_recordings(stored)
    assert recording.request == Request("POST", "https://bots.example/chat", {"message": "Grüße"})
    assert recording.started_at == noon
    assert recording.head == Head(0.125, 200, {"content-type": "text/event-stream"})
    assert recording.reads == [Read(0.25, b"data: Hi\n\n"), Read(0.5, b"\xc3")]
    assert recording.end == End(0.5, "reset", Failure("network", "dropped"))
    assert (recording.size, recording.dropped) == (14, 3)
    assert await history.recordings(2) == []
    await history.close()
    assert len(list(folder.glob("history.db.backup-v4-*"))) == 1
