"""While a reply is being written: what the screen shows, and what can be done meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.scripted import HeldBot, held_bot, provider
from app.window import Window, opened


@asynccontextmanager
async def talking(folder: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Window, HeldBot]]:
    async with held_bot() as bot, opened(folder, config=provider(bot.url), size=size) as window:
        yield window, bot


async def test_the_states_of_a_reply_in_words(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        assert window.state == "Ready"
        await window.sends("Hello")
        await window.until(lambda: window.state.startswith(("Sending", "Waiting")))
        await window.sees("Sent. Waiting for the first token")
        bot.says("One ")
        await window.until(lambda: window.state.startswith("Writing"))
        await window.sees("Esc stops", "One")
        bot.says("two three.")
        bot.ends()
        await window.until(lambda: window.state == "Finished")
        await window.sees("One two three.", "first token")
        await window.sees_no("Esc stops")


async def test_escape_stops_and_keeps_what_came(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("Hello")
        bot.says("As far as this")
        await window.sees("As far as this")
        await window.writes("half typed")
        await window.press("escape")
        await window.sees("You stopped this reply after 14 characters. The text is kept.", "As far as this")
        await window.until(lambda: window.state == "Stopped", "the state")
        assert window.typed == "half typed"


async def test_a_reply_can_be_stopped_before_its_first_token_and_asked_for_again(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("Hello")
        await window.press("escape")
        await window.until(lambda: window.state == "Stopped")
        await window.clicks("Regenerate")
        bot.says("Here I am.")
        bot.ends()
        await window.sees("Here I am.")
        assert len(window.conversation.turns) == 1


async def test_messages_sent_meanwhile_wait_in_their_order(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("First")
        bot.says("Answer one.")
        await window.sees("Answer one.")
        await window.sends("Second")
        await window.sends("Third")
        await window.sees("goes out when the reply ends", "Take back")
        bot.ends()
        bot.says("Answer two.")
        await window.sees("Answer two.")
        bot.ends()
        bot.says("Answer three.")
        bot.ends()
        await window.settled()
        said = [(turn.sent, turn.reply.bubbles[0].text) for turn in window.conversation.turns if turn.reply]
    assert said == [("First", "Answer one."), ("Second", "Answer two."), ("Third", "Answer three.")]
    assert bot.asked == ["First", "Second", "Third"]


async def test_up_in_the_empty_composer_takes_back_a_queued_message(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("First")
        bot.says("Answer.")
        await window.sends("On second thought")
        await window.press("up")
        await window.until(lambda: window.typed == "On second thought")
        assert len(window.conversation.turns) == 1
        bot.ends()
        await window.settled()
    assert bot.asked == ["First"]


async def test_a_queued_message_is_taken_back_with_the_mouse(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("First")
        await window.sends("Not yet")
        await window.sends("Then this")
        await window.sees("Then this")
        (x, _), (_, y) = window.find("Take back"), window.find("Not yet")
        await window.pilot.click(offset=(x, y + 2))
        await window.until(lambda: window.typed == "Not yet")
        bot.says("Answer.")
        bot.ends()
        bot.says("Another.")
        bot.ends()
        await window.sees("Another.")
    assert bot.asked == ["First", "Then this"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_queued_messages_change_places_and_go_out_now(tmp_path: Path, size: tuple[int, int]) -> None:
    async with talking(tmp_path, size) as (window, bot):
        await window.sends("First")
        bot.says("Answer one.")
        for text in ("Second", "Third"):
            await window.sends(text)
        await window.sees("Answer one.", "Third")
        turns = window.conversation.turns
        await window.press("shift+tab", "f9")  # with keys: the menu of the newest message
        await window.sees("Move up")
        await window.press("2")
        await window.until(lambda: [turn.sent for turn in turns] == ["First", "Third", "Second"], "the new order")
        await window.sees("goes out when the reply ends")
        await window.pilot.click(offset=window.find("Second"), button=3)  # with the mouse
        await window.clicks("Send now")
        await window.sees("You stopped this reply")
        bot.says("Answer two.")
        bot.ends()
        bot.says("Answer three.")
        bot.ends()
        await window.settled()
        said = [(turn.sent, turn.reply.bubbles[0].text) for turn in turns if turn.reply]
    assert said == [("First", "Answer one."), ("Second", "Answer two."), ("Third", "Answer three.")]
    assert bot.asked == ["First", "Second", "Third"]


async def test_quitting_in_the_middle_keeps_the_text_and_the_draft(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("Hello")
        bot.says("Up to here")
        await window.sees("Up to here")
        await window.writes("my next thought")
    async with opened(tmp_path) as window:
        await window.sees("Hello", "Up to here", "The program ended while this reply was being written.")
        assert window.typed == "my next thought"


async def test_clicks_all_over_the_screen_do_no_harm_while_text_streams(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("Hello")
        bot.says("# Title\n\n", "A [link](https://files.example/a) and `code`.\n\n")
        await window.sees("Title")
        for place in range(0, 120 * 38, 109):
            bot.says(f"- line {place}\n")
            await window.pilot.click(offset=(place % 120, place // 120))
            while len(window.app.screen_stack) > 1:
                await window.press("escape")
        assert window.conversation.live is not None
        bot.says("\nThe very end.")
        bot.ends()
        await window.settled()
        await window.press("end")
        await window.sees("The very end.")


async def test_every_size_down_to_one_cell_and_back(tmp_path: Path) -> None:
    async with talking(tmp_path) as (window, bot):
        await window.sends("Hello")
        bot.says("# Title\n\n| a | b |\n|---|--:|\n| one | 2 |\n\n```python\nprint()\n```\n\n")
        await window.sees("Title")
        for width, height in ((80, 24), (59, 16), (20, 6), (3, 2), (1, 1), (2, 30), (200, 1), (168, 44), (120, 40)):
            bot.says(f"{width} by {height} ")
            await window.resizes(width, height)
        bot.says("and back.")
        bot.ends()
        await window.settled()
        await window.sees("and back.", "Message support-bot")


async def test_scrolling_up_is_left_alone_by_new_text(tmp_path: Path) -> None:
    async with talking(tmp_path, size=(80, 24)) as (window, bot):
        await window.sends("Hello")
        bot.says(*(f"Line number {number}.\n\n" for number in range(40)))
        await window.sees("Line number 39.")
        await window.press("home")
        await window.sees("Line number 0.")
        bot.says("New words.\n\n", "More of them.\n\n")
        await window.sees("new lines · End")
        assert "Line number 0." in window.text
        await window.clicks("new lines")
        await window.sees("More of them.")
        bot.ends()
        await window.settled()
