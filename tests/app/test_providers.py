"""A provider added, used, changed, tested and removed without touching a file."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from pathlib import Path

import pytest

from app.forms import form_is_open, form_of, written
from app.scripted import held_bot, provider
from app.window import opened
from chatgrid_tui.demo.server import DemoServer
from engine.raw import raw_server
from keyrings import kept_line
from planted import BODY, PLANTED, leaks


async def test_the_first_provider_is_added_and_talked_to_at_once(tmp_path: Path, demo: DemoServer) -> None:
    base = demo.base_url("openai")
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.types("title", "My models")
        await form.types("base_url", f"{base}/chat/completions")
        await window.sees(f"Saved as {base}")
        await form.chooses("key_from", "none")
        await form.saves()
        await window.until(lambda: window.conversation.provider.name == "my-models")
        await window.sees("My models is saved.")
        assert window.conversation.board.id == "showcase"
        assert written(tmp_path) == (
            'default_provider = "my-models"\n\n[providers.my-models]\nkind = "openai"\n'
            f'base_url = "{base}"\ntitle = "My models"\n'
        )
        await window.says("Hello")
        assert window.conversation.turns[0].reply is not None
        assert window.conversation.turns[0].reply.state == "finished"
    async with opened(tmp_path) as window:
        assert window.conversation.provider.shown == "My models"
        assert len(window.conversation.turns) == 1


async def test_an_edited_provider_is_used_by_the_next_message_and_a_running_reply_goes_on(tmp_path: Path) -> None:
    async with held_bot() as one, held_bot() as two, opened(tmp_path, config=provider(one.url)) as window:
        await window.sends("first")
        one.says("The begin")
        await window.sees("The begin")
        form = await form_of(window, "acme")
        await form.types("base_url", two.url)
        await form.types("title", "Acme two")
        await form.chooses("key_from", "none")
        await form.saves()
        await window.sees("Acme two is saved.")
        one.says("ning and the end.")
        one.ends()
        await window.settled()
        await window.sees("The beginning and the end.")
        await window.sends("second")
        two.says("From the other.")
        two.ends()
        await window.settled()
        await window.sees("From the other.")
    assert [one.asked, two.asked] == [["first"], ["second"]]
    assert written(tmp_path) == (
        f'[providers.acme]\nkind = "openai"\nbase_url = "{two.url}"\nboards = ["support-bot"]\ntitle = "Acme two"\n'
    )


async def test_a_new_conversation_says_that_its_provider_was_removed(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1") + provider("http://127.0.0.1:9/v1", name="beta")
    async with opened(tmp_path, config=config) as window:
        await window.sees("A new conversation with")
        window.app.chat.controller.configuring.remove("acme")
        await window.sees("Remove acme?")
        await window.press("left", "enter")
        await window.sees("The provider acme is no longer configured. Ctrl+K goes elsewhere")


async def test_after_a_deletion_the_same_provider_stays_open(tmp_path: Path) -> None:
    async with held_bot() as bot:
        config = provider(bot.url) + provider(bot.url, name="live", more="production = true")
        async with opened(tmp_path, config=config) as window:
            session = window.session
            for name in ("live", "acme", "live"):
                there = session.begin(session.clients.settings.providers[name], window.conversation.board)
                await session.outbox.send(there, f"said at {name}")
                session.outbox.stop(there)
            here = next(row.id for row in session.index if row.provider == "acme")
            window.app.chat.controller.navigation.open(here)
            await window.until(lambda: window.conversation.id == here, "the one at acme")
            await window.press("f6", "delete")
            await window.until(lambda: window.conversation.id != here, "another")
            assert window.conversation.provider.name == "acme"
            assert not window.conversation.turns


async def test_a_removed_provider_leaves_its_conversations_but_no_key(tmp_path: Path) -> None:
    async with held_bot() as bot:
        (tmp_path / "keys.toml").write_text(f'acme = "{PLANTED}"\nother = "kept-key-0000-1111"\n')
        config = provider(bot.url) + provider(bot.url, name="beta")
        async with opened(tmp_path, config=f'default_provider = "acme"\n{config}') as window:
            await window.sends("Remember this")
            bot.says("It is remembered.")
            bot.ends()
            await window.settled()
            kept = window.conversation
            window.app.chat.controller.configuring.remove("acme")
            await window.sees("Remove acme?", "Its key is removed from keys.toml.", "Its conversations stay")
            await window.press("enter")  # the answer that keeps is chosen
            assert "[providers.acme]" in written(tmp_path)
            window.app.chat.controller.configuring.remove("acme")
            await window.sees("Remove acme?")
            await window.press("left", "enter")
            await window.sees("acme is removed.")
            assert written(tmp_path) == provider(bot.url, name="beta").replace("\n\n", "\n")
            assert (tmp_path / "keys.toml").read_text() == 'other = "kept-key-0000-1111"\n'
            await window.sends_nothing("Are you there?", "no longer configured")
        async with opened(tmp_path) as window:
            assert window.conversation.provider.name == "beta"
            await window.until(lambda: len(window.session.index) == 1)
            window.app.chat.controller.navigation.open(kept.id)
            await window.sees("Remember this", "It is remembered.")
            assert window.typed == "Are you there?"
            await window.press("enter")
            await window.sees("The provider acme is no longer configured.")


async def test_errors_are_shown_at_their_fields_and_the_first_gets_the_focus(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.types("title", "Acme")
        await form.types("base_url", "https://api.chatgrid.ai:99999/v1")
        await form.at("boards")
        await window.sees("! The port must be between 1 and 65535.", "One field needs a change.")
        await window.press("ctrl+s")
        await window.sees("! The name of the variable is missing.", "2 fields need a change.")
        assert window.app.focused is form.screen.rows["base_url"].field
        assert written(tmp_path) == ""
        await form.types("base_url", "https://api.chatgrid.ai")
        await window.sees_no("The port must be")
        assert form_is_open(window)


async def test_one_key_does_not_discard_what_was_typed(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await window.press("escape")
        await window.until(lambda: not form_is_open(window), "closed: nothing was typed")
        form = await form_of(window)
        await form.types("title", "Acme")
        await window.press("escape")
        await window.sees("Close without saving?")
        await window.press("escape")
        assert window.app.screen is form.screen
        assert form.screen.filled.title == "Acme"
        await window.press("escape")
        await window.sees("Close without saving?")
        await window.press("left", "enter")
        await window.until(lambda: not form_is_open(window))


async def test_a_test_finds_what_is_wrong_and_sends_no_message(tmp_path: Path) -> None:
    async with DemoServer(pace=0) as demo, opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "chatgrid")
        await form.types("base_url", demo.base_url("chatgrid"))
        await form.chooses("key_from", "none")
        await form.tests()
        await window.sees("Reachable", "Listing")
        assert written(tmp_path) == ""
        assert form_is_open(window)


async def test_a_test_can_be_stopped(tmp_path: Path) -> None:
    async def never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(never_answers) as server, opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.types("base_url", server.url)
        await form.chooses("key_from", "none")
        await form.tests()
        await window.sees("Esc stops")
        await form.types("title", "Usable meanwhile")
        await window.press("escape")
        await window.sees("The test was stopped.")
        assert form_is_open(window)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 20)])
async def test_a_typed_key_goes_into_its_file_and_nowhere_else(
    tmp_path: Path, size: tuple[int, int], demo: DemoServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with opened(tmp_path, size=size) as window:
        form = await form_of(window)
        await form.chooses("kind", "chatiq")
        await form.types("title", "Shop")
        await form.types("base_url", demo.base_url("chatiq"))
        await form.chooses("key_from", "file")
        await form.types("key", PLANTED)
        await window.sees("ends in …9f3a")
        every_widget = "".join(map(repr, window.app.screen.walk_children()))
        shown = [form.text, window.app.export_screenshot(), repr(form.screen.filled), every_widget]
        await window.press("ctrl+a", "shift+end", "ctrl+c", "ctrl+x")
        assert form.screen.filled.key is not None, "a secret is not cut"
        await form.tests()
        await window.sees("Listing")
        shown += [form.text, window.app.export_screenshot()]
        await form.saves()
        await window.sees("Shop is saved.")
        shown += [window.text, window.app.export_screenshot(), window.app.clipboard, written(tmp_path), caplog.text]
    assert [text for text in shown if BODY in text] == []
    assert leaks([tmp_path]) == []
    assert (tmp_path / "keys.toml").read_text() == kept_line("shop", PLANTED, demo.base_url("chatiq"))
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "keys.toml").stat().st_mode) == 0o600


async def test_a_broken_configuration_is_reported_and_left_alone(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        form = await form_of(window, "acme")
        await form.types("title", "Changed")
        (tmp_path / "config.toml").write_text("theme = \n")
        await window.press("ctrl+s")
        await window.sees("Not saved", "Line 1 of")
        assert written(tmp_path) == "theme = \n"
        assert form.screen.filled.title == "Changed"


async def test_a_curl_command_fills_the_form(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.at("title")
        await form.pastes(
            f"curl 'https://www.chatiq.io/api/chat' \\\n -H 'authorization: Bearer {PLANTED}' -H 'origin: https://shop.example'"
            """ -H 'cookie: a=b' --data-raw '{"message":"hi","bot_slug":"shop-bot"}'"""
        )
        await window.sees("Taken from the command", "Left out", "Cookie, message.")
        fields = form.screen.filled
        assert (fields.kind, fields.address, fields.options["boards"]) == (
            "chatiq",
            "https://www.chatiq.io/api",
            "shop-bot",
        )
        assert fields.options["headers"] == "origin: https://shop.example"
        assert BODY not in window.app.export_screenshot()
        assert fields.key is not None
        assert fields.key.reveal() == PLANTED
