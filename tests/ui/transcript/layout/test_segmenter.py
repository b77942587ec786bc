"""A text looks the same however it arrived in pieces, and whatever was dropped and drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.ui.transcript.layout import segmenter
from chatgrid_tui.ui.transcript.layout.bubble_layout import BubbleLayout
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.layout.segmenter import Segmenter
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import Line, Run
from ui.transcript.support import frame

_PIECES = """word |a|- |* |1. |2) |> |```|```py|~~~|    |---|===|***|# |**b**|`c`|[x](http://e.example)|[r]
[r]: http://r.example|<b>|日本|👍🏽|é|![i](http://i.example/a.png)|\\|- [x] |1234567 89 |_e_|+|=|#|>|`|http://b.example"""
PIECES = [*_PIECES.replace("\n", "|").split("|"), "| a | b |\n", "|---|--:|\n", "| 1 | 2 |\n", "a|b\n-|-\n"]
MARKDOWN = st.lists(st.sampled_from([*PIECES, "\n", "\n\n", "\r\n", "\r", "\t", "  "]), max_size=30).map("".join)


def streamed(text: str, cuts: Sequence[int], width: int = 24, kept: int = 1_000) -> list[Row]:
    """The rows of a bubble of full width that arrived in pieces and was drawn after each."""
    bubble, rows, drawing = Bubble(), BubbleLayout((0, 0), row_cache := RowCache(kept)), frame(width)
    wide = [Line([Run("x" * drawing.grid.text, drawing.bot())])]
    at = 0
    for cut in (*sorted(cuts), len(text)):
        if cut > at:
            bubble.append(text[at:cut])
            at = cut
        rows.update(bubble, drawing, live=True, writing=True, beside=wide)
        assert len(list(rows.rows(0, rows.height))) == rows.height
        row_cache.trim(0)
    rows.update(bubble, drawing, live=False, beside=wide)
    while not rows.exact:
        rows.update(bubble, drawing, live=False)
    return list(rows.rows(0, rows.height))


def look(rows: Sequence[Row]) -> list[object]:
    return [(list(row.strip), row.spots, row.joint) for row in rows]


@settings(max_examples=150)
@given(MARKDOWN, st.data())
def test_any_cut_gives_the_same_rows(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
    assert look(streamed(text, cuts)) == look(streamed(text, ()))


@settings(max_examples=40)
@given(MARKDOWN)
def test_character_by_character(text: str) -> None:
    assert look(streamed(text, range(len(text)))) == look(streamed(text, ()))


@settings(max_examples=40)
@given(st.lists(MARKDOWN, min_size=2, max_size=5).map("\n\n".join))
def test_rows_that_were_dropped_come_back_the_same(text: str) -> None:
    assert look(streamed(text, range(0, len(text), 7), kept=0)) == look(streamed(text, ()))


@settings(max_examples=60)
@given(MARKDOWN, st.data())
def test_blocks_too_long_for_one_step_are_cut_at_the_same_place(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(segmenter, "WINDOW", 50)
        assert look(streamed(text, cuts)) == look(streamed(text, ()))


@given(st.text(alphabet="a\r\n\u0301👍\u200d日é", max_size=40), st.data())
def test_cleaning_does_not_depend_on_the_cuts(raw: str, data: st.DataObject) -> None:
    whole, pieces = Segmenter(), Segmenter()
    whole.feed(raw)
    cut = data.draw(st.integers(0, len(raw)))
    pieces.feed(raw[:cut])
    pieces.feed(raw[cut:])
    assert pieces.text == whole.text


def test_a_finished_part_is_not_looked_at_again() -> None:
    text = Segmenter()
    text.feed("one\n\ntwo\n\nthree")
    first = text.advance(finished=False)
    assert [text.text[part.start : part.end] for part in first] == ["one\n\n"]
    text.feed(" more\n")
    assert [text.text[part.start : part.end] for part in text.advance(finished=False)] == ["two\n\n"]
    text.feed("\n- item")
    assert text.advance(finished=False) == []


def test_each_step_is_bounded() -> None:
    text = Segmenter()
    text.feed("paragraph of some words\n\n" * 4_000)
    steps = 0
    while text.behind or not steps:
        assert sum(part.end - part.start for part in text.advance(finished=False)) <= 3 * segmenter.WINDOW
        steps += 1
    assert steps > 5


def test_an_open_fence_only_grows() -> None:
    bubble, rows, drawing = Bubble("```python\n"), BubbleLayout((0, 0), RowCache()), frame(32)
    rows.update(bubble, drawing, live=True, writing=True)
    before: list[Row] = []
    for number in range(20):
        bubble.append(f"line_{number} = {number}\n")
        rows.update(bubble, drawing, live=True, writing=True)
        now = list(rows.rows(0, rows.height))[:-1]
        assert all(old is new for old, new in zip(before, now, strict=False)), "whole lines are drawn once"
        before = now
    bubble.append("```\n")
    height = rows.height
    rows.update(bubble, drawing, live=True, writing=True)
    assert rows.height == height, "colours move nothing, and the edge takes the row of the cursor"


def test_the_cursor_comes_after_the_text() -> None:
    """Not after the hairline of a heading, nor after the language of code."""
    for text, shown in (
        ("# Head", ["Head▌", "─"]),
        ("```py\nx", ["▀", "x▌"]),
        ("# Head\n\nmore", ["Head", "─", "more▌"]),
    ):
        bubble, rows, drawing = Bubble(), BubbleLayout((0, 0), RowCache()), frame(40)
        for character in text:
            bubble.append(character)
            rows.update(bubble, drawing, live=True, writing=True)
        drawn = [row.strip.text.strip().rstrip("py ") for row in rows.rows(0, rows.height)]
        assert [row.strip("─▀") or row[:1] for row in drawn if row] == shown
        texts = [row.text.removesuffix("▌") for row in rows.rows(0, rows.height)]
        assert all(text in ("", "Head", "x", "more") for text in texts)


def test_reduced_motion_shows_whole_lines() -> None:
    drawing = frame(20)
    still = Frame(drawing.grid, replace(drawing.look, reduced_motion=True))
    bubble, rows = Bubble("some words that wrap over two"), BubbleLayout((0, 0), RowCache())
    rows.update(bubble, still, live=True, writing=True)
    assert [row.text for row in rows.rows(0, 9)] == ["some words that wrap", ""]
    rows.update(bubble, still, live=False)
    assert [row.text for row in rows.rows(0, 9)] == ["some words that wrap", "over two"]


def test_a_replaced_text_is_drawn_again() -> None:
    bubble, rows, drawing = Bubble("first"), BubbleLayout((0, 0), RowCache()), frame(30)
    rows.update(bubble, drawing, live=True)
    bubble.replace("second")
    assert rows.update(bubble, drawing, live=True) == 0
    assert [row.text for row in rows.rows(0, 9)] == ["second"]
    assert rows.update(bubble, drawing, live=True) is None


@pytest.mark.parametrize("address", ["http://a.example/b ", "<http://a.example> ", "[a](http://b.example) "])
def test_few_addresses_are_read_in_one_step(address: str) -> None:
    text = Segmenter()
    text.feed(address * 2_000)
    while text.behind or not text.start:
        parts = text.advance(finished=False)
        assert sum(text.text.count("://", part.start, part.end) for part in parts) < 250
