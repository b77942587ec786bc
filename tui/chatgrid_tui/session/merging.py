"""What was said here and what the service stored, put together without doubles.

All of it is pure. The history of this machine knows what was tried, stopped and refused; the service knows what was
said from elsewhere and what it went on to say when nobody listened any more. Neither is ever cut for the other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.reply import Bubble, Reply
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.text import mend_surrogates

_TOGETHER: Final = 2.0
"""Seconds between two messages of a bot that are bubbles of one reply."""
_APART: Final = 26 * 3600.0
"""Seconds that the clocks of here and there may differ by: also where one of them forgot its time zone."""
_SAME_QUESTION: Final = 1_000.0
_SAME_ANSWER: Final = 1_000.0
_CLOSE: Final = 10.0
_CELLS_AT_MOST: Final = 60_000
"""Pairs that are compared to find the best alignment; beyond that, the first that fits is taken."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 9000
"""Times beyond these are none: some services write the year 1 for never, and no clock of a zone can show it."""

GONE: Final = "This chat is not at the service any more. What is here stays."
MORE: Final = "The service stored more of this reply than came here."
UNHEARD: Final = "The service stored this reply, which did not come here."
OTHERWISE: Final = "The service stored another text than came here."


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message of the user as the service has it, or none, and what was said to it."""

    asked: RemoteMessage | None
    answers: tuple[RemoteMessage, ...] = ()

    @property
    def at(self) -> datetime | None:
        """When it was said; None where the service does not tell."""
        return moment((self.asked or self.answers[0]).created_at)


def moment(text: str) -> datetime | None:
    """Return a time that a service wrote, aware; one without a zone is in UTC. None where it is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


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
) -> list[Turn]:
    """Return the turns that were said here and, as turns of their own, what only the service has of `messages`.

    Turns of an earlier merge may be among `turns`; they are used again. `speaker` is who answers. From `pinned` on
    nothing is put between the turns or behind them, as it is where the talk goes on. The turns that were said here
    are not changed.
    """
    build = _Builder(turns, speaker)
    said = [turn for turn in turns if not turn.remote and not turn.queued]
    queued = [turn for turn in turns if not turn.remote and turn.queued]
    found = list(exchanges(messages))
    pairs = align(said, found)
    free = said.index(pinned) if pinned in said else len(said)
    taken = {there for here, there in pairs.items() if here >= free}
    places = [number for number in range(len(found)) if number not in taken]
    result: list[Turn] = []
    here = there = 0
    for turn, exchange in [*((here, pairs[here]) for here in sorted(pairs) if here < free), (free, len(found))]:
        between = [found[number] for number in places if there <= number < exchange]
        result += _woven(said[here:turn], between, build)
        if turn < free:
            result += [said[turn], *build.unheard(said[turn], found[exchange])]
        here, there = turn + 1, exchange + 1
    return result + said[free:] + queued


def exchanges(messages: Sequence[RemoteMessage]) -> Iterator[Exchange]:
    """Give the exchanges of messages, which come oldest first. What a bot says at once is one answer; what comes
    later, without a message of the user before it, stands by itself: a person may have taken over.
    """
    asked: RemoteMessage | None = None
    answers: list[RemoteMessage] = []
    for message in messages:
        mine = message.role == "user"
        if (asked is not None or answers) and (mine or (answers and not _at_once(answers[-1], message))):
            yield Exchange(asked, tuple(answers))
            asked, answers = None, []
        if mine:
            asked = message
        else:
            answers.append(message)
    if asked is not None or answers:
        yield Exchange(asked, tuple(answers))


def align(turns: Sequence[Turn], found: Sequence[Exchange]) -> dict[int, int]:
    """Return which exchange is which turn, by their places; both orders hold. Ids of replies decide, and where
    there are none the texts.
    """
    texts = [_plain(turn.sent) for turn in turns]
    asked = ["" if exchange.asked is None else _plain(exchange.asked.content) for exchange in found]
    scores = _Scores(turns, found, texts, asked)
    pairs: dict[int, int] = {}
    here = there = 0
    for turn, exchange in [*_anchors(turns, found), (len(turns), len(found))]:
        pairs |= _by_text(scores, range(here, turn), range(there, exchange))
        if turn < len(turns):
            pairs[turn] = exchange
        here, there = turn + 1, exchange + 1
    return pairs


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


class _Scores:
    """How well turns and exchanges fit by what was said."""

    def __init__(
        self, turns: Sequence[Turn], found: Sequence[Exchange], texts: Sequence[str], asked: Sequence[str]
    ) -> None:
        self._turns = turns
        self._found = found
        self._texts = texts
        self._asked = asked
        self._heard: dict[int, _Heard] = {}
        self._stored: dict[int, list[_Text]] = {}

    def of(self, here: int, there: int) -> float:
        """Return the score of a pair, 0 where it cannot be one."""
        turn, exchange = self._turns[here], self._found[there]
        if exchange.asked is None or self._texts[here] != self._asked[there]:
            return 0.0
        reply = turn.reply
        ended = reply is not None and reply.state == "finished"
        same = reply is not None and bool(exchange.answers) and self._is_same_answer(here, there, reply)
        if ended and reply is not None and reply.remote_id and exchange.answers and not same:
            return 0.0  # ids would have made it a pair, unless the stream named another than the listing does
        at = exchange.at
        apart = 0.0 if at is None else abs((turn.sent_at - at).total_seconds())
        if apart > _APART:
            return 0.0
        score = _SAME_QUESTION + _CLOSE / (1.0 + apart)
        if same:
            score += _SAME_ANSWER
        return score

    def _is_same_answer(self, here: int, there: int, reply: Reply) -> bool:
        """Whether all that was answered came here. Of each text, how it is compared is found out once: where the same
        is asked again and again, every turn is compared with every exchange.
        """
        if here not in self._heard:
            self._heard[here] = _heard(reply)
        if there not in self._stored:
            self._stored[there] = [_text(answer.content) for answer in self._found[there].answers]
        heard = self._heard[here]
        return all(_covered(stored, heard) for stored in self._stored[there])


def _by_text(scores: _Scores, here: range, there: range) -> dict[int, int]:
    """Return the pairs with the highest sum of scores that hold both orders."""
    if not here or not there:
        return {}
    if len(here) * len(there) > _CELLS_AT_MOST:
        return _first_fits(scores, here, there)
    best = [[0.0] * (len(there) + 1) for _ in range(len(here) + 1)]
    own = [[scores.of(turn, exchange) for exchange in there] for turn in here]
    for i in range(len(here) - 1, -1, -1):
        for j in range(len(there) - 1, -1, -1):
            paired = own[i][j] + best[i + 1][j + 1] if own[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs: dict[int, int] = {}
    i = j = 0
    while i < len(here) and j < len(there):
        if own[i][j] and best[i][j] == own[i][j] + best[i + 1][j + 1]:
            pairs[here[i]] = there[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _first_fits(scores: _Scores, here: range, there: range) -> dict[int, int]:
    """Return pairs where each turn gets the first exchange that fits, looking on for a while only."""
    pairs: dict[int, int] = {}
    at = there.start
    reach = max(1, _CELLS_AT_MOST // len(here))
    for turn in here:
        for exchange in range(at, min(at + reach, there.stop)):
            if scores.of(turn, exchange):
                pairs[turn] = exchange
                at = exchange + 1
                break
    return pairs


class _Builder:
    """Makes turns of what only the service has; those that an earlier merge made are used again."""

    def __init__(self, turns: Sequence[Turn], speaker: str) -> None:
        self._made = {turn.remote: turn for turn in turns if turn.remote}
        self._speaker = speaker

    def turn(self, exchange: Exchange) -> Turn:
        """Return the turn of an exchange."""
        at = exchange.at or _EPOCH
        asked = exchange.asked
        ids = (*((asked.id,) if asked is not None else ()), *(answer.id for answer in exchange.answers))
        text = "" if asked is None else mend_surrogates(asked.content)
        return self._known(Turn(0, text, text, at, self._reply(exchange.answers, at), remote=ids))

    def unheard(self, turn: Turn, exchange: Exchange) -> list[Turn]:
        """Return what the service has of the reply to a turn and this machine has not, as a turn; or nothing."""
        reply = turn.reply
        if reply is None:
            missing = exchange.answers
        elif reply.live or (reply.state == "finished" and reply.remote_id in {one.id for one in exchange.answers}):
            return []
        else:
            heard = _heard(reply)
            missing = tuple(answer for answer in exchange.answers if not _covered(_text(answer.content), heard))
        if not missing:
            return []
        at = moment(missing[0].created_at) or turn.sent_at
        note = _note(reply, some=len(missing) < len(exchange.answers))
        ids = tuple(answer.id for answer in missing)
        return [self._known(Turn(0, "", "", at, self._reply(missing, at), remote=ids, note=note))]

    def _reply(self, answers: Sequence[RemoteMessage], at: datetime) -> Reply | None:
        if not answers:
            return None
        texts = {number: Bubble(mend_surrogates(answer.content)) for number, answer in enumerate(answers)}
        reply = Reply(0, self._speaker, moment(answers[0].created_at) or at, "finished", texts)
        reply.model, reply.remote_id = answers[-1].model, answers[-1].id
        return reply

    def _known(self, turn: Turn) -> Turn:
        """Return the turn that an earlier merge made of the same messages, else this one."""
        known = self._made.get(turn.remote)
        return known if known is not None and known.note == turn.note else turn


def _woven(turns: Sequence[Turn], found: Sequence[Exchange], build: _Builder) -> list[Turn]:
    """Put turns and exchanges that have nothing to do with each other into one order, by their times."""
    result: list[Turn] = []
    waiting = list(reversed(found))
    for turn in turns:
        while waiting and (waiting[-1].at or turn.sent_at) <= turn.sent_at:
            result.append(build.turn(waiting.pop()))
        result.append(turn)
    return result + [build.turn(exchange) for exchange in reversed(waiting)]


class _Text(NamedTuple):
    """A text as it is compared: without blanks around it, and with one between its words."""

    plain: str
    words: str


class _Heard(NamedTuple):
    """A reply as it is compared: its bubbles, and all words of it."""

    bubbles: list[str]
    words: str


def _text(text: str) -> _Text:
    plain = _plain(text)
    return _Text(plain, " ".join(plain.split()))


def _heard(reply: Reply) -> _Heard:
    bubbles = [_plain(bubble.text) for bubble in reply.bubbles]
    return _Heard(bubbles, " ".join(" ".join(bubbles).split()))


def _covered(stored: _Text, heard: _Heard) -> bool:
    """Whether all that the service stored of an answer came here."""
    return not stored.plain or stored.plain in heard.bubbles or stored.words in heard.words


def _note(reply: Reply | None, *, some: bool) -> str:
    """Say why what the service stored stands apart; `some` of it came here."""
    if reply is None or reply.state == "finished":
        return "" if reply is None or some or not reply.characters else OTHERWISE
    return MORE if reply.characters else UNHEARD


def _at_once(before: RemoteMessage, after: RemoteMessage) -> bool:
    one, other = moment(before.created_at), moment(after.created_at)
    return one is not None and other is not None and abs((other - one).total_seconds()) <= _TOGETHER


def _plain(text: str) -> str:
    return mend_surrogates(text).replace("\r\n", "\n").strip()
