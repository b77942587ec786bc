"""Which characters on the screen belong to a source, and the other way round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.ui.transcript.linking import sent_character, shown_characters


def lit(source: str, rows: list[str], part: str) -> list[str]:
    """Return the texts that light up for the first place of a part of a source."""
    start = source.index(part)
    return [rows[row][first:last] for row, first, last in shown_characters(source, rows, start, start + len(part))]


@pytest.mark.parametrize(
    ("source", "rows", "part", "texts"),
    [
        ("One two three", ["  One two three"], "two", ["two"]),
        ("One two three", ["  One two three"], "ne two th", ["ne two th"]),
        ("One **two** three", ["One two three"], "two** thr", ["two thr"]),
        ("One two three", ["One two", "three"], "two three", ["two", "three"]),
        ("the cat the dog", ["the cat the dog"], "the dog", ["the dog"]),
        ("Well, yes.", ["Well, yes."], ",", [","]),
        ("Well, yes.", ["Well, yes."], "yes.", ["yes."]),
        ("- [menu](https://menu.example) here", ["• menu here"], "here", ["here"]),
        ("- [menu](https://menu.example) here", ["• menu here"], "https", []),
        ("**bold**", ["bold"], "**", []),
        ("漢字 и more", ["漢字 и more"], "и", ["и"]),
    ],
    ids=range(11),
)
def test_what_lights_up(source: str, rows: list[str], part: str, texts: list[str]) -> None:
    assert lit(source, rows, part) == texts


@pytest.mark.parametrize(
    ("row", "at", "place"), [(0, 0, 2), (0, 2, 4), (0, 5, 7), (0, 9, 13), (1, 0, 18), (1, 9, 20)]
)
def test_which_character_is_pointed_at(row: int, at: int, place: int) -> None:
    assert sent_character("**One two** three two", ["One two three", "two"], row, at) == place


def test_without_words_nothing_is_pointed_at() -> None:
    assert sent_character("***", ["───"], 0, 1) is None


@given(st.text("ab, *\n", max_size=40), st.integers(0, 40), st.integers(0, 10))
def test_what_lights_up_is_within_the_rows(source: str, start: int, size: int) -> None:
    rows = source.replace("*", "").split("\n")
    for row, first, last in shown_characters(source, rows, start, start + size):
        assert 0 <= first <= last <= len(rows[row])
    for row, text in enumerate(rows):
        for at in range(len(text)):
            found = sent_character(source, rows, row, at)
            assert found is None or 0 <= found < len(source)
