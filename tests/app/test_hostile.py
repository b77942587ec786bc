"""Whatever a bot, a server or a name contains is text: it triggers nothing and breaks nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.cli import demo
from chatgrid_tui.demo import bots
from chatgrid_tui.demo.catalogue import BOTS, FIRST_SCREEN, TROUBLE, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.steps import Attach, Attachment, Bubbles, Fail, Plan, Say, Suggest, Suggestion, Turn
from ui.widgets.frame_app import HOSTILE, controls_in

BOMB = "- i\n" * 1024


def is_harmless(window: Window) -> bool:
    """Return whether the screen has no control character, no clickable action and only web links."""
    for strip in window.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            if style is not None and ("@click" in style.meta or (style.link and not style.link.startswith("http"))):
                return False
    return not controls_in(window.lines)


async def looks_through(window: Window) -> None:
    """Scroll through the beginning of the conversation, page by page, and to its end, and click about."""
    await window.press("tab", "home")
    for page in range(6):
        assert is_harmless(window)
        await window.pilot.click(offset=(38 + page % 40, 3 + page % 20))
        while len(window.app.screen_stack) > 1:
            await window.press("escape")
        if window.app.chat.transcript.viewport.following:
            break
        await window.press("pagedown")
    await window.press("end", "escape")
    assert is_harmless(window)
    assert window.app.is_running


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq", "widget", "openai"])
async def test_terminal_escapes_and_markup_of_a_reply_are_text(tmp_path: Path, demo: DemoServer, kind: Kind) -> None:
    board = TROUBLE.board_id if kind == "chatgrid" else TROUBLE.slug
    url = demo.base_url(kind, TROUBLE)
    async with opened(tmp_path, config=provider(url, kind, board=board), size=(120, 60)) as window:
        await window.says("/escape")
        await looks_through(window)
        reply = window.conversation.turns[0].reply
        assert reply is not None
        assert "\x1b]52;c;b3duZWQ=\x07" in reply.bubbles[0].text
        await window.press("tab", "end")
        await window.sees("[@click=app.quit]quit[/]", "[/etc/passwd]")
        await window.clicks("[@click=app.quit]")
        await window.pilot.pause()
        assert window.app.is_running


@pytest.mark.parametrize("names", [tuple(HOSTILE)[at::3] for at in range(3)], ids=lambda names: names[-1])
async def test_hostile_names_files_suggestions_and_errors_are_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    texts = [HOSTILE[name] for name in names]
    plans = [plan for text in texts for plan in _hostile_plans(text)]

    def answer(turn: Turn) -> Plan:
        return plans.pop(0)

    named = [
        (replace(bot, name=text, description=text), "demo-chatiq", bot.slug)
        for text, bot in zip(texts, BOTS, strict=False)
    ]
    monkeypatch.setattr(bots, "_BOTS", dict.fromkeys(bots._BOTS, answer))
    monkeypatch.setattr(demo, "FIRST_SCREEN", (*named, FIRST_SCREEN[4]))
    async with opened(tmp_path) as window:
        for number, text in enumerate(texts, 1):
            assert is_harmless(window)
            await window.meets(number)
            await window.says("Hello")
            await looks_through(window)
            await window.press("tab", "1")
            await window.until(lambda: len(window.conversation.turns) == 2)
            await window.settled()
            await looks_through(window)
            await window.press("ctrl+k")
            await window.sees("Go to")
            assert is_harmless(window)
            await window.press("escape", "ctrl+n")
            await window.until(lambda: not window.conversation.turns)
            await window.writes(text)
            assert is_harmless(window)
            await window.press("ctrl+u")
    async with opened(tmp_path) as window:
        await looks_through(window)


def _hostile_plans(text: str) -> list[Plan]:
    """Return two answers that hold a text wherever a bot can put one."""
    suggestion, file = Suggestion(text, text), Attachment("file", f"https://files.example/{text}", text, text)
    return [Plan((Bubbles((text,)), Attach((file,)), Suggest((suggestion,)))), Plan((Say(text), Fail(text)))]


async def test_four_kilobytes_of_list_freeze_nothing(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        for start in range(0, len(BOMB), 64):
            bot.says(BOMB[start : start + 64])
        bot.says("\n\nThe end.")
        bot.ends()
        await window.sees("The end.")
        await window.press("x")
        assert window.typed == "x"
        await looks_through(window)


async def test_towers_of_quotes_and_lists_and_endless_lines_freeze_nothing(tmp_path: Path) -> None:
    shapes = (">" * 2_000 + " deep", "* " * 2_000 + "deep", "[" * 5_000, "`" * 5_001, "|a" * 2_000, "x" * 100_000)
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        for number, shape in enumerate(shapes):
            await window.sends(f"Question {number}")
            bot.says(shape, f"\n\nThe end of {number}.")
            bot.ends()
            await window.settled()
            await window.sees(f"The end of {number}.")
        assert is_harmless(window)
