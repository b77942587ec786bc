"""Emphasis in text without spaces between words, and link definitions that nothing refers to."""

from __future__ import annotations

import pytest

from ui.transcript.support import bubble_rows, drawn

CASES = [
    # Chinese, Japanese and Korean: punctuation inside, a letter outside
    ("これは**「重要」**な点です。", "これは「重要」な点です。", ["「重要」"]),
    ("**注意：**正文继续。**真，**她。", "注意：正文继续。真，她。", ["注意：", "真，"]),
    ("**「A」**なので**「B」**です。", "「A」なので「B」です。", ["「A」", "「B」"]),
    ("**이 별표는 강조(괄호)**이 문장", "이 별표는 강조(괄호)이 문장", ["이 별표는 강조(괄호)"]),
    ("**「강조」**를", "「강조」를", ["「강조」"]),
    ("他说**“重要”**的", "他说“重要”的", ["“重要”"]),
    ("**C++（语言）**是", "C++（语言）是", ["C++（语言）"]),
    ("***强调。***继续", "强调。继续", ["强调。"]),
    ("**葛\U000e0100。**葛\U000e0100**「x」**", "葛\U000e0100。葛\U000e0100「x」", ["葛\U000e0100。", "「x」"]),
    ("是**\u201ca\u201d\ufe01**的", "是\u201ca\u201d\ufe01的", ["\u201ca\u201d\ufe01"]),
    ("__中文__。", "中文。", ["中文"]),
    # Latin: a colon or a full stop inside, a letter outside
    ("**Note:**text, and **bold.**tail", "Note:text, and bold.tail", ["Note:", "bold."]),
    ("see**(note)**", "see(note)", ["(note)"]),
    # As CommonMark has them
    ("2**3 (**x**) y", "2**3 (x) y", ["x"]),
    ("**a** b**c**d (**e**)", "a bcd (e)", ["a", "c", "e"]),
    ('say "**quoted**" **', 'say "quoted" **', ["quoted"]),
    ("snake_case_name and a__b__c", "snake_case_name and a__b__c", []),
    ("** a ** and *", "** a ** and *", []),
]


@pytest.mark.parametrize(("source", "text", "bold"), CASES)
def test_bold_words(source: str, text: str, bold: list[str]) -> None:
    rows = bubble_rows(source, 80)
    assert [row.text.rstrip() for row in rows] == [text]
    segments = [segment for row in rows for segment in row.strip if segment.style is not None and segment.style.bold]
    assert [segment.text for segment in segments] == bold


def test_emphasis_and_strikethrough_beside_full_width_signs() -> None:
    (row,) = bubble_rows("*这是斜体（带括号）。*继续。~~「x」~~な", 80)
    assert row.text.rstrip() == "这是斜体（带括号）。继续。~「x」~な"
    assert [segment.text for segment in row.strip if segment.style and segment.style.italic] == [
        "这是斜体（带括号）。"
    ]


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("[1]: https://a.example", ["[1]: https://a.example"]),  # all of a reply
        (
            'Sources.\n\n[1]: https://a.example "A"\n[2]: https://b.example',
            ["Sources.", "", '[1]: https://a.example "A"', "[2]: https://b.example"],
        ),
        (
            "See [a][1].\n\n[1]: https://a.example\n[2]: https://b.example",
            ["See a (a.example).", "", "[2]: https://b.example"],
        ),
        ("See [Foo  Bar].\n\n[foo bar]: https://a.example", ["See Foo  Bar (a.example)."]),
        ("[1](https://c.example)\n\n[1]: https://a.example", ["1 (c.example)", "", "[1]: https://a.example"]),
        ("`[1]`\n\n[1]: https://a.example", ["[1]", "", "[1]: https://a.example"]),
        ("```\n[1]\n```\n[1]: https://a.example", None),
    ],
)
def test_definitions_that_nothing_refers_to_are_text(source: str, rows: list[str] | None) -> None:
    lines = drawn(source, 80)
    if rows is None:
        assert lines[-1] == "[1]: https://a.example"
    else:
        assert [line.strip() for line in lines] == rows
