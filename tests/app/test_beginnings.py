"""Conversations that start from another one: forks, new users."""

from __future__ import annotations

from pathlib import Path

from app.scripted import held_bot, provider
from app.test_bubble_menu import menu_opens, right_clicks
from app.window import opened


async def test_a_conversation_is_forked_by_key_and_by_mouse(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        for text in ("One", "Two"):
            bot.says(f"{text} here")
            bot.ends()
            await window.says(text)
        await window.press("alt+shift+f")
        await window.sees("Fork: One", "Two here", "Forked here. The bot knows all of this")
        await window.until(lambda: window.app.focused is window.app.chat.composer.field, "the focus")
        await right_clicks(window, "One here")
        await window.clicks("a new conversation up to here")
        await window.sees("Fork 2: One", "Forked here.")
        assert [turn.sent for turn in window.conversation.turns] == ["One"]
        bot.says("Half")
        await window.sends("Three")
        await window.sees("Forked here.", "Half")
        await window.press("alt+f")
        await window.sees("Fork 3: One", "a reply is being written")
        assert [turn.sent for turn in window.conversation.turns] == ["One"]
        await window.press("f6", "down", "enter")  # to the reply that is being written
        await window.sees("Half")
        await window.press("escape")
        await window.sees("You stopped this reply")
        await window.press("alt+shift+f")
        await window.sees("Fork 4: One", "You stopped this reply after 4 characters.", "The text is kept.")
        forked = next(line for line in window.lines if "Forked here." in line)
        assert forked.split("Forked here.")[0].strip(" │") == "·"


async def test_an_earlier_message_is_edited_in_a_fork(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        for text in ("One", "Two", "Three"):
            bot.says(f"{text} here")
            bot.ends()
            await window.says(text)
        source = window.conversation
        await window.press("shift+tab", "up", "up", "up", "f9")  # to the message before the newest one
        await menu_opens(window)
        await window.clicks("a new conversation up to before it")
        await window.sees("Fork: One", "One here", "Forked here.")
        assert window.typed == "Two"
        await window.press("f6", "down", "enter")
        await window.until(lambda: window.conversation is source, "the conversation that was forked")
        await right_clicks(window, "One here")
        await window.clicks("Edit and resend")
        await window.sees("Editing. Enter sends it as a new message, at the end. Alt+Shift+F forks here")
        await window.press("!")
        await right_clicks(window, "Three here")
        await window.clicks("a new conversation up to here")  # not where the message is that is being edited
        await window.sees("Fork 2: One", "Three here", "Forked here.")
        await window.press("f6", "down", "down", "enter")
        await window.until(lambda: window.conversation is source, "the conversation that was forked")
        await right_clicks(window, "One here")
        await window.clicks("Edit and resend")
        await window.sees("Alt+Shift+F forks here")
        await window.press("!", "alt+shift+f")
        await window.until(lambda: window.conversation is not source, "a new conversation")
        assert not window.conversation.turns  # nothing is before it
        assert window.typed == "One!"


async def test_a_new_user_has_the_same_board_and_is_told_what_that_means(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(3)
        await window.says("Hello")
        before = window.conversation
        await window.press("alt+n")
        await window.until(lambda: window.conversation is not before, "another conversation")
        assert window.conversation.board == before.board
        await window.sees("An OpenAI-compatible server has no sessions: this is simply a new conversation.")


async def test_messages_are_sent_again_on_a_board_and_stopped(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        for text in ("One", "Two"):
            bot.says(f"{text} here")
            bot.ends()
            await window.says(text)
        source = window.conversation
        await window.press("ctrl+p", *"run again", "enter")
        await window.sees("Send 2 messages again", "This board")
        await window.press("enter")
        await window.until(lambda: window.conversation is not source, "the new conversation")
        await window.sees("Again: One", "Message 1 of 2", "Esc Stop")
        bot.says("First")
        bot.ends()
        await window.sees("First", "Message 2 of 2")
        bot.says("Half")
        await window.sees("Half")
        await window.press("escape")
        await window.sees("Sending again ends after 2 of 2 messages.")
        await window.settled()
        await window.sees_no("Message 2 of 2")


async def test_a_fork_is_left_for_another_bot(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("One")
        before = window.conversation
        await window.press("alt+f")
        await window.until(lambda: window.conversation is not before, "the fork")
        opening = window.app.chat.opening
        assert opening is not None
        window.app.chat.controller.navigation.new(opening.bots[0].provider, opening.bots[0].board)
        await window.until(lambda: not window.conversation.turns, "another bot")
        await window.sees_no("Forked here.")
