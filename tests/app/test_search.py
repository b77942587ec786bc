"""The search over all conversations: from what is typed to the message in its conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.memory import NOW
from app.scripted import provider
from app.window import Window, opened
from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.store.history import History
from chatgrid_tui.ui.searching.search_screen import SearchScreen
from indexing import index


async def talked(window: Window) -> None:
    """Talk to the bot that says everything back, in two conversations."""
    await window.meets(4)
    await window.says("the first parcel")
    for number in range(6):
        await window.says(f"filler {number}")
    await window.begins_new()
    await window.says("a kettle")


def highlighted(window: Window) -> list[str]:
    """Return the lines of the chosen hit, without the page at its sides."""
    screen = window.app.screen
    assert isinstance(screen, SearchScreen)
    region = screen.overlay.region
    lines = (line[region.x : region.right].strip() for line in window.lines[region.y : region.bottom])
    return [line for line in lines if line.startswith("▌")][1:]


async def test_from_a_few_letters_to_the_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await talked(window)
        kettle = window.conversation
        await window.press("ctrl+s")
        await window.sees("Search all conversations", "Go to the message")
        (line,) = [line for line in window.lines if "bot:NAME" in line]
        assert "provider:NAME" not in line  # each filter has a line of its own
        await window.press(*"fir par from:me")
        await window.until(lambda: highlighted(window)[-1:] == ["▌ the first parcel"], "the hit")
        await window.press("enter")
        await window.until(lambda: window.conversation is not kettle, "its conversation")
        transcript = window.app.chat.transcript
        await window.until(lambda: window.app.focused is transcript, "the focus in the conversation")
        assert transcript.cursor.bubble == (0, -1)
        await window.sees("the first parcel", "Find first parcel", "1 of 2")
        await window.press("escape")
        await window.until(lambda: window.app.focused is window.app.chat.composer.field, "the message")
        assert not window.app.chat.find.is_open


async def test_the_query_stays_and_a_click_goes_to_a_reply(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await talked(window)
        await window.press("f11", *"parcel")
        await window.sees("the first parcel")
        await window.press("escape", "ctrl+s")
        await window.sees("▌ parcel")
        await window.press(*"filler")
        await window.until(lambda: "filler" in " ".join(highlighted(window)), "other hits")
        chosen = highlighted(window)
        await window.press("ctrl+s")
        await window.until(lambda: highlighted(window) != chosen, "the next one")
        await window.press(*" 5 from:bot")
        await window.clicks("filler 5")
        await window.until(lambda: window.app.chat.transcript.cursor.bubble == (6, 0), "the reply")
        await window.until(lambda: window.app.chat.transcript.has_focus, "the focus on it")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("zebra", 'Nothing matches "zebra".'),
        ('"', "Only letters and digits can be searched for."),
        ("before:soon", "before: takes a date such as"),
    ],
)
async def test_what_is_not_found_is_answered_with_a_sentence(tmp_path: Path, typed: str, answer: str) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.press("ctrl+s")
        await window.sees("Search all conversations")
        window.pastes(typed)
        await window.sees(answer)
        await window.press("enter")
        assert isinstance(window.app.screen, SearchScreen)


async def test_a_hit_in_another_reply_is_explained(tmp_path: Path) -> None:
    history = await History.open(tmp_path / "data")
    conversation = await history.create("acme", "support", "Support bot", at=NOW)
    turn = await history.add_turn(conversation, "Hello", "Hello", NOW)
    for text in ("the earlier one", "the newest one"):
        reply = await history.add_reply(turn, "Support bot", NOW)
        await history.save_reply(SavedReply(reply, "finished", "Support bot", NOW, (text,)))
    await index(history)
    await history.close()
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1")) as window:
        await window.press("ctrl+s", *"earlier")
        await window.sees("the earlier one")
        await window.press("enter")
        await window.sees("the newest one", "It is in another reply to this message.")
        assert window.app.chat.transcript.cursor.bubble == (0, 0)
