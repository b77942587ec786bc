"""The list of conversations: groups, moving, opening, ten thousand rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from textual.strip import Strip

from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.conversation_list.conversations_pane import ConversationsPane
from chatgrid_tui.ui.conversation_list.list_row import ListRow
from chatgrid_tui.ui.conversation_list.row_source import GivenRows
from ui.widgets.frame_app import NOW, FrameApp


class Clock:
    """A clock that only moves if the test moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


def row(number: int, days: float = 0, **changes: object) -> ListRow:
    said_at = NOW - timedelta(days=days, minutes=3)
    made = ListRow(number, f"Talk {number}", f"said {number}", False, "", said_at, "finished", bot="Echo")
    return replace(made, **changes)  # type: ignore[arg-type]  # the test's own shorthand


ROWS = [row(1, pinned=True), row(2), row(3), row(4, 1), row(5, 3), row(6, 400)]


def grounds(strip: Strip) -> set[str]:
    """Return the background colours of a row of cells."""
    return {segment.style.bgcolor.name for segment in strip if segment.style and segment.style.bgcolor}


def many(count: int) -> list[ListRow]:
    return [row(number) for number in range(count)]


@pytest.mark.parametrize(("height", "rows"), [(29, [4, 8, 10, 14, 18, 22]), (30, [4, 8, 11, 15, 19, 23])])
async def test_groups_headings_and_blank_lines(height: int, rows: list[int]) -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, height)) as pilot:
        listing.set_rows(GivenRows(ROWS))
        await pilot.pause()
        lines = ["", "", *app.lines()]  # counted as behind the title of the pane
        headings = ["Pinned", "Today", "Yesterday", "Monday 16 November", "15 October 2025"]
        titles = [at for at, line in enumerate(lines) if "Talk" in line]
        assert titles == rows
        assert [lines[at - 1].strip() for at in titles if lines[at - 1].strip() in headings] == headings
        assert lines[titles[0] : titles[0] + 2] == ["   E  Talk 1", "      Echo  said 1       14:00"]
        assert all(lines[at - 2] == "" for at in titles if lines[at - 1].strip() in headings)


async def test_the_number_and_the_filter() -> None:
    def matching(words: str) -> GivenRows:
        return GivenRows([known for known in ROWS if words in known.title])

    pane = ConversationsPane(Clock(), matching)
    app = FrameApp(pane)
    async with app.run_test(size=(32, 24), message_hook=app.hear) as pilot:
        pane.reload()
        pane.list.focus()
        await pilot.pause()
        assert app.lines()[0] == "  Conversations              6"
        await pilot.press("slash", "4")
        assert app.lines()[0] == "  Conversations         1 of 6"
        assert [line for line in app.lines() if "Talk" in line] == ["▌  E  Talk 4"]
        await pilot.press("enter")
        assert [told.conversation_id for told in app.heard_of(ConversationList.Opened)] == [4]
        await pilot.press("x")
        assert app.row_with("Nothing matches").strip() == 'Nothing matches "4x".'
        await pilot.press("ctrl+u", "down", "down")
        pane.end_filter()
        await pilot.pause()
        assert not pane.filter.display
        assert pane.list.has_focus
        assert pane.list.highlighted == 3, "the cursor stays where the arrows brought it"
        assert app.lines()[0] == "  Conversations              6"


async def test_an_empty_list_says_what_it_is_for() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 8)) as pilot:
        await pilot.pause()
        assert not any(app.lines()), "it is not known yet whether there are any"
        listing.set_rows(GivenRows([]))
        await pilot.pause()
        assert [line for line in app.lines() if line] == [
            "  No conversations yet.",
            "  The first one is kept here",
            "  as soon as you send a",
            "  message.",
        ]
        await pilot.press("tab", "down", "up", "pagedown", "end", "enter")
        await pilot.click(ConversationList, offset=(4, 2))


async def test_a_notice_stands_below_the_rows() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(40, 12)) as pilot:
        listing.set_rows(GivenRows([row(1)]))
        listing.notice("Offline. Shown from this machine.", "waiting")
        await pilot.pause()
        assert [line for line in app.lines() if line][-2:] == ["  ▲ Offline.", "  Shown from this machine."]
        listing.set_rows(GivenRows([]))
        listing.notice("Nothing matches [/]. Esc shows all.")
        await pilot.pause()
        assert app.lines()[1] == "  Nothing matches [/]."
        listing.notice("")
        await pilot.pause()
        assert "No conversations yet." in app.lines()[1]


async def test_keys_move_and_open() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24), message_hook=app.hear) as pilot:
        listing.set_rows(GivenRows(ROWS))
        listing.focus()
        await pilot.press("down", "down", "up", "enter")
        assert listing.highlighted == 2
        assert [told.conversation_id for told in app.heard_of(ConversationList.Opened)] == [2]
        assert [told.conversation_id for told in app.heard_of(ConversationList.Highlighted)] == [2, 3, 2]
        await pilot.press("end")
        assert listing.highlighted == 6
        await pilot.press("down", "home", "up")
        assert listing.highlighted == 1


async def test_a_click_opens_and_a_heading_does_not() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24), message_hook=app.hear) as pilot:
        listing.set_rows(GivenRows(ROWS))
        await pilot.pause()
        place = next(at for at, line in enumerate(app.lines()) if "Talk 3" in line)
        await pilot.click(ConversationList, offset=(5, 1))
        assert not app.heard_of(ConversationList.Opened)
        await pilot.click(ConversationList, offset=(5, place + 1))
        assert [told.conversation_id for told in app.heard_of(ConversationList.Opened)] == [3]


async def test_the_mouse_lifts_one_row() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24)) as pilot:
        listing.set_rows(GivenRows(ROWS))
        await pilot.pause()
        await pilot.hover(ConversationList, offset=(5, 2))
        assert grounds(listing.render_line(3)) == {app.look.theme.raised.lower()}
        await pilot.hover(ConversationList, offset=(5, 1))
        assert grounds(listing.render_line(3)) == {app.look.theme.panel.lower()}


async def test_the_open_one_has_a_bar_that_tells_the_focus() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24)) as pilot:
        listing.set_rows(GivenRows(ROWS))
        listing.open_id = 2
        await pilot.pause()

        def bar() -> str:
            style = next(iter(listing.render_line(6))).style
            assert style is not None and style.color is not None
            return style.color.name

        assert app.lines()[6].startswith("▌  E  Talk 2")
        assert bar() == app.look.theme.edge.lower()
        listing.focus()
        await pilot.pause()
        assert bar() == app.look.theme.accent.lower()
        assert listing.highlighted == 2


async def test_the_cursor_stays_with_its_conversation() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24)) as pilot:
        listing.set_rows(GivenRows(ROWS))
        listing.focus()
        await pilot.press("down", "down")
        listing.set_rows(GivenRows([row(9), *ROWS]))
        assert listing.highlighted == 3
        listing.set_rows(GivenRows([row(9)]))
        assert listing.highlighted == 9


async def test_the_cursor_goes_to_what_is_opened_and_only_then() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24)) as pilot:
        listing.open_id = 3
        listing.set_rows(GivenRows(ROWS))
        assert listing.highlighted == 3
        listing.focus()
        await pilot.press("down")
        listing.set_rows(GivenRows(ROWS))
        listing.open_id = 3
        assert listing.highlighted == 4
        listing.open_id = 2
        assert listing.highlighted == 2
        listing.open_id = None
        assert listing.highlighted == 2


async def test_the_open_one_is_in_view_from_the_start_and_after_resizing() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24)) as pilot:
        listing.open_id = 300
        listing.set_rows(GivenRows(many(400)))
        await pilot.pause()
        assert any("▌  E  Talk 300" in line for line in app.lines())
        listing.focus()
        await pilot.resize_terminal(32, 6)
        await pilot.pause()
        assert any("▌  E  Talk 300" in line for line in app.lines())


async def test_ten_thousand_rows_and_one_that_changes() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24)) as pilot:
        rows = GivenRows(many(10_000))
        listing.set_rows(rows)
        listing.focus()
        await pilot.press("end")
        await pilot.pause()
        assert listing.highlighted == 9_999
        assert "Talk 9999" in app.lines()[22]
        layouts = app.screen._layout_updates
        rows.replace(row(9_999, title="Renamed", unread=1))
        listing.refresh_row(9_999)
        await pilot.pause()
        assert "Renamed" in app.lines()[22]
        assert app.screen._layout_updates == layouts
        listing.refresh_row(123_456)
        assert len(listing.rows) == 10_000


async def test_the_scroll_bar_covers_no_text() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 10)) as pilot:
        listing.set_rows(GivenRows([row(number, unread=7) for number in range(40)]))
        await pilot.pause()
        assert app.lines()[2] == "   E  Talk 0               ● 7"
        assert listing.show_vertical_scrollbar
        await pilot.click(ConversationList, offset=(31, 9))
        assert listing.scroll_offset.y > 0


async def test_today_becomes_yesterday_at_midnight() -> None:
    clock = Clock()
    listing = ConversationList(clock)
    app = FrameApp(listing)
    async with app.run_test(size=(32, 10)) as pilot:
        listing.set_rows(GivenRows([row(1)]))
        await pilot.pause()
        assert "Today" in app.lines()[1]
        clock.time = NOW + timedelta(days=1)
        listing.follow_the_day()
        await pilot.pause()
        assert "Yesterday" in app.lines()[1]
        assert app.lines()[3] == "      Echo  said 1       14:00"


async def test_another_theme_is_drawn_at_once() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 10)) as pilot:
        listing.set_rows(GivenRows([row(1)]))
        await pilot.pause()
        app.use_theme("paper")
        await pilot.pause()
        style = next(iter(listing.render_line(2))).style
        assert style is not None and style.bgcolor is not None
        assert style.bgcolor.name == app.look.theme.panel.lower()


async def test_the_notice_below_a_long_list_is_seen_at_its_end() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(40, 12)) as pilot:
        listing.set_rows(GivenRows(many(50)))
        listing.notice("Offline. Shown from this machine.", "waiting")
        listing.focus()
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        assert app.lines()[-1].rstrip(" ▐") == "  Shown from this machine."
        listing.notice("")
        await pilot.pause()
        assert "said 49" in app.lines()[-1]
        listing.notice("Loading, 50 of about 400", "live")
        await pilot.pause()
        assert app.lines()[-1].startswith("  ▌ Loading, 50 of about 400")


async def test_keys_request_actions_on_a_conversation() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24), message_hook=app.hear) as pilot:
        listing.focus()
        await pilot.press("r")
        assert not app.heard_of(ConversationList.Asked)
        listing.set_rows(GivenRows(ROWS))
        await pilot.press("down", "r", "delete", "m")
        told = [(one.task, *one.conversation_ids) for one in app.heard_of(ConversationList.Asked)]
        assert told == [("rename", 2), ("delete", 2), ("memory", 2)]
        await pilot.press("R", "M")
        told = [(one.task, *one.conversation_ids) for one in app.heard_of(ConversationList.Asked)]
        assert told[3:] == [("rename", 2), ("memory", 2)], "they are shown as capitals"


async def test_scrolling_near_the_end_is_reported_a_screen_ahead() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 20), message_hook=app.hear) as pilot:
        listing.set_rows(GivenRows(many(200)))
        await pilot.pause()
        assert 10 <= app.heard_of(ConversationList.SeenTo)[-1].conversation_id <= 30
        listing.scroll_to(y=100, animate=False)
        await pilot.pause()
        assert 50 <= app.heard_of(ConversationList.SeenTo)[-1].conversation_id <= 80
        listing.focus()
        await pilot.press("end")
        await pilot.pause()
        assert app.heard_of(ConversationList.SeenTo)[-1].conversation_id == 199


async def test_rows_are_marked_one_by_one_and_in_ranges() -> None:
    listing = ConversationList(Clock())
    app = FrameApp(listing)
    async with app.run_test(size=(32, 24), message_hook=app.hear) as pilot:
        listing.set_rows(GivenRows(ROWS))
        listing.focus()
        await pilot.press("space", "down", "down", "space", "space", "shift+down", "shift+down", "shift+up")
        assert listing.marked == {1, 3, 4}, "a range that shrinks leaves other marks"
        assert [line[:9] for line in app.lines() if "✓" in line] == ["   ✓  Tal", "   ✓  Tal", "▌  ✓  Tal"]
        await pilot.press("end", "p", "r")
        told = [(one.task, *one.conversation_ids) for one in app.heard_of(ConversationList.Asked)]
        assert told == [("pin", 1, 3, 4), ("rename", 6)]
        await pilot.press("ctrl+a")
        assert listing.marked == {1, 2, 3, 4, 5, 6}
        listing.set_rows(GivenRows(ROWS[:2]))
        assert listing.marked == {1, 2}, "no row is marked that is not shown"
        await pilot.press("ctrl+a")
        assert not listing.marked
