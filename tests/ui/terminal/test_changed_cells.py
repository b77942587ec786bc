"""What a frame writes: the same screen as Textual's own output, in far fewer bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from chatgrid_tui.ui.terminal.changed_cells import ChangedCells

WIDTH, HEIGHT = 24, 3
CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = [
    Style(),
    Style(color="#d7dce4", bgcolor="#14161a"),
    Style(color="#d7dce4", bgcolor="#14161a", bold=True),
    Style(color="#67bfc6", bgcolor="#14161a", italic=True, underline=True),
    Style(color="#d7dce4", reverse=True, meta={"@click": "open"}),
    Style(dim=True, bold=True),
    Style(bgcolor="#101215"),
]
CUTS = [[0, 24], [0, 8, 24], [0, 8, 20, 24]]

# No combining marks: after the last column pyte takes one for a letter of the next row, and scrolls.
texts = st.text(st.sampled_from("aab  │▌é家😀"), max_size=9)
pieces = st.lists(st.builds(Segment, texts, st.sampled_from(STYLES), st.none()), max_size=4)


def strip_of(segments: list[Segment], width: int) -> Strip:
    return Strip(segments).adjust_cell_length(width, STYLES[1])


@st.composite
def updates(draw: st.DrawFn) -> ChopsUpdate | LayoutUpdate:
    """Draw a row's new strips, or all rows at once."""
    cuts = draw(st.sampled_from(CUTS))

    def row() -> dict[int, Strip]:
        return {start: strip_of(draw(pieces), end - start) for start, end in pairwise(cuts)}

    if draw(st.booleans()):
        return LayoutUpdate([row().values() for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
    chops: list[Mapping[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    y = draw(st.integers(0, HEIGHT - 1))
    chops[y] = row()
    return ChopsUpdate(chops, [(y, 0, WIDTH)], [cuts[1:]] * HEIGHT)


class Screen:
    """A terminal, and what is on it."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.Stream(self._screen)

    def feed(self, data: str) -> None:
        # The line feeds of Textual move the cursor, which is then moved anyway.
        self._stream.feed(data.replace("\n", ""))

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        return [[self._screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


@given(st.lists(updates(), max_size=8))
def test_the_screen_is_the_one_that_textual_draws(drawn: list[ChopsUpdate | LayoutUpdate]) -> None:
    cells, ours, theirs = ChangedCells(), Screen(), Screen()
    for update in drawn:
        ours.feed(cells.render(update, CONSOLE))
        theirs.feed(update.render_segments(CONSOLE))
        assert ours.cells == theirs.cells


def written(cells: ChangedCells, text: str, style: Style = STYLES[1]) -> str:
    """Return what is written when the first row shows `text`."""
    strip = strip_of([Segment(text, style)], WIDTH)
    return cells.render(ChopsUpdate([{0: strip}], [(0, 0, WIDTH)], [[WIDTH]]), CONSOLE)


def texts_in(data: str) -> Iterator[str]:
    """Yield the texts between the escape sequences."""
    for piece in data.split("\x1b["):
        text = piece.lstrip("0123456789;")[1:]
        if text:
            yield text


def test_only_what_differs_is_written() -> None:
    cells = ChangedCells()
    assert list(texts_in(written(cells, "Writing, 62 tokens"))) == ["Writing, 62 tokens" + 6 * " "]
    assert written(cells, "Writing, 62 tokens") == ""
    assert list(texts_in(written(cells, "Writing, 65 tokens"))) == ["5"]
    assert written(cells, "Writing, 66 tokens").startswith("\x1b[1;11H")
    assert list(texts_in(written(cells, "Writing, 66 tokens", STYLES[2]))) == ["Writing, 66 tokens"]


def test_a_row_whose_widths_a_terminal_may_see_otherwise_is_written_whole() -> None:
    cells = ChangedCells()
    written(cells, "👩‍👩‍👧 one")
    assert list(texts_in(written(cells, "👩‍👩‍👧 two"))) == ["👩‍👩‍👧", " two" + 18 * " "]


def test_nothing_is_left_after_what_a_terminal_draws_in_fewer_cells() -> None:
    cells, screen = ChangedCells(), Screen()
    screen.feed(written(cells, "a line to the very end"))
    screen.feed(written(cells, "👨\u200d👩\u200d👧\u200d👦 of all"))
    assert "".join(cell.data for cell in screen.cells[0]).endswith(" of all" + 15 * " ")


def test_after_the_terminal_forgot_everything_is_written() -> None:
    cells = ChangedCells()
    written(cells, "as before")
    cells.forget()
    assert list(texts_in(written(cells, "as before"))) == ["as before" + 15 * " "]


def test_a_style_is_changed_by_what_differs() -> None:
    cells = ChangedCells()
    row = strip_of([Segment("a", STYLES[1]), Segment("b", STYLES[2]), Segment("c", STYLES[1])], WIDTH)
    update = LayoutUpdate([[row]], Region(0, 0, WIDTH, 1))
    begin = "\x1b[1;1H\x1b[38;2;215;220;228;48;2;20;22;26m"
    assert cells.render(update, CONSOLE) == f"{begin}a\x1b[1mb\x1b[22mc{21 * ' '}\x1b[0m"
