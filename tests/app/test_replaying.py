"""Replaying a reply in the app: its keys, what is shown, and that the conversation does not change."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from app.memory import remember
from app.scripted import held_bot, provider
from app.test_recordings import written
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.startup import Pace
from engine.raw import recorded
from fakes import DONE, delta

SLOW = ((600.0, delta("One")), (600.0, delta(" two")), (1200.0, delta(" three")), (1200.5, DONE))


def played(folder: Path, pace: Pace | None = None) -> OpeningOptions:
    """Write a recording with ten minutes between events, and return the options that replay it."""
    wanted = written(folder, recorded(*SLOW, answered=300.0))
    return OpeningOptions(file=wanted.file, replay=pace or Pace())


def replaying(window: Window) -> bool:
    return window.app.chat.controller.replays.player is not None


def shown_reply(window: Window) -> Reply:
    """The reply that the conversation shows."""
    reply = window.app.chat.transcript.document.turns[-1].reply
    assert reply is not None
    return reply


async def test_the_keys_of_a_replay(tmp_path: Path) -> None:
    async with opened(tmp_path, wanted=played(tmp_path)) as window:
        await window.sees("Replaying 0.", "of 1,200.5 s", "Wire reply of", "post")
        assert "One" not in window.text
        await window.sees("Space Pause")
        await window.press(".")
        await window.sees("Paused at 300.0 s", "response", "Space Go on")
        await window.press(".")
        await window.sees("One", "Paused at 600.0 s", "+3 characters")
        assert "two" not in window.text
        assert "+4 characters" not in window.text
        await window.press(".")
        await window.sees("One two", "+4 characters")
        await window.press(">", ">", "<")
        await window.sees("Paused at 600.0 s of 1,200.5 s · 2x")
        await window.press("]")
        await window.sees("One two three", "Paused at 1,200.0 s", "+6 characters")
        assert "closed" not in window.text
        await window.press("<", "<", "<")  # so that it can be paused before it ends
        await window.press("space")
        await window.sees("Replaying 1,200.")
        await window.clicks("Pause")
        await window.sees("Paused at 1,200.")
        await window.press("]")
        await window.sees("no further stall", "One two three", "closed", "Read only: a recording")
        assert shown_reply(window) is window.conversation.turns[0].reply


async def test_it_ends_by_itself_with_the_stored_reply(tmp_path: Path) -> None:
    async with opened(tmp_path, wanted=played(tmp_path, Pace(speed=10_000))) as window:
        await window.until(lambda: not replaying(window) and shown_reply(window).state == "finished", "the end")
        await window.sees("One two three", "closed")
        assert shown_reply(window) is window.conversation.turns[0].reply


async def test_a_shortened_gap_is_reported(tmp_path: Path) -> None:
    async with opened(tmp_path, wanted=played(tmp_path, Pace(idle_time_limit=200))) as window:
        await window.sees("Gap of 300 s shortened to 200 s.")


async def test_replies_of_a_file_follow_one_another(tmp_path: Path) -> None:
    quick = recorded((0.01, delta("First")), (0.02, DONE))
    file = written(tmp_path, quick, recorded(*SLOW)).file
    async with opened(tmp_path, wanted=OpeningOptions(file=file, replay=Pace())) as window:
        await window.sees("First", "Replaying", "of 1,200.5 s")
        assert len(window.app.chat.transcript.document.turns) == 2
        await window.press("escape")
        await window.sees("First", "One two three")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_stored_reply_is_played_and_stays_as_it_was(size: tuple[int, int], tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, size=size, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("One", " two")
        bot.ends()
        await window.settled()
        stored = window.conversation.turns[0].reply
        replays = window.app.chat.controller.replays
        replays.start(window.conversation.turns, Pace(speed=1e-6))
        await window.until(lambda: replaying(window), "the replay")
        await window.sees("Replaying 0.0 s of")
        assert "One two" not in window.text
        assert window.conversation.live is None
        await window.press("alt+r")
        await window.until(lambda: not replaying(window), "the end of the replay")
        await window.sees("One two")
        assert window.conversation.turns[0].reply is stored is shown_reply(window)
        assert len(bot.asked) <= 1


async def test_in_a_recording_the_key_of_what_was_said_replays(tmp_path: Path) -> None:
    async with opened(tmp_path, wanted=played(tmp_path), size=(80, 24)) as window:
        await window.until(lambda: replaying(window), "the replay")
        for key in ("ctrl+r", "alt+r"):
            await window.press("escape")
            await window.until(lambda: not replaying(window), "the end of the replay")
            await window.press(key)
            await window.until(lambda: replaying(window), "another replay")


async def test_sending_ends_the_replay_first(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("One", " two")
        bot.ends()
        await window.settled()
        window.app.chat.controller.replays.start(window.conversation.turns, Pace(speed=1e-6))
        await window.until(lambda: replaying(window), "the replay")
        window.app.chat.composer.focus()
        await window.sends("More")
        await window.until(lambda: not replaying(window), "the end of the replay")
        bot.says("Three")
        bot.ends()
        await window.settled()
        await window.sees("One two", "More", "Three")


async def test_a_space_that_is_typed_pauses_nothing(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("One")
        bot.ends()
        await window.settled()
        window.app.chat.controller.replays.start(window.conversation.turns, Pace(speed=1e-6))
        await window.sees("Replaying")
        await window.press("a", "space", ".", "b")
        assert window.typed == "a .b"
        await window.sees("Replaying")


async def test_a_reply_without_a_recording_is_not_played(tmp_path: Path) -> None:
    await remember(tmp_path / "data")
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1")) as window:
        await window.session._history.delete_old_recordings(0)
        await window.press("alt+r")
        await window.sees("There is no recording of this reply.")
        assert not replaying(window)
        await window.begins_new()
        await window.press("alt+r")
        assert not replaying(window)
        assert window.app.chat.refusals()["chat.replay"] == "This conversation is empty."


def has_typed(window: Window, text: str) -> bool:
    return window.typed == text


async def test_without_a_replay_its_keys_begin_a_message(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("One")
        bot.ends()
        await window.settled()
        for key, text in ((".", "."), ("]", "]"), ("<", "<"), ("+", "+"), ("space", " ")):
            window.app.chat.transcript.focus()
            await window.press(key)
            await window.until(partial(has_typed, window, text), f"{key} in the message")
            window.app.chat.composer.clear()
