"""Matching in rows: text matches as it is read, however it is wrapped and drawn, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.ui.transcript.find.matching import Needle, lines_of, matches_in
from ui.transcript.support import bubble_rows

WORDS = st.text(alphabet="abAé日", min_size=1, max_size=12)
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=4)


def found(text: str, words: str, width: int = 40) -> list[str]:
    """What is marked in a bubble, each place as the characters of its rows joined."""
    rows = bubble_rows(text, width)
    needle = Needle(words)
    return [
        "|".join(rows[mark.row].strip.text[mark.start : mark.end] for mark in marks)
        for marks in matches_in(rows, needle)
    ]


def plainly(line: str, words: str) -> int:
    """Count as one would by hand: from the left, without overlaps."""
    line, words, at, count = line.lower(), words.lower(), 0, 0
    while (at := line.find(words, at)) >= 0:
        at, count = at + len(words), count + 1
    return count


@given(LINES, st.text(alphabet="abAé日 ", min_size=1, max_size=6), st.integers(4, 60))
def test_as_many_as_a_plain_search_finds(lines: list[str], words: str, width: int) -> None:
    needle = Needle.of(words)
    if needle is None:
        assert not words.strip()
        return
    rows = bubble_rows("\n\n".join(lines), width)
    places = list(matches_in(rows, needle))
    assert len(places) == sum(plainly(line, needle.text) for line in lines)
    for marks in places:
        read = "".join(rows[mark.row].strip.text[mark.start : mark.end] for mark in marks)
        assert read.replace(" ", "").lower() == needle.text.replace(" ", "").lower()


@pytest.mark.parametrize(
    ("text", "words", "places"),
    [
        ("This is **bo**ld, and *BOLD*.", "bold", ["bold", "BOLD"]),
        ("Call `open()`, then (`close`).", "open(), then (close)", ["open()|, then |(|close|)"]),
        ("See [the map](https://a.example/x).", "the map (a.example)", ["the map (a.example)"]),
        ("See [the map](https://a.example/x).", "https", []),
        ("| a | b |\n|---|---|\n| needle | x |", "needle", ["needle"]),
        ("two  blanks", "two blanks", ["two  blanks"]),
        ("a * b [c] .*", ".*", [".*"]),
        ("```py\nx = 1\n```", "copy", []),
        ("```py\nx = 1\n```", "X = 1", ["x = 1"]),
        ("> quoted words", "│", []),
        ("first\nsecond", "first second", []),
    ],
)
def test_text_is_matched_as_it_is_read(text: str, words: str, places: list[str]) -> None:
    assert [place.replace("|", "") for place in found(text, words)] == [place.replace("|", "") for place in places]


@pytest.mark.parametrize(
    "text",
    [
        "Some words that go on and on until the needle in hay is broken off somewhere.",
        "- Some words that go on and on until the needle in hay is broken off somewhere.",
        "> - Some words that go on and on until the needle in hay is broken off somewhere.",
        "```\nSome words that go on and on until the needle in hay is broken off somewhere.\n```",
        "|a|b|\n|-|-|\n|x y z x y z x y z|Some words that go on until the needle in hay is broken off.|",
    ],
)
@pytest.mark.parametrize("width", range(12, 44, 3))
def test_matches_across_rows(text: str, width: int) -> None:
    places = found(text, "needle in hay", width)
    assert len(places) == 1
    assert places[0].replace("|", "").replace(" ", "") == "needleinhay"


def test_a_blank_text_is_no_needle() -> None:
    assert Needle.of("") is None
    assert Needle.of(" \t ") is None
    assert Needle(" a\tb\x1b").text == " a b\ufffd"


def test_lines_are_numbered_by_their_first_row() -> None:
    rows = bubble_rows("one two three\n\nfour", 8)
    assert [(said.row, said.text) for said in lines_of(rows)] == [(0, "one two three"), (3, "four")]
