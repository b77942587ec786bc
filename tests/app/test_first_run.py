"""The first minutes: bots without any configuration, and one message to each kind of service."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.forms import form_is_open, written
from app.scripted import provider
from app.window import opened
from chatgrid_tui.cli.app import OpeningOptions
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.dialects.registry import DIALECTS, registered
from chatgrid_tui.markdown import parser
from chatgrid_tui.session.providers import discovery
from chatgrid_tui.session.providers.clients import Clients

BOTS = ("Restaurant", "Showcase", "Long writer", "Echo", "Trouble")


async def test_the_five_bots_are_offered_and_typing_can_begin(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        for size in ((120, 40), (80, 24), (40, 15)):
            await window.resizes(*size)
            await window.sees("Welcome") if size[1] >= 16 else None
            await window.sees(*BOTS) if size[1] >= 24 else None
            assert window.app.focused is window.app.chat.composer.field
        await window.press("h", "i")
        assert window.typed == "hi"


@pytest.mark.parametrize(
    ("number", "kind", "message", "reply"),
    [
        (1, "chatiq", "Hello", "Welcome to The Terrace"),
        (2, "chatgrid", "Show me", "The end"),
        (3, "openai", "/long 12 0", "1. "),
        (4, "widget", "Is there an echo?", "Is there an echo?"),
        (5, "chatiq", "/noend", "That was all, but the stream does not say so."),
    ],
)
async def test_each_kind_of_service_answers(tmp_path: Path, number: int, kind: str, message: str, reply: str) -> None:
    async with opened(tmp_path) as window:
        if number > 1:
            await window.meets(number)
        assert window.conversation.provider.kind == kind
        await window.sees(f"Message {window.conversation.board.name}")
        await window.says(message)
        await window.sees(reply)
        answer = window.conversation.turns[-1].reply
        assert answer is not None
        assert answer.state == ("truncated" if message == "/noend" else "finished")
        assert answer.bubbles


async def test_the_parser_is_loaded_in_a_thread_before_there_is_anything_to_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(parser, "load", lambda: threads.append(threading.current_thread()))
    async with opened(tmp_path) as window:
        assert not threads
        await window.says("Hello")
        assert len(threads) == 1, "with the first letter"
    async with opened(tmp_path):
        assert len(threads) == 2, "for the conversation that was open last"
    assert threading.main_thread() not in threads


async def test_the_garbage_collector_starts_after_loading_and_skips_what_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.isenabled()))
    gc.disable()
    try:
        async with opened(tmp_path) as window:
            await window.until(gc.isenabled, "the collector")
        assert frozen == [False]
    finally:
        gc.enable()


async def test_sending_is_loaded_with_the_first_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Clients] = []

    async def load(clients: Clients) -> None:
        loads.append(clients)

    async with opened(tmp_path) as window:
        monkeypatch.setattr(Clients, "warm_up", load)
        await window.pilot.press("h", "i")
        await window.until(lambda: window.typed == "hi", "the text")
        assert loads == [window.session.clients]


async def test_a_bot_is_chosen_with_the_mouse(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.clicks("Echo")
        await window.sees("Message Echo")
        await window.says("by mouse")
        assert window.conversation.turns[0].reply is not None
        assert window.conversation.turns[0].reply.bubbles[0].text == "by mouse"


async def test_text_typed_before_choosing_a_bot_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.writes("half a sentence")
        await window.meets(4)
        assert window.typed == "half a sentence"


async def test_a_digit_typed_into_a_message_chooses_no_bot(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.press("4")
        assert window.typed == "4"
        assert window.conversation.board.name == "Restaurant"


async def test_the_command_line_names_the_board(tmp_path: Path) -> None:
    async with opened(tmp_path, wanted=OpeningOptions(provider="demo-chatiq", board="echo", demo=True)) as window:
        await window.says("straight to it")
        await window.sees("straight to it")
        assert window.conversation.provider.kind == "chatiq"


async def test_adding_a_provider_is_offered(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.press("tab", "6")
        await window.until(lambda: form_is_open(window), "the form")
        await window.press("escape")
        await window.clicks("Add a provider")
        await window.until(lambda: form_is_open(window), "the form")


async def test_a_local_model_server_is_added_with_one_key(
    tmp_path: Path, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, *others = DIALECTS["openai"].presets
    ollama = replace(first, base_url=demo.base_url("openai"))
    nobody = replace(second, base_url="http://127.0.0.1:1/v1")
    page = replace(third, base_url=demo.base_url("chatgrid"))
    monkeypatch.setattr(discovery, "local_presets", lambda: [("openai", one) for one in (nobody, page, ollama)])
    dialect = replace(DIALECTS["openai"], presets=(ollama, second, third, *others))
    with registered(dialect):
        async with opened(tmp_path) as window:
            await window.sees("Add Ollama, 5 models at localhost:11434")
            await window.press("tab", "8")
            await window.until(lambda: window.conversation.provider.name == "ollama", "the new provider")
            assert window.conversation.board.id == "showcase"
            await window.sees("Ollama is saved.")
            assert written(tmp_path) == (
                'default_provider = "ollama"\n\n[providers.ollama]\nkind = "openai"\n'
                f'base_url = "{demo.base_url("openai")}"\ntitle = "Ollama"\n'
            )


@pytest.mark.parametrize("config", ["probe_local = false\n", provider("http://127.0.0.1:1/v1")])
async def test_local_servers_are_searched_for_only_if_configured(
    tmp_path: Path, config: str, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    async def find(*arguments: object) -> tuple[()]:
        asked.append(arguments)
        return ()

    monkeypatch.setattr(discovery, "find_local_servers", find)
    async with opened(tmp_path, config=config, wanted=OpeningOptions(demo=True)) as window:
        await window.says("Hello")
        assert asked == []
