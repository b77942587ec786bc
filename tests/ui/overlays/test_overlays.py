"""The picker, the page of keys, and the question before deleting."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import pytest
from textual.screen import ModalScreen

from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays import overlay
from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
from chatgrid_tui.ui.overlays.keys_screen import KeyGroup, KeysScreen
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerRow
from chatgrid_tui.ui.overlays.text_screen import SHOWN_AT_MOST, TextScreen
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

GROUPS = (
    PickerGroup(
        "Boards",
        (
            PickerRow("b1", "refunds-pilot", "Acme staging · api.chatgrid.ai", "Ready"),
            PickerRow("b2", "ref-check", "Northwind · chatiq.io", "Key refused", "failed"),
        ),
    ),
    PickerGroup(
        "Providers", (PickerRow("p1", "Orders live", "ChatGrid · api.chatgrid.ai", "PRODUCTION", "production"),)
    ),
    PickerGroup("", (PickerRow("add", "+ Add a provider"),), "always"),
)
Answer = TypeVar("Answer")


def answers(app: FrameApp, screen: ModalScreen[Answer]) -> list[Answer | None]:
    """Show `screen`; its result is added to the list."""
    given: list[Answer | None] = []
    app.push_screen(screen, given.append)
    return given


async def test_how_the_picker_looks() -> None:
    app = FrameApp()
    async with app.run_test(size=(120, 40)) as pilot:
        answers(app, PickerScreen("Go to", GROUPS, "b2"))
        await pilot.pause()
        lines = [line[18:] for line in app.lines()]
        assert lines[4] == "   Go to" + " " * 72 + "3"
        assert lines[8].startswith("   Boards ──────")
        assert lines[9].startswith("    refunds-pilot  Acme staging · api.chatgrid.ai")
        assert lines[9].endswith("Ready")
        assert lines[10].startswith("  ▌ ref-check      Northwind · chatiq.io")
        assert lines[10].endswith("! Key refused")
        assert lines[13].endswith("▲ PRODUCTION")
        assert lines[14] == "    + Add a provider"
        assert lines[16] == "   Esc Close   Enter Open"


async def test_arrows_and_enter_pick() -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        given = answers(app, PickerScreen("Go to", GROUPS))
        await pilot.press("down", "down", "up", "enter")
        assert given == ["b2"]
        given = answers(app, PickerScreen("Go to", GROUPS, "p1"))
        await pilot.press("pagedown", "down", "enter")
        assert given == ["add"]


async def test_typing_finds_names_and_details() -> None:
    app = FrameApp()
    async with app.run_test(size=(100, 24)) as pilot:
        given = answers(app, PickerScreen("Go to", GROUPS, "b2"))
        await pilot.press(*"REF")
        assert "2 of 3" in app.row_with("Go to")
        assert not any("Orders live" in line for line in app.lines())
        assert any("+ Add a provider" in line for line in app.lines())
        await pilot.press("backspace", "backspace", "backspace", *"chatgrid.ai")
        assert "2 of 3" in app.row_with("Go to")
        await pilot.press("down", "enter")
        assert given == ["p1"]


async def test_a_filter_that_matches_nothing_leaves_what_is_always_there() -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        given = answers(app, PickerScreen("Go to", GROUPS))
        await pilot.press(*"zzz1")
        assert "0 of 3" in app.row_with("Go to")
        await pilot.press("enter")
        assert given == ["add"]
        given = answers(app, PickerScreen("Go to", GROUPS[:1]))
        await pilot.press(*"zzz", "enter", "down", "escape")
        assert given == [None]


async def test_ways_out_and_clicks() -> None:
    app = FrameApp()
    async with app.run_test(size=(100, 24)) as pilot:
        given = answers(app, PickerScreen("Go to", GROUPS))
        await pilot.press("escape")
        assert given == [None]
        given = answers(app, PickerScreen("Go to", GROUPS))
        await pilot.pause()
        await pilot.click(offset=(1, 1))
        assert given == [None]
        for words, expected in (("ref-check", ["b2"]), ("Esc Close", [None]), ("Enter Open", ["b1"])):
            given = answers(app, PickerScreen("Go to", GROUPS))
            await pilot.pause()
            row = next(at for at, line in enumerate(app.lines()) if words in line)
            await pilot.click(offset=(app.lines()[row].index(words) + 5, row))
            assert given == expected


async def test_a_long_picker_scrolls_to_what_is_chosen() -> None:
    rows = tuple(PickerRow(str(number), f"board {number}") for number in range(90))
    app = FrameApp()
    async with app.run_test(size=(80, 24)) as pilot:
        given = answers(app, PickerScreen("Go to", [PickerGroup("Boards", rows)], "51"))
        await pilot.pause()
        assert any("▌ board 51" in line for line in app.lines())
        await pilot.press(*["pagedown"] * 3, "enter")
        assert given == ["75"]


async def test_all_keys_are_shown_and_scroll() -> None:
    groups = [
        KeyGroup("Everywhere", (KeyHint("switch", ("ctrl+k", "f4"), "Switch"), KeyHint("keys", ("f1",), "Keys"))),
        KeyGroup("Conversation", tuple(KeyHint("", ("enter",), f"Does {number}") for number in range(40))),
    ]
    app = FrameApp()
    async with app.run_test(size=(80, 24)) as pilot:
        given = answers(app, KeysScreen(groups))
        await pilot.pause()
        assert "Ctrl+K or F4" in app.row_with("Switch")
        assert not any("Does 39" in line for line in app.lines())
        await pilot.press("end")
        await pilot.pause()
        assert any("Does 39" in line for line in app.lines())
        for key in ("f1", "escape", "enter"):
            await pilot.press(key)
            assert given == [None]
            given = answers(app, KeysScreen(groups))
            await pilot.pause()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
async def test_key_descriptions_are_not_cut(width: int) -> None:
    label = "system prompt and parameters, for OpenAI-compatible servers and for many others besides"
    keys = ("ctrl+j", "shift+enter", "alt+enter")
    app = FrameApp()
    async with app.run_test(size=(width, 30)) as pilot:
        answers(app, KeysScreen([KeyGroup("Message", (KeyHint("", keys, label), KeyHint("", ("f1",), "Next")))]))
        await pilot.pause()
        rows = app.lines()
        assert not any("…" in row for row in rows)
        first = next(number for number, row in enumerate(rows) if "Ctrl+J" in row)
        last = next(number for number, row in enumerate(rows) if "F1" in row)
        column = rows[first].index("system prompt")
        assert " ".join(" ".join(row[column:] for row in rows[first:last]).split()) == label
        names = " ".join(" ".join(row[:column] for row in rows[first:last]).split())
        assert names == "Ctrl+J or Shift+Enter or Alt+Enter"


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), 1),
        (("escape",), None),
        (("left", "enter"), 0),
        (("tab", "enter"), 0),
        (("shift+tab", "enter"), 0),
        (("tab", "tab", "enter"), 1),
        (("left", "right", "enter"), 1),
        (("left", "escape"), None),
    ],
)
async def test_enter_keeps_by_default(keys: tuple[str, ...], answer: int | None) -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        given = answers(app, ConfirmScreen("Delete this?", "It goes from this machine."))
        await pilot.pause()
        await pilot.press(*keys)
        assert given == [answer]


async def test_the_answers_can_be_clicked() -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        for words, expected in ((" Delete ", 0), (" Keep ", 1)):
            given = answers(app, ConfirmScreen("Sure?", "It goes from this machine."))
            await pilot.pause()
            row = next(at for at, line in enumerate(app.lines()) if words in line + " ")
            await pilot.click(offset=((app.lines()[row] + " ").index(words) + 2, row))
            assert given == [expected]
        given = answers(app, ConfirmScreen("Sure?", "It goes."))
        await pilot.pause()
        await pilot.click(offset=(0, 20))
        assert given == [None]


async def test_the_text_of_a_question_is_selected_with_the_mouse_and_copied() -> None:
    app = FrameApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ConfirmScreen("Sure?", "It goes from this machine."))
        await pilot.pause()
        await pilot.press("ctrl+c")
        await app.workers.wait_for_complete()
        assert app.clipboard == "Sure?\nIt goes from this machine."
        y = next(at for at, line in enumerate(app.lines()) if "It goes" in line)
        x = app.lines()[y].index("goes")
        await pilot.mouse_down(offset=(x, y))
        await pilot.hover(offset=(x + 4, y))
        await pilot.mouse_up(offset=(x + 4, y))
        await pilot.press("ctrl+c")
        await app.workers.wait_for_complete()
        assert app.clipboard.strip() == "goes"


@pytest.mark.parametrize("theme", ["midnight", "flat"])
async def test_hostile_texts_are_only_text(theme: str) -> None:
    app = FrameApp(theme=theme)
    groups = [PickerGroup(text, (PickerRow(name, text, text, text, "waiting"),)) for name, text in HOSTILE.items()]
    words = "\n".join(HOSTILE.values())
    async with app.run_test(size=(100, 120)) as pilot:
        for screen in (PickerScreen(words, groups), ConfirmScreen(words, words)):
            app.push_screen(screen)
            await pilot.pause()
            assert any("[@click=app.quit]" in line for line in app.lines())
            assert not controls_in(app.lines())
            await pilot.press("[", "escape")


async def test_a_very_long_text_is_shown_in_part_and_copied_whole() -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        screen = TextScreen("Reasoning", "word " * SHOWN_AT_MOST)
        await app.push_screen(screen)
        await pilot.press("end")
        await pilot.pause()
        assert "800,000 more characters. Ctrl+C copies them too." in app.row_with("more characters")
        await pilot.press("ctrl+c")
        await app.workers.wait_for_complete()
        assert len(app.clipboard) == len(screen.text)


async def test_copying_continues_after_its_dialog_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = asyncio.Event()
    copied: list[str] = []

    async def copy(app: object, text: str, what: str) -> str:
        await closed.wait()
        copied.append(text)
        return f"Copied {what}."

    monkeypatch.setattr(overlay, "copy", copy)
    app = FrameApp()
    async with app.run_test() as pilot:
        await app.push_screen(TextScreen("Details", "state: failed"))
        await pilot.press("ctrl+c", "escape")
        assert len(app.screen_stack) == 1
        closed.set()
        await app.workers.wait_for_complete()
        assert copied == ["state: failed"]
