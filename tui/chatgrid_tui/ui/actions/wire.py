"""The actions on what went over the wire: its pane, requests, recordings and replays."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.actions.action import Action

REPLAY_IN_RECORDING: Final = Action("chat.recall", "recall", ("ctrl+r",), "Replay", "", "")
"""What Ctrl+R does in a recording, in which nothing can be said."""
WIRE: Final = Action(
    "chat.wire", "wire", ("f2",), "Wire", "raw events and headers of a reply", "Wire", long_title="Wire pane"
)
COPY_CURL: Final = Action(
    "chat.copy_curl", "bubble('curl')", (), "Copy as cURL", "the request of the reply, as a command", "Wire"
)
COPY_HTTPX: Final = Action(
    "chat.copy_httpx", "bubble('httpx')", (), "Copy as httpx", "the request of the reply, in Python", "Wire"
)
RESEND: Final = Action(
    "chat.resend", "bubble('resend')", (), "Resend this request", "exactly as it was, for another reply", "Wire"
)
EVIDENCE: Final = Action(
    "chat.evidence",
    "bubble('evidence')",
    ("ctrl+e", "f7"),
    "Save evidence",
    "all about the reply, in a zip",
    "Wire",
)
SAVE_RECORDING: Final = Action(
    "chat.save_recording",
    "bubble('save_recording')",
    (),
    "Save recording",
    "the wire of the reply, in a file",
    "Wire",
)
KEEP_RECORDING: Final = Action(
    "chat.keep_recording",
    "bubble('keep_recording')",
    (),
    "Keep recording",
    "when old ones are deleted; again: do not",
    "Wire",
)
CHECK_STORED: Final = Action(
    "chat.check_stored",
    "bubble('check_stored')",
    (),
    "Check what is stored",
    "at the service, word by word",
    "Wire",
)
REPLAY: Final = Action(
    "chat.replay", "replay('start')", ("alt+r",), "Replay", "the reply at its pace; sends nothing", "Replay"
)
REPLAY_PAUSE: Final = Action("replay.pause", "replay('pause')", ("space",), "Pause", "or go on", "Replay")
REPLAY_STEP: Final = Action(
    "replay.step", "replay('step')", (".",), "Step", "play the next event, and pause", "Replay"
)
REPLAY_MARK: Final = Action(
    "replay.mark", "replay('mark')", ("]",), "Next mark", "to the next stall, error or note, and pause", "Replay"
)
REPLAY_SLOWER: Final = Action("replay.slower", "replay('slower')", ("<", "-"), "Slower", "half as fast", "Replay")
REPLAY_FASTER: Final = Action("replay.faster", "replay('faster')", (">", "+"), "Faster", "twice as fast", "Replay")
IN_REPLAY: Final = (REPLAY_PAUSE, REPLAY_STEP, REPLAY_MARK, REPLAY_SLOWER, REPLAY_FASTER)
ON_WIRE: Final = (
    WIRE,
    COPY_CURL,
    COPY_HTTPX,
    RESEND,
    EVIDENCE,
    SAVE_RECORDING,
    KEEP_RECORDING,
    CHECK_STORED,
    REPLAY,
    *IN_REPLAY,
)
