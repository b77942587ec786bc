"""What is typed arrives where it was meant to go: typed too early, too fast, or while switching."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyperclip
import pytest
from textual import events

from app.scripted import provider
from app.test_repeated_keys import burst
from app.test_switching import switch, switch_to
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.startup import Opening
from engine.raw import raw_server


async def test_keys_that_come_all_at_once_are_taken_in_their_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        burst(window, *"one", "ctrl+j", *"two", "enter", "enter", *"next")
        await window.until(lambda: window.typed == "next", "what was typed behind")
        await window.settled()
        assert [turn.shown for turn in window.conversation.turns] == ["one\ntwo"]


async def test_typing_over_the_conversation_starts_a_message_and_copies_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(pyperclip, "copy", copied.append)
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("Look:\n\n```\ncode\n```")
        for sentence in ("could you say yes", "yes please", "Copy that", "Y", "4 people", "?", "öl"):
            for focus in (partial(window.clicks, "Look"), partial(window.press, "tab")):
                await focus()
                await window.until(lambda: window.app.focused is window.app.chat.transcript, "the conversation")
                burst(window, *sentence)
                await window.until(lambda: window.typed == sentence, f"all of {sentence!r}")  # noqa: B023
                await window.press("ctrl+u")
    assert not copied


async def test_a_paste_over_the_conversation_or_the_list_starts_a_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("hello")
        for key in ("tab", "f6"):
            await window.press(key)
            await window.until(lambda: window.app.focused is not window.app.chat.composer.field, "another focus")
            window.app.post_message(events.Paste("yes\nplease"))
            await window.until(lambda: window.typed == "yes\nplease", "the paste")
            await window.press("ctrl+z")


async def test_text_typed_before_the_history_opens_follows_the_draft(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("hello")
        await window.writes("an old draft")
    app = make_app(Paths.usual(tmp_path / "config.toml", tmp_path / "data"), OpeningOptions())
    begin, may_begin = app._open_session, asyncio.Event()

    async def slowly(progress: Callable[[str], None]) -> Opening:
        progress("Checking the history, 35 %")
        await may_begin.wait()
        return await begin(progress)

    app._open_session = slowly
    async with app.run_test(size=(120, 40)) as pilot:
        window = Window(app, pilot)
        await window.writes("typed early")
        await window.sees("Checking the history, 35 %")
        may_begin.set()
        await window.until(lambda: window.typed == "an old draft\ntyped early", "both")
        await window.sees_no("Checking the history")
        await app.end(0)
    async with opened(tmp_path) as window:
        assert window.typed == "an old draft\ntyped early"


async def test_a_board_keeps_its_draft_while_another_is_visited(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("conversation is empty")
        await window.press("ctrl+n")
        await window.until(lambda: not window.conversation.turns, "a new conversation")
        await window.writes("important")
        await switch_to(window, "conversation is empty")
        await switch_to(window, "echo chatgrid")
        assert window.typed == ""
        await switch_to(window, "restaurant chatiq")
        assert window.typed == "important"


async def test_a_message_that_is_refused_comes_back_to_the_conversation_it_was_typed_in(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.says("conversation is empty")
        here, refuse = window.conversation, asyncio.Event()

        async def refused(*_: object, **__: object) -> None:
            await refuse.wait()
            raise UsageProblem("Not this one.")

        window.session.outbox.send = refused  # type: ignore[assignment, method-assign]
        await window.writes("what I wrote")
        await window.press("enter")
        await window.until(lambda: window.typed == "", "the message on its way")
        await switch_to(window, "echo chatgrid")
        refuse.set()
        await window.sees("Not this one.")
        await window.press("escape")
        assert window.typed == ""
        assert here.draft == "what I wrote"


async def test_a_slow_listing_does_not_move_the_user_back(tmp_path: Path) -> None:
    answer = asyncio.Event()

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer.wait()
        body = b'{"data": [{"id": "m1"}]}'
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        await writer.drain()

    async with raw_server(slowly) as server:
        slow = provider(f"{server.url}/v1", name="slow").replace('boards = ["support-bot"]', "")
        config = provider("http://127.0.0.1:9/v1", name="acme") + slow
        async with opened(tmp_path, config=f'default_provider = "acme"\n{config}') as window:
            before = window.conversation
            await switch(window, *"slow", "enter")
            await window.until(lambda: window.app.screen is window.app.chat, "the page")
            await window.press("ctrl+n")
            await window.until(lambda: window.conversation is not before, "another conversation")
            here = window.conversation
            answer.set()
            await window.until(
                lambda: all(worker.group != "show" for worker in window.app.workers), "the end of the listing"
            )
            assert window.conversation is here
