"""The request of a reply: copied from the wire pane, the menu and the palette, and sent again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.scripted import held_bot, provider
from app.window import Window, opened
from engine.raw import SSE_HEAD, raw_server
from fakes import DONE, delta
from planted import PLANTED


async def test_it_is_copied_from_the_wire_pane(
    tmp_path: Path, clipboard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", PLANTED)
    async with (
        held_bot() as bot,
        opened(tmp_path, config=provider(bot.url, more='api_key_env = "ACME_KEY"')) as window,
    ):
        bot.says("One")
        bot.ends()
        await window.says("It's here")
        await window.press("f2")
        await window.sees("closed")
        await window.press("u")
        await window.sees("Copied the request as cURL. It reads $ACME_KEY.")
        assert clipboard[-1].startswith("curl -N -sS -X POST 'http://127.0.0.1:")
        assert '-H "Authorization: Bearer $ACME_KEY"' in clipboard[-1]
        assert "It'\\''s here" in clipboard[-1]
        await window.press("h")
        await window.until(lambda: 'os.environ["ACME_KEY"]' in clipboard[-1], "the program")


async def test_the_request_of_the_row_is_copied(tmp_path: Path, clipboard: list[str]) -> None:
    async def refuses_usage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"stream_options" in server.heard[-1]:
            writer.write(b"HTTP/1.1 400 No\r\nContent-Length: 22\r\n\r\nstream_options unknown")
        else:
            writer.write(SSE_HEAD + b"\r\n" + delta("One") + DONE)

    async with raw_server(refuses_usage) as server, opened(tmp_path, config=provider(server.url)) as window:
        await window.says("Hello")
        await window.press("f2")
        await window.sees("closed")
        await window.press("end", "u")
        await window.until(lambda: bool(clipboard), "the second request")
        await window.press("home", "u")
        await window.until(lambda: len(clipboard) == 2, "the first request")
        assert "stream_options" in clipboard[1]
        assert "stream_options" not in clipboard[0]


async def test_it_is_sent_again_for_another_reply(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        bot.says("One")
        bot.ends()
        await window.says("Hello")
        await window.press("f2")
        await window.sees("closed")
        await window.press("r")
        await window.until(lambda: len(window.conversation.turns[0].replies) == 2, "another reply")
        bot.says("Two")
        await window.sees("Two", "Writing")
        await window.press("r")
        await window.sees("A reply is being written. Nothing was sent.")
        bot.ends()
        await window.settled()
        (turn,) = window.conversation.turns
        assert [reply.bubbles[0].text for reply in turn.replies] == ["One", "Two"]


async def test_it_asks_if_the_message_would_be_stored_twice(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("Hello")
        await _runs(window, "Resend this request")
        await window.sees("Send this request again?", "Your message is stored twice")
        await window.press("escape")
        await window.sees_no("Send this request again?")
        await _runs(window, "Resend this request")
        await window.clicks("Send again")
        await window.until(lambda: len(window.conversation.turns[0].replies) == 2, "another reply")
        await window.settled()


async def test_without_a_request_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", "no key")
    async with opened(tmp_path, config=provider("https://127.0.0.1:9", more='api_key_env = "ACME_KEY"')) as window:
        await _runs(window, "Copy as cURL")
        await window.sees("This conversation is empty.")
        await window.press("escape")
        await window.says("Hello")
        await _runs(window, "Copy as cURL")
        await window.sees("No request was made.")


async def _runs(window: Window, command: str) -> None:
    await window.press("ctrl+p")
    await window.sees("Type what you want to do")
    await window.press(*command)
    await window.sees(command)
    await window.press("enter")
