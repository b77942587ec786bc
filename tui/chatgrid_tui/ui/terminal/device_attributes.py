"""What a terminal says that it can do, when it is asked for its primary device attributes."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Final

from textual.message import Message

QUERY: Final = "\x1b[c"
SIXEL: Final = 4
"""The attribute of terminals that show sixels."""
_ANSWER: Final = re.compile(r"\x1b\[\?(\d{1,5}(?:;\d{1,5}){0,31})c")


class DeviceAttributes(Message):
    """The terminal has answered."""

    def __init__(self, attributes: Set[int]) -> None:
        super().__init__()
        self.attributes = attributes


def attributes_in(sequence: str) -> Set[int] | None:
    """Return the attributes in a control sequence; None if it is another one."""
    answer = _ANSWER.fullmatch(sequence)
    return None if answer is None else frozenset(map(int, answer[1].split(";")))
