"""What is there after a restart: conversations and drafts, and what happens to a broken history."""

from __future__ import annotations

from pathlib import Path

from app.scripted import provider
from app.window import opened


async def test_the_app_opens_where_it_was_left(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("first talk")
        await window.begins_new()
        await window.says("second talk")
        await window.press("f6", "down", "enter")
        await window.until(lambda: window.conversation.title == "first talk")
    async with opened(tmp_path) as window:
        assert window.conversation.title == "first talk"
        await window.sees("first talk", "second talk", "Message Echo")
        await window.says("and on it goes")
        await window.sees("and on it goes")


async def test_each_conversation_keeps_its_draft_here_and_at_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(170, 48)) as window:
        await window.meets(4)
        await window.says("first talk")
        await window.writes("draft of the first")
        await window.press("ctrl+n")
        await window.until(lambda: not window.conversation.turns)
        assert window.typed == ""
        await window.says("second talk")
        await window.writes("draft of the second")
        await window.press("f6", "down", "enter")
        await window.until(lambda: window.typed == "draft of the first")
        await window.sees("Draft: draft of t")
    async with opened(tmp_path) as window:
        assert window.typed == "draft of the first"
        await window.press("f6", "up", "enter")
        await window.until(lambda: window.typed == "draft of the second")


async def test_a_second_window_is_read_only_and_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        await first.meets(4)
        await first.says("mine alone")
        async with opened(tmp_path) as second:
            await second.sees("Another window has this history", "It is read only here.")
            await second.press("escape")
            await second.sees("mine alone", "Read only")
            await second.writes("I would like to say")
            await second.press("enter")
            await second.sees("Another window has this history; it is read-only here.")
            await second.press("escape")
            await second.until(lambda: second.typed == "I would like to say")
            assert len(second.conversation.turns) == 1
        await first.says("still here")
        await first.sees("still here")


async def test_an_unreadable_history_is_set_aside_and_the_app_goes_on(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "history.db").write_bytes(b"this is no database at all" * 100)
    async with opened(tmp_path) as window:
        await window.sees("The history was damaged, and none of it could be read.", "history.db.corrupt-")
        await window.meets(4)
        await window.says("a new beginning")
    kept = list((tmp_path / "data").glob("history.db.corrupt-*"))
    assert kept[0].read_bytes().startswith(b"this is no database")
    async with opened(tmp_path) as window:
        await window.sees("a new beginning")


async def test_the_app_works_without_a_history_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be", encoding="utf-8")
    async with opened(tmp_path) as window:
        await window.sees("The history cannot be kept in", "It is lost when the program ends.")
        await window.press("escape")
        await window.meets(4)
        await window.says("not for long")
        await window.sees("not for long")


async def test_a_conversation_of_a_removed_provider_can_be_read_and_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("to the local widget")
    (tmp_path / "config.toml").write_text(provider("http://127.0.0.1:9/v1"), encoding="utf-8")
    async with opened(tmp_path) as window:
        await window.sees("to the local widget")
        await window.press("f6", "enter")
        await window.until(lambda: len(window.conversation.turns) == 1)
        await window.sees("Read only: the local bots are not running")
        await window.sends_nothing("more", "`chatgrid-tui demo` opens the app with them.")
