"""What tells the user of replies elsewhere: notifications of the terminal, and the title while the list is hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from app.scripted import HeldBot, held_bot, provider
from app.window import Window, opened


def written_by(window: Window, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is written to the terminal from now on, beside the screen."""
    written: list[str] = []
    driver = window.app._driver
    assert driver is not None
    monkeypatch.setattr(driver, "write", written.append)
    return written


async def reply_elsewhere(window: Window, bot: HeldBot, text: str) -> None:
    """Send a message, go to a new conversation, and let the reply end there."""
    await window.sends(text)
    sent_in = window.conversation
    await window.begins_new()
    bot.says("Yes")
    bot.ends()

    def ended() -> bool:
        row = window.session.index.get(sent_in.id)
        return row is not None and row.unread == 1

    await window.until(ended, "the end of the reply")
    await window.pilot.pause()


async def test_a_reply_out_of_sight_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "iTerm.app")
    for name in ("TMUX", "STY", "ZELLIJ"):
        monkeypatch.delenv(name, raising=False)
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        written = written_by(window, monkeypatch)
        await reply_elsewhere(window, bot, "One;\x1b]2;two")
        told = "\x1b]9;chatgrid-tui: support-bot replied: One,\N{REPLACEMENT CHARACTER}]2,two\a"
        await window.until(lambda: written == [told], "the notification")
        bot.says("Yes")
        bot.ends()
        await window.says("In sight")
        assert written == [told]
        await window.sends("Out of the window")
        window.app.post_message(events.AppBlur())
        await window.until(lambda: not window.app.app_focus, "another window")
        bot.says("Half")
        bot.breaks_off()
        await window.settled()
        failed = "\x1b]9;chatgrid-tui: A reply of support-bot failed: In sight\a"
        await window.until(lambda: written == [told, failed], "the notification of the failure")
        await window.sends("Stopped")
        bot.says("Half")
        await window.sees("Half")
        window.session.outbox.stop(window.conversation)
        await window.settled()
        assert written == [told, failed]


async def test_a_reply_on_a_side_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "iTerm.app")
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        written = written_by(window, monkeypatch)
        await window.sends("One")
        await window.press("ctrl+backslash")
        await window.sees("2 of 2")
        bot.says("Yes")
        bot.ends()
        await window.until(lambda: any("support-bot replied: One" in each for each in written), "the notification")


@pytest.mark.parametrize(("setting", "expected"), [("bell", ["\a"]), ("off", [])])
async def test_notifications_can_be_a_bell_or_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, expected: list[str]
) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "iTerm.app")
    async with held_bot() as bot:
        config = f'notify = "{setting}"\n{provider(bot.url)}'
        async with opened(tmp_path, config=config, size=(80, 24)) as window:
            written = written_by(window, monkeypatch)
            await window.sends("One")
            await window.begins_new()
            await window.sees("1 writing")
            bot.says("Yes")
            bot.ends()
            await window.sees("1 unread")
            await window.sees_no("writing")
            await window.until(lambda: written == expected, "the notification")
