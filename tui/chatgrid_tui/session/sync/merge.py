"""Merge the turns on this machine with the messages that a service stored, without duplicates.

Pure. This machine knows what was tried, stopped and refused; the service knows what was sent from elsewhere, and what
a bot added after this machine stopped listening. Nothing of either side is dropped for the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Final

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.align import (
    Exchange,
    align,
    exchanges,
    missing_answers,
    parse_time,
    texts_here,
    texts_stored,
)
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.text import mend_surrogates

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

GONE: Final = "The service no longer has this chat. The copy here stays."
MORE: Final = "The service stored more of this reply than arrived here."
UNHEARD: Final = "The service stored this reply, which did not arrive here."
OTHERWISE: Final = "The service stored a different text than arrived here."


def fold(
    messages: Sequence[RemoteMessage], page: Sequence[RemoteMessage], before: str | None, *, first: bool
) -> list[RemoteMessage]:
    """Insert a page of a conversation into the messages that were read before; all are oldest first.

    `before` is the id of the message after the page, None for the newest page. `first` says that nothing is older
    than the page. A message within the range of the page that is not on it was deleted at the service.
    """
    page = list({message.id: message for message in page}.values())
    ids = [message.id for message in messages]
    at = ids.index(before) if before in ids else len(ids)
    older, newer = list(messages[:at]), list(messages[at:])
    newer_ids = {message.id for message in newer}
    page = [message for message in page if message.id not in newer_ids]
    if first:
        return page + newer
    page_ids = {message.id for message in page}
    overlap = next((number for number, message in enumerate(older) if message.id in page_ids), len(older))
    return older[:overlap] + page + newer


def merge(
    turns: Sequence[Turn], messages: Sequence[RemoteMessage], speaker: str, pinned: Turn | None = None
) -> Steps[list[Turn]]:
    """Return the turns of this machine and, as separate turns, those `messages` that only the service has.

    Turns from an earlier merge are reused. `speaker` is the name of the bot. Nothing is added after `pinned`, where
    the conversation continues. The turns of this machine are not changed. Copied ones, which come first, are not part
    of the conversation there.
    """
    copied = list(takewhile(lambda turn: turn.copied, turns))
    local = [turn for turn in turns[len(copied) :] if not turn.remote and not turn.queued]
    queued = [turn for turn in turns if turn.queued]
    merged_before = {turn.remote: turn for turn in turns if turn.remote}
    stored: list[Exchange] = []
    for exchange in exchanges(messages):
        stored.append(exchange)
        yield
    pairs = yield from align(local, stored)
    free = local.index(pinned) if pinned in local else len(local)
    shown = set(pairs.values())
    shown.update(list(_earlier_tries(local, stored, shown)))
    result: list[Turn] = []
    local_place = remote_place = 0
    for end, end_there in (*((turn, pairs[turn]) for turn in sorted(pairs) if turn < free), (free, len(stored))):
        remote: list[Turn] = []
        for place in range(remote_place, end_there):
            if place not in shown:
                remote.append(_remote_turn(stored[place], speaker))
                yield
        result += _by_time(local[local_place:end], remote)
        if end < free:
            result.append(local[end])
            result += _rest_of_reply(local[end], stored[end_there], speaker)
        local_place, remote_place = end + 1, end_there + 1
        yield
    result = [_reuse(turn, merged_before) for turn in result]
    return copied + result + local[free:] + queued


def _earlier_tries(local: Sequence[Turn], stored: Sequence[Exchange], paired: Collection[int]) -> Iterator[int]:
    """Yield the indices of further exchanges that are replies on this machine, by id or by text. A service that
    stores each attempt has several exchanges for one turn, some perhaps without an answer.
    """
    ids = {reply.remote_id for turn in local for reply in turn.replies if reply.remote_id}
    tries = Counter(
        texts_here(turn, reply)
        for turn in local
        for reply in turn.replies
        if reply is not turn.reply and not reply.live
    )
    unanswered = Counter(question for question, _ in tries.elements())
    for place, exchange in enumerate(stored):
        if place in paired:
            continue
        if any(answer.id in ids for answer in exchange.answers):
            yield place
        elif tries and tries[texts := texts_stored(exchange)] > 0:
            tries[texts] -= 1
            unanswered[texts[0]] -= 1
            yield place
        elif tries and not exchange.answers and unanswered[texts[0]] > 0:
            unanswered[texts[0]] -= 1
            yield place


def _reuse(turn: Turn, merged_before: Mapping[tuple[str, ...], Turn]) -> Turn:
    """Return the turn that an earlier merge made from the same messages, if any."""
    earlier = merged_before.get(turn.remote)
    return earlier if earlier is not None and earlier.note == turn.note else turn


def _remote_turn(exchange: Exchange, speaker: str) -> Turn:
    """Return the turn of an exchange that only the service has."""
    question, answers, sent_at = exchange
    ids = tuple(message.id for message in (question, *answers) if message is not None)
    text = "" if question is None else mend_surrogates(question.content)
    time = sent_at or _EPOCH
    return Turn(0, text, text, time, _replies(answers, speaker, time), remote=ids)


def _rest_of_reply(turn: Turn, exchange: Exchange, speaker: str) -> list[Turn]:
    """Return a turn with the part of a reply that the service stored and this machine did not receive, if any."""
    reply = turn.reply
    if reply is not None and reply.live:
        return []
    is_known = reply is not None and (reply.is_compared or reply.remote_id in [one.id for one in exchange.answers])
    if reply is not None and reply.state == "finished" and is_known:
        return []
    missing = missing_answers(reply, exchange)
    if not missing:
        return []
    time = parse_time(missing[0].created_at) or turn.sent_at
    ids = tuple(answer.id for answer in missing)
    note = _note(reply, partly=len(missing) < len(exchange.answers))
    return [Turn(0, "", "", time, _replies(missing, speaker, time), remote=ids, note=note)]


def _replies(answers: Sequence[RemoteMessage], speaker: str, time: datetime) -> list[Reply]:
    """Return the single reply that the answers make, or none."""
    if not answers:
        return []
    bubbles = {number: Bubble(mend_surrogates(answer.content)) for number, answer in enumerate(answers)}
    reply = Reply(0, speaker, parse_time(answers[0].created_at) or time, "finished", bubbles)
    reply.model, reply.remote_id = answers[-1].model, answers[-1].id
    return [reply]


def _by_time(local: Sequence[Turn], remote: Sequence[Turn]) -> list[Turn]:
    """Return unrelated turns in the order of their times. A remote turn without a time comes as early as possible."""
    result: list[Turn] = []
    waiting = list(reversed(remote))
    for turn in local:
        while waiting and waiting[-1].sent_at <= turn.sent_at:
            result.append(waiting.pop())
        result.append(turn)
    return result + waiting[::-1]


def _note(reply: Reply | None, *, partly: bool) -> str:
    """Return why a text of the service is shown next to a reply; `partly` if some of its answers were received."""
    if reply is None or reply.state == "finished":
        return "" if reply is None or partly or not reply.characters else OTHERWISE
    return MORE if reply.characters else UNHEARD
