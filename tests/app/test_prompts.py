"""Prompts in the app: chosen, filled in, and saved."""

from __future__ import annotations

from pathlib import Path

from app.window import Window, opened
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.widgets.message_field import MessageField


def prompts(folder: Path, **texts: str) -> Path:
    """Write prompts, and return their folder."""
    place = folder / "prompts"
    place.mkdir()
    for name, text in texts.items():
        (place / f"{name}.md").write_text(text, encoding="utf-8")
    return place


def field(window: Window) -> MessageField:
    return window.app.chat.composer.field


async def runs(window: Window, command: str) -> None:
    """Run a command of the palette."""
    await window.press("ctrl+p")
    await window.sees("Type what you want to do")
    await window.press(*command, "enter")


async def offers_prompts(window: Window) -> None:
    await runs(window, "one from a file")
    await window.until(lambda: isinstance(window.app.screen, PickerScreen), "the prompts")
    await window.sees("Type a part of a name")


async def test_a_prompt_is_filled_in_with_tab_and_sent(tmp_path: Path) -> None:
    prompts(tmp_path, review="Dear {{name}}, try {{dish}}.\nYours, {{name}} {{}}\n", broken="\0")
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.writes("PS: ")
        await offers_prompts(window)
        await window.sees("broken", "It is not a text.")
        await window.press(*"broken", "enter")
        await window.press(*["backspace"] * 6, *"rev", "enter")
        await window.until(lambda: field(window).selected_text == "{{name}}", "the first variable")
        await window.sees("Tab goes to the next of 2 variables. {{}} is no variable, and stays.")
        await window.press(*"Ann", "tab")
        assert window.typed == "PS: Dear Ann, try {{dish}}.\nYours, Ann {{}}"
        assert field(window).selected_text == "{{dish}}"
        await window.press("enter")
        await window.sees("{{dish}} is not filled in. Enter again sends the message as it is.")
        window.pastes("soup\nand bread")
        await window.until(lambda: "soup" in window.typed, "the value")
        await window.press("tab")
        assert not field(window).has_focus, "Tab is free again"
        await window.press("escape", "enter")
        await window.settled()
        assert [turn.sent for turn in window.conversation.turns] == [
            "PS: Dear Ann, try soup\nand bread.\nYours, Ann {{}}"
        ]


async def test_braces_that_are_meant_are_sent(tmp_path: Path) -> None:
    prompts(tmp_path, one="{{a}} and {{a}}")
    async with opened(tmp_path) as window:
        await window.says("{{mine}}")
        await offers_prompts(window)
        await window.press("enter", "enter", "enter")
        await window.settled()
        await offers_prompts(window)
        await window.press("enter", *"x", "enter")
        await window.settled()
        await offers_prompts(window)
        await window.press("enter", "escape", "enter")
        await window.settled()
        assert [turn.sent for turn in window.conversation.turns] == [
            "{{mine}}",
            "{{a}} and {{a}}",
            "x and x",
            "{{a}} and {{a}}",
        ]


async def test_a_long_prompt_is_folded_around_its_variables(tmp_path: Path) -> None:
    long = "word " * 10_000
    prompts(tmp_path, long=f"{long}{{{{a}}}}{long}")
    async with opened(tmp_path) as window:
        await offers_prompts(window)
        await window.press("enter")
        await window.until(lambda: field(window).selected_text == "{{a}}", "the variable")
        await window.press("x", "tab")
        assert window.typed == f"{long}x{long}".rstrip("\n")
        assert len(field(window).text) < 100


async def test_a_message_is_saved_as_a_prompt(tmp_path: Path) -> None:
    place = prompts(tmp_path, taken="old")
    async with opened(tmp_path, size=(80, 24)) as window:
        await runs(window, "save message")
        await window.sees("The message is empty.")
        await window.press("escape")
        await window.writes("What is {{dish}}?")
        await runs(window, "save message")
        await window.sees("Words in double braces such as {{dish}} are filled in")
        await window.press(*"taken", "enter")
        await window.sees("There is a prompt of this name: taken.md.")
        await window.press(*["backspace"] * 5, *"dish", "enter")
        await window.until((place / "dish.md").exists, "the file")
        await window.sees("Saved dish.md, in", "What is {{dish}}?")
        assert (place / "dish.md").read_text() == "What is {{dish}}?\n"
        assert (place / "taken.md").read_text() == "old"
        assert window.typed == "What is {{dish}}?"


async def test_without_prompts_it_says_where_they_belong(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 40)) as window:
        await runs(window, "one from a file")
        await window.sees("There are no Markdown or text files in ")
