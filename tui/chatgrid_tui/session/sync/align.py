"""Match the turns on this machine with the exchanges that a service stored.

Pure. Reply ids decide; without ids, turns and exchanges match if their texts are the same, in order. Times are not
used: the clock of a service may be months off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeAlias

from chatgrid_tui.engine.key_mask import without_known_keys
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.text import mend_surrogates

_ONE_REPLY: Final = 2.0
"""Seconds between two messages of a bot that are bubbles of the same reply."""
_BLOCK: Final = 300
"""How many texts of each side are compared at a time: the work grows quadratically."""
_LONG: Final = 200_000
"""Texts above this number of characters are compared without normalising whitespace, which would take too long."""
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 9000
"""Times outside these years count as missing: some services write the year 1 for "never"."""


Texts: TypeAlias = tuple[str | None, str]
"""The question, if any, and the answer, in a form for comparison."""


class Exchange(NamedTuple):
    """A user's message and the answers to it, as the service stored them. Either may be missing."""

    question: RemoteMessage | None
    answers: tuple[RemoteMessage, ...]
    sent_at: datetime | None


def parse_time(text: str) -> datetime | None:
    """Return the time that a service sent, aware; without a zone, it is in UTC. Return None if it is not a time."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def exchanges(messages: Iterable[RemoteMessage]) -> Iterator[Exchange]:
    """Yield the exchanges in messages, oldest first. Answers that closely follow each other belong together; a later
    one without a question is a separate exchange, since a person may have taken over.
    """
    question: RemoteMessage | None = None
    answers: list[RemoteMessage] = []
    sent_at: datetime | None = None
    previous: datetime | None = None
    for message in messages:
        time = parse_time(message.created_at)
        from_user = message.role == "user"
        if (question or answers) and (from_user or (answers and not _close(previous, time))):
            yield Exchange(question, tuple(answers), sent_at)
            question, answers = None, []
        if not question and not answers:
            sent_at = time
        if from_user:
            question = message
        else:
            answers.append(message)
        previous = time
    if question or answers:
        yield Exchange(question, tuple(answers), sent_at)


def _close(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and abs((other - one).total_seconds()) <= _ONE_REPLY


def missing_answers(reply: Reply | None, exchange: Exchange) -> tuple[RemoteMessage, ...]:
    """Return the answers of an exchange whose text is not in a reply."""
    bubbles = _bubbles(reply)
    whole = "\n\n".join(bubbles)
    return tuple(answer for answer in exchange.answers if not _is_in(plain(answer.content), bubbles, whole))


def _is_in(answer: str, bubbles: Sequence[str], whole: str) -> bool:
    if not answer or answer in bubbles or answer in whole:
        return True
    return max(len(answer), len(whole)) < _LONG and " ".join(answer.split()) in " ".join(whole.split())


def _bubbles(reply: Reply | None) -> list[str]:
    return [] if reply is None else [plain(bubble.text) for bubble in reply.bubbles]


def plain(text: str) -> str:
    """Return a text without what services change when they store it: line endings, and whitespace at the ends."""
    return mend_surrogates(text).replace("\r\n", "\n").strip()


def texts_here(turn: Turn, reply: Reply | None) -> Texts:
    """Return the texts of a message and a reply to it."""
    return asked(turn.sent), "\n\n".join(_bubbles(reply))


def asked(text: str) -> str:
    """Return a message in a form for comparison: without keys, which are masked in all that services return."""
    return plain(without_known_keys(text))


def texts_stored(exchange: Exchange) -> Texts:
    """Return the texts of an exchange."""
    question = None if exchange.question is None else asked(exchange.question.content)
    return question, "\n\n".join(plain(answer.content) for answer in exchange.answers)


def align(turns: Sequence[Turn], stored: Sequence[Exchange]) -> Steps[dict[int, int]]:
    """Return which exchanges are turns: their indices by the indices of the turns. Both are in order."""
    pairs = _pairs_by_id(turns, stored)
    local: list[Texts] = []
    for turn in turns:
        local.append(texts_here(turn, turn.reply))
        yield
    remote: list[Texts] = []
    for exchange in stored:
        remote.append(texts_stored(exchange))
        yield
    pairs |= yield from _pairs_by_text(pairs, local, remote)
    by_question = yield from _pairs_by_text(pairs, [text for text, _ in local], [text for text, _ in remote])
    return pairs | {
        turn: place for turn, place in by_question.items() if not _differ(turns[turn].reply, stored[place])
    }


def _differ(reply: Reply | None, exchange: Exchange) -> bool:
    """Return whether a reply cannot belong to an exchange: it is complete, and has an id and another text."""
    complete = reply is not None and reply.state == "finished" and bool(reply.remote_id)
    return complete and bool(missing_answers(reply, exchange))


def _pairs_by_id(turns: Sequence[Turn], stored: Sequence[Exchange]) -> dict[int, int]:
    places = {answer.id: place for place, exchange in enumerate(stored) for answer in exchange.answers}
    pairs: dict[int, int] = {}
    last = -1
    for number, turn in enumerate(turns):
        place = -1 if turn.reply is None else places.get(turn.reply.remote_id, -1)
        if place > last:
            pairs[number] = last = place
    return pairs


def _pairs_by_text(pairs: dict[int, int], local: Sequence[object], remote: Sequence[object]) -> Steps[dict[int, int]]:
    """Return the indices of equal texts between those that are paired already. Both sides are in order.

    Of several solutions, take the latest: the newest messages of a conversation are fetched first.
    """
    new: dict[int, int] = {}
    begin, remote_begin = 0, 0
    for end, remote_end in (*sorted(pairs.items()), (len(local), len(remote))):
        common = set(local[begin:end]) & set(remote[remote_begin:remote_end])
        left = [place for place in range(begin, end) if local[place] in common]
        right = [place for place in range(remote_begin, remote_end) if remote[place] in common]
        begin, remote_begin = end + 1, remote_end + 1
        while left and right:
            if local[left[-1]] == remote[right[-1]]:
                new[left.pop()] = right.pop()
                yield
                continue
            block = yield from _longest_common(local, left[-_BLOCK:], remote, right[-_BLOCK:])
            if block:
                new |= block
                left = left[: left.index(min(block))]
                right = right[: right.index(min(block.values()))]
            else:
                del (left if len(left) > len(right) else right)[-_BLOCK:]
    return new


def _longest_common(
    local: Sequence[object], left: Sequence[int], remote: Sequence[object], right: Sequence[int]
) -> Steps[dict[int, int]]:
    """Return the longest common subsequence at the given indices of both sides, by dynamic programming."""
    rows = [[0] * (len(right) + 1)]
    for place in left:
        above, row = rows[-1], [0]
        for at, other in enumerate(right):
            row.append(above[at] + 1 if local[place] == remote[other] else max(above[at + 1], row[at]))
        rows.append(row)
        yield
    pairs: dict[int, int] = {}
    at, other = len(left), len(right)
    while at and other:
        if local[left[at - 1]] == remote[right[other - 1]]:
            at, other = at - 1, other - 1
            pairs[left[at]] = right[other]
        elif rows[at - 1][other] >= rows[at][other - 1]:
            at -= 1
        else:
            other -= 1
    return pairs
