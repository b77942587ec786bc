"""Long texts in the composer, each shown as a short label.

A text area wraps and draws a long line again after every key press, which takes seconds for a megabyte. So a label
replaces a long text. The cursor skips and deletes it like one character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgrid_tui.units import size as data_size

_AFFORDABLE: Final = 20_000
"""The largest cost of a text without a label; an ASCII character costs 1. A key press then takes 30 ms at most."""
_OTHER_CHARACTER: Final = 4
_LINE: Final = 60

_SHORTEST: Final = 200
"""The fewest characters for which a label is shorter than the text by much."""
_LABEL: Final = re.compile(r"\[Long text \d+: [\d,]+ lines?, [\d.]+ [kM]?B\]")


class Folds:
    """Keeps long texts by their labels, as long as a label may come back: by undo, or from the clipboard."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._unfolded = ("", "")
        """The last text with labels, and the whole text. They are needed several times after every key press, and
        again if a message could not be sent, or when the conversation is opened again.
        """

    def fold(self, text: str, beside: str = "") -> str:
        """Return a label for `text` if it is too long together with the text `beside` it, else `text`."""
        shown, whole = self._unfolded
        if whole and text == whole:
            return shown
        if len(text) < _SHORTEST or _cost(text) + _cost(beside) <= _AFFORDABLE:
            return text
        if text not in self._labels:
            lines = text.count("\n") + 1
            size = f"{lines:,} {'lines' if lines > 1 else 'line'}, {data_size(len(text.encode()))}"
            label = f"[Long text {len(self._texts) + 1}: {size}]"
            self._labels[text], self._texts[label] = label, text
        return self._labels[text]

    def unfold(self, shown: str) -> str:
        """Return `shown` with the whole texts instead of their labels."""
        if not self.spans(shown):
            return shown
        if shown != self._unfolded[0]:
            self._unfolded = shown, "".join(whole for _, whole in self._pieces(shown))
        return self._unfolded[1]

    def length(self, shown: str, text: str) -> int | None:
        """Return how many characters at the start of `shown` stand for `text`, or None if it starts differently."""
        if not self.unfold(shown).startswith(text):
            return None
        at, left = 0, len(text)
        for piece, whole in self._pieces(shown):
            if left < len(whole):
                return at + left if piece == whole else None
            at, left = at + len(piece), left - len(whole)
        return at

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return the spans of the labels in a line."""
        if not self._texts:
            return []
        return [label.span() for label in _LABEL.finditer(line) if label[0] in self._texts]

    def span_around(self, line: str, column: int) -> tuple[int, int] | None:
        """Return the span of the label around `column`."""
        return next(((start, end) for start, end in self.spans(line) if start < column < end), None)

    def text_at(self, line: str, column: int) -> str:
        """Return the text whose label begins at `column` or is around it, or an empty string."""
        spans = (span for span in self.spans(line) if span[0] <= column < span[1])
        return next((self._texts[line[start:end]] for start, end in spans), "")

    def _pieces(self, shown: str) -> Iterator[tuple[str, str]]:
        """Yield the pieces of `shown`, each with the text that it stands for."""
        at = 0
        for start, end in self.spans(shown):
            yield shown[at:start], shown[at:start]
            yield shown[start:end], self._texts[shown[start:end]]
            at = end
        yield shown[at:], shown[at:]


def _cost(text: str) -> int:
    characters = len(text) if text.isascii() else len(text) * _OTHER_CHARACTER
    return characters + text.count("\n") * _LINE
