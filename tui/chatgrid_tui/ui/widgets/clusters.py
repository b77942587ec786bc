"""Grapheme clusters: what readers see as one character, even if it consists of several code points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from rich.style import Style
from rich.text import Text


def cluster_start(text: str, position: int) -> int:
    """Return where the cluster around `position` starts; `position` itself if it is between two."""
    if _is_between(text, position):
        return position
    bounds = _bounds(text)
    return bounds[bisect_right(bounds, position) - 1]


def cluster_end(text: str, position: int) -> int:
    """Return where the cluster around `position` ends; `position` itself if it is between two."""
    if _is_between(text, position):
        return position
    bounds = _bounds(text)
    return bounds[bisect_left(bounds, position)]


def clusters(text: str) -> Iterator[str]:
    """Return the clusters of `text`."""
    return iter(text) if text.isascii() else (text[start:end] for start, end in pairwise(_bounds(text)))


class ClusterText(Text):
    """A line of text that is styled by whole clusters: a terminal shows the parts of a split one."""

    def stylize(self, style: str | Style, start: int = 0, end: int | None = None) -> None:
        """Style the clusters from `start` to `end`."""
        plain = self.plain
        last = len(plain) if end is None else min(end, len(plain))
        super().stylize(style, cluster_start(plain, start), cluster_end(plain, last))


def _is_between(text: str, position: int) -> bool:
    """Return whether `position` is certainly between two clusters."""
    return not 0 < position < len(text) or text[position - 1 : position + 1].isascii()


@lru_cache(maxsize=16)
def _bounds(text: str) -> Sequence[int]:
    return tuple(accumulate(map(len, load()(text)), initial=0))


def load() -> Callable[[str], Iterator[str]]:
    """Load the function that finds clusters, and return it. Its tables take longer to load than a frame may."""
    from wcwidth import iter_graphemes

    return iter_graphemes
