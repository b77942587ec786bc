"""A search over all conversations: what is asked, and what is found.

A query is words and filters, in any order: `late refund bot:support from:me after:2026-11`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from chatgrid_tui.model.reply_mark import NO_MARK, REPLY_VERDICTS, ReplyMark, ReplyVerdict

Side: TypeAlias = Literal["me", "bot"]

_LONGEST: Final = 1_000
"""Characters of a query that count."""
_WORDS_AT_MOST: Final = 32
_PART: Final = re.compile(r'(?:([A-Za-z]+):)?(?:"([^"]*)"?|(\S+))')
"""A filter or a word, perhaps in quotation marks; the second ones may not be typed yet."""
_INVISIBLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word to search for. `exact` words, in quotation marks, match as they are, others also the beginnings of
    words.
    """

    text: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Words that a message must contain, and filters that it must meet."""

    words: tuple[Word, ...] = ()
    bot: str = ""
    provider: str = ""
    side: Side | None = None
    failed: bool = False
    with_files: bool = False
    with_note: bool = False
    verdict: ReplyVerdict | None = None
    before: datetime | None = None
    after: datetime | None = None
    problem: str = ""
    """Why this cannot be searched for, as a sentence."""

    @property
    def is_empty(self) -> bool:
        """Whether it has neither words nor filters."""
        return self == SearchQuery()

    @classmethod
    def of(cls, text: str, today: date | None = None) -> SearchQuery:
        """Read what was typed. Any text is a query: what is no filter is a word."""
        query = cls()
        words: list[Word] = []
        text = _INVISIBLE.sub(" ", text[:_LONGEST])
        for name, quoted, plain in _PART.findall(text):
            value, read = quoted or plain, _READERS.get(name.lower())
            if read is not None:
                query = read(query, value, today or datetime.now().astimezone().date())
            elif quoted or name:
                words.append(Word(f"{name} {value}" if name else value, exact=bool(quoted)))
            else:
                words.append(Word(plain))
        searchable = [word for word in words if any(map(str.isalnum, word.text))]
        if words and not searchable and not query.problem:
            query = replace(query, problem="Only letters and digits can be searched for.")
        return replace(query, words=tuple(searchable[:_WORDS_AT_MOST]))


def _from(query: SearchQuery, value: str, today: date) -> SearchQuery:
    match value.lower():
        case "me" | "bot" as side:
            return replace(query, side="me" if side == "me" else "bot")
        case _:
            return replace(query, problem="from: takes me or bot.")


def _has(query: SearchQuery, value: str, today: date) -> SearchQuery:
    match value.lower():
        case "error":
            return replace(query, failed=True)
        case "file":
            return replace(query, with_files=True)
        case "note":
            return replace(query, with_note=True)
        case _:
            return replace(query, problem="has: takes error, file or note.")


def _verdict(query: SearchQuery, value: str, today: date) -> SearchQuery:
    verdict = REPLY_VERDICTS.get(value.lower())
    problem = "" if verdict else f"verdict: takes {', '.join(REPLY_VERDICTS)}."
    return replace(query, verdict=verdict, problem=query.problem or problem)


def _before(query: SearchQuery, value: str, today: date) -> SearchQuery:
    at = _midnight(value, today)
    return replace(query, problem=_NO_DATE.format("before")) if at is None else replace(query, before=at)


def _after(query: SearchQuery, value: str, today: date) -> SearchQuery:
    at = _midnight(value, today)
    return replace(query, problem=_NO_DATE.format("after")) if at is None else replace(query, after=at)


_NO_DATE: Final = "{}: takes a date such as 2026-11-30, 2026-11, today or yesterday."
_READERS: Final[Mapping[str, Callable[[SearchQuery, str, date], SearchQuery]]] = {
    "bot": lambda query, value, today: replace(query, bot=value),
    "provider": lambda query, value, today: replace(query, provider=value),
    "from": _from,
    "has": _has,
    "verdict": _verdict,
    "before": _before,
    "after": _after,
}


def _midnight(value: str, today: date) -> datetime | None:
    """Return when a day, or the first day of a month or year, begins here; None if the value is no date."""
    if value.lower() in ("today", "yesterday"):
        day = today if value.lower() == "today" else today - timedelta(days=1)
    elif (match := _DATE.fullmatch(value)) is None:
        return None
    else:
        year, month, day_of_month = match.groups(default="1")
        try:
            day = date(int(year), int(month), int(day_of_month))
        except ValueError:
            return None
    try:
        return datetime(day.year, day.month, day.day).astimezone(UTC)
    except (OverflowError, OSError, ValueError):  # the first or the last year there is
        return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message or a title that was found. Texts are cleaned."""

    kind: Literal["title", "message", "reply", "remote"]
    """`message`: the user's · `remote`: from the service, and not on this machine otherwise."""
    id: int
    """The id of the conversation, the turn, the reply, or the service's message in the history."""
    conversation: int
    title: str
    provider: str
    board: str
    board_name: str
    side: Side | None
    """Who wrote it; None for a title."""
    at: datetime | None
    """When it was written, aware; None if the service did not say."""
    snippet: tuple[tuple[str, bool], ...]
    """A part of its text, and which pieces of that match. If only marked replies were asked for, it is the note."""
    turn: int = 0
    """The id of its turn, if it is on this machine."""
    remote_id: str = ""
    """The id of the service's message, if it is `remote`."""
    failed: bool = False
    """Whether it is a reply that failed."""
    mark: ReplyMark = NO_MARK
    """What the user says of it, if it is a reply."""

    @property
    def lit(self) -> str:
        """The first piece of text that matches, or an empty string."""
        return next((text for text, lit in self.snippet if lit), "")


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The best hits, and how much of the history could be searched."""

    hits: tuple[Hit, ...] = ()
    more: bool = False
    """Whether there are further hits."""
    unindexed: int = 0
    """The number of messages that are not in the index yet."""
    messages: int = 0
    """The number of all messages."""
    problem: str = ""
    """Why nothing could be searched, as a sentence."""
    query: SearchQuery = field(default_factory=SearchQuery)

    @property
    def progress(self) -> str:
        """A sentence about what is not indexed yet, or an empty string."""
        if not self.unindexed:
            return ""
        share = 100 * (self.messages - self.unindexed) // max(1, self.messages)
        return f"Still indexing older messages: {max(0, share)} % can be searched."
