"""Lines of cells: texts cut to a width, and rows with a left and a right end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.renderables.tint import Tint
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Signs

TINY_BELOW = 60
"""The width of the screen below which the side margin is one cell."""

TALL_FROM = 30
"""The height of the screen from which there are half rows, and a composer of four rows."""

COLUMN_CLASSES = [(0, "-tiny"), (TINY_BELOW, "-roomy")]
ROW_CLASSES = [(0, "-low"), (TALL_FROM, "-tall")]
"""Classes of screens for style sheets, which an app sets as its breakpoints."""

_PORT = re.compile(r":[0-9]{1,5}\Z")


def size_classes(size: Size) -> tuple[str, str]:
    """Return the classes of a screen of this size."""
    return (
        next(name for least, name in reversed(COLUMN_CLASSES) if size.width >= least),
        next(name for least, name in reversed(ROW_CLASSES) if size.height >= least),
    )


def cut(text: str, width: int, more: str) -> str:
    """Return `text` in at most `width` cells. If it is cut, it ends in `more`."""
    if cell_len(text) <= width:
        return text
    room = width - cell_len(more)
    return set_cell_size(text, room) + more if room >= 0 else set_cell_size(text, max(0, width))


def cut_before_port(text: str, width: int, more: str) -> str:
    """Return `text` in at most `width` cells, like `cut`, but keep the port of an address at its end: it is all that
    distinguishes two servers on one machine.
    """
    port = _PORT.search(text)
    if port is None or cell_len(text) <= width or width < 2 * len(port[0]):
        return cut(text, width, more)
    return cut(text[: port.start()], width - len(port[0]), more) + port[0]


def own_words(text: str, signs: Signs) -> str:
    """Return a line of the program's own text, cleaned, with its dots and ellipses in the current signs."""
    return clean_line(text).replace("·", signs.dot).replace("…", signs.more)


def width_of(segments: Iterable[Segment]) -> int:
    """Return how many cells `segments` take."""
    return sum(segment.cell_length for segment in segments)


def filled(segments: Sequence[Segment], width: int, fill: Style) -> Strip:
    """Return a strip of exactly `width` cells that starts with `segments`."""
    return Strip(segments).adjust_cell_length(width, fill).simplify()


def both_ends(left: Sequence[Segment], right: Sequence[Segment], width: int, fill: Style) -> Strip:
    """Return a strip of exactly `width` cells that starts with `left` and ends with `right`.

    If both do not fit, `left` is cut.
    """
    room = max(0, width - width_of(right))
    return filled([*Strip(left).adjust_cell_length(room, fill), *right], width, fill)


def tinted(strips: list[Strip], widget: Widget) -> list[Strip]:
    """Return strips in the tint of `widget`, as Textual does for widgets that do not draw their own lines."""
    if not (tint := widget.styles.tint).a:
        return strips
    background, theme = widget.background_colors[1], widget.app.ansi_theme
    return [Strip(Tint.process_segments(strip, tint, theme, background), strip.cell_length) for strip in strips]


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of `text`, wrapped at words to `width` cells."""
    if width <= 0:
        return []
    return [line.plain.rstrip() for line in Content(text).wrap(width)]


def is_tall(widget: Widget) -> bool:
    """Return whether the screen has enough rows for the tall layout."""
    return widget.app.size.height >= TALL_FROM
