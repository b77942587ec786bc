"""The picker in use: fuzzy, long, changing while it is open, and with the mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.segment import Segment
from textual import events
from textual.screen import Screen

from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays.keys_screen import KeyGroup, KeysScreen
from chatgrid_tui.ui.overlays.overlay import Overlay
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerList, PickerRow
from chatgrid_tui.ui.overlays.picker_rows import DRAWN_AT_MOST, DRAWN_AT_REST, Choices
from chatgrid_tui.ui.overlays.text_screen import TextScreen
from chatgrid_tui.ui.widgets.plain_input import PlainInput
from quiet import until
from ui.overlays.test_overlays import answers
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

TALKS = tuple(PickerRow(f"t{n}", name, "Acme · Support") for n, name in enumerate(["Refund twice", "Opening hours"]))
BOARDS = tuple(PickerRow(f"b{n}", name, "Acme · host") for n, name in enumerate(["support", "refunds-pilot"]))
RECENT = (PickerRow("recently t1", "Opening hours", "Acme · Support"),)
ADD = PickerGroup("", (PickerRow("add", "+ Add a provider"),), "always")
OFFER = PickerGroup("", (PickerRow("make", "+ New board at Acme"),), "offered")
GROUPS = [
    PickerGroup("Recent", RECENT, "resting"),
    PickerGroup("Conversations", TALKS, "typed"),
    PickerGroup("Boards", BOARDS, "typed"),
    OFFER,
    ADD,
]


def ids(choices: Choices) -> list[str]:
    return [row.id for row in choices.rows]


def styles_of(app: FrameApp, words: str) -> list[Segment]:
    """Return the segments of the first row of the screen that contains some words."""
    strips = app.screen._compositor.render_strips()
    return list(next(strip for strip in strips if words in strip.text))


def test_what_is_unavailable_comes_last() -> None:
    here = [PickerRow("sides", "Compare", unavailable=True), PickerRow("old", "Compare old replies")]
    choices = Choices([PickerGroup("Split", here[:1]), PickerGroup("Reading", here)])
    assert ids(choices) == ["sides", "sides", "old"], "at rest, they are where they are expected"
    choices.type("compare")
    assert ids(choices) == ["old", "sides", "sides"]


def test_rows_without_and_with_a_query() -> None:
    choices = Choices(GROUPS)
    assert ids(choices) == ["recently t1", "make", "add"]
    assert choices.counts == (5, 5)
    choices.type("ref")
    assert ids(choices) == ["t0", "b1", "add"]
    assert choices.counts == (2, 5)
    choices.type("refunds")
    assert ids(choices) == ["b1", "add"]
    choices.type("acme")
    assert ids(choices) == ["t0", "t1", "b0", "b1", "make", "add"]
    assert choices.counts == (5, 5), "a row that matches counts, also where it only offers something"
    choices.type("nothing")
    assert ids(choices) == ["add"]
    choices.type("")
    assert ids(choices) == ["recently t1", "make", "add"]


def test_the_group_with_the_best_match_comes_first() -> None:
    choices = Choices(GROUPS)
    choices.type("support")
    assert ids(choices)[:3] == ["b0", "t0", "t1"]


def test_arriving_rows_move_no_shown_rows() -> None:
    choices = Choices(GROUPS)
    choices.type("ref")
    more = [PickerRow("b9", "ref"), *BOARDS, PickerRow("b8", "refined")]
    choices.put([*GROUPS[:2], PickerGroup("Boards", more, "typed"), OFFER, ADD])
    assert ids(choices) == ["t0", "b1", "b9", "b8", "add"]
    choices.type("refi")
    choices.type("ref")
    assert ids(choices) == ["b9", "b1", "b8", "t0", "add"], "and with the next letter the best comes first"


def test_rows_that_go_away_are_gone() -> None:
    choices = Choices(GROUPS)
    choices.type("ref")
    choices.put([*GROUPS[:2], ADD])
    assert ids(choices) == ["t0", "add"]
    choices.put(GROUPS)
    assert ids(choices) == ["t0", "b1", "add"]


def test_of_many_rows_some_are_drawn_and_all_are_found() -> None:
    rows = [PickerRow(str(number), f"order {number}") for number in range(10_000)]
    choices = Choices([PickerGroup("Boards", rows, "matching"), ADD])
    assert len(choices.rows) == DRAWN_AT_REST + 1
    choices.type("order")
    assert choices.counts == (10_000, 10_000)
    assert len(choices.rows) == DRAWN_AT_MOST + 1
    choices.type("9876")
    assert ids(choices) == ["9876", "add"]


async def test_the_letters_that_match_are_marked_also_in_wide_names() -> None:
    rows = (PickerRow("1", "家族 refund", "Zoë · host"), PickerRow("2", "other", "Zoë · host"))
    app = FrameApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(PickerScreen("Go to", [PickerGroup("Boards", rows)]))
        await pilot.pause()
        for typed, words, expected in (("家ref", "refund", ["家", "ref"]), ("zoe", "other", ["Zoë"])):
            for letter in typed:
                app.screen.query_one(PlainInput).post_message(events.Key(letter, letter))
            await pilot.pause()
            marked = [segment.text for segment in styles_of(app, words) if segment.style and segment.style.underline]
            assert marked == expected
            assert all(segment.style.bold for segment in styles_of(app, words) if segment.style.underline)  # type: ignore[union-attr]
            await pilot.press(*["backspace"] * len(typed))


async def test_arriving_rows_keep_the_selection_and_the_query() -> None:
    app = FrameApp()
    async with app.run_test(size=(100, 30)) as pilot:
        picker = PickerScreen("Go to", GROUPS)
        app.push_screen(picker)
        await pilot.pause()
        await pilot.press(*"ref", "down")
        assert picker.chosen == "b1"
        before = next(at for at, line in enumerate(app.lines()) if "refunds-pilot" in line)
        talks = [*TALKS, *(PickerRow(f"n{number}", f"ref {number}") for number in range(3))]
        picker.put([GROUPS[0], PickerGroup("Conversations", talks, "typed"), *GROUPS[2:]])
        await pilot.pause()
        assert (picker.chosen, picker.typed) == ("b1", "ref")
        assert "5 of 8" in app.row_with("Go to")
        many = [*TALKS, *(PickerRow(f"n{number}", f"ref {number}") for number in range(90))]
        picker.put([GROUPS[0], PickerGroup("Conversations", many, "typed"), *GROUPS[2:]])
        await pilot.pause()
        after = next(at for at, line in enumerate(app.lines()) if "refunds-pilot" in line)
        assert (picker.chosen, after >= before) == ("b1", True)


async def test_home_and_end_move_the_list_while_nothing_is_typed() -> None:
    app = FrameApp()
    async with app.run_test(size=(100, 30)) as pilot:
        picker = PickerScreen("Go to", [PickerGroup("Boards", BOARDS), ADD])
        app.push_screen(picker)
        await pilot.pause()
        await pilot.press("end")
        assert picker.chosen == "add"
        await pilot.press("home")
        assert picker.chosen == "b0"
        await pilot.press(*"up", "home", "s")
        assert picker.typed == "sup"


async def test_the_mouse_raises_the_row_under_it() -> None:
    app = FrameApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(PickerScreen("Go to", [PickerGroup("Boards", BOARDS), ADD]))
        await pilot.pause()
        at = next(at for at, line in enumerate(app.lines()) if "refunds-pilot" in line)

        def fill() -> object:
            style = next(each.style for each in styles_of(app, "refunds-pilot") if "refunds" in each.text)
            return style and (style.bgcolor, style.bold)

        before = fill()
        await pilot.hover(offset=(30, at))
        await pilot.pause()
        assert fill() != before
        await pilot.hover(offset=(30, 1))
        await pilot.pause()
        assert fill() == before


async def test_without_colours_the_chosen_row_is_reversed() -> None:
    app = FrameApp(theme="flat")
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(PickerScreen("Go to", [PickerGroup("Boards", BOARDS), ADD]))
        await pilot.pause()
        for name, chosen in (("support", True), ("refunds-pilot", False)):
            styles = [segment.style for segment in styles_of(app, f" {name} ") if name in segment.text]
            assert [bool(style and style.reverse) for style in styles] == [chosen]


async def test_a_row_that_is_unavailable_is_not_picked_and_its_reason_is_shown_again() -> None:
    rows = [PickerRow("stop", "Stop", "No reply is being written.", unavailable=True), PickerRow("go", "Go")]
    app = FrameApp()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        given = answers(app, PickerScreen("Commands", [PickerGroup("Commands", rows)]))
        await pilot.press("enter")
        await pilot.pause()
        assert given == []
        assert sum("No reply is being written." in line for line in app.lines()) == 2
        await pilot.press("down", "enter")
        assert given == ["go"]


async def test_the_wheel_scrolls() -> None:
    rows = tuple(PickerRow(str(number), f"board {number}") for number in range(90))
    app = FrameApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(PickerScreen("Go to", [PickerGroup("Boards", rows)]))
        await pilot.pause()
        scrolled = app.screen.query_one(PickerList)
        scrolled.post_message(
            events.MouseScrollDown(
                scrolled, 3, 3, 0, 1, 0, shift=False, meta=False, ctrl=False, screen_x=20, screen_y=9
            )
        )
        await until(lambda: not any("board 0 " in f"{line} " for line in app.lines()))


async def test_hostile_rows_are_only_text_and_can_be_found() -> None:
    app = FrameApp()
    rows = [PickerRow(name, text, text, text, "waiting", text) for name, text in HOSTILE.items()]
    rows += [PickerRow("empty", ""), PickerRow("twin", "x" * 10_000), PickerRow("other twin", "x" * 10_000)]
    async with app.run_test(size=(100, 40)) as pilot:
        for typed in ("", "x", "[", "家", "safe"):
            app.push_screen(PickerScreen("Go to", [PickerGroup("Boards", rows)]))
            await pilot.pause()
            app.screen.query_one(PlainInput).value = typed
            await pilot.pause()
            assert not controls_in(app.lines())
            await pilot.press("escape")


async def test_names_get_the_room_that_their_details_leave() -> None:
    short, long = "Stop", "Options of this conversation with a bot"
    app = FrameApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for rows, lines in (
            # All names are whole, and the words begin two cells behind the longest.
            (((short, "at once"), (long, "not many")), (f"{short:<39}  at once", f"{long}  not many")),
            (((short, "w" * 70),), ("Stop  " + "w" * 62 + "…",)),
            # Where there is not enough for both, names have two fifths of it.
            (((short, "w" * 70), (long, "")), ("Stop  ", long)),
            (
                ((short, "w" * 70), (long, "not many")),
                (f"{short:<28}  www", "Options of this conversatio…  not many"),
            ),
        ):
            group = PickerGroup("Commands", [PickerRow(name, name, words) for name, words in rows])
            app.push_screen(PickerScreen("Commands", [group]))
            await pilot.pause()
            for line in lines:
                assert line in app.row_with(line.split()[0])
            await pilot.press("escape")


async def test_a_cut_address_keeps_its_port() -> None:
    rows = [PickerRow("1", "local", "OpenAI-compatible · 127.0.0.1:11434", "nothing answers", "failed")]
    app = FrameApp()
    async with app.run_test(size=(60, 24)) as pilot:
        app.push_screen(PickerScreen("Go to", [PickerGroup("Providers", rows)]))
        await pilot.pause()
        assert "…:11434  ! nothing answers" in app.row_with("local")


def many(name: str, detail: str, state: str) -> list[PickerGroup]:
    return [PickerGroup("Boards", [PickerRow(str(number), name, detail, state) for number in range(40)])]


SCROLLING: dict[str, Callable[[], Screen[Any]]] = {
    "details": lambda: PickerScreen("Go to", many("name", "w" * 90, "")),
    "states": lambda: PickerScreen("Go to", many("name", "", "here")),
    "keys": lambda: KeysScreen([KeyGroup("Everywhere", tuple(KeyHint("", ("f1",), "w" * 190) for _ in range(9)))]),
    "words": lambda: TextScreen("Words", "w" * 8_000),
}


@pytest.mark.parametrize("kind", SCROLLING)
async def test_a_blank_cell_stands_between_words_and_scroll_bar(kind: str) -> None:
    app = FrameApp(theme="flat")
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(SCROLLING[kind]())
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        view = app.screen.query_one("PickerList, VerticalScroll, TextArea")
        assert view.show_vertical_scrollbar
        bar = view.region.right - 1
        lines = [line.ljust(80) for line in app.lines()[view.region.y : view.region.bottom]]
        assert {line[bar - 1] for line in lines} == {" "}
        assert {line[bar - 2] for line in lines} != {" "}, "and no more than one"
        assert app.screen.query_one(Overlay).region.right - view.region.right == 1, "in the margin of the list"
