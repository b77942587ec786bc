"""What the status line and the list show about a conversation."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, assert_never

from chatgrid_tui.demo.catalogue import DEMO_TITLES
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.finish import completeness
from chatgrid_tui.model.provider_health import ProviderHealth, shortly
from chatgrid_tui.model.saved_conversation import LIVE_STATES, ReadOnly, ReplyState
from chatgrid_tui.session.alerts import ConditionKind
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.endings import STATE_NAMES
from chatgrid_tui.session.wording.failures import KeyStatus, silence_of
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Speaker
from chatgrid_tui.ui.transcript.render.figures import SILENT_AFTER, live_rate
from chatgrid_tui.ui.widgets.composer import Addressee
from chatgrid_tui.ui.widgets.header import Heading
from chatgrid_tui.ui.widgets.status_line import Status
from chatgrid_tui.ui.widgets.tone import Tone
from chatgrid_tui.units import counted

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_TONES: Final[dict[ReplyState, Tone]] = {
    "stopped": "stopped",
    "failed": "failed",
    "truncated": "failed",
    "interrupted": "failed",
}
_READ_ONLY: Final[dict[ReadOnly, str]] = {
    "another window": "another window has this history",
    "newer version": "a newer version made this history",
    "not writable": "this history cannot be written",
    "recording": "a recording",
    "watching": "another client is watched",
}
_STALE: Final = 300.0
"""Seconds after which a count of requests is too old to be shown."""
_UNKNOWN: Final = ProviderHealth()


def speaker_of(conversation: Conversation, session: Session) -> Speaker:
    """Return the bot of a conversation."""
    board = conversation.board
    return Speaker(board.name, session.hues.of(conversation.provider.name, board.id, board.name))


def addressee_of(conversation: Conversation, session: Session) -> Addressee:
    """Return who the next message of a conversation goes to."""
    provider = conversation.provider
    kind = "" if provider.kind in provider.shown.casefold() else DIALECTS[provider.kind].name
    return Addressee(speaker_of(conversation, session), provider.shown, kind, provider.production)


def status_now(conversation: Conversation, session: Session, *, figures: bool) -> Status:
    """Return the status line of a conversation. While a reply is being written, `figures` is whether to include its
    figures, since the line under the reply is out of view.
    """
    clients, provider, newest = session.clients, conversation.provider, conversation.newest
    at = session.clock.utc_now()
    reply = newest.reply if newest is not None else None
    status = status_of(
        conversation,
        speaker_of(conversation, session),
        clients.key_status(provider),
        session.clock.monotonic(),
        (at - reply.started_at).total_seconds() if reply is not None else 0.0,
        read_only=session.read_only,
        configured=provider.name in clients.settings.providers,
        health=clients.health_monitor.of(provider.name),
        at=at,
        figures=figures,
        alarms=tuple(filter(None, (_alarm(condition.kind) for condition in session.alerts.conditions))),
    )
    if progress := session.reruns.progress(conversation):
        return replace(status, state=f"Message {progress} · {status.state}", state_short=progress)
    return status


def _alarm(kind: ConditionKind) -> str:
    match kind:
        case "not saved":
            return "Not saved"
        case "settings read only":
            return "Settings read only"
        case "open to others":
            return "Open to others"
        case "history read only":
            return ""  # the state shows it
        case _:
            assert_never(kind)


def status_of(
    conversation: Conversation,
    bot: Speaker,
    key: KeyStatus,
    now: float,
    since: float,
    *,
    read_only: ReadOnly | None,
    configured: bool = True,
    health: ProviderHealth = _UNKNOWN,
    at: datetime,
    figures: bool = True,
    alarms: tuple[str, ...] = (),
) -> Status:
    """Return the status line. `now` is the time by the session's clock; `since` is the seconds since the newest reply
    was started; `configured` is whether its provider is; `health` is the provider's, and `at` the current time,
    aware, for counting down; `alarms` are the signs of current problems.
    """
    provider = conversation.provider
    state, short, tone = _state(conversation, now, since, health, read_only=read_only)
    if conversation.live is not None and not figures:
        state = short = re.split(r"[,·]| for ", state)[0].strip()
    if not configured and not read_only and conversation.live is None:
        state, short, tone = "Read only: its provider is not configured", "Not configured", "waiting"
        if provider.name in DEMO_TITLES:
            state, short = "Read only: the local bots are not running", "Not running"
    return Status(
        provider=provider.shown,
        bot=bot,
        details=() if read_only in ("recording", "watching") else _details(conversation, key, health, at),
        first_short=key.name if key.source and not provider.embedded else "",
        production=provider.production,
        alarms=alarms,
        state=state,
        state_short=short,
        tone=tone,
    )


def heading_of(conversation: Conversation | None, session: Session | None, find: str, *, narrow: bool) -> Heading:
    """Return the title of a conversation with the text at its right: the matches of find, the status of fetching
    messages, what happens elsewhere if the list is hidden (`narrow`), or else the bot and the number of messages.
    """
    if conversation is None or session is None:
        return Heading("" if conversation is None else _title_of(conversation))
    on_first_screen = conversation.provider.embedded and not conversation.turns
    heading = Heading(_title_of(conversation), speaker=None if on_first_screen else speaker_of(conversation, session))
    if find:
        return replace(heading, right=find, tone="plain")
    if (status := session.remote.status(conversation)).text:
        return replace(heading, right=status.text, tone=status.tone)
    if narrow and (elsewhere := _elsewhere(conversation, session))[0]:
        return replace(heading, right=elsewhere[0], tone=elsewhere[1])
    messages = sum(2 if turn.reply is not None else 1 for turn in conversation.turns)
    return replace(heading, right=counted(messages, "message") if messages else "", named=True)


def _elsewhere(conversation: Conversation, session: Session) -> tuple[str, Tone]:
    """Return how many replies are unread and how many are being written in other conversations, and a tone."""
    unread = writing = 0
    for row in session.index:
        unread += 0 if row.archived else row.unread
        writing += row.state in LIVE_STATES and row.id != conversation.id
    texts = [f"{unread:,} unread"] if unread else []
    texts += [f"{writing:,} writing"] if writing else []
    return ", ".join(texts), "unread" if unread else "live"


def _title_of(conversation: Conversation) -> str:
    if title := clean_line(conversation.title):
        return title
    is_first = conversation.provider.embedded and not conversation.turns
    return "Welcome" if is_first else "New conversation"


def _details(conversation: Conversation, key: KeyStatus, health: ProviderHealth, at: datetime) -> tuple[str, ...]:
    """Return the key in use, and the remaining credits and requests, if known."""
    own = ("own options",) if conversation.has_options else ()
    if conversation.provider.embedded:
        return (*own, "no key needed", conversation.provider.base_url.split("/")[2])
    of_key = f"{key.name} from {key.source}" if key.source else "no key" if key.missing else ""
    credits_left = "" if health.credits is None else counted(health.credits, "credit")
    return tuple(text for text in (of_key, *own, credits_left, requests_left(health, at)) if text)


def requests_left(health: ProviderHealth, at: datetime) -> str:
    """Return how many requests a provider still accepts, and when it accepts more; empty if that is not known."""
    limited, allowance = health.state == "limited", health.allowance
    again = health.until if limited else allowance.resets_at if allowance is not None else None
    wait = (again - at).total_seconds() if again is not None else 0.0
    in_time = f", again in {shortly(wait)}" if wait > 0 else ""
    if allowance is None or allowance.remaining is None or (limited and allowance.remaining):
        return f"limited{in_time}" if limited else ""
    if not limited and again is not None and wait <= (-_STALE if allowance.remaining else 0.0):
        return ""  # that time is over: the next answer will tell the new number
    if allowance.limit is None or allowance.limit < allowance.remaining:
        left = f"{counted(allowance.remaining, 'request')} left"
    else:
        left = f"{allowance.remaining:,} of {counted(allowance.limit, 'request')} left"
    return left if allowance.remaining else left + in_time


def _state(
    conversation: Conversation, now: float, since: float, health: ProviderHealth, *, read_only: ReadOnly | None
) -> tuple[str, str, Tone]:
    """Return the state, a shorter version of it, and its tone."""
    if read_only and read_only != "watching":
        return f"Read only: {_READ_ONLY[read_only]}", "Read only", "waiting"
    if conversation.retry_at is not None:
        text = f"Next try in {math.ceil(max(0.0, conversation.retry_at - now)):,} s"
        return text, text, "waiting"
    newest = conversation.newest
    reply = newest.reply if newest is not None else None
    if reply is not None and reply.live:
        return _live(reply, since)
    if health.state == "offline":
        return "Offline", "Offline", "waiting"
    if reply is None:
        word = "No client yet" if read_only else "Ready"
        return word, word, "quiet"
    state: ReplyState = "failed" if reply.state == "truncated" and not reply.characters else reply.state
    if state == "finished" and completeness(reply.finish_reason) in ("cut", "filtered"):
        return "Incomplete", "Incomplete", "failed"
    return STATE_NAMES[state], STATE_NAMES[state], _TONES.get(state, "quiet")


def _live(reply: Reply, since: float) -> tuple[str, str, Tone]:
    silent = since - reply.last_data
    if reply.state == "waiting":
        text = f"Waiting, {since:,.1f} s" if since >= 0.5 else "Sending"
        return text, text, "live"
    if silent >= SILENT_AFTER:
        text = silence_of(reply, since)
        return text, text, "waiting"
    pace = live_rate(reply)
    return (f"Writing · {pace}", pace, "live") if pace else ("Writing", "Writing", "live")
