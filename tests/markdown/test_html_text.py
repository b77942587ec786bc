"""A text as HTML: what is rendered, and that it loads and runs nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.markdown.html_text import html_of

TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "a", "code", "pre", "blockquote", "hr"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
HOSTILE = [
    *("<script>", '"', "'", "<img src=x onerror=y>", "![a](https://a.example/p)", "[a](javascript:b)", "```", "`"),
    *("[x](https://b.example/\"onclick='y)", "> ", "- ", "1. ", "|a|b|\n|:-|-:|\n|1|2|\n", "**", "~~", "$$\n", "\n"),
    *("\\", "&lt;script&gt;", "# ", "<https://c.example>", "text", "[r]: https://d.example", "[r]", "\x1b[2J"),
]


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("# A & **b**", "<h1>A &amp; <strong>b</strong></h1>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("```py\na < b\n```", '<pre><code class="py">a &lt; b\n</code></pre>\n'),
        ("[a](https://a.example)", '<p><a href="https://a.example" rel="noreferrer">a</a></p>\n'),
        ("![a](https://a.example/p)", '<p><a href="https://a.example/p" rel="noreferrer">a</a></p>\n'),
        ("![](javascript:a)", "<p>picture</p>\n"),
        ("[a](javascript:b)", "<p><a>a</a></p>\n"),
        ("$$\na<b\n$$", "<pre>$$\na&lt;b\n$$</pre>\n"),
    ],
)
def test_what_is_drawn(source: str, html: str) -> None:
    assert html_of(source) == html


@given(st.lists(st.sampled_from(HOSTILE), max_size=30).map("".join))
def test_nothing_is_loaded_or_run(source: str) -> None:
    for tag, attributes in re.findall(r"<(\w+)([^>]*)>", html_of(source)):
        assert tag in TAGS
        for name, value in re.findall(r'([^\s=]+)="([^"]*)"', attributes):
            assert name in ("href", "rel", "class", "start", "style")
            assert name != "href" or value.startswith("https://")
        assert re.fullmatch(r'(\s[a-z]+="[^"<>]*")*', attributes)


def test_a_huge_text_stays_as_it_was_written() -> None:
    assert html_of("**a** " * 50_000).startswith("<pre>**a** **a**")
