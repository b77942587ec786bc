"""Find on the whole screen: the field, the count in the header, and the keys."""

from __future__ import annotations

from pathlib import Path

from app.window import Window, opened


async def talked(window: Window) -> None:
    """Say something to the bot that says it back."""
    await window.meets(4)
    for words in ("the first parcel", "nothing here", "another parcel"):
        await window.says(words)


def right(window: Window) -> str:
    """What the header says at its right end."""
    return window.lines[0].split("  ")[-1].strip()


def conversation(window: Window) -> list[str]:
    """The rows of the conversation, without the list at the left."""
    return [line[33:] for line in window.lines[1:30]]


async def test_finding_goes_through_the_conversation(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talked(window)
        before = conversation(window)
        await window.press("ctrl+f", *"parcel")
        await window.sees("Enter Next", "Shift+Enter Previous", "Esc Close")
        await window.until(lambda: right(window) == "4 of 4", "all of them")
        await window.press("enter")
        await window.until(lambda: right(window) == "3 of 4", "the one above")
        await window.press("f3", "ctrl+g")
        await window.until(lambda: right(window) == "1 of 4", "the first")
        await window.press("shift+f3", "down")
        await window.until(lambda: right(window) == "3 of 4", "and back")
        assert conversation(window) == before, "nothing moved"
        await window.press("escape")
        await window.until(lambda: window.app.focused is window.app.chat.composer.field, "the focus in the message")
        assert "of 4" not in right(window)
        await window.press("ctrl+g")
        await window.until(lambda: right(window) == "4 of 4", "the same words once more")


async def test_no_match_is_reported(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talked(window)
        await window.press("f3", *"zebra")
        await window.until(lambda: right(window) == 'Nothing matches "zebra".', "the words")


async def test_it_comes_into_view_if_the_wire_pane_hides_it(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await talked(window)
        await window.press("f2")
        await window.sees("E2EL")
        await window.press("f3", *"parcel")
        await window.until(lambda: right(window) == "4 of 4", "the matches")


async def test_on_small_screens(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talked(window)
        for size in ((60, 15), (80, 24), (40, 10)):
            await window.resizes(*size)
            before = window.lines[: size[1] - 4]
            await window.press("ctrl+f", *"nothing")
            await window.sees("2 of 2", "Find nothing")
            assert [line for line in window.lines if "nothing here" in line]
            if size[1] >= 16:
                assert window.lines[1 : size[1] - 4] == before[1:], "nothing moved"
            await window.press("escape")
            await window.sees_no("Find nothing")


async def test_the_draft_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talked(window)
        await window.writes("half a message")
        await window.press("ctrl+f", *"parcel", "enter", "escape")
        await window.until(lambda: window.app.focused is window.app.chat.composer.field, "the focus in the message")
        assert window.typed == "half a message"


async def test_tab_goes_to_what_was_found_and_escape_closes(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talked(window)
        await window.press("ctrl+f", *"parcel")
        await window.until(lambda: right(window) == "4 of 4", "the count")
        await window.press("tab")
        await window.until(lambda: window.app.focused is window.app.chat.transcript, "the conversation")
        await window.until(lambda: right(window) == "4 of 4", "the count, still")
        await window.press("ctrl+f")
        await window.until(lambda: window.app.focused is window.app.chat.find.field.input, "the field")
        await window.press("escape")
        await window.until(lambda: not window.app.chat.find.is_open, "the end of it")


async def test_another_conversation_closes_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talked(window)
        await window.press("ctrl+f", *"parcel")
        await window.until(lambda: right(window) == "4 of 4", "all of them")
        await window.press("ctrl+n")
        await window.until(lambda: not window.conversation.turns, "a new conversation")
        await window.until(lambda: not window.app.chat.find.is_open, "the end of it")
        assert "of 4" not in right(window)


async def test_the_ends_of_a_conversation_while_something_is_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)
        for number in range(6):
            await window.says(f"word {number}")
        await window.writes("half a message")
        await window.press("ctrl+home")
        await window.sees("    word 0")
        await window.press("ctrl+end")
        await window.sees("    word 5")
        await window.sees_no("    word 0")
        assert window.typed == "half a message"
