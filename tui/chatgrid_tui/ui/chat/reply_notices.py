"""The text and buttons under a reply that did not simply succeed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Resend
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.merge import GONE
from chatgrid_tui.session.wording.failures import (
    Explanation,
    KeyStatus,
    explain,
    explain_end,
    not_whole,
    silence_of,
    unreadable,
)
from chatgrid_tui.session.wording.refusal_kinds import is_key_refused, is_long_limit, status_of
from chatgrid_tui.session.wording.truth import stored_otherwise, why_not_asked
from chatgrid_tui.ui.transcript.reply_parts import STALL, Button, Notice, Tone

_DAY = 86_400
AGAIN = Button("again", "Try again")
NOW = Button("again", "Try now")
ASK_AGAIN = Button("again", "Regenerate")
LEAVE = Button("leave", "Leave it")
DETAILS = Button("details", "Details")
FRESH = Button("fresh", "New chat")
COPY = Button("copy", "Copy")
KEEP_WAITING = Button("wait", "Keep waiting")
STOP = Button("stop", "Stop", "Esc")
EDIT = Button("edit", "Edit provider")


class ReplyNotices:
    """Returns notices for the replies of the conversation on the screen."""

    def __init__(
        self,
        shown: Callable[[], Conversation | None],
        about: Callable[[Conversation], tuple[KeyStatus, Resend]],
        clock: Callable[[], float],
        can_send: Callable[[], bool] = lambda: True,
    ) -> None:
        """`shown` returns the conversation on the screen; `about` returns which key a conversation uses and what
        sending again does; `clock` is the clock of `retry_at`; `can_send` returns whether anything can be sent.
        """
        self._shown = shown
        self._about = about
        self._clock = clock
        self._can_send = can_send
        self._patient: set[Reply] = set()

    def keep_waiting(self, reply: Reply) -> None:
        """Show no more notices about the silence of a reply."""
        self._patient.add(reply)

    def __call__(self, turn: Turn, reply: Reply, *, silent: float = 0.0) -> Notice | None:
        """Return the notice under a reply, or None."""
        conversation = self._shown()
        if conversation is None:
            return None
        if reply.live:
            return self._stall(reply, silent, is_replayed=turn not in conversation.turns)
        notice = self._of_ended(conversation, turn, reply)
        if text := stored_otherwise(reply):
            buttons = (DETAILS,) if conversation.newest is turn else ()
            notice = _with_text(notice, Notice("waiting", "warn", text, buttons=buttons))
        elif self._can_send() and (text := why_not_asked(conversation.provider, conversation.remote_id, reply)):
            notice = _with_text(notice, Notice("dot", "muted", text))
        if turn.copied and turn in conversation.turns[conversation.copied - 1 : conversation.copied]:
            from chatgrid_tui.session.library.forks import what_is_known

            known = what_is_known(conversation.provider)
            notice = Notice("dot", "muted", known) if notice is None else replace(notice, below=known)
        return notice

    def _of_ended(self, conversation: Conversation, turn: Turn, reply: Reply) -> Notice | None:
        newest = conversation.newest is turn and self._can_send()
        if reply.failure is not None and reply.state in ("failed", "truncated"):
            return self._failure(conversation, reply, reply.failure, newest=newest)
        if turn.note and reply.state == "stopped":
            return Notice("stopped", "muted", turn.note)
        if turn.note and reply.state == "finished" and reply.empty:
            return Notice("dot", "muted", turn.note)
        explanation = explain_end(reply, DIALECTS[conversation.provider.kind].empty_reply)
        if explanation is not None:
            return _ended(reply, explanation, newest=newest)
        if conversation.gone and newest:
            return Notice("waiting", "warn", GONE, buttons=(FRESH,))
        if turn.note:
            return Notice("dot", "muted", turn.note)
        if reply.warnings:
            return Notice("dot", "muted", unreadable(reply.warnings), buttons=(DETAILS,) if newest else ())
        return None

    def _stall(self, reply: Reply, silent: float, *, is_replayed: bool) -> Notice | None:
        if silent < STALL or reply in self._patient:
            return None
        text = f"{silence_of(reply, reply.last_data + silent)}. The connection is still open."
        buttons = (KEEP_WAITING, STOP) if self._can_send() else (KEEP_WAITING,)
        return Notice("waiting", "warn", text, buttons=() if is_replayed else buttons)

    def _failure(self, conversation: Conversation, reply: Reply, failure: Failure, *, newest: bool) -> Notice:
        explanation = explain(failure, *self._about(conversation), reply.characters)
        meaning = explanation.details if self._can_send() else explanation.text
        if _is_gone(conversation, failure):
            text = "It was deleted there. Your copy and your message are kept: send it in a new chat."
            headline = f"The service no longer has this chat ({failure.code})."
            return Notice("failed", "error", headline, text, (FRESH, DETAILS) if newest else (DETAILS,), filled=True)
        if reply.state == "truncated" and reply.characters:
            offers = (ASK_AGAIN, COPY, DETAILS) if newest else ()
            return Notice("failed", "error", f"{explanation.headline} {meaning}".rstrip(), buttons=offers)
        text, countdown = meaning, ""
        buttons: tuple[Button, ...] = (AGAIN, DETAILS)
        if newest and conversation.retry_at is not None:
            left = math.ceil(max(0.0, conversation.retry_at - self._clock()))
            countdown, buttons = f"Next try in {left:,} s.", (NOW, LEAVE, DETAILS)
        elif newest and is_long_limit(failure):
            text, buttons = f"{text} {_not_before(reply, failure)}".rstrip(), (NOW, DETAILS)
        elif not newest:
            buttons = (DETAILS,)
        elif _is_about_provider(conversation, failure):
            buttons = (AGAIN, EDIT, DETAILS)
        return Notice("failed", "error", explanation.headline, text, buttons, filled=True, countdown=countdown)


def _with_text(notice: Notice | None, other: Notice) -> Notice:
    """Return a notice with the headline of another one after its text, or the other one if there is none."""
    return other if notice is None else replace(notice, text=f"{notice.text} {other.headline}".lstrip())


def _is_about_provider(conversation: Conversation, failure: Failure) -> bool:
    """Return whether a failure can be fixed in the provider's form: it concerns the key or the board."""
    refused = is_key_refused(failure) or status_of(failure) == 403
    return (refused or failure.cause in ("key", "no board")) and not conversation.provider.embedded


def _is_gone(conversation: Conversation, failure: Failure) -> bool:
    """Return whether a message was refused because the service no longer has its chat."""
    known = DIALECTS[conversation.provider.kind].conversations in ("created", "named by the service")
    return known and bool(conversation.remote_id) and failure.code in ("not_found", "NOT_FOUND")


def _not_before(reply: Reply, failure: Failure) -> str:
    """Return from when on the service accepts messages again; empty if that is more than a day away."""
    if failure.retry_after is None or failure.retry_after > _DAY:
        return ""
    failed = (reply.started_at + timedelta(seconds=reply.duration or 0.0)).astimezone()
    until = failed + timedelta(seconds=failure.retry_after)
    day = "" if until.date() == failed.date() else f"{until:%A} "
    return f"It accepts messages again from {day}{until:%H:%M} on."


def _ended(reply: Reply, explanation: Explanation, *, newest: bool) -> Notice:
    offers = (ASK_AGAIN, COPY, DETAILS) if reply.characters else (ASK_AGAIN, DETAILS)
    buttons = offers if newest else ()
    text = f"{explanation.headline} {explanation.details}".rstrip()
    match reply.state:
        case "stopped":
            return Notice("stopped", "muted", text, buttons=buttons)
        case "finished":
            if reply.warnings:
                text = f"{text} {unreadable(reply.warnings)}"
            tone: Tone = "warn" if not_whole(reply) else "muted"
            return Notice("dot", tone, text, buttons=(DETAILS,) if newest and tone == "warn" else ())
        case _:
            return Notice("failed", "error", text, buttons=buttons)


def thoughts_of(reply: Reply) -> str:
    """Return the model's reasoning."""
    return "\n\n".join(reply.thoughts)


def tools_of(reply: Reply) -> str:
    """Return the tool calls with their arguments."""
    return "\n\n".join(f"{call.name or 'call'}\n{call.arguments}" for call in reply.tool_calls.values())


def try_of(turn: Turn, button: str) -> Reply | None:
    """Return the earlier try whose details a button shows."""
    name, _, number = button.partition(" ")
    if name != "try" or not number.isdecimal() or int(number) >= len(turn.earlier):
        return None
    return turn.earlier[int(number)]
