"""Saying it again on the screen: recall, search, edit, regenerate, and choosing among the replies."""

from __future__ import annotations

from pathlib import Path

from app.scripted import HeldBot, held_bot, provider
from app.window import Window, opened
from chatgrid_tui.ui.chat.dialogs.recall_screen import RecallScreen
from chatgrid_tui.ui.chat.dialogs.variants_screen import VariantsScreen


async def answers(window: Window, bot: HeldBot, text: str) -> None:
    """Let the bot answer what was just sent."""
    bot.says(text)
    bot.ends()
    await window.settled()


async def says(window: Window, bot: HeldBot, message: str, answer: str) -> None:
    await window.sends(message)
    await answers(window, bot, answer)


async def test_what_was_said_is_recalled_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await window.press("up")
        await window.sees("Nothing was said here yet.")
        assert not window.app.chat.composer.is_recalled
        for number, message in enumerate(("First", "Second\nof two lines", "Third"), 1):
            await says(window, bot, message, f"Answer {number}")
        await window.press("up")
        assert window.typed == "Third"
        await window.sees("Said before, 3 of 3", "Esc Leave")
        await window.press("up")
        assert window.typed == "Second\nof two lines"
        await window.press("up", "up")
        assert window.typed == "First", "before the first there is nothing"
        await window.press("!", "down", "down")
        assert window.typed == "Third"
        await window.press("down")
        assert window.typed == ""
        await window.press(*["up"] * 3)
        assert window.typed == "First!", "what was edited is there again"
        assert window.app.chat.composer.draft == "First!"
        await window.press("escape")
        assert window.typed == ""
        await window.sees_no("Said before")


async def test_a_recalled_message_is_sent_and_the_draft_comes_back(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await says(window, bot, "Where is my order?", "There")
        await says(window, bot, "Thanks", "Welcome")
        await window.begins_new()
        await says(window, bot, "Other words", "Yes")
        await window.writes("A draft")
        await window.press("ctrl+r")
        await window.sees("Said before", "Other words", "Other conversations", "Where is my order?")
        assert isinstance(window.app.screen, RecallScreen)
        await window.press(*"ordr")
        await window.sees("2 of 3")
        await window.press("enter")
        await window.until(lambda: window.typed == "Where is my order?", "the message")
        before = window.conversation
        await window.begins_new()
        assert before.draft == "A draft", "a text that was only recalled is no draft"
        window.app.chat.controller.navigation.open(before.id)
        await window.until(lambda: window.conversation is before, "the conversation")
        assert window.typed == "A draft"
        await window.press("ctrl+r", "enter")
        await window.until(lambda: window.typed == "Other words", "the newest message of this conversation")
        await window.press("?", "enter")
        await answers(window, bot, "Once more")
        assert window.typed == "A draft"
        assert [turn.sent for turn in window.conversation.turns] == ["Other words", "Other words?"]


async def test_a_queued_message_is_taken_back_before_others_are_recalled(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await window.sends("First")
        await window.sends("Queued")
        await window.press("up")
        await window.until(lambda: window.typed == "Queued", "the queued message")
        assert not window.conversation.queued
        await window.press("!", "up")
        assert window.typed == "First"
        await window.press("down")
        assert window.typed == "Queued!"
        await window.press("escape")
        await window.until(lambda: window.conversation.live is None, "the end of the reply")
        assert window.typed == "Queued!"


async def test_a_model_answers_anew_and_one_of_the_replies_counts(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await says(window, bot, "Hello", "The first answer")
        await window.press("alt+g")
        await window.until(lambda: window.conversation.live is not None, "another reply")
        await window.press("alt+g")
        await window.sees("A reply is being written. Nothing was sent.")
        await window.press("alt+up")
        await window.sees("The reply to it is being written. Esc stops that.")
        await answers(window, bot, "The second answer")
        await window.sees("← 2 of 2 →", "Compare", "The second answer")
        await window.press("alt+up")
        await window.until(lambda: window.typed == "Hello", "the message")
        await window.sees("Enter sends it for another reply")
        await window.press("!", "enter")
        await answers(window, bot, "The third answer")
        (turn,) = window.conversation.turns
        await window.sees("Hello!", "← 3 of 3 →", "to an edited message")
        assert window.typed == ""
        await window.press("alt+left")
        await window.sees("← 2 of 3 →", "The second answer")
        await window.clicks("←")
        await window.sees("← 1 of 3 →", "The first answer")
        await window.press("alt+left")
        await window.sees("This is the first reply.")
        await window.clicks("→")
        await window.sees("← 2 of 3 →")
        await window.clicks("Compare")
        await window.sees("Reply 2 of 3, compared with 1", "[-first-]{+second+}")
        await window.press("alt+right")
        await window.sees("Reply 2 of 3, compared with 3", "Hello{+!+}", "[-second-]{+third+}")
        assert isinstance(window.app.screen, VariantsScreen)
        await window.press("escape")
        await window.sees("Message support-bot")
        assert turn.number == 1
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.sees("← 2 of 3 →", "The second answer")


async def test_an_older_message_is_edited_as_a_new_one(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await says(window, bot, "First", "One")
        await says(window, bot, "Second", "Two")
        window.app.chat.transcript.cursor.select((0, -1))
        await window.press("alt+g")
        await window.sees("Only the newest message")
        await window.press("alt+up")
        await window.until(lambda: window.typed == "First", "the message")
        await window.sees("Enter sends it as a new message, at the end")
        await window.press("!", "enter")
        await answers(window, bot, "Three")
        window.app.chat.transcript.cursor.select((0, -1))
        await window.app.chat.run_action("bubble('resend_message')")
        await window.until(lambda: len(window.conversation.turns) == 4, "the message once more")
        await answers(window, bot, "Four")
        assert [turn.sent for turn in window.conversation.turns] == ["First", "Second", "First!", "First"]


async def test_an_edited_message_is_a_new_one_if_others_came_meanwhile(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await says(window, bot, "First", "One")
        await window.press("alt+up")
        await window.until(lambda: window.typed == "First", "the message")
        await window.session.outbox.send(window.conversation, "Second", shown="A suggestion")
        await answers(window, bot, "Two")
        await window.press("!")
        await window.sees("as a new message, at the end")
        await window.press("enter")
        await answers(window, bot, "Three")
        assert [turn.sent for turn in window.conversation.turns] == ["First", "Second", "First!"]


async def test_a_service_that_keeps_the_messages_gets_one_twice_only_after_a_question(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)  # Echo, at a widget
        await window.says("Hello")
        await window.press("alt+g")
        await window.sees("Send this message again?", "will be there twice")
        await window.press("escape", "alt+up")
        await window.sees("as a new message, at the end")
        await window.press("escape", "alt+g", "left", "enter")
        await window.settled()
        await window.sees("← 2 of 2 →")
        await window.press("alt+left")
        await window.sees("← 1 of 2 →", "The service remembers all of them")
        assert len(window.conversation.turns) == 1
        source = window.conversation
        await window.press("alt+shift+f")
        await window.until(lambda: window.conversation is not source, "the fork")
        replies = len(window.conversation.turns[-1].replies)
        await window.press("alt+g")  # the service has not had the message in this conversation
        await window.until(lambda: len(window.conversation.turns[-1].replies) == replies + 1, "another reply")
