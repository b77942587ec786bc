"""The rows listed during a replay: those that it has reached, event by event."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.session.player import Player
from chatgrid_tui.session.recorded_turns import recorded_turns
from chatgrid_tui.session.recording_session import open_recording
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import run_now
from chatgrid_tui.ui.wire.listing import Listing
from chatgrid_tui.ui.wire.wire_log import WireLog
from engine.raw import recorded
from fakes import DONE, delta


async def rows_at_each_step(folder: Path, *recordings: Recording) -> list[list[str]]:
    """Step through a replay, and return what is listed after each step."""
    (turn,) = recorded_turns(recordings)
    session, conversation = await open_recording([turn], "file", folder)
    reply = Reply(0, "Bot", datetime.now(UTC))
    player = Player(turn.recordings, turn.dialect, reply)
    log = WireLog(turn.dialect)
    listing = Listing(session, conversation, reply, log, player)
    listed: list[list[str]] = []
    while True:
        goes_on = listing.goes_on
        for _ in await listing.rows():
            pass
        listed.append([f"{log.row(at).kind} {log.row(at).effect.text}".strip() for at in range(len(log))])
        if not goes_on:
            await session.close()
            return listed
        run_now(player.step())


async def test_events_of_one_read_are_listed_one_by_one(tmp_path: Path) -> None:
    body = delta("One") + b": ping\n\n" + delta(" two")
    listed = await rows_at_each_step(tmp_path, recorded((1.0, body), (2.0, DONE), answered=0.5))
    counts = [len(rows) for rows in listed]
    assert counts == [1, 2, 3, 4, 5, 6, 7]
    assert [row.split()[0] for row in listed[-1]] == [
        "request", "response", "record", "line", "record", "record", "end",
    ]  # fmt: skip
    assert all(rows == listed[-1][: len(rows)] for rows in listed)


async def test_a_refused_request_is_listed_first(tmp_path: Path) -> None:
    answered = recorded((1.0, delta("One")), (1.5, DONE))
    refused = recorded((0.5, b'{"error": {"message": "stream_options?"}}'), status=400)
    body = answered.request.body or {}
    simpler = {name: value for name, value in body.items() if name != "stream_options"}
    answered.request = type(answered.request)("POST", answered.request.url, simpler)
    listed = await rows_at_each_step(tmp_path, refused, answered)
    kinds = [row.split()[0] for row in listed[-1]]
    assert kinds == ["request", "response", "record", "end", "request", "response", "record", "record", "end"]
    assert [len(rows) for rows in listed] == [1, 2, 3, 6, 7, 8, 9]
