"""Markdown within another document."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from chatgrid_tui.markdown.enclosed import enclosed

UNCHANGED = [
    "Plain *text*, 1 < 2",
    "A `<b>` in code, and ``a ` <i>``",
    "```html\n<script>\n```",
    "Text\n\n    <script>  indented\n\nmore",
    "- item\n\n  ~~~\n  <b>\n  ~~~",
    "<https://example.com/?a=b>",
]
HOSTILE = [
    "<script>alert(1)</script>",
    "\\`<script>alert(1)</script>\\`",
    '<img title="`" onerror=alert(1)> ` and `',
    "<div>\n```\n<script>alert(1)</script>\n```",
    "> <style>\n> *</style>",
    "<!-- what follows is hidden",
    "| a |\n|---|\n| <b onclick=alert(1)> |",
    "[x]: <script>\n\n<SCRIPT\nsrc=x>",
    "`` ` <script> `",
]


@pytest.mark.parametrize("source", UNCHANGED)
def test_code_and_links_stay(source: str) -> None:
    assert enclosed(source) == source


@pytest.mark.parametrize("source", HOSTILE)
def test_no_reader_takes_over_a_tag(source: str) -> None:
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(enclosed(source))
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(enclosed(source))
    inner = [child for token in tokens for child in token.children or ()]
    assert {"html_block", "html_inline"}.isdisjoint(token.type for token in (*tokens, *inner)), shown


@pytest.mark.parametrize(
    "source", ["Before\n```py\nx = 1", "~~~~\n```", "```", "    ", "```\nclosed\n```\n\nText\n\n```\nopen\n\n"]
)
def test_a_fence_does_not_swallow_what_follows(source: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{enclosed(source)}\n\nNext")
    assert [token.content for token in tokens if token.type == "inline"][-1] == "Next"


def test_a_text_that_is_too_long_to_parse_is_code() -> None:
    source = "<script>``` " * 30_000
    assert enclosed(source) == f"````\n{source}\n````"


def test_terminal_escapes_are_cleaned() -> None:
    assert "\x1b" not in enclosed("\x1b[31mred")
