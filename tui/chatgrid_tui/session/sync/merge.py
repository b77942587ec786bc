"""What was said here and what the service stored, put together without doubles.

All of it is pure. The history of this machine knows what was tried, stopped and refused; the service knows what was
said from elsewhere and what it went on to say when nobody listened any more. Neither is ever cut for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.reply import Bubble, Reply
from chatgrid_tui.session.sync.align import Comparison, Exchange, align, exchanges, moment
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.text import mend_surrogates

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

GONE: Final = "This chat is not at the service any more. What is here stays."
MORE: Final = "The service stored more of this reply than came here."
UNHEARD: Final = "The service stored this reply, which did not come here."
OTHERWISE: Final = "The service stored another text than came here."


def fold(
    known: Sequence[RemoteMessage], page: Sequence[RemoteMessage], before: str | None, *, first: bool
) -> list[RemoteMessage]:
    """Put a page of a conversation into what is known of it; all come oldest first.

    `before` is the id of the message that the page stands right before, None for the newest page. `first` says
    that nothing is older than the page. A page is what the service has there: what is known from there and is not
    in it was deleted.
    """
    page = list({message.id: message for message in page}.values())
    ids = [message.id for message in known]
    at = ids.index(before) if before in ids else len(ids)
    head, tail = list(known[:at]), list(known[at:])
    behind = {message.id for message in tail}
    new = [message for message in page if message.id not in behind]
    if first:
        return new + tail
    wanted = {message.id for message in new}
    overlap = next((number for number, message in enumerate(head) if message.id in wanted), len(head))
    return head[:overlap] + new + tail


def merge(
    turns: Sequence[Turn], messages: Sequence[RemoteMessage], speaker: str, pinned: Turn | None = None
) -> Steps[list[Turn]]:
    """Return the turns that were said here and, as turns of their own, what only the service has of `messages`.

    Turns of an earlier merge may be among `turns`; they are used again. `speaker` is who answers. From `pinned` on
    nothing is put between the turns or behind them, as it is where the talk goes on. The turns that were said here
    are not changed.
    """
    said = [turn for turn in turns if not turn.remote and not turn.queued]
    queued = [turn for turn in turns if not turn.remote and turn.queued]
    found: list[Exchange] = []
    for exchange in exchanges(messages):
        found.append(exchange)
        yield
    compared = Comparison(said, found)
    pairs = yield from align(compared)
    build = _Builder(turns, speaker, compared)
    free = said.index(pinned) if pinned in said else len(said)
    taken = {there for here, there in pairs.items() if here >= free}
    result: list[Turn] = []
    here = there = 0
    for turn, place in [*((here, pairs[here]) for here in sorted(pairs) if here < free), (free, len(found))]:
        between = [found[number] for number in range(there, place) if number not in taken]
        result += yield from _woven(said[here:turn], between, build)
        if turn < free:
            result += [said[turn], *build.unheard(turn, place)]
            yield
        here, there = turn + 1, place + 1
    return result + said[free:] + queued


class _Builder:
    """Makes turns of what only the service has; those that an earlier merge made are used again."""

    def __init__(self, turns: Sequence[Turn], speaker: str, compared: Comparison) -> None:
        self._made = {turn.remote: turn for turn in turns if turn.remote}
        self._speaker = speaker
        self._compared = compared

    def turn(self, exchange: Exchange) -> Turn:
        """Return the turn of an exchange."""
        at = exchange.at or _EPOCH
        asked = exchange.asked
        ids = (*((asked.id,) if asked is not None else ()), *(answer.id for answer in exchange.answers))
        text = "" if asked is None else mend_surrogates(asked.content)
        return self._known(Turn(0, text, text, at, self._replies(exchange.answers, at), remote=ids))

    def unheard(self, here: int, there: int) -> list[Turn]:
        """Return what the service has of the reply to a turn and this machine has not, as a turn; or nothing."""
        turn, exchange = self._compared.turns[here], self._compared.found[there]
        reply = turn.reply
        if reply is not None and reply.live:
            return []
        if reply is not None and reply.state == "finished" and _is_named(reply, exchange):
            return []
        missing = self._compared.missing(here, there)
        if not missing:
            return []
        at = moment(missing[0].created_at) or turn.sent_at
        note = _note(reply, some=len(missing) < len(exchange.answers))
        ids = tuple(answer.id for answer in missing)
        return [self._known(Turn(0, "", "", at, self._replies(missing, at), remote=ids, note=note))]

    def _replies(self, answers: Sequence[RemoteMessage], at: datetime) -> list[Reply]:
        """Return the one reply that answers make, or none."""
        if not answers:
            return []
        texts = {number: Bubble(mend_surrogates(answer.content)) for number, answer in enumerate(answers)}
        reply = Reply(0, self._speaker, moment(answers[0].created_at) or at, "finished", texts)
        reply.model, reply.remote_id = answers[-1].model, answers[-1].id
        return [reply]

    def _known(self, turn: Turn) -> Turn:
        """Return the turn that an earlier merge made of the same messages, else this one."""
        known = self._made.get(turn.remote)
        return known if known is not None and known.note == turn.note else turn


def _woven(turns: Sequence[Turn], found: Sequence[Exchange], build: _Builder) -> Steps[list[Turn]]:
    """Put turns and exchanges that have nothing to do with each other into one order, by their times."""
    result: list[Turn] = []
    waiting = list(reversed(found))
    for turn in turns:
        while waiting and (waiting[-1].at or turn.sent_at) <= turn.sent_at:
            result.append(build.turn(waiting.pop()))
            yield
        result.append(turn)
    for exchange in reversed(waiting):
        result.append(build.turn(exchange))
        yield
    return result


def _is_named(reply: Reply, exchange: Exchange) -> bool:
    return any(answer.id == reply.remote_id for answer in exchange.answers)


def _note(reply: Reply | None, *, some: bool) -> str:
    """Say why what the service stored stands apart; `some` of it came here."""
    if reply is None or reply.state == "finished":
        return "" if reply is None or some or not reply.characters else OTHERWISE
    return MORE if reply.characters else UNHEARD
