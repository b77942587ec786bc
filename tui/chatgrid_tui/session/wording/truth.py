"""Text about what a service stored of a reply."""

from __future__ import annotations

from typing import Final, assert_never

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.truth_check import TruthCheck, Verdict
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.refusal_kinds import may_be_stored
from chatgrid_tui.units import seconds

_TIMES: Final = {0: "not", 1: "once", 2: "twice"}
_BRIEF: Final[dict[Verdict, str]] = {
    "same": "stored the same",
    "differs": "stored otherwise",
    "twice": "stored twice",
}


def counts(check: TruthCheck) -> str:
    """Return all numbers and the verdict: `sent 1 · stored 1 · streamed 412 · final 412 · stored 412: same`."""
    parts = [f"sent {check.sent:,}", f"stored {check.messages:,}", f"streamed {check.streamed:,}"]
    if check.final is not None:
        parts.append(f"final {check.final:,}")
    parts.append("stored none" if check.stored is None else f"stored {check.stored:,}")
    return f"{' · '.join(parts)}: {check.verdict}"


def in_brief(check: TruthCheck) -> str:
    """Return the verdict as a text that needs no context; empty while the service will be asked again."""
    return _BRIEF.get(check.verdict, check.verdict) if check.settled else ""


def asked(check: TruthCheck) -> str:
    """Return when the service was asked."""
    when = "as soon as it ended" if check.after < 0.5 else f"{_age(check.after)} after it ended"
    return when if check.settled else f"{when}, and will be again"


def sentence(check: TruthCheck) -> str:
    """Return what is wrong with the stored text, as a sentence; empty if nothing is."""
    came = check.streamed if check.final is None else check.final
    lengths = f"{came:,} characters arrived, {check.stored or 0:,} are stored"
    match check.verdict:
        case "same":
            return ""
        case "stored longer":
            return f"Stored longer than it arrived: {lengths}."
        case "stored shorter":
            return f"Stored shorter than it arrived: {lengths}."
        case "differs":
            return f"The stored text differs: {lengths}."
        case "not stored":
            return _missing(check)
        case "twice":
            again = f" It was sent {_times(check.sent)}." if check.sent > 1 else ""
            held = f"your message {_times(check.messages)}, this reply {_times(check.replies)}"
            return f"Stored twice: the service has {held}.{again}"
        case _:
            assert_never(check.verdict)


def stored_otherwise(reply: Reply) -> str:
    """Return what is wrong with the stored text of a reply, once this is settled, as a sentence; empty if nothing is
    wrong, or if nothing else could be expected, as for a reply that failed at once.
    """
    check = reply.truth
    if check is None or not check.settled or reply.live:
        return ""
    failed_at_once = reply.state == "failed" and not reply.characters
    return "" if failed_at_once and check.verdict == "not stored" else sentence(check)


def why_not_asked(provider: Provider, remote_id: str, reply: Reply) -> str:
    """Return why the service could not be asked what it stored of a reply that was cut short, as a sentence; empty if
    it could, or if the service tells this of no reply.
    """
    cut_short = reply.state in ("stopped", "truncated", "failed") and may_be_stored(reply)
    if not cut_short or remote_id or not provider.has_truth_check or why_never(provider, "to come"):
        return ""
    return "Not asked what was stored: the service had not named the conversation yet."


def why_never(provider: Provider, remote_id: str) -> str:
    """Return why a service cannot be asked what it stored of a conversation, as a sentence; empty if it can."""
    if not DIALECTS[provider.kind].has_messages:
        return "Services of this kind do not show what they stored."
    if provider.private:
        return "In private mode nothing is stored."
    return "" if remote_id else "The conversation has no id at the service, so it cannot be read back."


def _age(after: float) -> str:
    for unit, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if after >= 2 * unit:
            return f"{after / unit:,.0f} {word}"
    return seconds(after)


def _missing(check: TruthCheck) -> str:
    if check.messages:
        return "Not stored: the service has your message, but not this reply."
    if check.replies:
        return "Not stored: the service has this reply, but not your message."
    return "Not stored: the service has neither your message nor this reply."


def _times(number: int) -> str:
    return _TIMES.get(number, f"{number:,} times")
