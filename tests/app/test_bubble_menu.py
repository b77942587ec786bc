"""What can be done with a bubble by keys alone and by mouse alone, and what its details show."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.test_failed_replies import trouble
from app.window import Window, opened
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.ui.overlays.menu_screen import MenuScreen
from chatgrid_tui.ui.overlays.text_screen import TextScreen
from engine.raw import SSE_HEAD, raw_server, writes
from fakes import DONE, delta
from planted import BODY, PLANTED

TEXT = "See **this**.\n\n```python\none = 1\n```\n\n```\ntwo\n```\n\n[Docs](https://docs.example/a)"


async def menu_opens(window: Window) -> None:
    await window.until(lambda: isinstance(window.app.screen, MenuScreen), "the menu")
    await window.pilot.pause()


async def details_open(window: Window) -> None:
    await window.until(lambda: isinstance(window.app.screen, TextScreen), "the details")


async def right_clicks(window: Window, words: str) -> None:
    await window.sees(words)
    await window.pilot.click(offset=window.find(words), button=3)
    await menu_opens(window)


async def test_everything_by_key_alone(tmp_path: Path, clipboard: list[str]) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says(TEXT)
        bot.ends()
        await window.says("Hello")
        await window.sees("Docs (docs.example)")
        await window.press("shift+tab", "enter")
        await menu_opens(window)
        await window.sees("1 Copy as Markdown", "Ctrl+C", "2 Copy as text", "Ctrl+T", "3 Quote", "4 Details")
        await window.sees("Copy as cURL", "Save evidence")
        await window.sees("6 Regenerate", "9 Fork")
        await window.sees("Copy code block 1  python, 1 line: one = 1", "Open link  Docs (docs.example)")
        await window.press("enter")
        await window.until(lambda: clipboard == [TEXT], "the Markdown")
        for keys, copied in (
            (["2"], "one = 1\n\ntwo"),
            (["down"] * 11 + ["enter"], "two"),
            (["down"] * 13 + ["enter"], "https://docs.example/a"),
            (["ctrl+t"], "See this.\n\none"),
        ):
            await window.press("f9")
            await menu_opens(window)
            await window.press(*keys)
            await window.until(lambda copied=copied: copied in clipboard[-1], copied)  # type: ignore[misc]
        window.hits("enter", "4")
        await details_open(window)
        await window.sees("Finished.", "First byte", "text/event-stream")
        await window.press("ctrl+c")
        await window.until(lambda: "content-type" in clipboard[-1], "all details")
        await window.press("escape", "up", "enter")
        await menu_opens(window)
        await window.sees("Your message", "1 Copy", "2 Quote")
        await window.press("escape")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        assert window.app.focused is window.app.chat.transcript, "the keyboard stays where it was"


async def test_everything_by_mouse_alone(tmp_path: Path, clipboard: list[str], browser: list[str]) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says(TEXT)
        bot.ends()
        await window.says("Hello")
        for entry, copied in (
            ("Copy as Markdown", TEXT),
            ("Copy code block 2", "two"),
            ("Copy link", "https://docs.example/a"),
        ):
            await right_clicks(window, "See this")
            await window.clicks(entry)
            await window.until(lambda copied=copied: clipboard[-1:] == [copied], entry)  # type: ignore[misc]
        await right_clicks(window, "See this")
        await window.clicks("Open link")
        await window.until(lambda: browser == ["https://docs.example/a"], "the address")
        await right_clicks(window, "See this")
        await window.clicks("Details")
        await details_open(window)
        await window.press("escape")
        await right_clicks(window, "See this")
        await window.pilot.click(offset=(60, 1))
        await window.until(lambda: window.app.screen is window.app.chat, "the page, after a click outside")


async def test_a_quote_goes_after_what_is_typed(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One\n\nTwo")
        bot.ends()
        await window.says("Hello")
        await window.sees("Two")
        await window.press("ctrl+u")
        await window.until(lambda: window.typed == "> One\n>\n> Two\n\n", "the quote in the empty message")
        window.app.chat.composer.clear()
        await window.writes("My words")
        await window.press("shift+tab", "ctrl+u")
        await window.until(lambda: window.typed == "My words\n\n> One\n>\n> Two\n\n", "the quote")
        await window.press("escape", "shift+tab", "ctrl+a", "ctrl+u")
        await window.until(lambda: window.typed.count("> One") == 2, "the selection as a quote")
        await window.press(*"so")
        await window.until(lambda: window.typed.endswith("Two\n\nso"), "what is typed after it")


async def test_the_piece_that_could_not_be_read_is_shown(tmp_path: Path, demo: DemoServer) -> None:
    async with opened(tmp_path, config=trouble(demo, "openai"), size=(80, 24)) as window:
        await window.says("/badjson")
        await window.sees("1 piece of the reply could not be read.")
        await window.press("ctrl+d")
        await details_open(window)
        await window.sees("Unreadable parts", "It is not JSON.", '"delta":{"content":not JSON')


async def test_details_of_a_live_reply_are_complete_when_it_ends(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("Hel")
        await window.sends("Hello")
        await window.sees("Writing")
        await window.press("shift+tab", "down", "ctrl+d")
        await details_open(window)
        await window.sees("Writing.", "not yet")
        bot.ends()
        await window.sees("Finished.", "Closed after the end mark.")


async def test_details_hold_no_key_that_the_service_sends_back(
    tmp_path: Path, clipboard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", PLANTED)
    head = f"{SSE_HEAD.decode()}X-Request-Id: {PLANTED}\r\nServer: {PLANTED}\r\nSet-Cookie: s={PLANTED}\r\n\r\n"
    bad = f'data: {{"choices":[{{"delta":{{"content":{PLANTED}}}}}]}}\n\n'
    reply = writes(head.encode() + delta("Hello") + bad.encode() + DONE)
    async with raw_server(reply) as server:
        config = provider(f"{server.url}/v1", more='api_key_env = "ACME_KEY"')
        async with opened(tmp_path, config=config) as window:
            await window.says("Hi")
            await window.sees("1 piece of the reply could not be read.")
            await window.press("shift+tab", "ctrl+d")
            await details_open(window)
            await window.sees("x-request-id", "Unreadable parts")
            await window.press("ctrl+c")
            await window.until(lambda: bool(clipboard), "the details")
            assert "x-request-id" in clipboard[-1]
            assert BODY not in clipboard[-1]
            assert "cookie" not in clipboard[-1]


async def test_an_error_card_has_its_menu(tmp_path: Path, demo: DemoServer, clipboard: list[str]) -> None:
    async with opened(tmp_path, config=trouble(demo)) as window:
        await window.says("/500")
        await right_clicks(window, "The service failed")
        await window.clicks("Copy the error")
        await window.until(lambda: bool(clipboard) and "x-ratelimit-remaining" in clipboard[-1], "the error")
        assert clipboard[-1].startswith("The service failed (500")


async def test_unavailable_actions_give_the_reason(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.press("f9")
        await window.sees("This conversation is empty.")
        await window.sends("Hello")
        await window.sees("Waiting for the first token")
        await window.press("shift+tab", "down", "down", "ctrl+t")
        await window.sees("There is no text yet.")
        await window.press("f9")
        await menu_opens(window)
        await window.press("3")
        await window.sees("There is no text yet.")
        bot.ends()


async def test_the_menu_stays_on_the_screen(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        bot.says(TEXT)
        bot.ends()
        await window.says("Hello")
        await window.sees("Docs (docs.example)")
        await window.press("f9")
        await menu_opens(window)
        for width, height in ((120, 40), (60, 20), (30, 8), (8, 3), (80, 24)):
            await window.resizes(width, height)
            screen = window.app.screen
            assert isinstance(screen, MenuScreen)
            assert screen.region.contains_region(screen.overlay.region) or height < 8
        await window.sees("1 Copy as Markdown", "Ctrl+C")


async def test_keys_of_the_configuration_are_shown_and_work(tmp_path: Path, clipboard: list[str]) -> None:
    async with held_bot() as bot:
        config = f'[keys]\n"chat.menu" = "f7"\n"chat.copy_text" = "ctrl+x"\n{provider(bot.url)}'
        async with opened(tmp_path, config=config) as window:
            bot.says("**Hi**")
            bot.ends()
            await window.says("Hello")
            await window.sees("Hi")
            await window.press("shift+tab", "f7")
            await menu_opens(window)
            await window.sees("Ctrl+X")
            await window.press("ctrl+x")
            await window.until(lambda: clipboard == ["Hi"], "the text")
