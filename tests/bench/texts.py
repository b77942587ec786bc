"""The texts that are shown: the long writer's tokens, and the messages of a long history."""

from __future__ import annotations

import random
import re
from typing import Final

from chatgrid_tui.demo.bots import longwriter
from chatgrid_tui.demo.steps import Piece

SEED: Final = 7
"""What the bots' text depends on where nobody says otherwise."""
_NEAR: Final = 3_000
"""Characters that are surely more than fit on the screen."""
_LINK: Final = re.compile(r"\[[^\]]*\]\([^)]*\)?")
_PROSE: Final = """the reply comes in pieces and whoever reads it types the next question while it is still being
written so every key has to be seen at once and no line may move under the eyes of somebody who went up to read"""
_WORDS: Final = _PROSE.split()


def tokens(count: int) -> list[str]:
    """Return the tokens of the long writer's reply, as it sends them."""
    steps = longwriter.plan(count, 0, SEED).steps
    return [step.text for step in steps if isinstance(step, Piece)]


def letters(text: str) -> str:
    """Return what stays of a text however it is wrapped, framed and styled."""
    return "".join(character for character in text if character.isascii() and character.isalnum())


def ending(text: str) -> str:
    """Return the last letters of a Markdown text that are unique on a screen showing it. They end with its last
    token, and only literal text of the source is used.
    """
    last_line = text.rstrip().rpartition("\n")[2]
    shown = letters(_LINK.split(last_line)[-1])
    near = letters(text[-_NEAR:])
    size = next(size for size in range(1, len(shown) + 1) if near.count(shown[-size:]) == 1)
    return shown[-max(size, min(len(shown), 12)) :]


def reply(number: int) -> str:
    """Return a reply of about eighty words, always the same for a number, that begins and ends with its mark."""
    chance = random.Random(number)

    def sentence(count: int) -> str:
        return " ".join(chance.choice(_WORDS) for _ in range(count)).capitalize() + "."

    items = "\n".join(f"- {sentence(8)}" for _ in range(3))
    return f"**{sentence(10)}** {sentence(24)}\n\n{items}\n\n`code_{number}` {sentence(14)} {mark(number)}"


def mark(number: int) -> str:
    """Return the word with which a reply ends."""
    return f"Mark{number:05d}"
