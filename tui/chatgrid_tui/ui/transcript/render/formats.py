"""Numbers and times as the transcript writes them."""

from __future__ import annotations

from datetime import date, datetime

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Signs


def own(text: str, signs: Signs) -> str:
    """Return words of this program with the signs in use for its dots and ellipses."""
    return text.replace("·", signs.dot).replace("…", signs.more)


def line(text: str, limit: int, signs: Signs) -> str:
    """Return words of others on one line, at most `limit` characters; where they are cut, the sign in use says so."""
    whole = clean_line(text, limit)
    if len(whole) < limit or whole[-1:] != "…" or signs.more == "…":
        return whole
    longer = clean_line(text, limit + 1)
    return whole if longer == whole else whole[: max(0, limit - len(signs.more))] + signs.more


def clock(moment: datetime) -> str:
    """Return a time of day where the reader is, as HH:MM."""
    return moment.astimezone().strftime("%H:%M")


def day(date: date, today: date | None) -> str:
    """Return the name of a date where the reader is: `Today`, `Sunday 29 November`, and the year of another one."""
    match None if today is None else (today - date).days:
        case 0:
            return "Today"
        case 1:
            return "Yesterday"
        case _:
            year = "" if today is not None and date.year == today.year else f" {date.year}"
            return f"{date:%A} {date.day} {date:%B}{year}"


def seconds(value: float) -> str:
    """Return a span that was measured: `38 ms`, `1.9 s`, `1,200 s`."""
    if value < 0.0005:
        return "< 1 ms"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def counted(number: int, word: str, plural: str = "s") -> str:
    """Return a number and its word: `1 line`, `1,240 lines`."""
    return f"{number:,} {word}{'' if number == 1 else plural}"


def size(count: int) -> str:
    """Return a number of bytes as people write it: `84 kB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if value >= 10 or unit == "kB" else f"{value:.1f} {unit}"
    raise AssertionError("the last unit takes all that is left")
