"""The switcher: letters typed among very many boards and conversations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from textual.fuzzy import Matcher

from bench.outcome import Row, compared
from bench.stage import Stage, progress
from chatgrid_tui.ui.overlays.picker_rows import Choices, PickerGroup, PickerRow

_WORDS: Final = ("refund", "order", "support", "bot", "gpt", "staging", "acme", "invoice", "kettle", "password")
_NAMES: Final = [
    " ".join(_WORDS[(number * step) % len(_WORDS)] for step in (1, 3, 7)) + f" {number}" for number in range(10_000)
]
_PLACE: Final = "Acme staging · api.acme.example"
_TYPED: Final = ("a", "ac", "acm", "acme", "acme g", "acme gp", "acme gpt", "r", "rf", "sb", "xq")
"""What is typed, letter by letter; the last ones are letters from several words, and what nothing is called."""


def switch(stage: Stage, rounds: int) -> list[Row]:
    """Type into the switcher with 10,000 boards and 10,000 conversations."""
    progress("switch: 20,000 rows")
    choices = Choices(
        [
            PickerGroup(title, [PickerRow(f"{title} {name}", name, _PLACE) for name in _NAMES], "typed")
            for title in ("Conversations", "Boards")
        ]
    )
    while not choices.make_ready():
        pass
    every = [f"{name} {_PLACE}" for name in _NAMES] * 2

    def find(typed: str) -> None:
        choices.type(typed)

    def match(typed: str) -> None:
        matcher = Matcher(typed)
        sorted(every, key=matcher.match)

    ours: list[float] = []
    floor: list[float] = []
    for _ in range(rounds):
        choices.type("")
        ours.append(_seconds(find))
        floor.append(_seconds(match))
    return [compared("a letter typed among 20,000 rows: mean of 11", ours, floor, "Textual's Matcher", 0.1)]


def _seconds(find: Callable[[str], None]) -> float:
    before = time.process_time()
    for typed in _TYPED:
        find(typed)
    return (time.process_time() - before) / len(_TYPED)
