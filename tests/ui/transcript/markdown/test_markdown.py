"""Markdown as rows of text: what is drawn, at several widths."""

from __future__ import annotations

import pytest
from rich.color import Color

from chatgrid_tui.ui.transcript.targets import CodeTarget, LinkTarget, MoreTarget
from ui.transcript.support import bubble_rows, drawn, frame, theme


def test_headings_paragraphs_and_rules() -> None:
    assert drawn("# One\n\n## Two\ntext of two\nnext line\n\n---\n\nend", 20) == [
        "One",
        "",
        "Two",
        "text of two",
        "next line",
        "",
        "",
        "",
        "end",
    ]
    rows = bubble_rows("# A heading\n\n---\nend", 20)
    assert [row.strip.text.strip() for row in rows] == ["A heading", "─" * 12, "─" * 12, "end"], "as wide as the text"


def test_words_wrap_and_long_ones_are_cut() -> None:
    assert drawn("one two three four", 8) == ["one two", "three", "four"]
    assert drawn("abcdefghijklmn", 12) == ["abcdefghijkl", "mn"]


def test_wide_characters_take_two_cells() -> None:
    assert drawn("日本語日本語日本語", 12) == ["日本語日本語", "日本語"]
    for row in bubble_rows("日本語 and 👍🏽 or 🇩🇪, e\u0301 and more of it " * 4, 17):
        assert sum(segment.cell_length for segment in row.strip) == frame(17).grid.width


def test_lists() -> None:
    assert drawn("- one\n  - deep and wrapped\n- [x] done\n- [ ] open\n\n1. first\n1. second\n\n7. seventh", 14) == [
        "• one",
        "  • deep and",
        "    wrapped",
        "[x] done",
        "[ ] open",
        "",
        "1. first",
        "2. second",
        "",
        "3. seventh",
    ]


def test_quotes_hold_other_blocks() -> None:
    assert drawn("> said\n>\n> - item\n>\n> > deeper", 20) == ["│ said", "│", "│ • item", "│", "│ │ deeper"]


def test_table_with_numbers_at_the_right() -> None:
    source = "| Name | Count |\n|---|---|\n| first | 1 |\n| second one | 1,200 |"
    assert drawn(source, 30) == ["Name         Count", "─" * 18, "first            1", "second one   1,200"]


def test_table_too_wide_wraps_in_its_cells() -> None:
    rows = drawn("| a | b |\n|---|---|\n| " + "word " * 8 + "| " + "other " * 8 + "|", 24)
    assert all(len(row) <= 24 for row in rows)
    assert sum(row.count("word") for row in rows) == 8
    assert sum(row.count("other") for row in rows) == 8


def test_table_with_more_columns_than_cells_loses_nothing() -> None:
    names = [f"c{number}" for number in range(12)]
    source = f"|{'|'.join(names)}|\n|{'-|' * 12}\n|{'|'.join(name.upper() for name in names)}|"
    assert drawn(source, 20) == [f"{name}: {name.upper()}" for name in names]


def test_code_keeps_its_blanks_and_wraps_after_one_if_it_can() -> None:
    rows = drawn("```python\nif x:\n    return 123456\n```", 16)
    assert rows == ["", "", "if x:", "    return", "123456", ""]
    assert [row.text for row in bubble_rows("```\n    return 123456\n```", 16)][2:4] == ["    return ", "123456"]
    assert drawn("```\nx 123456789012345\n```", 16)[2:4] == ["x 123456789012", "345"]
    shown = [row.strip.text[4:20] for row in bubble_rows("```python\nif x:\n    return 123456\n```", 16)]
    assert shown == [
        "▀" * 16,
        "         python ",
        " if x:          ",
        "     return     ",
        " └ 123456       ",
        "▀" * 16,
    ]
    assert "".join(drawn("```\nabcdef\n```", 2)) == "abcdef"
    assert bubble_rows("```sh\nls\n```")[1].strip.text.strip() == f"ls{'sh':>16}"
    (target,) = [spot.target for row in bubble_rows("```\na\n\nb\n```") for spot in row.spots]
    assert isinstance(target, CodeTarget)
    assert target.text == "a\n\nb"


def test_lines_of_a_diff_have_a_fill_of_their_own() -> None:
    colours = theme()
    rows = bubble_rows("```diff\n@@ -1 +1 @@\n-old\n+new\n same\n```")
    fills = [[segment.style.bgcolor for segment in row.strip if segment.style][2] for row in rows[1:-1]]
    assert fills == [*map(Color.parse, (colours.code, colours.diff_del, colours.diff_add, colours.code))]
    assert [row.text for row in rows[1:-1]] == ["@@ -1 +1 @@", "-old", "+new", " same"]


def test_inline_parts() -> None:
    assert drawn("**b** *i* `c` ~~s~~ <b>x</b> $x^2$ &amp;") == ["b i c ~s~ <b>x</b> $x^2$ &"]


def test_links_show_their_host_unless_the_label_does() -> None:
    (row,) = bubble_rows("[here](https://a.example/x%2Fy) https://b.example/z.", 60)
    assert row.text.rstrip() == "here (a.example) https://b.example/z."
    targets = [spot.target for spot in row.spots]
    assert [target.url for target in targets if isinstance(target, LinkTarget)] == [
        "https://a.example/x%2Fy",
        "https://b.example/z",
    ]


def test_only_web_addresses_are_links() -> None:
    (row,) = bubble_rows("[here](javascript:alert) and [there](https://u:p@e.example)", 70)
    assert row.text.rstrip() == "here (javascript:alert) and there (https://u:p@e.example)"
    assert not row.spots


def test_links_defined_later_are_followed_at_the_end() -> None:
    assert drawn("See [the manual][m].\n\n[m]: https://docs.example/m\n") == ["See the manual (docs.example)."]


def test_a_picture_is_a_link() -> None:
    assert drawn("![at night](https://cdn.example/a.png)") == [" IMG   at night  cdn.example"]


@pytest.mark.parametrize(
    "text",
    [
        "[/]",
        "[/etc/passwd]",
        "[bold]x[/italic]",
        "[@click=app.quit]x[/]",
        "[#zzz]x[/]",
        "a[0]=1",
        "[link=file:///x]a",
    ],
)
def test_markup_is_literal(text: str) -> None:
    assert drawn(text) == [text]


@pytest.mark.parametrize(
    "text",
    ["\x1b]52;c;UFdORUQ=\x07", "\x9b31m", "a\x00b", "\x1b[2J", "\u202eevil", "tag\U000e0041", "\ud800", "\r\x08"],
)
@pytest.mark.parametrize(
    "around", ["{}", "`{}`", "```\n{}\n```", "| {} |\n|---|\n| {} |", "[{}](https://a.example)", "- {}"]
)
def test_nothing_a_terminal_would_act_on_is_drawn(text: str, around: str) -> None:
    for row in bubble_rows(around.replace("{}", text)):
        assert row.strip.text.replace("\ufffd", "").isprintable()


def test_nesting_deeper_than_the_parser_goes_is_shown_as_written() -> None:
    assert "needle" in "".join(drawn(">" * 300 + " needle", 80))


def test_budgets() -> None:
    code = drawn("```\n" + "x = 1\n" * 20_000 + "```")
    assert code[-2] == " 11,660 more lines · Enter shows them"
    table = drawn("|a|\n|-|\n" + "|b|\n" * 500)
    assert table[-1] == "300 more rows · Enter shows them"
    last = bubble_rows("line of text\n" * 40_000)[-1]
    assert last.text.rstrip().endswith("more lines · Enter shows them")
    assert [type(spot.target) for spot in last.spots] == [MoreTarget]
    assert len(drawn("x" * 1_000_000, 100)) < 2_200
    assert len(drawn("- i\n" * 1_000)) == 1_000
