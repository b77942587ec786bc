"""Long writer: as much text as you ask for, at the speed you ask for."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from chatgrid_tui.demo.steps import Pace, Piece, Plan, Step, Turn, pieces

DEFAULT_TOKENS = 8_000
DEFAULT_SPEED = 80.0
MOST_TOKENS = 200_000
_ORDER = re.compile(
    r"(?P<tokens>\d[\d,_]*)\s*(?:tokens?\b)?(?:\s*(?:\bat\b|@|,|/)?\s*(?P<speed>\d[\d,_]*(?:\.\d+)?))?", re.IGNORECASE
)

_SUBJECTS = (
    "the river", "a slow train", "the second editor", "an old map", "the night shift", "every clerk",
    "the harbour", "a borrowed lamp", "the weather", "the last page", "a careful reader", "the new machine",
)  # fmt: skip
_VERBS = (
    "keeps", "carries", "measures", "forgets", "answers", "returns", "describes", "outlasts", "follows", "repairs",
)  # fmt: skip
_OBJECTS = (
    "the morning", "a column of numbers", "what nobody asked for", "the `long` way round", "**one more line**",
    "the sound of rain", "*a small doubt*", "the names on the list", "an open window", "its own [shadow](https://example.com)",
)  # fmt: skip
_TAILS = (
    "before the doors open", "as if it were paid by the word", "without a single mistake", "until the ink is dry",
    "and then does it again", "while the others sleep", "for the third time this week", "in plain sight",
)  # fmt: skip


def answer(turn: Turn) -> Plan:
    """Return text of the length, and at the speed, that the message names."""
    tokens, speed = read_order(turn.message)
    return plan(tokens, speed, turn.seed)


def plan(tokens: int, speed: float, seed: int) -> Plan:
    """Return a plan of exactly this many tokens."""
    return Plan(_steps(max(1, min(tokens, MOST_TOKENS)), speed, seed))


def read_order(message: str) -> tuple[int, float]:
    """Return the tokens, and tokens per second, that words such as "2000 at 200" ask for, or the defaults."""
    numbers = _ORDER.search(message)
    if numbers is None:
        return DEFAULT_TOKENS, DEFAULT_SPEED
    tokens = int(re.sub(r"\D", "", numbers["tokens"])[:9])
    speed = float(re.sub(r"[,_]", "", numbers["speed"])[:9]) if numbers["speed"] else DEFAULT_SPEED
    return tokens or DEFAULT_TOKENS, speed


def _steps(tokens: int, speed: float, seed: int) -> Iterator[Step]:
    yield Pace(speed)
    left = tokens
    for block in _blocks(random.Random(seed)):  # noqa: S311  (text, not a secret)
        for piece in pieces(block):
            yield Piece(piece, paced=True)
            left -= 1
            if left == 0:
                return


def _blocks(chance: random.Random) -> Iterator[str]:
    """Yield Markdown without end; the same seed gives the same text."""
    section = 0
    while True:
        section += 1
        yield f"## {section}. {_sentence(chance)[:-1]}\n\n"
        for _ in range(chance.randint(2, 4)):
            yield " ".join(_sentence(chance) for _ in range(chance.randint(3, 6))) + "\n\n"
        yield _extra(chance, section)


def _sentence(chance: random.Random) -> str:
    sentence = (
        f"{chance.choice(_SUBJECTS)} {chance.choice(_VERBS)} {chance.choice(_OBJECTS)} {chance.choice(_TAILS)}."
    )
    return sentence[0].upper() + sentence[1:]


def _extra(chance: random.Random, section: int) -> str:
    kind = section % 5
    lines = [_sentence(chance) for _ in range(3)]
    if kind == 1:
        return "".join(f"- {line}\n" for line in lines) + "\n"
    if kind == 2:
        rows = "".join(f"| {name} | {chance.randint(1, 9999):,} |\n" for name in chance.sample(_SUBJECTS, 4))
        return f"| Who | How often |\n|:----|----------:|\n{rows}\n"
    if kind == 3:
        return f"```python\nfor line in range({section}):\n    print(line, {chance.randint(1, 99)})\n```\n\n"
    if kind == 4:
        return f"> {lines[0]}\n> {lines[1]}\n\n"
    return "".join(f"{number}. {line}\n" for number, line in enumerate(lines, 1)) + "\n---\n\n"
