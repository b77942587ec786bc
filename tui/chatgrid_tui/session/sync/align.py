"""Which message that was said here is which message that a service stored.

All of it is pure, and what it costs grows as what is compared does, also where the same was asked a thousand times:
each turn is compared with the exchanges around its place only, and with the fewer the longer the texts are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.text import mend_surrogates

_TOGETHER: Final = 2.0
"""Seconds between two messages of a bot that are bubbles of one reply."""
_APART: Final = 26 * 3600.0
"""Seconds that the clocks of here and there may differ by: also where one of them forgot its time zone."""
_CLOSE: Final = 10**12
"""The score of a pair of the same second. It is so much that a second counts between clocks that are days apart."""
_SAME_QUESTION: Final = 100 * _CLOSE
_SAME_ANSWER: Final = 100 * _CLOSE
_CLOCK: Final = 10.0
"""Seconds to which it is found out how far the clocks of here and there differ."""
_SOME: Final = 3
"""Turns that it takes to say that they differ."""
_PAIRS: Final = 25_000
"""Pairs that are compared where the same was said again and again: those of neighbours, as many as these allow."""
_CHARACTERS: Final = 25_000_000
"""Characters of replies that are looked through for that."""
_REACH: Final = 8
"""Neighbours on either side with which each turn is compared however many there are."""
_LONG: Final = 200_000
"""Characters from which on a text is compared with all its blanks: finding its words would hold others up."""
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
        if not stored.plain or stored.plain in self.bubbles:
            return True
        if max(len(stored.plain), len(self.plain)) >= _LONG:
            return stored.plain in self.plain
        return stored.words in self.words


def _plain(text: str) -> str:
    return mend_surrogates(text).replace("\r\n", "\n").strip()


class Comparison:
    """Turns of this machine and exchanges of the service. Of each text, how it is compared is found out once."""

    def __init__(self, turns: Sequence[Turn], found: Sequence[Exchange]) -> None:
        self.turns = turns
        self.found = found
        self.ahead = 0.0
        """Seconds by which the clock of the service is ahead of the one here."""
        self._heard: dict[int, _Heard] = {}
        self._stored: dict[int, list[_Words]] = {}

    def missing(self, here: int, there: int) -> tuple[RemoteMessage, ...]:
        """Return the answers of an exchange that did not come here with the reply to a turn."""
        answers, reply = self.found[there].answers, self.turns[here].reply
        if reply is None or not answers:
            return answers
        heard, stored = self._heard_in(here, reply), self._stored_in(there)
        return tuple(answer for answer, text in zip(answers, stored, strict=True) if not heard.covers(text))

    def score(self, here: int, there: int) -> int:
        """Return how well a turn and an exchange fit in which the same was asked; 0 where they cannot be a pair."""
        later, reply = self.later(here, there), self.turns[here].reply
        if later is not None and abs(later) > _APART:
            return 0
        apart = 0.0 if later is None else abs(later - self.ahead)
        score = _SAME_QUESTION + int(_CLOSE / (1.0 + apart))
        if reply is None or not self.found[there].answers:
            return score
        if not self.missing(here, there):
            return score + _SAME_ANSWER
        if reply.state == "finished" and reply.remote_id:
            return 0  # ids would have made it a pair, unless the stream named another than the listing does
        return score

    def later(self, here: int, there: int) -> float | None:
        """Return how many seconds later than a turn an exchange was said; None where it has no time."""
        at = self.found[there].at
        return None if at is None else (at - self.turns[here].sent_at).total_seconds()

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
    anchors = yield from _anchors(compared)
    alike = yield from _alike(compared, anchors)
    candidates = yield from _neighbours(compared, alike)
    sure = ((here, (there,)) for here, there in anchors)
    compared.ahead = yield from _ahead(compared, sure if anchors else candidates.items())
    yield from _add_the_nearest_in_time(compared, alike, candidates)
    heaviest = yield from _heaviest(compared, candidates)
    return dict(anchors) | dict(heaviest)


def _anchors(compared: Comparison) -> Steps[list[tuple[int, int]]]:
    """Return the pairs that the ids of replies make, as many as hold both orders."""
    recents: dict[str, int] = {}
    for number, exchange in enumerate(compared.found):
        recents |= {answer.id: number for answer in exchange.answers}
        yield
    pairs: list[tuple[int, int]] = []
    ends: list[int] = []
    """Which pair ends the best chain of each length; the places at the service rise along it."""
    before: list[int] = []
    for number, turn in enumerate(compared.turns):
        if turn.reply is not None and (place := recents.get(turn.reply.remote_id)) is not None:
            at = bisect_left(ends, place, key=lambda end: pairs[end][1])
            before.append(ends[at - 1] if at else -1)
            ends[at : at + 1] = [len(pairs)]
            pairs.append((number, place))
        yield
    chain: list[tuple[int, int]] = []
    end = ends[-1] if ends else -1
    while end >= 0:
        chain.append(pairs[end])
        end = before[end]
        yield
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
    alike: list[_Alike] = []
    for text, turns in here.items():
        if text in there:
            alike.append(_Alike(turns, there[text]))
        yield
    return alike


def _by_gap(anchors: Sequence[int], count: int) -> Iterator[tuple[int, int]]:
    """Give all places but those of the anchors, each with the number of the gap in which it is."""
    begin = 0
    for gap, end in enumerate((*anchors, count)):
        for number in range(begin, end):
            yield gap, number
        begin = end + 1


def _neighbours(compared: Comparison, alike: Sequence[_Alike]) -> Steps[dict[int, set[int]]]:
    """Return the exchanges that are compared with each turn: those around its place in what is alike, counted from
    either end, and those with its very answer. Of a few, that is all of them.
    """
    turns = characters = 1
    for group in alike:
        turns += len(group.here)
        for here in group.here:
            characters += len(compared.heard(here))
            yield
    reach = max(_REACH, min(_PAIRS // turns, _CHARACTERS // characters))
    candidates: dict[int, set[int]] = {}
    for group in alike:
        answered: dict[str, list[int]] = defaultdict(list)
        for there in group.there:
            answered[compared.stored(there)].append(there)
            yield
        behind = len(group.there) - len(group.here)
        for place, here in enumerate(group.here):
            same = answered.get(compared.heard(here), ())
            candidates[here] = set(same if len(same) <= _REACH else ())
            for middle in (place, place + behind):
                candidates[here].update(group.there[max(0, middle - reach) : max(0, middle + reach + 1)])
            yield
    return candidates


def _ahead(compared: Comparison, candidates: Iterable[tuple[int, Collection[int]]]) -> Steps[float]:
    """Return how many seconds the clock of the service is ahead: by what most of the turns would have an exchange.
    That the clocks agree is likely: it takes some turns, and twice as many, to say that they do not.
    """
    votes: Counter[int] = Counter()
    for here, recents in candidates:
        found = (compared.later(here, there) for there in recents)
        votes.update({round(later / _CLOCK) for later in found if later is not None and abs(later) <= _APART})
        yield
    likeliest = max(votes, key=lambda ahead: (votes[ahead], -abs(ahead)), default=0)
    return likeliest * _CLOCK if votes[likeliest] >= _SOME + 2 * votes[0] else 0.0


def _add_the_nearest_in_time(
    compared: Comparison, alike: Sequence[_Alike], candidates: Mapping[int, set[int]]
) -> Steps[None]:
    """Have each turn compared with the exchanges of its time too: many may be missing before it, here or there."""
    for group in alike:
        times: list[float] = []
        for there in group.there:
            at, before = compared.found[there].at, times[-1] if times else 0.0
            times.append(before if at is None else max(before, at.timestamp()))
            yield
        for here in group.here:
            nearest = bisect_left(times, compared.turns[here].sent_at.timestamp() + compared.ahead)
            candidates[here].update(group.there[max(0, nearest - 2) : nearest + 2])
            yield


def _heaviest(compared: Comparison, candidates: Mapping[int, set[int]]) -> Steps[list[tuple[int, int]]]:
    """Return the pairs with the highest sum of scores in which both orders hold; the earliest of equal ones."""
    front = _Front()
    for here in sorted(candidates):
        # From the latest exchange on: what is put in ends behind what is still to be asked for.
        for there in sorted(candidates[here], reverse=True):
            if score := compared.score(here, there):
                first = front.before(there)
                front.put(_Chain(score + first.weight, here, there, first))
            yield
    best = front.heaviest
    pairs: list[tuple[int, int]] = []
    while best.first is not None:
        pairs.append((best.here, best.there))
        best = best.first
        yield
    return pairs[::-1]


class _Chain(NamedTuple):
    """Pairs that hold both orders: the last of them, those before it, and the sum of their scores. One has none."""

    weight: int = 0
    here: int = -1
    there: int = -1
    first: _Chain | None = None


class _Front:
    """The heaviest chains so far: the later one ends at the service, the heavier it is."""

    def __init__(self) -> None:
        self._ends = [-1]
        self._chains = [_Chain()]

    @property
    def heaviest(self) -> _Chain:
        """The heaviest of all."""
        return self._chains[-1]

    def before(self, there: int) -> _Chain:
        """Return the heaviest chain that ends before an exchange."""
        return self._chains[bisect_left(self._ends, there) - 1]

    def put(self, chain: _Chain) -> None:
        """Take a chain in, unless one that ends no later is as heavy; those that this is true of now are left out."""
        begin = bisect_left(self._ends, chain.there)
        end = bisect_right(self._ends, chain.there)
        if self._chains[end - 1].weight >= chain.weight:
            return
        while end < len(self._chains) and self._chains[end].weight <= chain.weight:
            end += 1
        self._ends[begin:end] = [chain.there]
        self._chains[begin:end] = [chain]
