"""The list of conversations: rows are pinned, archived and deleted, with keys alone and with the mouse alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.window import Window, opened
from chatgrid_tui.ui.conversation_list.list_place import BESIDE_FROM
from chatgrid_tui.ui.overlays.menu_screen import MenuScreen


async def say(window: Window, *texts: str) -> None:
    """Begin a conversation with each of these messages."""
    for text in texts:
        await window.press("ctrl+n")
        await window.until(lambda: not window.conversation.id, "a new conversation")
        await window.says(text)


def titles(window: Window) -> list[str]:
    """Return the titles in the list, from the top."""
    return [row.title for row in window.app.chat.list.list.rows]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_rows_are_pinned_archived_and_deleted_with_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, size=size) as window:
        await say(window, "one", "two", "three")
        await window.press("f6", "end", "p")
        await window.sees("Pinned")
        assert titles(window) == ["one", "three", "two"]
        await window.sees("/ Filter")
        await window.press("end", "space", "shift+up")
        await window.sees("2 marked", "Delete Delete")
        await window.sees_no("/ Filter")
        await window.press("a")
        await window.sees("2 archived.")
        assert titles(window) == ["one"]
        await window.press("v")
        await window.until(lambda: titles(window) == ["three", "two"], "the archive")
        await window.press("end", "a")
        await window.until(lambda: titles(window) == ["three"])
        await window.press("escape", "home", "delete")
        await window.sees("Deleted. Ctrl+Z undoes it, 10 s", "U Undo delete")
        assert titles(window) == ["two"]
        await window.press("u")
        await window.until(lambda: titles(window) == ["one", "two"], "what was deleted")
        await window.press("delete", "ctrl+z")
        await window.until(lambda: titles(window) == ["one", "two"], "what was deleted")
        if size[0] < BESIDE_FROM:
            await window.sees("Restored.")
            await window.press("escape")
            await window.sees_no("Restored.")  # it would cover the message
            await window.press("f6")
        await window.press("slash", *"is:archived")
        await window.until(lambda: titles(window) == ["three"], "the archived one")
        await window.sees("Ctrl+S Search")
    async with opened(tmp_path, size=size) as window:
        await window.until(lambda: titles(window) == ["one", "two"], "the same list")


async def test_rows_are_pinned_archived_and_deleted_with_the_mouse(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 40)) as window:
        await say(window, "one", "two")

        async def choose(row: str, entry: str) -> None:
            await window.pilot.click(offset=window.find(f"R  {row}"), button=3)
            await window.until(lambda: isinstance(window.app.screen, MenuScreen), "the menu")
            await window.pilot.click(offset=window.find(entry))
            await window.until(lambda: window.app.screen is window.app.chat, "the page")

        await choose("one", "3 Pin")
        await window.until(lambda: titles(window) == ["one", "two"], "the pinned one first")
        await choose("two", "4 Archive")
        await window.sees("1 archived.")
        await window.pilot.click(offset=window.find("V shows them."))
        await window.until(lambda: titles(window) == ["two"], "the archive")
        await choose("two", "4 Restore")
        await window.sees("Nothing is archived.")
        await window.pilot.click(offset=window.find("V shows the list again."))
        await window.pilot.click(offset=window.find("R  two"), control=True)
        await window.pilot.click(offset=window.find("R  one"), shift=True)
        await window.sees("2 marked")
        await window.pilot.click(offset=window.find("Delete Delete"))
        await window.sees("Deleted: 2 conversations.", "No conversations yet.")
        await window.pilot.click(offset=window.find("Undo delete"))
        await window.until(lambda: titles(window) == ["one", "two"], "both")


async def test_a_deletion_is_undone_from_the_composer_unless_something_was_typed(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await say(window, "one", "two")
        await window.writes("A draft")
        window.app.chat.controller.conversation_actions.do("delete")
        await window.until(lambda: window.conversation.title == "one", "the one beside it")
        assert window.app.focused is window.app.chat.composer.field
        await window.press("x", "ctrl+z")
        assert (window.typed, window.conversation.title) == ("", "one")
        await window.press("ctrl+z")
        await window.until(lambda: window.conversation.title == "two", "what was deleted")
        await window.until(lambda: window.typed == "A draft", "its draft")


async def test_what_is_deleted_leaves_both_panes(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 40)) as window:
        await say(window, "one")
        await window.press("ctrl+backslash")
        await window.until(lambda: len(window.app.chat.panes.all) == 2, "the second pane")
        await window.until(lambda: not window.conversation.id, "its new conversation")
        await window.says("two")
        await window.press("f6", "ctrl+a", "delete")
        await window.sees("Deleted: 2 conversations.")
        shown = [pane.controller.navigation for pane in window.app.chat.panes.all]
        await window.until(lambda: not any(one.conversation and one.conversation.deleting for one in shown))
        await window.session.deletions.finish()
        assert await window.session._history.count() == 0
