"""The wire pane for each kind of service, and for services that misbehave."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions
from chatgrid_tui.demo.catalogue import KINDS, Kind
from engine.raw import SSE_HEAD, raw_server
from fakes import DONE, delta
from planted import BODY, PLANTED
from ui.widgets.frame_app import HOSTILE as HOSTILE_TEXTS
from ui.widgets.frame_app import controls_in

HOSTILE = "".join(HOSTILE_TEXTS.values())
BOARDS: dict[Kind, str] = {"chatgrid": "trouble", "chatiq": "trouble", "widget": "", "openai": "trouble"}


async def looks_through_rows(window: Window) -> None:
    """Go through the rows and their views, and look for control characters."""
    for _ in range(8):
        for _ in range(4):
            assert not controls_in(window.lines)
            await window.press("right")
        await window.press("down")


def chosen(window: Window) -> int:
    """Return the number of the record whose details are shown."""
    match = re.search(r"Record (\d+) ", window.text)
    return int(match[1]) if match is not None else -1


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_shown_live_and_from_the_history(kind: Kind, tmp_path: Path) -> None:
    wanted = OpeningOptions(provider=f"demo-{kind}", board=BOARDS[kind], demo=True)
    async with opened(tmp_path, wanted=wanted) as window:
        await window.press("f2", "tab")
        await window.says("/stall 1.2" if kind != "widget" else "Hello")
        await window.sees("closed", "after end mark", "E2EL")
        if kind != "widget":
            await window.sees("without data", "Stall:")
        await window.press("f2", "home")
        await window.sees("post", "200 NDJSON" if kind == "widget" else "200 SSE")
        effects = re.findall(r"\+\d+ characters?", window.text)
        assert effects
        if kind != "widget":  # the row after the pause, and those after it
            await window.press("right_square_bracket")
            await window.sees("Record 1")
            number = chosen(window)
            await window.press("down", "down", "up", "down")
            await window.until(lambda: chosen(window) == number + 2, "the second row after it")
            await window.press("home")
    async with opened(tmp_path) as window:
        await window.press("f2")
        await window.sees("post", "200", "E2EL")
        await window.until(lambda: re.findall(r"\+\d+ characters?", window.text) == effects, "the same rows")


async def test_nothing_that_a_bot_sends_acts(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot._pieces.put_nowait(f": {HOSTILE}\nevent: {HOSTILE}\n".encode("utf-8", "surrogatepass"))
        bot._pieces.put_nowait(
            b"data: " + json.dumps({"event": HOSTILE, "error": {"code": HOSTILE}}).encode() + b"\n\n"
        )
        bot._pieces.put_nowait(b"data: \xff\xfe\x1b[2J\x00\x9b31m\n\n")
        bot.says(HOSTILE)
        bot.ends()
        await window.settled()
        await window.press("f2")
        await window.sees("closed")
        await window.press("home")
        await looks_through_rows(window)


async def test_a_key_that_comes_back_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(f'acme = "{PLANTED}"\n')
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says(f"Your key is {PLANTED}.", *PLANTED)
        bot.ends()
        await window.settled()
        await window.press("f2")
        await window.sees("30 records")
        for _ in range(6):
            for _ in range(4):
                assert BODY not in window.text
                await window.press("right")
            await window.press("v")
            assert BODY not in window.text
            await window.press("escape", "down")


async def test_a_refused_request_is_shown_before_the_one_that_followed(tmp_path: Path) -> None:
    refusal = b'{"error":{"message":"Unknown parameter: \'stream_options\'."}}'

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(server.heard) == 1:
            head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            writer.write(head % len(refusal) + refusal)
        else:
            writer.write(SSE_HEAD + b"\r\n" + delta("Here I am.") + DONE)
        await writer.drain()

    async with raw_server(answer) as server, opened(tmp_path, config=provider(server.url)) as window:
        await window.says("Hello")
        await window.sees("Here I am.")
        await window.press("f2")
        await window.sees("The request before was refused with 400.", "400 JSON", "200 SSE")
        types = [line[-25:].split("  ")[0] for line in window.lines if "post" in line or "response" in line]
        assert len(types) == 4
