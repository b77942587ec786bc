"""The page of all providers: the state of each, which key it uses, and what a test of it finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.model.provider_health import Allowance
from chatgrid_tui.ui.providers.overview import ProvidersScreen
from engine.raw import raw_server, writes

KEY = "sk-test-1234567890abcd"


async def open_page(window: Window) -> ProvidersScreen:
    """Open the page by its command."""
    await window.press("ctrl+p")
    await window.until(lambda: window.app.screen is not window.app.chat, "the commands")
    await window.press(*"providers and", "enter")
    await window.until(lambda: isinstance(window.app.screen, ProvidersScreen), "the page of providers")
    assert isinstance(window.app.screen, ProvidersScreen)
    return window.app.screen


async def test_it_says_which_key_is_in_use_and_never_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", KEY)
    config = provider("http://127.0.0.1:9/v1", name="acme", more='api_key_env = "ACME_KEY"')
    config += provider("http://127.0.0.1:9/v1", name="bare", more="production = true")
    config += provider("http://127.0.0.1:9/v1", name="vault", more='api_key_cmd = ["false", "never run"]')
    async with opened(tmp_path, config=config) as window:
        await open_page(window)
        await window.sees("acme", "OpenAI-compatible · 127.0.0.1:9", "…abcd", "From ACME_KEY.", "▲ PRODUCTION")
        assert KEY not in window.text
        await window.press("down")
        await window.sees("No key is set for bare.")
        await window.press("down")
        await window.sees("The command false prints it when it is needed.")
        await window.press("escape")
        assert window.app.screen is window.app.chat


async def test_the_page_counts_down_limits_and_shows_what_is_left(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1", "chatgrid", name="grid") + provider("http://127.0.0.1:9/v1", name="ai")
    async with opened(tmp_path, config=config) as window:
        health_monitor, soon = window.session.clients.health_monitor, datetime.now(UTC) + timedelta(seconds=30)
        await window.until(lambda: health_monitor.of("grid").state == "offline", "the answer of the service")
        health_monitor.set_credits("grid", 4_120)
        health_monitor._change("grid", "limited", "limited", soon, allowance=Allowance(60, 0, soon))
        await open_page(window)
        await window.press("home")
        await window.sees("▲ limited, 2", "4,120", "The limit ends in 2")
        await window.press("down")
        await window.sees("The service has not reported a limit.")
        await window.sees_no("are left to be spent")


async def test_a_test_shows_its_findings_below(tmp_path: Path) -> None:
    listing = b'{"data": [{"id": "m1"}, {"id": "m2"}]}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(listing)
    async with raw_server(writes(head + listing)) as server:
        config = provider(f"{server.url}/v1", name="good") + provider("http://127.0.0.1:9/v1", name="down")
        config += '[keys]\n"providers.test" = "x"\n'
        async with opened(tmp_path, config=config, size=(80, 24)) as window:
            await open_page(window)
            await window.sees("X Test")
            await window.press("home", "x")
            await window.sees("Test of good", "2 models")
            await window.press("down")
            await window.sees_no("Test of good")
            await window.press("x")
            await window.sees("Test of down", "Nothing answers at 127.0.0.1:9.")


async def test_providers_are_edited_added_and_removed_from_it(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1", name="acme") + provider("http://127.0.0.1:9/v1", name="shop")
    async with held_bot() as bot, opened(tmp_path, config=config + provider(bot.url, name="mine")) as window:
        page = await open_page(window)
        await window.press("home", "enter")
        await window.sees("Edit a provider")
        await window.press("escape")
        await window.until(lambda: window.app.screen is page, "the page of providers")
        await window.press("down", "delete")
        await window.sees("Remove shop?")
        await window.press("left", "enter")
        await window.sees_no("Remove shop?")
        await window.until(lambda: "shop" not in window.session.clients.settings.providers, "one provider less")
        await window.until(lambda: window.app.screen is page and page._list.counts[1] == 2, "two providers")
        await window.press("end", "enter")
        await window.sees("Add a provider", "Kind")


async def test_the_local_bots_need_no_key(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await open_page(window)
        await window.sees("Local bots", "No key is needed.")
        await window.press("enter")
        await window.sees("cannot be edited")


async def test_the_hairlines_of_list_and_details_end_in_one_column(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1", name="acme")) as window:
        await open_page(window)
        for size in ((120, 40), (80, 24), (60, 24)):
            await window.resizes(*size)
            await window.sees("Requests")
            ends = {line.rindex("─") for line in window.lines if "Your providers ─" in line or "acme ─" in line}
            assert len(ends) == 1
            assert sum("─" in line for line in window.lines) >= 2
