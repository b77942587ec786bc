"""Which message that was said here is which message that a service stored.

All of it is pure, and what it costs grows as what is compared does, also where the same was asked a thousand times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.slices import Steps
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.text import mend_surrogates

_TOGETHER: Final = 2.0
"""Seconds between two messages of a bot that are bubbles of one reply."""
_APART: Final = 26 * 3600.0
"""Seconds that the clocks of here and there may differ by: also where one of them forgot its time zone."""
_SAME_QUESTION: Final = 1_000_000
_SAME_ANSWER: Final = 1_000_000
_CLOSE: Final = 10_000
_PAIRS_AT_MOST: Final = 8_000
"""Pairs that are all compared where one text was said several times; beyond that, each turn with the likeliest."""
_BETWEEN: Final = "\n\n"
"""What stands between bubbles in a text of them all."""
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 9000
"""Times beyond these are none: some services write the year 1 for never, and no clock of a zone can show it."""


class Exchange(NamedTuple):
    """A message of the user as the service has it, or none, and what was said to it."""

    asked: RemoteMessage | None
    answers: tuple[RemoteMessage, ...]
    at: datetime | None
    """When it was said; None where the service does not tell."""


def moment(text: str) -> datetime | None:
    """Return a time that a service wrote, aware; one without a zone is in UTC. None where it is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def exchanges(messages: Sequence[RemoteMessage]) -> Iterator[Exchange]:
    """Give the exchanges of messages, which come oldest first. What a bot says at once is one answer; what comes
    later, without a message of the user before it, stands by itself: a person may have taken over.
    """
    asked: RemoteMessage | None = None
    answers: list[RemoteMessage] = []
    begun: datetime | None = None
    before: datetime | None = None
    for message in messages:
        at = moment(message.created_at)
        mine = message.role == "user"
        if (asked is not None or answers) and (mine or (answers and not _at_once(before, at))):
            yield Exchange(asked, tuple(answers), begun)
            asked, answers = None, []
        if asked is None and not answers:
            begun = at
        if mine:
            asked = message
        else:
            answers.append(message)
        before = at
    if asked is not None or answers:
        yield Exchange(asked, tuple(answers), begun)


def _at_once(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and abs((other - one).total_seconds()) <= _TOGETHER


class _Words:
    """A text as it is compared: without blanks around it, and, where that is needed, with one between its words."""

    __slots__ = ("_words", "plain")

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self._words: str | None = None

    @property
    def words(self) -> str:
        if self._words is None:
            self._words = " ".join(self.plain.split())
        return self._words


class _Heard(_Words):
    """A reply as it is compared: its bubbles, and all of its text."""

    __slots__ = ("bubbles",)

    def __init__(self, reply: Reply) -> None:
        self.bubbles = [_plain(bubble.text) for bubble in reply.bubbles]
        super().__init__(_BETWEEN.join(self.bubbles))

    def covers(self, stored: _Words) -> bool:
        """Whether all that the service stored of an answer came here."""
        return not stored.plain or stored.plain in self.bubbles or stored.words in self.words


def _plain(text: str) -> str:
    return mend_surrogates(text).replace("\r\n", "\n").strip()


class Comparison:
    """Turns of this machine and exchanges of the service. Of each text, how it is compared is found out once."""

    def __init__(self, turns: Sequence[Turn], found: Sequence[Exchange]) -> None:
        self.turns = turns
        self.found = found
        self._heard: dict[int, _Heard] = {}
        self._stored: dict[int, list[_Words]] = {}

    def missing(self, here: int, there: int) -> tuple[RemoteMessage, ...]:
        """Return the answers of an exchange that did not come here with the reply to a turn."""
        answers, reply = self.found[there].answers, self.turns[here].reply
        if reply is None or not answers:
            return answers
        heard, stored = self._heard_in(here, reply), self._stored_in(there)
        if all(map(heard.covers, stored)):
            return ()
        return tuple(answer for answer, text in zip(answers, stored, strict=True) if not heard.covers(text))

    def score(self, here: int, there: int) -> int:
        """Return how well a turn and an exchange fit in which the same was asked; 0 where they cannot be a pair."""
        turn, exchange = self.turns[here], self.found[there]
        at, reply = exchange.at, turn.reply
        apart = 0.0 if at is None else abs((turn.sent_at - at).total_seconds())
        if apart > _APART:
            return 0
        score = _SAME_QUESTION + int(_CLOSE / (1.0 + apart))
        if reply is None or not exchange.answers:
            return score
        if not self.missing(here, there):
            return score + _SAME_ANSWER
        if reply.state == "finished" and reply.remote_id:
            return 0  # ids would have made it a pair, unless the stream named another than the listing does
        return score

    def heard(self, here: int) -> str:
        """Return the whole text of the reply to a turn; empty where there is none."""
        reply = self.turns[here].reply
        return "" if reply is None else self._heard_in(here, reply).plain

    def stored(self, there: int) -> str:
        """Return the whole text of the answers of an exchange."""
        return _BETWEEN.join(stored.plain for stored in self._stored_in(there))

    def _heard_in(self, here: int, reply: Reply) -> _Heard:
        if (heard := self._heard.get(here)) is None:
            heard = self._heard[here] = _Heard(reply)
        return heard

    def _stored_in(self, there: int) -> list[_Words]:
        if (stored := self._stored.get(there)) is None:
            stored = self._stored[there] = [_Words(_plain(answer.content)) for answer in self.found[there].answers]
        return stored


def align(compared: Comparison) -> Steps[dict[int, int]]:
    """Return which exchange is which turn, by their places; both orders hold. Ids of replies decide, and where
    there are none the texts: the pairs are those with the highest sum of scores.
    """
    anchors = _anchors(compared.turns, compared.found)
    alike = yield from _alike(compared, anchors)
    candidates = yield from _candidates(compared, alike)
    heaviest = yield from _heaviest(compared, candidates)
    return dict(anchors) | dict(heaviest)


def _anchors(turns: Sequence[Turn], found: Sequence[Exchange]) -> list[tuple[int, int]]:
    """Return the pairs that the ids of replies make, as many as hold both orders."""
    places = {answer.id: number for number, exchange in enumerate(found) for answer in exchange.answers}
    pairs = [
        (number, places[turn.reply.remote_id])
        for number, turn in enumerate(turns)
        if turn.reply is not None and turn.reply.remote_id in places
    ]
    ends: list[int] = []
    """Which pair ends the best chain of each length; the places at the service rise along it."""
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place, key=lambda end: pairs[end][1])
        before.append(ends[at - 1] if at else -1)
        ends[at : at + 1] = [number]
    chain: list[tuple[int, int]] = []
    end = ends[-1] if ends else -1
    while end >= 0:
        chain.append(pairs[end])
        end = before[end]
    return chain[::-1]


class _Alike(NamedTuple):
    """The turns and the exchanges between two anchors in which the same was asked, by their places."""

    here: list[int]
    there: list[int]


def _alike(compared: Comparison, anchors: Sequence[tuple[int, int]]) -> Steps[list[_Alike]]:
    """Return what is alike, where there is something of it on both sides."""
    here: dict[tuple[int, str], list[int]] = defaultdict(list)
    there: dict[tuple[int, str], list[int]] = defaultdict(list)
    for gap, number in _by_gap([turn for turn, _ in anchors], len(compared.turns)):
        here[gap, _plain(compared.turns[number].sent)].append(number)
        yield
    for gap, number in _by_gap([exchange for _, exchange in anchors], len(compared.found)):
        if (asked := compared.found[number].asked) is not None:
            there[gap, _plain(asked.content)].append(number)
        yield
    return [_Alike(turns, there[text]) for text, turns in here.items() if text in there]


def _by_gap(anchors: Sequence[int], count: int) -> Iterator[tuple[int, int]]:
    """Give all places but those of the anchors, each with the number of the gap in which it is."""
    begin = 0
    for gap, end in enumerate((*anchors, count)):
        for number in range(begin, end):
            yield gap, number
        begin = end + 1


def _candidates(compared: Comparison, alike: Iterable[_Alike]) -> Steps[Mapping[int, Sequence[int]]]:
    """Return the exchanges that are compared with each turn. The smallest groups of what is alike are compared as a
    whole, as long as that is not too much.
    """
    candidates: dict[int, Sequence[int]] = {}
    pairs = 0
    for group in sorted(alike, key=lambda group: len(group.here) * len(group.there)):
        pairs += len(group.here) * len(group.there)
        if pairs <= _PAIRS_AT_MOST:
            candidates |= dict.fromkeys(group.here, group.there)
            yield
        else:
            candidates |= yield from _likeliest(compared, group)
    return candidates


def _likeliest(compared: Comparison, group: _Alike) -> Steps[dict[int, Sequence[int]]]:
    """Return for each turn of a large group the exchanges that are most likely it: with the same answer, at the same
    time, and of the same place in the group counted from either end, since the clocks may differ.
    """
    by_answer: dict[str, list[int]] = defaultdict(list)
    for place, number in enumerate(group.there):
        by_answer[compared.stored(number)].append(place)
        yield
    times = _rising_times(compared, group.there)
    behind = len(group.there) - len(group.here)
    candidates: dict[int, Sequence[int]] = {}
    for place, number in enumerate(group.here):
        answered = by_answer.get(compared.heard(number), ())
        likely = {answered[0]} if len(answered) == 1 else {place, place + behind}
        if times and len(answered) != 1:
            nearest = bisect_left(times, compared.turns[number].sent_at.timestamp())
            likely |= {nearest - 1, nearest}
        candidates[number] = [group.there[at] for at in sorted(likely) if 0 <= at < len(group.there)]
        yield
    return candidates


def _rising_times(compared: Comparison, places: Sequence[int]) -> list[float]:
    """Return when the exchanges were said, none earlier than the one before; nothing where no time is known."""
    times: list[float] = []
    for number in places:
        at, before = compared.found[number].at, times[-1] if times else 0.0
        times.append(before if at is None else max(before, at.timestamp()))
    return times if times and times[-1] else []


def _heaviest(compared: Comparison, candidates: Mapping[int, Sequence[int]]) -> Steps[list[tuple[int, int]]]:
    """Return the pairs with the highest sum of scores in which both orders hold; the earliest of equal ones."""
    front = _Front()
    for here in sorted(candidates, reverse=True):
        # From the earliest exchange on: what is put in begins before what is still to be asked for.
        for there in candidates[here]:
            if score := compared.score(here, there):
                rest = front.behind(there)
                front.put(_Chain(score + rest.weight, here, there, rest))
            yield
    best = front.behind(-1)
    pairs: list[tuple[int, int]] = []
    while best.rest is not None:
        pairs.append((best.here, best.there))
        best = best.rest
    return pairs


class _Chain(NamedTuple):
    """Pairs that hold both orders, from the first of them on, and the sum of their scores. One has none."""

    weight: int = 0
    here: int = -1
    there: int = -1
    rest: _Chain | None = None


class _Front:
    """The heaviest chains so far: of those that begin at an exchange or behind it, each time the heaviest."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        """Where they begin, negative, so that the heaviest, which begin first, stand at the end."""
        self._chains: list[_Chain] = []
        self._none = _Chain()

    def behind(self, there: int) -> _Chain:
        """Return the heaviest chain that begins behind an exchange."""
        at = bisect_left(self._begins, -there)
        return self._chains[at - 1] if at else self._none

    def put(self, chain: _Chain) -> None:
        """Take a chain in; those that begin no later and are no heavier are of no use any more."""
        at = bisect_left(self._begins, -chain.there + 1)
        if at and self._chains[at - 1].weight > chain.weight:
            return
        begin = at - 1 if at and self._begins[at - 1] == -chain.there else at
        end = at
        while end < len(self._chains) and self._chains[end].weight <= chain.weight:
            end += 1
        self._begins[begin:end] = [-chain.there]
        self._chains[begin:end] = [chain]
