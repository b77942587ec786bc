"""Compares a reply with what its service stored. Pure functions.

The stored messages of a turn are those between the neighbours of the turn: `sync.align` finds these. Of the messages
there, an exchange belongs to the turn if its question is the message that was sent, or if it holds a reply of the
turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, get_args

from chatgrid_tui.model.failure import ConnectCause, ProxyCause, SettingsCause
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.truth_check import TruthCheck, Verdict
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.align import Exchange, align, asked, exchanges, plain
from chatgrid_tui.session.tasks import Steps
from chatgrid_tui.session.wording.refusal_kinds import may_be_stored

_NOT_SENT: Final = frozenset((*get_args(SettingsCause), *get_args(ProxyCause), *get_args(ConnectCause)))
_LONG: Final = 200_000
"""Characters above which texts are compared with their whitespace unchanged: splitting them would take too long."""
_MOST_TRIES: Final = 50
"""Tries of one message, and exchanges that hold it, of which it is found out which belong to each other."""


@dataclass(slots=True)
class StoredExchange:
    """A message as the service stored it, and its answers. Either may be missing."""

    question: RemoteMessage | None
    answers: list[RemoteMessage] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The answers, joined like the bubbles of a reply."""
        return joined(answer.content for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a service stored of a turn."""

    exchanges: tuple[StoredExchange, ...] = ()
    """All exchanges of the turn: more than one if it was stored for each try, or twice."""
    reply: StoredExchange | None = None
    """The exchange with the reply, or None."""


class TextPair(NamedTuple):
    """Two texts that should be equal, and what they are: `streamed`, `final`, `sent` or `stored`."""

    names: tuple[str, str]
    before: str
    after: str


def find_stored(
    turns: Sequence[Turn], turn: Turn, reply: Reply, messages: Sequence[RemoteMessage], *, complete: bool
) -> Steps[Stored | None]:
    """Return the part of `messages`, oldest first, that belongs to a turn and a reply to it.

    Return None if this cannot be decided since older messages are missing; `complete` means that none are.
    """
    local = [one for one in turns if not (one.remote or one.queued or one.copied)]
    if turn not in local:
        return None
    stored: list[Exchange] = []
    for exchange in exchanges(messages):
        stored.append(exchange)
        yield
    pairs = yield from align(local, stored)
    number = local.index(turn)
    before = [place for at, place in pairs.items() if at < number]
    after = [place for at, place in pairs.items() if at > number]
    if not (before or complete or number in pairs):
        return None
    between = stored[max(before, default=-1) + 1 : min(after, default=len(stored))]
    own = _own_exchanges(turn, between, stored[pairs[number]] if number in pairs else None)
    yield
    return Stored(tuple(own), _place_of(turn.replies, own).get(turn.replies.index(reply)))


def compare(turn: Turn, reply: Reply, stored: Stored, *, after: float = 0.0, settled: bool = True) -> TruthCheck:
    """Return how a reply compares with what was stored of it, `after` seconds after its end."""
    held = stored.reply
    has_answer = held is not None and bool(held.answers)
    return TruthCheck(
        _verdict(turn, reply, stored),
        sent=sum(_was_sent(one) for one in turn.replies[: turn.replies.index(reply) + 1]),
        messages=_messages(stored),
        replies=_copies(reply, stored),
        streamed=sum(map(len, streamed_texts(reply))),
        final=reply.characters if reply.streamed else None,
        stored=sum(len(answer.content) for answer in held.answers) if held is not None and has_answer else None,
        after=after,
        settled=settled,
    )


def unequal_texts(turn: Turn, reply: Reply, stored: Stored | None) -> list[TextPair]:
    """Return the texts that should be equal but differ."""
    streamed, final = joined(streamed_texts(reply)), _text_of(reply)
    pairs = [TextPair(("streamed", "final"), streamed, final)] if reply.streamed and streamed else []
    if stored is not None and stored.reply is not None:
        question = stored.reply.question
        if question is not None:
            pairs.append(TextPair(("sent", "stored"), asked(turn.sent), asked(question.content)))
        if stored.reply.answers:
            came = "final" if reply.streamed else "streamed"
            pairs.append(TextPair((came, "stored"), final, stored.reply.text))
    return [pair for pair in pairs if pair.before != pair.after]


def streamed_texts(reply: Reply) -> list[str]:
    """Return the pieces of each bubble, joined."""
    return [reply.streamed.get(number, bubble.text) for number, bubble in sorted(reply.numbered.items())]


def relation(came: str, stored: str) -> Verdict:
    """Return how a stored text relates to the received one."""
    if came == stored:
        return "same"
    if stored.startswith(came):
        return "stored longer"
    return "stored shorter" if came.startswith(stored) else "differs"


def joined(texts: Iterable[str]) -> str:
    """Return texts as one, separated by blank lines."""
    return "\n\n".join(filter(None, map(plain, texts)))


def _text_of(reply: Reply) -> str:
    return joined(bubble.text for bubble in reply.bubbles)


def _own_exchanges(turn: Turn, between: Sequence[Exchange], pair: Exchange | None) -> list[StoredExchange]:
    """Return the exchanges of a turn. Messages without a question continue the answer before them as long as that is
    shorter than the received one, or repeat it: otherwise they may be from a person who took over.
    """
    sent = asked(turn.sent)
    ids = {reply.remote_id for reply in turn.replies if reply.remote_id}
    own: list[StoredExchange] = []
    is_own = False
    for exchange in between:
        question, answers, _ = exchange
        has_id = any(answer.id in ids for answer in answers)
        if question is None and is_own:
            if _is_part(own[-1], turn):
                own[-1].answers += answers
            elif has_id or own[-1].text == joined(answer.content for answer in answers):
                own.append(StoredExchange(None, list(answers)))
            continue
        is_own = has_id or exchange is pair or (question is not None and asked(question.content) == sent)
        if is_own:
            own.append(StoredExchange(question, list(answers)))
    return own


def _is_part(exchange: StoredExchange, turn: Turn) -> bool:
    """Return whether less is stored than any reply of the turn contains."""
    stored = sum(len(plain(answer.content)) for answer in exchange.answers)
    return any(sum(len(plain(bubble.text)) for bubble in reply.bubbles) > stored for reply in turn.replies)


def _place_of(tries: Sequence[Reply], own: Sequence[StoredExchange]) -> dict[int, StoredExchange]:
    """Return which exchange holds which try: by id, by text, by its beginning, or as the newest one left."""
    tries_left = dict(list(enumerate(tries))[-_MOST_TRIES:])
    left = list(own[-_MOST_TRIES:])
    held: dict[int, StoredExchange] = {}
    for fits in (_same_id, _same_text, _begins_alike, _is_answer):
        for number in sorted(tries_left, reverse=True):
            fitting = (exchange for exchange in reversed(left) if fits(tries_left[number], exchange))
            if (exchange := next(fitting, None)) is not None:
                held[number] = exchange
                left = [one for one in left if one is not exchange]
                del tries_left[number]
    return held


def _same_id(reply: Reply, exchange: StoredExchange) -> bool:
    return bool(reply.remote_id) and any(answer.id == reply.remote_id for answer in exchange.answers)


def _same_text(reply: Reply, exchange: StoredExchange) -> bool:
    return bool(exchange.answers) and exchange.text == _text_of(reply)


def _begins_alike(reply: Reply, exchange: StoredExchange) -> bool:
    came, stored = _text_of(reply), exchange.text
    return bool(came and stored) and (stored.startswith(came) or came.startswith(stored))


def _is_answer(reply: Reply, exchange: StoredExchange) -> bool:
    return may_be_stored(reply)


def _was_sent(reply: Reply) -> bool:
    return reply.failure is None or reply.failure.cause not in _NOT_SENT


def _messages(stored: Stored) -> int:
    return sum(exchange.question is not None for exchange in stored.exchanges)


def _copies(reply: Reply, stored: Stored) -> int:
    """Return how many times a reply is stored: in its exchange, and in others with the same text."""
    if stored.reply is None or not stored.reply.answers:
        return 0
    came, texts = _text_of(reply), [plain(answer.content) for answer in stored.reply.answers]
    copies = next((copies for copies, text in _repeated(texts) if text == came), 1)
    others = (exchange for exchange in stored.exchanges if exchange is not stored.reply and exchange.answers)
    return copies + sum(exchange.text == stored.reply.text for exchange in others)


def _repeated(texts: list[str]) -> Iterator[tuple[int, str]]:
    """Yield each way to read texts as a repetition: the number of times, and the repeated text."""
    for length in range(1, len(texts)):
        copies, rest = divmod(len(texts), length)
        if not rest and texts[:length] * copies == texts:
            yield copies, "\n\n".join(filter(None, texts[:length]))


def _verdict(turn: Turn, reply: Reply, stored: Stored) -> Verdict:
    messages, copies = _messages(stored), _copies(reply, stored)
    if messages > 1 or copies > 1:
        return "twice"
    if not messages or (reply.characters and not copies):
        return "not stored"
    assert stored.reply is not None or not reply.characters
    verdict = _text_verdict(reply, stored.reply)
    question = None if stored.reply is None else stored.reply.question
    if verdict == "same" and question is not None and asked(question.content) != asked(turn.sent):
        return "differs"
    return verdict


def _text_verdict(reply: Reply, held: StoredExchange | None) -> Verdict:
    """Return how the stored text relates to the final text, or to the streamed one if there is none."""
    if held is None:
        return "same"
    final, streamed, text = _text_of(reply), joined(streamed_texts(reply)), held.text
    if len(reply.bubbles) != len(held.answers) and max(len(final), len(text)) < _LONG:
        # A text that contains several bubbles does not show where one ends and the next begins.
        final, streamed, text = (" ".join(one.split()) for one in (final, streamed, text))
    verdict = relation(final, text)
    return verdict if verdict != "same" or not streamed else relation(streamed, text)
