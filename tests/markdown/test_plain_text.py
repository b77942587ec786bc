"""The plain text of a reply: the form of each part of Markdown, and that the transcript shows the same words."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings

from chatgrid_tui.markdown.plain_text import bubble_text, plain_text
from ui.transcript.markdown.test_any_markdown import ANY
from ui.transcript.support import drawn

SAMPLES = {
    "a paragraph": ("Some **bold**, *italic* and ~~gone~~ text", "Some bold, italic and ~gone~ text"),
    "a heading": ("# Title\n\nText", "Title\n\nText"),
    "escapes": (r"\*not italic\* &amp; 2 < 3", "*not italic* & 2 < 3"),
    "code in a line": ("Call `f(*args)` now", "Call f(*args) now"),
    "a block of code": ("```py\nx = [1]\n\n    y = '**'\n```", "x = [1]\n\n    y = '**'"),
    "a list": ("- one\n- two\n  - deeper\n\n1. first\n2. second", "• one\n• two\n  • deeper\n\n1. first\n2. second"),
    "tasks": ("- [x] done\n- [ ] open", "[x] done\n[ ] open"),
    "a quote": ("> said\n> by somebody", "said\nby somebody"),
    "a table": ("|a|b|\n|-|-|\n|1|**2**|", "a  b\n1  2"),
    "a rule": ("above\n\n---\n\nbelow", "above\n\n\nbelow"),
    "a link": ("See [the docs](https://docs.example/a?b=c).", "See the docs (docs.example)."),
    "a link that says where it leads": ("[https://a.example/b](https://a.example/b)", "https://a.example/b"),
    "a bare address": ("https://a.example/b_c_d", "https://a.example/b_c_d"),
    "a link without a label": ("[](https://a.example/b)", "https://a.example/b"),
    "a link that is not opened": ("[here](javascript:x)", "here (javascript:x)"),
    "a link by reference": ("See [it][1].\n\n[1]: https://a.example/b", "See it (a.example)."),
    "a picture": ("![A view](https://a.example/b.png)", "A view (a.example)"),
    "HTML": ("<b>bold</b>", "<b>bold</b>"),
    "marks alone": ("- \n- ", "•\n•"),
    "control characters": ("a\x1b[31mb", "a\ufffd[31mb"),
    "deep quotes": ("> " * 80 + "deep", "> " * 80 + "deep"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("source", "text"), SAMPLES.values(), ids=SAMPLES)
def test_each_part_of_markdown(source: str, text: str) -> None:
    assert bubble_text(source) == text


def test_bubbles_are_apart() -> None:
    assert plain_text(["*One*", "", "**Two**"]) == "One\n\nTwo"


def test_a_huge_text_stays_as_it_was_written() -> None:
    text = "**word** " * 200_000
    assert bubble_text(text) == text.strip()


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def words_shown(source: str) -> list[str]:
    """Return the words that the transcript shows, without its labels above code and before pictures."""
    rows = [row for row in drawn(source, 4_000) if "Ctrl+Y" not in row]
    return [word for word in words_of("\n".join(rows)) if word != "IMG"]


@pytest.mark.parametrize("source", [source for source, _ in SAMPLES.values()], ids=SAMPLES)
def test_the_transcript_shows_the_same_words(source: str) -> None:
    assert words_of(bubble_text(source)) == words_shown(source)


@settings(max_examples=150)
@given(ANY)
def test_the_transcript_shows_the_same_words_whatever_a_bot_writes(source: str) -> None:
    assume(not re.search(r"^.*[^`~\s].*(```|~~~)", source, re.MULTILINE))  # the row above code would hold a marker
    # Letter by letter: what the transcript pads, such as code in a line, may follow a word at once.
    assert "".join(words_of(bubble_text(source))) == "".join(words_shown(source))
