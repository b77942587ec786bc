"""Fuzzy search: what matches, which match is better, and which letters are highlighted."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.ui.fuzzy import Index, Query, fold

LETTERS = st.text(alphabet="abcé ßçÅ-·İ家\u0301", max_size=30)
QUERIES = st.text(alphabet="abce sA家-", min_size=1, max_size=8)


def score(typed: str, name: str, place: str = "", rest: str = "") -> int:
    return Query.of(typed).score(name, place, rest)


def ranked(typed: str, things: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return the names that are found, the best one first."""
    index = Index()
    for thing in things:
        index.add(*thing)
    return [things[at][0] for at in index.find(Query.of(typed), 99).best]


def marked(typed: str, text: str, unless_in: str = "") -> str:
    """Return a text with the marked letters in brackets."""
    marks = Query.of(typed).marks(text, unless_in)
    return "".join(f"[{letter}]" if at in marks else letter for at, letter in enumerate(text))


@pytest.mark.parametrize(
    ("typed", "name", "beside"),
    [
        ("ref", "Refund for order 8841", ""),
        ("sb", "support-bot", ""),
        ("supportbot", "Support Bot", ""),
        ("stg", "support-bot", "Acme staging · api.chatgrid.ai"),
        ("acme gpt", "gpt-4o-mini", "Acme · api.acme.example"),
        ("gpt acme", "gpt-4o-mini", "Acme · api.acme.example"),
        ("CAFÉ", "Le cafe du coin", ""),
        ("cafe", "Le Café du coin", ""),
        ("strasse", "Hauptstraße", ""),
        ("ＧＰＴ", "gpt-4o", ""),
        ("家族", "我的家族", ""),
        ("8841", "Refund for order 8841", ""),
        ("order-bot", "the order-bot", ""),
        ("  ref  ", "Refund", ""),
    ],
)
def test_what_is_found(typed: str, name: str, beside: str) -> None:
    assert score(typed, name, beside) > 0


@pytest.mark.parametrize(
    ("typed", "name", "beside"),
    [
        ("zj", "pizza and jazz", ""),  # letter by letter only from the beginning of a word
        ("acme gpt", "gpt-4o-mini", "Northwind · api.example"),
        ("fer", "ref", ""),
        ("site", "Long writer", "Acme Shop"),  # a letter in the middle of another word is no abbreviation
        ("dead", "Trouble", "Acme Shop · PRODUCTION"),
        ("grid long", "restaurant", "local · chatgrid.example"),
        ("refunds", "refund", "s"),  # a word is in the name or beside it, not in both together
        ("001", "Local 1", "127.0.0.1"),  # digits are not scattered
        ("gpt45", "gpt-4o-5", ""),
    ],
)
def test_what_is_not_found(typed: str, name: str, beside: str) -> None:
    assert score(typed, name, beside) == 0
    assert not Query.of(typed).marks("", name)


ADDRESS = "127.0.0.1:8001"
THINGS = [
    ("emu-grid", "ChatGrid", ADDRESS),
    *((f"Board {number:03}", "emu-grid", ADDRESS) for number in (0, 1, 2, 127, 10, 100)),
    ("Support", "Acme staging", "api.chatgrid.ai"),
    ("support-bot", "Northwind", "api.support.example"),
    ("Bottle shop", "Acme staging", "api.chatgrid.ai"),
    ("Theme: midnight", "", "use this theme"),
    ("Theme: paper", "", "use this theme, supported by all terminals"),
    ("gpt-4o-mini", "Acme", "api.acme.example"),
    ("gpt-4o", "Acme", "api.acme.example"),
    ("Raw events", "", "every byte of a reply"),
]


@pytest.mark.parametrize(
    ("typed", "first", "never"),
    [
        ("grid 001", ["Board 001"], {"emu-grid", "Board 000", "Board 002"}),
        ("001", ["Board 001"], {"emu-grid", "Board 000", "Board 002"}),
        ("grid 127", ["Board 127", "emu-grid"], set()),
        ("127", ["Board 127", "emu-grid"], {"Support"}),
        ("100 grid", ["Board 100"], {"Board 010"}),
        ("raw", ["Raw events"], {"Theme: midnight", "Theme: paper"}),
        ("use", ["Theme: midnight", "Theme: paper"], {"Raw events"}),
        ("bot", ["support-bot", "Bottle shop"], {"Support"}),
        ("sup", ["Support", "support-bot", "Theme: paper"], set()),
        ("sb", ["support-bot"], {"Support"}),
        ("acme gpt", ["gpt-4o-mini", "gpt-4o"], {"Support"}),
        ("gpt-4o", ["gpt-4o", "gpt-4o-mini"], set()),
        ("staging", ["Support", "Bottle shop"], {"support-bot"}),
        ("support", ["Support", "support-bot"], set()),
        ("eve", ["Raw events"], set()),
        ("example", ["support-bot", "gpt-4o-mini", "gpt-4o"], {"Raw events"}),
    ],
)
def test_names_and_whole_words_come_first(typed: str, first: list[str], never: set[str]) -> None:
    found = ranked(typed, THINGS)
    assert found[: len(first)] == first
    assert not never & set(found)


def test_kinds_of_matches_have_an_order() -> None:
    scores = [
        score("port", name, place, rest)
        for name, place, rest in [
            ("port", "", ""),
            ("port 80", "", ""),
            ("the port", "", ""),
            ("portal", "", ""),
            ("the portal", "", ""),
            ("pay on rail tickets", "", ""),
            ("mid", "port", ""),
            ("support", "", ""),
            ("pro rate", "", ""),
            ("mid", "support", ""),
            ("mid", "", "port"),
            ("mid", "", "portal"),
            ("mid", "", "support"),
        ]
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == 0 < scores[-2]
    assert len(set(scores)) == len(scores)


def test_better_matches_score_higher() -> None:
    names = ["ref", "refunds pilot", "the refunds", "rough edges fade", "prefer", "are you free, Rolf"]
    scores = [score("ref", name) for name in names]
    assert scores[:4] == sorted(scores[:4], reverse=True)
    assert len(set(scores[:4])) == 4
    assert scores[3] > scores[4] > scores[5] == 0
    assert score("sb", "support-bot") > score("sb", "sandbox") > 0
    assert score("acme", "Acme") > score("acme", "support-bot", "Acme") > 0
    assert score("order refund", "order refund") > score("order refund", "refund order")


def test_an_empty_query_matches_all_in_their_order() -> None:
    index = Index()
    for name in ("b", "a", "c"):
        index.add(name)
    for typed in ("", "   ", "\u0301"):
        assert not Query.of(typed)
        assert index.find(Query.of(typed), 2).best == [0, 1]
        assert index.find(Query.of(typed), 2).count == 3


def test_equal_matches_keep_their_order() -> None:
    index = Index()
    for name in ("Refund for order 1", "Refer a friend", "Refund twice", "my refund"):
        index.add(name)
    assert index.find(Query.of("ref"), 9).best == [0, 1, 2, 3]
    assert index.find(Query.of("refund"), 9).best == [0, 2, 3]


def test_of_very_many_the_ones_that_begin_so_are_never_lost() -> None:
    index = Index()
    for number in range(5_000):
        index.add(f"the order {number}")
    index.add("Orders")
    index.add("order")
    found = index.find(Query.of("order"), 3)
    assert found.count == 5_002
    assert found.best[0] == 5_001
    assert index.find(Query.of("orders"), 3).best == [5_000]
    assert index.find(Query.of("order 4999"), 3).best == [4_999]
    assert index.find(Query.of("order 7"), 3).best[0] == 7


def test_of_very_many_at_one_place_the_one_that_was_named_is_first() -> None:
    index = Index()
    for number in range(5_000):
        index.add(f"Board {number}", "Acme", "127.0.0.1:8000")
    for typed in ("acme 4007", "4007 acme", "acme board 4007"):
        assert index.find(Query.of(typed), 3).best == [4_007]
    assert index.find(Query.of("acme 9"), 3).best[0] == 9


@pytest.mark.parametrize(
    ("typed", "text", "expected"),
    [
        ("ref", "The refund", "The [r][e][f]und"),
        ("sb", "support-bot", "[s]upport-[b]ot"),
        ("cafe", "Café", "[C][a][f][é]"),
        ("cafe", "Cafe\u0301 au lait", "[C][a][f][e][\u0301] au lait"),
        ("ss", "Straße", "Stra[ß]e"),
        ("家", "我的家族", "我的[家]族"),
        ("bot order", "order bot", "[o][r][d][e][r] [b][o][t]"),
        ("", "anything", "anything"),
    ],
)
def test_the_letters_that_are_marked(typed: str, text: str, expected: str) -> None:
    assert marked(typed, text) == expected


def test_what_is_marked_in_the_name_is_not_marked_beside_it() -> None:
    assert marked("acme", "Acme staging", unless_in="Acme bot") == "Acme staging"
    assert marked("acme gpt", "Acme staging", unless_in="gpt-4o") == "[A][c][m][e] staging"


@given(QUERIES, LETTERS)
def test_a_marked_letter_was_typed(typed: str, text: str) -> None:
    letters = set(fold(typed))
    for at in Query.of(typed).marks(text):
        assert set(fold(text[at])) <= letters or unicodedata.category(text[at]) in ("Mn", "Me")


@given(QUERIES, LETTERS, LETTERS)
def test_what_matches_is_marked_and_what_is_marked_matches(typed: str, name: str, beside: str) -> None:
    query = Query.of(typed)
    marks = bool(query.marks(name)) or bool(query.marks(beside, name))
    if query and query.score(name, beside):
        assert marks


@given(QUERIES, LETTERS, LETTERS)
def test_a_longer_query_finds_nothing_that_a_shorter_one_does_not(typed: str, name: str, beside: str) -> None:
    if score(typed, name, beside):
        for end in range(1, len(typed)):
            shorter = Query.of(typed[:end])
            assert not shorter or shorter.score(name, beside)


@given(st.text(alphabet="abc", min_size=1, max_size=5), st.text(alphabet="abc -", max_size=12), LETTERS)
def test_no_other_name_beats_one_that_begins_with_what_was_typed(typed: str, rest: str, other: str) -> None:
    if typed not in fold(other).replace("-", " ").replace("·", " ").split() and not fold(other).startswith(typed):
        assert score(typed, typed + rest) > score(typed, other)


@given(st.lists(LETTERS, max_size=12), QUERIES)
def test_an_index_finds_what_each_query_finds_however_it_was_typed(names: list[str], typed: str) -> None:
    typed_on, run_now = Index(), Index()
    for name in names:
        typed_on.add(name, "beside")
        run_now.add(name, "beside")
    for end in range(1, len(typed) + 1):
        found = typed_on.find(Query.of(typed[:end]), 99)
    query = Query.of(typed)
    assert found == run_now.find(query, 99)
    if query:
        assert sorted(found.best) == [at for at, name in enumerate(names) if query.score(name, "beside")]


HOSTILE = {"escapes": "\x00\x1b[31m", "parens": "(" * 200, "long": "x" * 10_000, "lines": "a\nb"}


@pytest.mark.parametrize(
    "typed", [*HOSTILE.values(), "[", "^", "a]b", "\\", "-"], ids=[*HOSTILE, *map(str, range(5))]
)
def test_hostile_queries_are_only_text(typed: str) -> None:
    assert score(typed, f"before {typed[:200]} after") > 0
    assert score(typed, "nothing like it") == 0
