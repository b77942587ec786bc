"""One conversation of the list: its text, its mark, its two rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.ui.appearance import ASCII_SIGNS, Look
from chatgrid_tui.ui.conversation_list.list_row import ListRow, RowState, draw_row, group_of
from chatgrid_tui.ui.transcript.render.formats import short_day
from ui.widgets.frame_app import HOSTILE, NOW, THEMES, controls_in

LOOK = Look(THEMES["midnight"])
ROW = ListRow(
    1,
    "Warranty, kettle K2",
    "it leaks at the spout",
    False,
    "",
    NOW - timedelta(minutes=163),
    "finished",
    bot="Echo",
    hue="plum",
)


IDLE = RowState()


def drawn(row: ListRow, state: RowState = IDLE, look: Look = LOOK, width: int = 32) -> tuple[str, str]:
    first, second = draw_row(row, state, look, width, NOW)
    assert first.cell_length == second.cell_length == width
    return first.text, second.text


def test_the_two_rows_of_a_conversation() -> None:
    assert drawn(ROW) == ("   E  Warranty, kettle K2       ", "      Echo  it leaks at… 11:20  ")
    assert drawn(ROW, width=40)[1] == "      Echo  it leaks at the spo… 11:20  "
    assert drawn(replace(ROW, bot="Support"))[1] == "      Support            11:20  ", "no room for a preview"


def test_a_verdict_stands_before_the_time_with_its_word_if_there_is_room() -> None:
    row = replace(ROW, verdict="wrong")
    assert drawn(row)[1] == "      Echo  it leaks … ✗ 11:20  "
    assert drawn(row, width=44)[1] == "      Echo  it leaks at th…  ✗ Wrong 11:20  "
    assert drawn(replace(row, verdict="right"), look=replace(LOOK, signs=ASCII_SIGNS))[1].endswith(" + 11:20  ")
    failed = drawn(replace(row, state="failed", trouble="500"))
    assert ("!" in failed[0], "✗" in failed[1], "500" in failed[1]) == (True, True, True)


def test_the_provider_stands_behind_the_bot_where_it_is_given() -> None:
    row = replace(ROW, provider="Acme staging")
    assert drawn(row)[1] == "      Echo Acme staging  11:20  "
    assert drawn(row, width=48)[1] == "      Echo · Acme staging  it leaks at … 11:20  "
    assert drawn(replace(ROW, bot="Restaurant", provider="ChatIQ"))[1] == "      Restaurant ChatIQ  11:20  "


@pytest.mark.parametrize(
    ("row", "mark", "second"),
    [
        (replace(ROW, state="writing"), "▌", "      Echo  Writing a rep… now  "),
        (replace(ROW, state="waiting"), "▌", "      Echo  Writing a rep… now  "),
        (replace(ROW, state="writing", waiting=True), "▲", "      Echo  it leaks at t… now  "),
        (replace(ROW, state="failed"), "!", "      Echo  it leaks at… 11:20  "),
        (replace(ROW, state="failed", trouble="Failed (500)"), "!", "      Echo  Failed (500) 11:20  "),
        (
            replace(ROW, state="failed", trouble="Failed (500)", bot="Trouble"),
            "!",
            "      Trouble            11:20  ",
        ),
        (
            replace(ROW, state="failed", trouble="Failed (500)", bot="Long writer", provider="Acme"),
            "!",
            "      Long writer        11:20  ",
        ),
        (replace(ROW, state="truncated"), "!", "      Echo  it leaks at… 11:20  "),
        (replace(ROW, state="interrupted", unread=2), "!", "      Echo  it leaks at… 11:20  "),
        (replace(ROW, state="stopped"), "■", "      Echo  it leaks at… 11:20  "),
        (replace(ROW, unread=3), "● 3", "      Echo  it leaks at… 11:20  "),
        (replace(ROW, mine=True), "", "      Echo  You: it lea… 11:20  "),
        (replace(ROW, mine=True, preview=""), "", "      Echo               11:20  "),
        (replace(ROW, draft="and what about it"), "", "      Echo  Draft: and … 11:20  "),
        (replace(ROW, preview="# **It** `leaks`"), "", "      Echo  It leaks     11:20  "),
        (replace(ROW, updated_at=NOW - timedelta(days=1)), "", "      Echo  it leaks at… 14:03  "),
    ],
)
def test_one_mark_and_the_newest_message(row: ListRow, mark: str, second: str) -> None:
    first, below = drawn(row)
    assert first.rstrip().endswith(f" {mark}") if mark else first.rstrip() == f"   {row.bot[0]}  Warranty, kettle K2"
    assert first.endswith("  ")
    assert below == second


def test_a_long_title_leaves_room_for_the_mark() -> None:
    row = replace(ROW, title="Kettle K2 and other questions", waiting=True)
    assert drawn(row)[0] == "   E  Kettle K2 and other q… ▲  "


def test_the_bot_has_its_colours() -> None:
    first, second = (list(strip) for strip in draw_row(ROW, IDLE, LOOK, 32, NOW))
    plum = LOOK.speaker("plum")
    chip = next(segment.style for segment in first if "E" in segment.text)
    name = next(segment.style for segment in second if "Echo" in segment.text)
    assert chip is not None and chip.bgcolor is not None and chip.bgcolor.name == plum.chip.lower()
    assert name is not None and name.color is not None and name.color.name == plum.ink.lower()


@pytest.mark.parametrize(
    ("state", "bar", "surface"),
    [
        (RowState(), " ", "panel"),
        (RowState(under_mouse=True), " ", "raised"),
        (RowState(at_cursor=True), "accent", "raised"),
        (RowState(is_open=True), "edge", "select"),
        (RowState(is_open=True, at_cursor=True), "accent", "select"),
    ],
)
def test_where_the_user_is(state: RowState, bar: str, surface: str) -> None:
    for strip in draw_row(ROW, state, LOOK, 32, NOW):
        first = next(iter(strip))
        assert first.style is not None and first.style.bgcolor is not None and first.style.color is not None
        assert first.style.bgcolor.name == getattr(LOOK.theme, surface).lower()
        if bar == " ":
            assert strip.text.startswith("  ")
        else:
            assert strip.text.startswith("▌ ")
            assert first.style.color.name == getattr(LOOK.theme, bar).lower()


def test_without_colours_the_cursor_is_reverse() -> None:
    flat = Look(THEMES["flat"], ASCII_SIGNS)
    first, second = draw_row(ROW, RowState(at_cursor=True), flat, 32, NOW)
    styles = [segment.style for strip in (first, second) for segment in strip]
    assert all(style is not None and style.reverse and style.color is None for style in styles)
    assert drawn(ROW, RowState(is_open=True), flat)[0].startswith("| [E] Warranty")


@pytest.mark.parametrize("state", ["waiting", "writing", "finished", "truncated", "failed", "stopped", "interrupted"])
@pytest.mark.parametrize("width", [0, 1, 2, 5, 31])
def test_any_state_at_any_width(state: ReplyState, width: int) -> None:
    drawn(replace(ROW, state=state, unread=12_345, draft="draft"), RowState(is_open=True), width=width)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_only_text(text: str) -> None:
    assert not controls_in(drawn(replace(ROW, title=text, preview=text)))
    assert not controls_in(drawn(replace(ROW, draft=text)))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 20), "Today"),
        (date(2026, 11, 19), "Today"),
        (date(2026, 11, 18), "Yesterday"),
        (date(2026, 11, 16), "Monday 16 November"),
        (date(2026, 11, 13), "Friday 13 November"),
        (date(2026, 11, 12), "12 November"),
        (date(2026, 1, 1), "1 January"),
        (date(2025, 12, 31), "31 December 2025"),
    ],
)
def test_days_have_names_for_a_week(day: date, name: str) -> None:
    assert short_day(day, NOW.date()) == name


def test_pinned_ones_are_a_group_whatever_their_day() -> None:
    assert group_of(replace(ROW, pinned=True), NOW) == "Pinned"
    assert group_of(ROW, NOW) == "Today"
