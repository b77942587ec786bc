"""The switcher: moving between providers, boards and conversations while replies continue and drafts stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from chatgrid_tui.ui.switching.switcher_screen import SwitcherScreen
from engine.raw import raw_server
from session.room import reply_of


async def switch(window: Window, *keys: str) -> None:
    """Open the switcher and press keys in it."""
    await window.press("ctrl+k")
    await window.until(lambda: isinstance(window.app.screen, SwitcherScreen), "the switcher")
    if keys:
        await window.press(*keys)


async def look_for(window: Window, typed: str) -> None:
    """Put letters into the switcher at once: while replies are written, a pilot waits long after each key."""
    picker = window.app.screen
    assert isinstance(picker, SwitcherScreen)
    assert picker.focused is not None
    picker.focused.post_message(events.Paste(typed))
    await window.until(lambda: picker.typed == typed, "what is looked for")


async def switch_to(window: Window, typed: str) -> None:
    """Go to what a few letters find."""
    before = window.conversation
    await switch(window)
    await look_for(window, typed)
    await window.press("enter")
    await window.until(lambda: window.conversation is not before, f"another conversation for {typed}")
    await window.until(lambda: window.app.screen is window.app.chat, "the page")


@asynccontextmanager
async def demo_bots() -> AsyncIterator[DemoServer]:
    """Serve bots as other machines do."""
    server = DemoServer(pace=0)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def test_between_all_kinds_no_draft_is_lost_and_no_reply_is_stopped(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        talks: dict[Kind, Conversation] = {}
        for kind in KINDS:
            await switch_to(window, f"echo local bots, {kind}" if kind != "chatgrid" else "Echo chatgrid")
            assert window.conversation.provider.kind == kind
            await window.says(f"said to {kind}")
            await window.writes(f"draft for {kind}")
            talks[kind] = window.conversation
        for kind in KINDS:
            if window.conversation is not talks[kind]:
                await switch_to(window, f"said {kind}")
            assert window.conversation is talks[kind]
            assert window.typed == f"draft for {kind}"
            assert reply_of(talks[kind]).state == "finished"


async def test_replies_continue_while_switching_between_kinds(tmp_path: Path) -> None:
    async with opened(tmp_path, pace=20) as window:
        talks = []
        for typed in ("Long writer ChatGrid", "long-writer chatiq", "long-writer openai"):
            await switch_to(window, typed)
            await window.sends("/long 4000")
            talks.append(window.conversation)
            await window.until(lambda: window.conversation.live is not None, "the reply")
            await window.until(lambda: reply_of(talks[-1]).characters > 0, "the first text")
        await switch_to(window, "echo widget")
        written = [reply_of(talk).characters for talk in talks]
        await switch(window)
        await look_for(window, "/long")
        await window.sees("Writing")
        await window.press("escape")

        def all_grew() -> bool:
            return all(reply_of(talk).characters > before for talk, before in zip(talks, written, strict=True))

        await window.until(all_grew, "more text in each")
        assert [reply_of(talk).state for talk in talks] == ["writing"] * 3


async def test_the_key_and_enter_go_back_and_forth(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("one")
        one = window.conversation
        await window.press("ctrl+n")
        await window.until(lambda: window.conversation is not one)
        await window.says("two")
        two = window.conversation
        for _ in range(2):
            await switch(window, "enter")
            await window.until(lambda: window.conversation is one, "the one before")
            await switch(window, "enter")
            await window.until(lambda: window.conversation is two, "the one before that")
        await switch(window, "enter")
        await window.until(lambda: window.conversation is one, "the one before")
    async with opened(tmp_path) as window:
        assert window.conversation.title == "one"
        await switch(window, "enter")
        await window.until(lambda: window.conversation.title == "two", "the one before, after a restart")


async def test_the_key_again_goes_on_to_the_next_row(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        for title in ("one", "two", "three"):
            await window.press("ctrl+n")
            await window.until(lambda: not window.conversation.turns)
            await window.says(title)
        await switch(window, "ctrl+k", "enter")
        await window.until(lambda: window.conversation.title == "one")


async def test_a_board_begins_a_conversation_and_its_conversations_stand_below(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("good morning")
        await switch(window, *"echo widget")
        await window.sees("good morning", "echo")
        await window.press("escape")
        await window.press("ctrl+n")
        await window.until(lambda: not window.conversation.turns)
        await window.writes("half a thought")
        await switch_to(window, "Trouble ChatGrid")
        assert window.conversation.board.name == "Trouble"
        assert (window.conversation.turns, window.typed) == ([], "half a thought")


async def test_it_opens_at_once_though_a_service_never_answers(tmp_path: Path) -> None:
    released = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()

    async with raw_server(hang) as server, demo_bots() as bots:
        config = provider(bots.base_url("openai"), name="zeta", board="echo")
        config += f'[providers.hangs]\nkind = "chatgrid"\nbase_url = "{server.url}"\n'
        config += f'[providers.grid]\nkind = "chatgrid"\nbase_url = "{bots.base_url("chatgrid")}"\n'
        async with opened(tmp_path, config=config) as window:
            window.app.chat.controller.switch()
            await window.until(lambda: isinstance(window.app.screen, SwitcherScreen), "the switcher")
            await window.press(*"hangs")
            await window.sees("no answer yet", "hangs")
            await window.press(*["backspace"] * 5, *"long wr")
            await window.sees("Long writer")
            await window.press(*["backspace"] * 7, *"hangs", "enter")
            await window.until(lambda: window.app.screen is window.app.chat, "the page")
            released.set()
            await window.until(lambda: window.conversation.provider.name == "hangs", "the provider that hangs")


async def test_arriving_boards_keep_the_query_and_the_selection(tmp_path: Path) -> None:
    async with demo_bots() as bots:
        config = provider(bots.base_url("openai"), name="zeta", board="echo-model")
        config += f'[providers.grid]\nkind = "chatgrid"\nbase_url = "{bots.base_url("chatgrid")}"\n'
        async with opened(tmp_path, config=config) as window:
            await switch(window, *"ech")
            picker = window.app.screen
            assert isinstance(picker, SwitcherScreen)
            chosen = picker.chosen
            await window.sees("echo-model", "Echo")
            assert (picker.chosen, picker.typed) == (chosen, "ech")


async def test_boards_of_an_offline_service_are_listed_and_marked(tmp_path: Path) -> None:
    async with demo_bots() as bots:
        config = f'[providers.grid]\nkind = "chatgrid"\nbase_url = "{bots.base_url("chatgrid")}"\n'
        config += provider("http://127.0.0.1:9/v1", name="zeta")
        async with opened(tmp_path, config=config) as window:
            await switch(window, *"restau")
            await window.sees("Restaurant")
            await window.press("escape")
    async with opened(tmp_path) as window:
        await switch(window, *"restau")
        await window.sees("Restaurant", "nothing answers")
        await window.press("enter")
        await window.until(lambda: window.conversation.board.name == "Restaurant")


async def test_a_conversation_of_a_provider_that_is_gone_is_marked(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1", name="old")
    async with opened(tmp_path, config=config) as window:
        await window.says("an old question")
    (tmp_path / "config.toml").write_text(provider("http://127.0.0.1:9/v1", name="other"), encoding="utf-8")
    async with opened(tmp_path) as window:
        await switch(window, *"old question")
        await window.sees("provider is not configured")
        await window.press("ctrl+n")
        assert isinstance(window.app.screen, SwitcherScreen), "nothing can be begun there"


async def test_two_providers_of_one_title_and_two_boards_of_one_name(tmp_path: Path) -> None:
    def table(name: str, port: int) -> str:
        return provider(
            f"http://127.0.0.1:{port}/v1", name=name, board="bot", more='title = "Acme"\nproduction = true'
        )

    async with opened(tmp_path, config=table("one", 9) + table("two", 10)) as window:
        await switch(window, *"acme")
        await window.sees("Acme (one)", "Acme (two)", "▲ PRODUCTION")
        await window.press(*" two", "enter")
        await window.until(lambda: window.conversation.provider.name == "two")


async def test_a_new_conversation_from_a_row(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("good morning")
        await switch_to(window, "Trouble ChatGrid")
        await switch(window, *"good morn", "ctrl+n")
        await window.until(lambda: window.conversation.board.id == "echo", "a conversation there")
        assert window.conversation.turns == []


async def test_providers_are_added_and_edited_from_it(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1", name="acme") + provider(
        "http://127.0.0.1:9/v1", name="shop", board="b"
    )
    async with opened(tmp_path, config=config) as window:
        await switch(window, *"shop", "f9")
        await window.sees("Edit a provider")
        await window.press("escape")
        await window.until(lambda: isinstance(window.app.screen, SwitcherScreen), "the switcher again")
        await window.press(*["backspace"] * 4, "end", "enter")
        await window.sees("Add a provider", "Kind")
        await window.press("escape")
        await switch(window, *"shop")
        screen = window.app.screen
        assert isinstance(screen, SwitcherScreen)
        while screen.chosen != "provider shop":
            await window.press("up")
        await window.press("delete")
        await window.sees("Remove shop?")
        await window.press("escape", "escape")


async def test_a_new_board_is_created_and_opened(tmp_path: Path) -> None:
    async with demo_bots() as bots:
        config = f'[providers.grid]\nkind = "chatgrid"\ntitle = "Acme"\nbase_url = "{bots.base_url("chatgrid")}"\n'
        async with opened(tmp_path, config=config) as window:
            await switch(window, *"new board acme", "enter")
            await window.sees("New board at Acme")
            await window.press("enter")
            await window.sees("It needs a name.")
            await window.press(*"Pilot", "enter")
            await window.until(lambda: window.conversation.board.name == "Pilot", "the new board")
            await window.until(lambda: window.app.screen is window.app.chat, "the page")
            await switch(window, *"pilot")
            await window.sees("Pilot")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            b"403 Forbidden\r\n\r\n" + b'{"status": 403, "code": "forbidden", "message": "Missing scope"}',
            "does not allow this",
        ),
        (b"429 Too Many\r\nRetry-After: 20\r\n\r\n" + b"{}", "It asks to wait 20 seconds."),
    ],
)
async def test_a_failed_new_board_keeps_its_name(tmp_path: Path, answer: bytes, words: str) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + answer.replace(b"\r\n\r\n", b"\r\nContent-Type: application/json\r\n\r\n"))
        await writer.drain()

    async with raw_server(refuse) as server:
        config = f'[providers.grid]\nkind = "chatgrid"\ntitle = "Acme"\nboards = ["b"]\nbase_url = "{server.url}"\n'
        async with opened(tmp_path, config=config) as window:
            await switch(window, *"new board", "enter")
            await window.until(lambda: isinstance(window.app.screen, NameScreen), "the question")
            await window.press(*"Pilot", "enter")
            await window.sees(words, "Pilot", "New board at Acme")
            await window.press("escape")
            assert window.app.screen is window.app.chat


async def test_local_bots_come_after_configured_providers(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await switch(window)
        await window.sees("support-bot", "Providers", "+ Add a provider")
        lines = [line.strip() for line in window.lines]
        titles = [line.split(" ─")[0] for line in lines if " ──" in line and line[:1].isupper()]
        assert titles.index("Boards") < titles.index("Providers")


async def test_keys_that_do_nothing_at_a_row_say_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        for row, key, words in (
            ("add", "f9", "No provider is configured for this row."),
            ("add", "f5", "A new conversation needs a board"),
            ("", "delete", "Only providers can be removed here."),
            ("local bots", "f9", "The demo bots are built in"),
        ):
            await switch(window)
            await look_for(window, row)
            await window.press(key)
            await window.sees(words)
            assert isinstance(window.app.screen, SwitcherScreen)
            await window.press("escape", "escape")
            await window.until(lambda: window.app.screen is window.app.chat, "the page")


async def test_its_keys_can_be_changed(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1") + '[keys]\n"switcher.edit" = "f12"\n"app.switch" = "f7"\n'
    async with opened(tmp_path, config=config) as window:
        await window.press("f7")
        await window.sees("Go to", "F12 Edit")
        await window.press("f7", "f12")
        await window.sees("Edit a provider")
        await window.press("escape", "escape")


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_the_way_out_is_shown_at_any_width(tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "ZELLIJ", "TERM_PROGRAM", "TERMINAL_EMULATOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    async with opened(tmp_path, size=(width, 24)) as window:
        await switch(window)
        await window.sees("Esc Close   Enter Go")
        if width >= 60:
            await window.sees("Ctrl+N New there   F9 Edit")
