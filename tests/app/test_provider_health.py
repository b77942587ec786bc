"""What the status line shows of a provider: remaining requests, a limit that passes, a service that is down."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.scripted import provider
from app.window import Window, opened
from chatgrid_tui.demo.catalogue import ECHO
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_KEY, DemoKeys
from chatgrid_tui.session.providers import monitor
from fakes import StartDemo
from planted import BODY, PLANTED

WIDE = (140, 40)


def status(window: Window) -> str:
    return window.lines[-2]


def echo(server: DemoServer, more: str = "") -> str:
    return provider(server.base_url("chatgrid"), "chatgrid", board=ECHO.board_id, more=more)


async def test_remaining_credits_and_requests(tmp_path: Path, start_demo: StartDemo) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys(chatgrid=PLANTED)))
    config = echo(server, f'api_key = "{PLANTED}"')
    async with opened(tmp_path, config=config, size=WIDE) as window:
        await window.until(lambda: "5,000 credits" in status(window), "the credits")
        await window.says("Hello")
        await window.until(lambda: "of 6,000 requests left" in status(window), "what is left")
        assert f"key …{PLANTED[-4:]} from the configuration · 5,000 credits" in status(window)
        assert BODY not in window.text


async def test_remaining_credits_and_requests_are_dropped_first(tmp_path: Path, start_demo: StartDemo) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    config = echo(server, f'api_key = "{CHATGRID_KEY}"')
    async with opened(tmp_path, config=config, size=WIDE) as window:
        await window.until(lambda: "requests left" in status(window), "what is left")
        await window.resizes(84, 30)
        await window.until(lambda: "requests left" not in status(window), "a shorter status line")
        assert "key …cess" in status(window)
        assert window.state == "Ready"


async def test_a_limit_counts_down(tmp_path: Path, start_demo: StartDemo) -> None:
    server = await start_demo(DemoServer(pace=0, rate_limit=8))
    async with opened(tmp_path, config=echo(server), size=WIDE) as window:
        for number in range(8):
            await window.sends(f"Message {number}")
            await window.until(lambda: window.conversation.live is None, "the end of the reply")
            if window.conversation.retry_at is not None:
                break
        await window.until(lambda: "0 of 8 requests left, again in " in status(window), "the limit")
        await window.until(lambda: window.state.startswith("Next try in "), "when it is tried again")


async def test_a_service_goes_offline_and_comes_back(
    tmp_path: Path, start_demo: StartDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "INTERVAL", 0.05)
    server = await start_demo(DemoServer(pace=0))
    port = server.port
    async with opened(tmp_path, config=echo(server), size=WIDE) as window:
        await window.says("Hello")
        await window.until(lambda: window.state == "Finished", "the end of the reply")
        await server.close()
        await window.says("Are you there?")
        await window.until(lambda: window.state == "Offline", "that it is gone")
        await window.sees("Nothing answers at", "Your message is kept.")
        await start_demo(DemoServer(pace=0, port=port))
        await window.until(lambda: window.state == "Failed", "that it is back")
        await window.begins_new()
        await window.says("Hello again")
        await window.until(lambda: window.state == "Finished", "the end of the reply")
