"""The parts of a form: labels, fields, help and errors, by keys and by mouse."""

from __future__ import annotations

import pytest
from textual import events

from chatgrid_tui.ui.form.button import FormButton
from chatgrid_tui.ui.form.choice import FormChoice
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.form.findings import FormFindings, FoundLine
from chatgrid_tui.ui.form.flag import FormFlag
from chatgrid_tui.ui.form.lines import FormLines
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.form.text import CommandPasted, FormText, is_address, is_command
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

KINDS = (("a", "ChatGrid"), ("b", "ChatIQ"), ("c", "Open Chat Widget"), ("d", "OpenAI-compatible"))


async def test_a_row_as_it_stands_and_with_an_error_in_the_place_of_the_help() -> None:
    row = FormRow("Address", FormText(), "Where it answers.")
    app = FrameApp(row)
    async with app.run_test(size=(80, 10)) as pilot:
        assert app.lines()[:3] == ["Address       ▌", "              Where it answers.", ""]
        row.field.target.focus()
        await pilot.press(*"https://x")
        assert app.lines()[0] == "Address       ▌ https://x"
        row.show("Where it answers.", "The port must be between 1 and 65535.")
        await pilot.pause()
        assert app.lines()[1] == "              ! The port must be between 1 and 65535."
        assert row.field.wrong
        row.show("Where it answers.")
        await pilot.pause()
        assert app.lines()[1] == "              Where it answers."


async def test_where_it_is_narrow_the_label_stands_above_and_the_help_wraps() -> None:
    row = FormRow("Address", FormText(), "The address of the service, or of any of its endpoints.")
    app = FrameApp(row)
    async with app.run_test(size=(40, 10)) as pilot:
        row.stack(True)
        await pilot.pause()
        assert app.lines()[:4] == ["Address", "▌", "The address of the service, or of any of", "its endpoints."]


async def test_a_choice_wraps_and_is_made_by_arrows_and_mouse() -> None:
    choice = FormChoice(KINDS, "a")
    app = FrameApp(choice)
    async with app.run_test(size=(64, 5), message_hook=app.hear) as pilot:
        assert app.lines()[:2] == [
            "(•) ChatGrid  ( ) ChatIQ  ( ) Open Chat Widget",
            "( ) OpenAI-compatible",
        ]
        choice.focus()
        await pilot.press("right", "right", "left")
        assert choice.value == "b"
        await pilot.click(offset=(8, 1))
        assert choice.value == "d"
        await pilot.press("right")
        assert choice.value == "d"
        await pilot.press("home")
        assert choice.value == "a"
        assert len(app.heard_of(FormField.Changed)) == 5


async def test_signs_without_unicode() -> None:
    app = FrameApp(FormChoice(KINDS[:1], "a"), ascii_signs=True)
    async with app.run_test(size=(40, 3)):
        assert app.lines()[0] == "(*) ChatGrid"


async def test_a_flag_is_turned_by_keys_and_mouse() -> None:
    flag = FormFlag("Real customers read this.")
    app = FrameApp(flag)
    async with app.run_test(size=(40, 3)) as pilot:
        assert app.lines()[0] == "[ ] Real customers read this."
        flag.focus()
        await pilot.press("space")
        assert app.lines()[0] == "[x] Real customers read this."
        await pilot.press("enter")
        assert not flag.value
        await pilot.click(offset=(6, 0))
        assert flag.value


async def test_the_words_of_a_flag_wrap_beside_its_box() -> None:
    flag = FormFlag("Real customers read this. The composer says so.")
    app = FrameApp(flag)
    async with app.run_test(size=(31, 4)) as pilot:
        assert app.lines()[:3] == ["[ ] Real customers read this.", "    The composer says so.", ""]
        await pilot.click(offset=(6, 1))
        assert flag.value


async def test_a_secret_shows_as_dots_and_is_neither_copied_nor_cut() -> None:
    field = FormText(secret=True)
    app = FrameApp(field)
    async with app.run_test(size=(60, 3)) as pilot:
        field.target.focus()
        await pilot.press(*"abc-123", "shift+home", "ctrl+c", "ctrl+x")
        assert field.value == "abc-123"
        assert app.lines()[0] == "▌ •••••••"
        assert app.clipboard == ""


@pytest.mark.parametrize("pasted", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_pasted_is_one_line_of_text(pasted: str) -> None:
    field, lines = FormText(), FormLines()
    app = FrameApp(field, lines)
    async with app.run_test(size=(60, 8)) as pilot:
        for part in (field, lines):
            part.target.focus()
            part.target.post_message(events.Paste(pasted))
            await pilot.pause()
        assert controls_in([field.value.replace("\t", " ")]) == set()
        assert controls_in([lines.value.replace("\t", " ").replace("\n", " ")]) == set()
        assert controls_in(app.lines()) == set()


@pytest.mark.parametrize(
    "pasted", ["curl https://x", "  $ curl -X POST https://x", "CURL.EXE https://x", "curl \\\n https://x"]
)
async def test_a_pasted_command_is_for_the_form(pasted: str) -> None:
    field, lines = FormText(), FormLines()
    app = FrameApp(field, lines)
    async with app.run_test(size=(60, 8), message_hook=app.hear) as pilot:
        for part in (field, lines):
            part.target.focus()
            part.target.post_message(events.Paste(pasted))
            await pilot.pause()
            assert part.value == ""
        assert [heard.command for heard in app.heard_of(CommandPasted)] == [pasted, pasted]


@pytest.mark.parametrize("text", ["curl", "", "curly hair", "https://curl.example", "a curl b"])
def test_what_is_no_command(text: str) -> None:
    assert not is_command(text)


@pytest.mark.parametrize("pasted", ["https://x.example/v1", " HTTP://x\n"])
def test_what_is_a_whole_address(pasted: str) -> None:
    assert is_address(pasted)


@pytest.mark.parametrize(
    "pasted", ["", "x.example", "https://", "https://a b", "https://a\nhttps://b", "see https://a"]
)
def test_what_is_no_whole_address(pasted: str) -> None:
    assert not is_address(pasted)


async def test_a_field_for_an_address_is_taken_over_by_a_whole_one_and_others_are_not() -> None:
    address, other = FormText(for_address=True), FormText()
    app = FrameApp(address, other)
    async with app.run_test(size=(60, 8)) as pilot:
        for field, expected in ((address, "https://b.example"), (other, "abhttps://b.example")):
            field.put("ab")
            field.target.focus()
            field.target.post_message(events.Paste("https://b.example"))
            await pilot.pause()
            assert field.value == expected


async def test_typing_replaces_a_selection_at_the_focus_only() -> None:
    field, other = FormText(), FormText()
    app = FrameApp(field, other)
    async with app.run_test(size=(60, 8)) as pilot:
        field.put("usual")
        field.select_at_focus(True)
        await pilot.click(offset=(20, 0))
        await pilot.press("x")
        assert field.value == "usualx"
        other.target.focus()
        await pilot.pause()
        field.target.focus()
        await pilot.press("y")
        assert field.value == "y"


async def test_lines_are_left_at_their_ends_by_the_arrows() -> None:
    above, lines, below = FormText(), FormLines(), FormText()

    class Arrows(FrameApp):
        BINDINGS = [("up", "focus_previous"), ("down", "focus_next")]  # noqa: RUF012

    app = Arrows(above, lines, below)
    async with app.run_test(size=(60, 8)) as pilot:
        lines.target.focus()
        await pilot.press(*"one", "enter", *"two")
        assert lines.value == "one\ntwo"
        await pilot.press("up")
        assert app.focused is lines.target
        await pilot.press("up")
        assert app.focused is above.target
        await pilot.press("down", "down", "down")
        assert app.focused is below.target


async def test_buttons_are_pressed_by_keys_and_mouse() -> None:
    test, cancel = FormButton("test", "Test"), FormButton("cancel", "Cancel", "Esc")
    app = FrameApp(test, cancel)
    async with app.run_test(size=(40, 5), message_hook=app.hear) as pilot:
        assert [line for line in app.lines() if line] == [" Test", " Esc Cancel"]
        test.focus()
        await pilot.press("enter", "right", "space", "left", "enter")
        await pilot.click(cancel)
        assert [heard.button for heard in app.heard_of(FormButton.Pressed)] == ["test", "cancel", "test", "cancel"]


async def test_findings_wrap_beside_their_outcome_or_below_it() -> None:
    findings = FormFindings()
    app = FrameApp(findings)
    found = FoundLine(
        "Key", "failed", "The service refused it (401 invalid_api_key), so nothing else was tried.", "failed"
    )
    async with app.run_test(size=(70, 8)) as pilot:
        assert app.lines()[0] == ""
        findings.show("Test", (found,))
        await pilot.pause()
        assert app.lines()[0].startswith("Test ─────")
        assert app.lines()[1] == "Key           ! failed   The service refused it (401 invalid_api_key),"
        assert app.lines()[2] == "                         so nothing else was tried."
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert app.lines()[1:4] == [
            "Key           ! failed",
            "  The service refused it (401",
            "  invalid_api_key), so nothing else was",
        ]
