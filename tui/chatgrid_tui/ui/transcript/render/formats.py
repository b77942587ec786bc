"""Numbers and times as the transcript writes them."""

from __future__ import annotations

from datetime import date, datetime

from chatgrid_tui.session.wording.measures import counted as counted
from chatgrid_tui.session.wording.measures import seconds as seconds
from chatgrid_tui.session.wording.measures import size as size
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
