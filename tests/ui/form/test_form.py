"""The parts of a form: labels, fields, help and errors, by keys and by mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widget import Widget
from textual.widgets import Button

from chatgrid_tui.ui.form.fields import (
    ChoiceField,
    CommandPasted,
    FlagField,
    LineField,
    LinesField,
    PasteRefused,
    is_address,
    is_command,
)
from chatgrid_tui.ui.form.form_screen import STYLES
from chatgrid_tui.ui.form.results import ResultLine, Results
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import OVERLAY_STYLES, OverlayButton
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

KINDS = {"a": "ChatGrid", "b": "ChatIQ", "c": "Open Chat Widget", "d": "OpenAI-compatible"}


class FormApp(FrameApp):
    """Shows parts of a form with their style sheet."""

    CSS_PATH = Path(STYLES)


async def test_a_row_with_help_and_with_an_error_instead() -> None:
    field = LineField()
    row = FormRow("base_url", "Address", field, "Where it answers.")
    app = FormApp(row)
    async with app.run_test(size=(80, 10), message_hook=app.hear) as pilot:
        assert app.lines()[:3] == ["Address       ▌", "              Where it answers.", ""]
        field.focus()
        await pilot.press(*"https://x")
        assert app.lines()[0] == "Address       ▌ https://x"
        assert [heard.row.row_name for heard in app.heard_of(FormRow.Changed)] == ["base_url"] * 9
        row.show("Where it answers.", "The port must be between 1 and 65535.")
        await pilot.pause()
        assert app.lines()[1] == "              ! The port must be between 1 and 65535."
        row.show("Where it answers.")
        await pilot.pause()
        assert app.lines()[1] == "              Where it answers."


async def test_a_choice_wraps_and_is_made_by_arrows_and_mouse() -> None:
    choice = ChoiceField(KINDS)
    app = FormApp(FormRow("kind", "", choice))
    async with app.run_test(size=(78, 5), message_hook=app.hear) as pilot:
        choice.put("a")
        await pilot.pause()
        assert [line[14:] for line in app.lines()[:2]] == [
            "(•) ChatGrid  ( ) ChatIQ  ( ) Open Chat Widget",
            "( ) OpenAI-compatible",
        ]
        choice.focus()
        await pilot.press("right", "right", "left")
        assert choice.value == "b"
        await pilot.click(offset=(22, 1))
        assert choice.value == "d"
        await pilot.press("right")
        assert choice.value == "d"
        await pilot.press("home")
        assert choice.value == "a"
        assert len(app.heard_of(FormRow.Changed)) == 5


async def test_a_choice_offers_some_of_its_values() -> None:
    choice = ChoiceField(KINDS)
    app = FormApp(FormRow("kind", "", choice))
    async with app.run_test(size=(78, 5)) as pilot:
        choice.offer(["b", "d"])
        choice.put("b")
        await pilot.pause()
        assert app.lines()[0].strip() == "(•) ChatIQ  ( ) OpenAI-compatible"
        choice.focus()
        await pilot.press("right")
        assert choice.value == "d"
        await pilot.press("right", "home")
        assert choice.value == "b"
        choice.put("d")
        await pilot.press("left")
        assert choice.value == "b"


async def test_signs_without_unicode() -> None:
    choice = ChoiceField({"a": "ChatGrid"})
    app = FormApp(FormRow("kind", "", choice), ascii_signs=True)
    async with app.run_test(size=(40, 3)) as pilot:
        choice.put("a")
        await pilot.pause()
        assert app.lines()[0].strip() == "(*) ChatGrid"


async def test_a_flag_is_turned_by_keys_and_mouse_and_its_meaning_wraps_beside_the_box() -> None:
    flag = FlagField()
    app = FormApp(FormRow("production", "", flag, meaning="Real customers read this. The composer says so."))
    async with app.run_test(size=(46, 4)) as pilot:
        assert [line[14:] for line in app.lines()[:3]] == [
            "[ ] Real customers read this.",
            "    The composer says so.",
            "",
        ]
        flag.focus()
        await pilot.press("space")
        assert app.lines()[0][14:] == "[x] Real customers read this."
        await pilot.press("enter")
        assert app.lines()[0][14:17] == "[ ]"
        await pilot.click(offset=(20, 1))
        assert app.lines()[0][14:17] == "[x]"
        await pilot.click(offset=(15, 0))
        assert app.lines()[0][14:17] == "[ ]"


async def test_a_secret_shows_as_dots_and_is_neither_copied_nor_cut() -> None:
    field = LineField(secret=True)
    app = FormApp(field)
    async with app.run_test(size=(60, 3)) as pilot:
        field.focus()
        await pilot.press(*"abc-123", "shift+home", "ctrl+c", "ctrl+x")
        assert field.value == "abc-123"
        assert app.lines()[0] == "▌ •••••••"
        assert app.clipboard == ""


@pytest.mark.parametrize("pasted", HOSTILE.values(), ids=HOSTILE)
async def test_a_paste_becomes_one_line_of_text(pasted: str) -> None:
    field, lines = LineField(), LinesField()
    app = FormApp(field, lines)
    async with app.run_test(size=(60, 8)) as pilot:
        for part in (field, lines):
            part.focus()
            part.post_message(events.Paste(pasted))
            await pilot.pause()
        assert controls_in([field.value.replace("\t", " ")]) == set()
        assert controls_in([lines.value.replace("\t", " ").replace("\n", " ")]) == set()
        assert controls_in(app.lines()) == set()


@pytest.mark.parametrize(
    "pasted", ["curl https://x", "  $ curl -X POST https://x", "CURL.EXE https://x", "curl \\\n https://x"]
)
async def test_a_pasted_command_is_for_the_form(pasted: str) -> None:
    field, lines = LineField(for_command=True), LinesField(for_command=True)
    app = FormApp(field, lines)
    async with app.run_test(size=(60, 8), message_hook=app.hear) as pilot:
        for part in (field, lines):
            part.focus()
            part.post_message(events.Paste(pasted))
            await pilot.pause()
            assert part.value == ""
        assert [heard.command for heard in app.heard_of(CommandPasted)] == [pasted, pasted]


async def test_a_form_without_commands_takes_them_as_text() -> None:
    field, lines = LineField(), LinesField()
    app = FormApp(field, lines)
    async with app.run_test(size=(60, 8), message_hook=app.hear) as pilot:
        for part in (field, lines):
            part.focus()
            part.post_message(events.Paste("curl https://x"))
            await pilot.pause()
            assert part.value == "curl https://x"
        assert not app.heard_of(CommandPasted)


@pytest.mark.parametrize("text", ["curl", "", "curly hair", "https://curl.example", "a curl b"])
def test_texts_that_are_no_command(text: str) -> None:
    assert not is_command(text)


@pytest.mark.parametrize("pasted", ["https://x.example/v1", " HTTP://x\n"])
def test_texts_that_are_a_whole_address(pasted: str) -> None:
    assert is_address(pasted)


@pytest.mark.parametrize(
    "pasted", ["", "x.example", "https://", "https://a b", "https://a\nhttps://b", "see https://a"]
)
def test_texts_that_are_no_whole_address(pasted: str) -> None:
    assert not is_address(pasted)


async def test_a_field_for_an_address_is_taken_over_by_a_whole_one_and_others_are_not() -> None:
    address, other = LineField(for_address=True), LineField()
    app = FormApp(address, other)
    async with app.run_test(size=(60, 8)) as pilot:
        for field, expected in ((address, "https://b.example"), (other, "abhttps://b.example")):
            field.put("ab")
            field.focus()
            field.post_message(events.Paste("https://b.example"))
            await pilot.pause()
            assert field.value == expected


async def test_typing_replaces_a_selection_at_the_focus_only() -> None:
    field, other = LineField(), LineField()
    app = FormApp(field, other)
    async with app.run_test(size=(60, 8)) as pilot:
        field.put("usual")
        field.select_on_focus = True
        await pilot.click(offset=(20, 0))
        await pilot.press("x")
        assert field.value == "usualx"
        other.focus()
        await pilot.pause()
        field.focus()
        await pilot.press("y")
        assert field.value == "y"


async def test_arrows_leave_a_line_at_its_ends() -> None:
    above, lines, below = LineField(), LinesField(), LineField()
    fields: list[Widget | None] = [above, lines, below]

    class Arrows(FormApp):
        BINDINGS = [("up", "focus_previous"), ("down", "focus_next")]  # noqa: RUF012

    app = Arrows(above, lines, below)
    async with app.run_test(size=(60, 8)) as pilot:
        lines.focus()
        await pilot.press(*"one", "enter", *"two")
        assert lines.value == "one\ntwo"
        await pilot.press("up")
        assert fields.index(app.focused) == 1
        await pilot.press("up")
        assert fields.index(app.focused) == 0
        await pilot.press("down", "down", "down")
        assert fields.index(app.focused) == 2


async def test_a_field_for_a_name_refuses_a_pasted_key() -> None:
    field = LineField(refuses=lambda text: text.startswith("sk-"))
    app = FormApp(field)
    async with app.run_test(size=(60, 3), message_hook=app.hear) as pilot:
        field.focus()
        field.post_message(events.Paste("sk-1234"))
        await pilot.pause()
        assert (field.value, len(app.heard_of(PasteRefused))) == ("", 1)
        field.post_message(events.Paste("Acme"))
        await pilot.pause()
        assert field.value == "Acme"


class ButtonApp(FrameApp):
    """Shows buttons with their style sheet."""

    CSS_PATH = Path(OVERLAY_STYLES)


async def test_buttons_are_pressed_by_keys_and_mouse() -> None:
    test, cancel = OverlayButton("Test", id="test"), OverlayButton("Cancel", key="Esc", id="cancel")
    app = ButtonApp(test, cancel)
    async with app.run_test(size=(40, 5), message_hook=app.hear) as pilot:
        assert [line for line in app.lines() if line] == [" Test", " Esc Cancel"]
        test.focus()
        await pilot.press("enter", "space", "tab", "enter")
        await pilot.click(cancel)
        assert [heard.button.id for heard in app.heard_of(Button.Pressed)] == ["test", "test", "cancel", "cancel"]


async def test_buttons_have_brackets_in_a_terminal_without_colours() -> None:
    app = ButtonApp(OverlayButton("Cancel", key="Esc"), theme="flat")
    async with app.run_test(size=(40, 3)):
        assert app.lines()[0] == "[Esc Cancel]"


async def test_results_wrap_beside_their_outcome_or_below_it() -> None:
    results = Results()
    app = FormApp(results)
    line = ResultLine(
        "Key", "failed", "The service refused it (401 invalid_api_key), so nothing else was tried.", "failed"
    )
    async with app.run_test(size=(70, 8)) as pilot:
        assert app.lines()[0] == ""
        results.show("Test", (line,))
        await pilot.pause()
        assert app.lines()[0].startswith("Test ─────")
        assert app.lines()[1] == "Key           ! failed   The service refused it (401 invalid_api_key),"
        assert app.lines()[2] == "                         so nothing else was tried."
        app.screen.add_class("-slim")
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert app.lines()[1:4] == [
            "Key           ! failed",
            "  The service refused it (401",
            "  invalid_api_key), so nothing else was",
        ]
        results.show("Test", (ResultLine("Key", "ok", "It is accepted."), ResultLine("Listing", "ok", "2 models.")))
        await pilot.pause()
        assert [line for line in app.lines() if line][1:] == [
            "Key           ok",
            "  It is accepted.",
            "Listing       ok",
            "  2 models.",
        ]
        results.show("")
        await pilot.pause()
        assert app.lines()[0] == ""
