"""Notices that need no provider, for tests of the transcript."""

from __future__ import annotations

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.transcript.reply_parts import STALL, Button, Notice

AGAIN = Button("again", "Ask again")
COPY = Button("copy", "Copy")
WAIT = Button("wait", "Keep waiting")
STOP = Button("stop", "Stop", "Esc")
TRY = Button("again", "Try again")
DETAILS = Button("details", "Details")


def explain_plainly(turn: Turn, reply: Reply, *, silent: float = 0.0) -> Notice | None:
    """Return a text that does not depend on the provider."""
    kept = "The text is kept." if reply.characters else "Nothing had arrived."
    match reply.state:
        case "waiting" | "writing":
            if silent < STALL:
                return None
            words = f"No data for {silent:,.0f} s. The connection is still open."
            return Notice("waiting", "warn", words, buttons=(WAIT, STOP))
        case "finished":
            return Notice("dot", "muted", turn.note) if turn.note else None
        case "stopped":
            after = f" after {reply.characters:,} characters" if reply.characters else ""
            return Notice("stopped", "muted", f"You stopped this reply{after}. {kept}", buttons=(AGAIN, COPY))
        case "interrupted":
            words = f"This program ended while the reply was being written. {kept}"
            return Notice("failed", "error", words, buttons=(AGAIN, COPY))
        case "truncated":
            return Notice("failed", "error", _cut_off(reply, kept), buttons=(AGAIN, COPY))
        case "failed":
            headline, text = _failed(reply.failure)
            return Notice("failed", "error", headline, text, (TRY, DETAILS), filled=True)


def _cut_off(reply: Reply, kept: str) -> str:
    failure = reply.failure
    if failure is None:
        return "The stream ended without its end mark. This may not be the whole reply."
    after = f" after {reply.characters:,} characters" if reply.characters else ""
    if failure.kind == "timeout":
        return f"The service went silent{after}. {kept}"
    return f"The connection was lost{after}. {kept}"


def _failed(failure: Failure | None) -> tuple[str, str]:
    if failure is None:
        return "The reply failed.", "Your message is kept."
    said = clean_line(failure.message or "", 500)
    code = clean_line(failure.code or "", 60)
    place = clean_line(failure.place, 120)
    status = " ".join(part for part in (str(failure.status or ""), code) if part)
    brackets = f" ({status})" if status else ""
    headlines = {
        "stream": f"The service reported an error{brackets}.",
        "http": _http_headline(failure.status, brackets),
        "network": f"Nothing answers at {place}." if place else "The connection failed.",
        "timeout": "The service did not answer in time.",
        "protocol": "This address answers with something else than a reply.",
    }
    wait = f" It asks to wait {failure.retry_after:,.0f} seconds." if failure.retry_after is not None else ""
    return headlines[failure.kind], f"{said}{wait} Your message is kept.".strip()


def _http_headline(status: int | None, brackets: str) -> str:
    match status:
        case 401 | 403:
            return f"The service refused the key{brackets}."
        case 404 | 405:
            return f"There is no chat at this address{brackets}."
        case 429:
            return f"The service is limiting requests{brackets}."
        case _:
            return f"The service answered with an error{brackets}."
