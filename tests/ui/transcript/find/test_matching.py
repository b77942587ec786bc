"""Finding in rows: what is read is found, however it is wrapped and drawn, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.transcript.find.counter import MatchCounter, TurnText, order_from
from chatgrid_tui.ui.transcript.find.matching import Needle, lines_of, matches_in
from chatgrid_tui.ui.transcript.layout.document import Document
from ui.transcript.plain_words import explain_plainly
from ui.transcript.support import NOON, bubble_rows, frame, reply, turn

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


def told(shown: Turn, width: int = 40) -> str:
    """How a turn reads."""
    teller = TurnText(0, frame(width))
    for _ in teller.read(shown):
        pass
    return teller.text


def plainly(line: str, words: str) -> int:
    """Count as one would by hand: from the left, none overlapping."""
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
def test_what_is_read_is_found(text: str, words: str, places: list[str]) -> None:
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
def test_over_the_end_of_a_row(text: str, width: int) -> None:
    places = found(text, "needle in hay", width)
    assert len(places) == 1
    assert places[0].replace("|", "").replace(" ", "") == "needleinhay"


def test_blanks_alone_are_nothing_to_look_for() -> None:
    assert Needle.of("") is None
    assert Needle.of(" \t ") is None
    assert Needle(" a\tb\x1b").text == " a b\ufffd"


def test_my_message_and_every_bubble_and_file_are_read() -> None:
    said = turn("Mine", reply("one", "two", attachments=[{"url": "https://f.example/menu.pdf"}]))
    lines = told(said).split("\n")
    assert lines[:3] == ["Mine", "one", "two"]
    assert "menu.pdf" in lines[3]
    assert len(lines) == 4, "neither names nor times are a message"


@pytest.mark.parametrize(
    "text",
    [
        "|a|\n|-|\n" + "|needle|\n" * 900,
        "```\n" + "needle, and more\n" * 9_000 + "```",
        "needle\n\n" * 5_000,  # more paragraphs than are shown
        ("needle " * 400 + "\n\n") * 80,  # more characters
    ],
)
def test_what_is_folded_away_is_counted(text: str) -> None:
    assert Needle("needle").count(told(turn("Go", reply(text)))) == text.count("needle")


def test_a_long_message_of_mine_is_counted() -> None:
    assert Needle("needle").count(told(turn("needle " * 9_000))) == 9_000


@given(st.text(alphabet="ab *`|\n-#", max_size=120), st.lists(st.integers(1, 9), min_size=1, max_size=20))
@example("`\n``|\n--`", [8])  # what looks like the line below a table's head may still become another
def test_a_growing_text_reads_as_a_whole_one(text: str, sizes: list[int]) -> None:
    answer = Reply(1, "support-bot", NOON)
    held = turn("Go", answer)
    teller = TurnText(0, frame(20))
    at = 0
    for size in sizes:
        answer.apply(TextDelta(0, text[at : at + size]))
        at += size
        for _ in teller.read(held):
            pass
    answer.apply(TextDelta(0, text[at:]))
    answer.apply(Finished())
    answer.apply(BodyEnded())
    for _ in teller.read(held):
        pass
    assert teller.text == told(turn("Go", reply(text)), 20)


def test_lines_are_numbered_by_their_first_row() -> None:
    rows = bubble_rows("one two three\n\nfour", 8)
    assert [(said.row, said.text) for said in lines_of(rows)] == [(0, "one two three"), (3, "four")]


def test_counting_in_a_conversation() -> None:
    turns = [turn(f"Question {number}", reply("**a**b" if number % 3 else "ab ab")) for number in range(9)]
    document = Document(explain_plainly)
    document.show(turns, frame(40))
    search = MatchCounter(document)
    search.look_for(Needle("AB"))
    for _ in search.count_all(order_from(4, 9)):
        pass
    assert search.complete
    assert search.total == 12
    assert search.before(4) == 6
    turns[4].shown = "abab"
    search.changed(4)
    assert search.total == 12, "what was counted holds until it is looked at again"
    for _ in search.count_all(order_from(8, 9)):
        pass
    assert search.total == 14
    search.forget(4)
    assert (search.total, search.complete) == (6, False)


def test_those_nearby_come_first() -> None:
    assert list(order_from(2, 5)) == [2, 1, 0, 3, 4]
    assert list(order_from(7, 3)) == [2, 1, 0]
    assert list(order_from(0, 0)) == []
