"""Numbers and times as text in the transcript."""

from __future__ import annotations

from datetime import date, datetime

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.units import counted as counted
from chatgrid_tui.units import seconds as seconds
from chatgrid_tui.units import size as size


def own(text: str, signs: Signs) -> str:
    """Return text of the program with its dots and ellipses in the current signs."""
    return text.replace("·", signs.dot).replace("…", signs.more)


def line(text: str, limit: int, signs: Signs) -> str:
    """Return text of others on one line, at most `limit` characters. If it is cut, it ends in the current sign."""
    whole = clean_line(text, limit)
    if len(whole) < limit or whole[-1:] != "…" or signs.more == "…":
        return whole
    longer = clean_line(text, limit + 1)
    return whole if longer == whole else whole[: max(0, limit - len(signs.more))] + signs.more


def clock(moment: datetime) -> str:
    """Return a local time of day as HH:MM."""
    return moment.astimezone().strftime("%H:%M")


def day(date: date, today: date | None) -> str:
    """Return the name of a local date: `Today`, `Sunday 29 November`, with the year if it is another one."""
    match None if today is None else (today - date).days:
        case 0:
            return "Today"
        case 1:
            return "Yesterday"
        case _:
            year = "" if today is not None and date.year == today.year else f" {date.year}"
            return f"{date:%A} {date.day} {date:%B}{year}"


def short_day(day: date, today: date) -> str:
    """Return the name of a local date for a narrow place: `Today`, `Sunday 29 November` within a week, then without
    the weekday, and with the year if it is another one.
    """
    age = (today - day).days
    if age <= 0:
        return "Today"
    if age == 1:
        return "Yesterday"
    weekday = f"{day:%A} " if age < 7 else ""
    year = "" if age < 7 or day.year == today.year else f" {day.year}"
    return f"{weekday}{day.day} {day:%B}{year}"
