"""What the restaurant makes of a message: an intention, and the facts in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_DAYS = (
    "today", "tonight", "tomorrow",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_INTENTS: tuple[tuple[str, str], ...] = (
    ("cancel", r"cancel|forget|never ?mind|stop"),
    ("thanks", r"thanks?|thank you|cheers"),
    ("photo", r"photo|picture|(?:show|see) (?:me )?the terrace"),
    ("hours", r"hours|open|opening|closed?"),
    ("route", r"route|find you|find us|where|address|directions?|way|map"),
    ("menu", r"menu|eat|food|dishes|hungry"),
    ("book", r"book|booking|reserve|reservation|table"),
    ("greeting", r"hello|hi|hey|good (?:day|morning|evening)|sawasdee|start"),
)
_DISHES: tuple[tuple[str, str], ...] = (
    ("pad-thai", r"pad thai|noodles?"),
    ("green-curry", r"curry|green curry"),
    ("mango-rice", r"mango(?: sticky)?(?: rice)?|dessert"),
)
_CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})[:.](?P<minute>[0-5]\d)\s*(?P<half>am|pm)?\b"
    r"|\b(?P<hour2>\d{1,2})\s*(?P<half2>am|pm)\b"
    r"|\bat (?P<hour3>\d{1,2})\b|\b(?P<noon>noon)\b"
)
_NAME = re.compile(r"^\s*(?:my name is|the name is|under|i am|i'm|for|name:?)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heard:
    """The intention (or none) and the facts."""

    intent: str = ""
    dish: str = ""
    people: int | None = None
    day: str | None = None
    time: str | None = None
    name: str | None = None


def hear(message: str, asked: str = "") -> Heard:
    """Reads a message or a suggestion's payload. `asked` is what the bot wants to know right now."""
    plain = words_of(message)
    lowered = plain.lower()
    dish = next((slug for slug, words in _DISHES if _has(words, lowered)), "")
    intent = "dish" if dish else next((name for name, words in _INTENTS if _has(words, lowered)), "")
    time, rest = _time(lowered, bare=asked == "time")
    day = next((day for day in _DAYS if _has(day, lowered)), None)
    name = None
    if asked == "name" and (intent in ("", "greeting") or _NAME.match(plain)):
        intent = ""
        name = _NAME.sub("", plain).strip()[:60] or None
    return Heard(intent, dish, _people(rest), day, time, name)


def words_of(message: str) -> str:
    """The words behind a payload such as `__item__:booking:4-people`; other messages as they are."""
    if not message.startswith("__item__:"):
        return message
    return message.split(":", 2)[2].replace("-", " ") if message.count(":") >= 2 else ""


def _has(words: str, text: str) -> bool:
    return re.search(rf"\b(?:{words})\b", text) is not None


def _time(text: str, *, bare: bool) -> tuple[str | None, str]:
    found = _CLOCK.search(text)
    if found is None:
        number = re.search(r"\b\d{1,2}\b", text) if bare else None
        if number is None:
            return None, text
        return _clock(int(number.group()), 0, ""), ""
    rest = text[: found.start()] + " " + text[found.end() :]
    if found["noon"]:
        return "12:00", rest
    hour = int(found["hour"] or found["hour2"] or found["hour3"])
    return _clock(hour, int(found["minute"] or 0), found["half"] or found["half2"] or ""), rest


def _clock(hour: int, minute: int, half: str) -> str | None:
    """A time on the 24-hour clock; a small hour without am or pm is in the evening."""
    if half == "pm" or (not half and 1 <= hour <= 10):
        hour = hour % 12 + 12
    elif half == "am":
        hour %= 12
    return f"{hour:02d}:{minute:02d}" if hour < 24 else None


def _people(text: str) -> int | None:
    found = re.search(r"\b(\d{1,2})\b", text)
    if found:
        return int(found[1]) or None
    return next((number for number, word in enumerate(_NUMBER_WORDS, 1) if _has(word, text)), None)
