"""Texts and rows cut to cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from chatgrid_tui.ui.widgets.cells import both_ends, cut, cut_before_port, wrapped


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("short", 5, "short"),
        ("too long", 5, "too …"),
        ("家族家族", 5, "家族…"),
        ("家族家族", 4, "家 …"),
        ("any", 1, "…"),
        ("any", 0, ""),
        ("any", -3, ""),
    ],
)
def test_a_cut_text_ends_in_the_sign_for_more(text: str, width: int, shown: str) -> None:
    assert cut(text, width, "…") == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Acme · 127.0.0.1:8123", 21, "Acme · 127.0.0.1:8123"),
        ("Acme · 127.0.0.1:8123", 17, "Acme · 127.…:8123"),
        ("Acme · 127.0.0.1:8123", 10, "Acme…:8123"),
        ("Acme · 127.0.0.1:8123", 9, "Acme · 1…"),
        ("Acme · api.acme.example", 17, "Acme · api.acme.…"),
        ("Acme · 127.0.0.1:8123", 0, ""),
    ],
)
def test_a_cut_address_keeps_its_port(text: str, width: int, shown: str) -> None:
    assert cut_before_port(text, width, "…") == shown


def test_the_sign_for_more_may_be_two_cells_wide() -> None:
    assert cut("too long", 5, "..") == "too.."
    assert cut("too long", 1, "..") == "t"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(-2, 40))
def test_a_cut_text_is_never_wider_than_asked(text: str, width: int) -> None:
    assert cell_len(cut(text, width, "…")) <= max(0, width)


@given(st.text("a家é ", max_size=30), st.text("b族 ", max_size=30), st.integers(0, 50))
def test_a_row_is_exactly_as_wide_as_asked(left: str, right: str, width: int) -> None:
    row = both_ends([Segment(left)], [Segment(right)], width, Style())
    assert row.cell_length == width == cell_len(row.text)


def test_the_right_end_stays_whole_where_both_do_not_fit() -> None:
    assert both_ends([Segment("provider")], [Segment("Ready")], 8, Style()).text == "proReady"


def test_wrapping_is_at_words_and_takes_markup_for_text() -> None:
    assert wrapped("one [b]two[/b] three", 10) == ["one", "[b]two[/b]", "three"]
    assert wrapped("anything", 0) == []
