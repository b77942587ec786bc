"""Any text is a query: words, filters, or a sentence on what is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.search import SearchQuery, Word

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("late refund", (Word("late"), Word("refund"))),
        ('"late refund" now', (Word("late refund", exact=True), Word("now"))),
        ('"late ref', (Word("late ref", exact=True),)),
        ("NEAR( a OR b*", (Word("NEAR("), Word("a"), Word("OR"), Word("b*"))),
        ("https://a.example error: 5", (Word("https //a.example"), Word("error:"), Word("5"))),
        ("nul\x00char", (Word("nul"), Word("char"))),
        ("天气 - ok", (Word("天气"), Word("ok"))),
    ],
)
def test_what_is_no_filter_is_a_word(typed: str, words: tuple[Word, ...]) -> None:
    query = SearchQuery.of(typed)
    assert (query.words, query.problem) == (words, "")


def test_filters_stand_anywhere() -> None:
    query = SearchQuery.of('bot:"Support bot" FROM:me late has:error before:2026-01 after:yesterday', TODAY)
    assert (query.bot, query.side, query.failed, query.words) == ("Support bot", "me", True, (Word("late"),))
    assert query.before == datetime(2026, 1, 1).astimezone(UTC)
    assert query.after == datetime(2026, 2, 28).astimezone(UTC)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("from:you", "from: takes me or bot."),
        ("has:luck", "has: takes error, file or note."),
        ("verdict:x", "verdict: takes right, wrong, unsafe, slow, format."),
        ("before:2026-02-30", "before: takes a date such as 2026-11-30, 2026-11, today or yesterday."),
        ('" -', "Only letters and digits can be searched for."),
    ],
)
def test_what_is_wrong_is_said(typed: str, problem: str) -> None:
    assert SearchQuery.of(typed).problem == problem


def test_a_long_query_is_cut() -> None:
    assert len(SearchQuery.of("word " * 2_000).words) == 32
    assert SearchQuery.of("w" * 10_000).words == (Word("w" * 1_000),)


@given(st.text())
def test_every_text_is_a_query(text: str) -> None:
    assert SearchQuery.of(text) == SearchQuery.of(text)
