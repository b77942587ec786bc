"""Titles of conversations that were made from another one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.sync.chat_list import TITLE_LENGTH
from chatgrid_tui.text import clean_line

Made: TypeAlias = Literal["Fork", "Again"]
"""What a title begins with."""
_BEFORE: Final = re.compile(r"(?:Fork|Again)(?: \d{1,6})?: ")


def titled_after(made: Made, title: str, rows: Iterable[ConversationRow]) -> str:
    """Return a title that no row has: `Fork: Opening hours`, then `Fork 2: Opening hours`."""
    plain = _BEFORE.sub("", clean_line(title, TITLE_LENGTH), count=1).strip() or "Untitled"
    taken = {row.title for row in rows if row.title.startswith(made)}
    titles = (f"{made}{f' {number}' if number > 1 else ''}: {plain}" for number in itertools.count(1))
    return next(new for each in titles if (new := clean_line(each, TITLE_LENGTH)) not in taken)
