"""How a reply went, as text: its figures on the name line, and a line for each earlier try."""

from __future__ import annotations

from typing import Final, assert_never

from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.endings import STATE_NAMES
from chatgrid_tui.session.wording.measures import pace, usage_of
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.transcript.render import formats

SILENT_AFTER: Final = 2.0
"""Seconds without data after which a reply counts as silent."""


def figures(reply: Reply) -> list[str]:
    """Return the figures of a reply that ended, the most important ones first."""
    texts: list[str] = []
    if reply.first_token is not None:
        texts.append(f"first token {formats.seconds(reply.first_token)}")
    if reply.duration is not None:
        texts.append(formats.seconds(reply.duration))
    read, written, whole = usage_of(reply)
    if reply.duration is not None and (speed := _speed(reply, written, whole)):
        texts.append(speed)
    if read is not None and written is not None:
        texts.append(f"{formats.counted(read, 'token')} in, {written:,} out")
    elif whole is not None:
        texts.append(formats.counted(whole, "token"))
    elif written:
        texts.append(formats.counted(written, "token"))
    elif reply.deltas:
        texts.append(formats.counted(reply.deltas, "chunk"))
    return texts


def _speed(reply: Reply, written: int | None, whole: int | None) -> str:
    """Return how fast a reply came: in tokens if the service counts those written, in chunks if it counts none."""
    if written:
        return pace(reply, written)
    return pace(reply, reply.deltas, "chunk") if written is None and whole is None else ""


def live_rate(reply: Reply) -> str:
    """Return how fast a reply is being written; empty if it is too early to say.

    Only the service knows its tokens, and tells them at the end.
    """
    return pace(reply, reply.deltas, "chunk")


def try_line(reply: Reply, following: Reply) -> str:
    """Return a line about a try that was followed by another."""
    line = _ending(reply)
    if reply.duration is not None:
        line += f" after {formats.seconds(reply.duration)}"
    if reply.characters:
        line += f" and {formats.counted(reply.characters, 'character')}"
    waited = (following.started_at - reply.started_at).total_seconds() - (reply.duration or 0.0)
    again = "sent again" if reply.state == "finished" else "tried again"
    return f"{line}, {again}" + (f" after {formats.seconds(waited)}" if waited > 0 else "")


def _ending(reply: Reply) -> str:
    """Return in a few words how a reply ended."""
    match reply.state:
        case "finished" | "stopped" | "interrupted":
            return STATE_NAMES[reply.state]
        case "waiting" | "writing":
            return "Not finished"
        case "failed" | "truncated":
            return failing(reply)
        case _:
            assert_never(reply.state)


def failing(reply: Reply) -> str:
    """Return in a few words why a reply failed."""
    failure = reply.failure
    if failure is None:
        return "No end mark"
    code = clean_line(failure.code or "", 60)
    match failure.kind:
        case "http":
            status = str(failure.status or "")
            return " ".join(dict.fromkeys(filter(None, (status, code)))) or "Refused"
        case "stream":
            return code or "Error of the service"
        case "protocol":
            return "Not a reply"
        case "network" | "timeout":
            return "Connection lost" if failure.cause in ("said", "dropped") else failure.cause.capitalize()
        case _:
            assert_never(failure.kind)
