"""What can go wrong before a reply: shown with an explanation and actions, and nothing typed is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.forms import Form, form_is_open
from app.scripted import provider
from app.window import hurried, opened
from chatgrid_tui.config.api_keys import save_key
from chatgrid_tui.config.stored_keys import StoredKey
from chatgrid_tui.demo.catalogue import BOTS, TROUBLE, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_KEY, DemoKeys
from chatgrid_tui.ui.providers.form import ProviderForm
from engine.raw import SSE_HEAD, raw_server, writes
from fakes import DONE, StartDemo, delta
from planted import BODY, PLANTED


def trouble(server: DemoServer, kind: Kind = "chatgrid", more: str = "") -> str:
    """The configuration of the misbehaving bot, as a user would write it."""
    board = TROUBLE.board_id if kind == "chatgrid" else TROUBLE.slug
    return provider(server.base_url(kind), kind, board=board, more=more)


@pytest.mark.parametrize(
    ("kind", "command", "sentences", "buttons"),
    [
        (
            "chatgrid",
            "/401",
            ["The service requires a key (401", "Your message is kept."],
            ["Try again", "Edit provider", "Details"],
        ),
        (
            "chatiq",
            "/401",
            ["The service requires a key (INVALID_API_KEY).", "Your message is kept."],
            ["Try again", "Edit provider", "Details"],
        ),
        ("openai", "/500", ["The service failed (500", "Your message is kept."], ["Try again", "Details"]),
        ("chatiq", "/500", ["The service failed", "Your message may be stored twice"], ["Try again", "Details"]),
        ("chatgrid", "/html", ["a web page, not with a reply (200, text/html).", "Check the address"], ["Try again"]),
        (
            "chatgrid",
            "/redirect",
            ["The service moved to", "not followed, since the key would go along."],
            ["Try again"],
        ),
        ("widget", "/error", ["The service stopped with an error", "Your message is stored twice"], ["Try again"]),
        (
            "chatiq",
            "/drop",
            [
                "The connection was lost after 185 characters.",
                "Not asked what was stored: the service had not named the conversation yet.",
            ],
            ["Regenerate", "Copy"],
        ),
        (
            "chatiq",
            "/noend",
            ["ended without its end mark. This may not be the whole reply."],
            ["Regenerate", "Copy"],
        ),
        ("chatiq", "/empty", ["The reply is empty. A person may have taken over."], []),
        (
            "openai",
            "/badjson",
            ["After it, all is well again.", "1 piece of the reply could not be read."],
            ["Details"],
        ),
    ],
)
async def test_each_failure_has_a_text_and_buttons(
    tmp_path: Path, demo: DemoServer, kind: Kind, command: str, sentences: list[str], buttons: list[str]
) -> None:
    async with opened(tmp_path, config=trouble(demo, kind)) as window:
        await window.says(command)
        await window.sees(command, *sentences, *buttons)
        assert "Traceback" not in window.text
        if "Try again" not in buttons:
            assert "Try again" not in window.text


async def test_a_missing_key_is_reported_with_the_places_searched(tmp_path: Path, start_demo: StartDemo) -> None:
    demo = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    async with opened(tmp_path, config=trouble(demo, more='api_key_env = "ACME_KEY"')) as window:
        await window.says("Hello")
        await window.sees("The service requires a key", "No key is set for acme. It is looked for in ACME_KEY.")


async def test_a_refused_key_is_named_by_source_and_end_but_not_shown(
    tmp_path: Path, start_demo: StartDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", PLANTED)
    demo = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    async with opened(tmp_path, config=trouble(demo, more='api_key_env = "ACME_KEY"')) as window:
        await window.says("Hello")
        await window.sees("The service refused the key", "The key …9f3a comes from ACME_KEY.")
        await window.clicks("Details")
        await window.sees("Status           401")
        assert BODY not in window.text
        await window.press("escape")
        monkeypatch.setenv("ACME_KEY", CHATGRID_KEY)
        await window.says("/echo now with the right one")
        await window.sees("now with the right one")


async def test_a_wrong_key_can_be_fixed_from_its_error_card(tmp_path: Path, start_demo: StartDemo) -> None:
    demo = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    config = f'[providers.acme]\nkind = "chatgrid"\nbase_url = "{demo.base_url("chatgrid")}"\n'
    save_key("acme", StoredKey(PLANTED), tmp_path / "keys.toml")
    async with opened(tmp_path, config=config) as window:
        await window.says("/echo Hello")
        await window.sees("The service refused the key (401", "Try again", "Edit provider", "Details")
        await window.clicks("Edit provider")
        await window.until(lambda: form_is_open(window), "the form")
        screen = window.app.screen
        assert isinstance(screen, ProviderForm)
        form = Form(window, screen)
        key_field = screen.rows["key"].field
        await window.until(lambda: window.app.focused is key_field, "the key field, with the focus")
        await form.types("key", CHATGRID_KEY)
        await form.saves()
        await window.clicks("Try again")
        await window.settled()
        await window.until(lambda: window.conversation.board.name == BOTS[0].name, "a board that there is")
        await window.sees(f"Message {BOTS[0].name}", "Finished")
        await window.begins_new()
        await window.says("/echo once more")
        await window.settled()
        assert window.conversation.board.id == BOTS[0].board_id


async def test_a_server_that_is_down(tmp_path: Path) -> None:
    async with raw_server(writes(b"")) as server:
        port = server.port
    async with opened(tmp_path, config=provider(f"http://127.0.0.1:{port}/v1")) as window:
        await window.says("Hello")
        await window.sees(f"Nothing answers at 127.0.0.1:{port}. Your message is kept.", "Hello", "Try again")


async def test_trying_again_sends_the_same_message_for_another_reply(tmp_path: Path) -> None:
    answers = [b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", SSE_HEAD + b"\r\n" + delta("It works now.") + DONE]

    async def answer(reader: object, writer: object) -> None:
        writer.write(answers.pop(0))  # type: ignore[attr-defined]

    async with raw_server(answer) as server, opened(tmp_path, config=provider(f"{server.url}/v1")) as window:
        await window.says("Hello")
        await window.clicks("Try again")
        await window.sees("It works now.")
        await window.settled()
        assert len(window.conversation.turns) == 1
        assert len(server.heard) == 2


async def test_a_limit_counts_down_and_can_be_cancelled_or_skipped(tmp_path: Path, demo: DemoServer) -> None:
    def seconds_left(words: str) -> int:
        found = re.search(r"Next try in (\d+) s", words)
        return int(found[1]) if found is not None else 60

    async with opened(tmp_path, config=trouble(demo), clock=hurried()) as window:
        await window.says("/429 60")
        await window.sees(
            "The service is limiting requests (429).",
            "It says: “Rate limit exceeded”. It asks to wait 60 seconds.",
            "it was not accepted, so trying again cannot store it twice.",
            "Try now",
            "Leave it",
        )
        await window.until(lambda: window.state.startswith("Next try in"))
        await window.until(lambda: seconds_left(window.state) == seconds_left(window.words) <= 58)
        await window.clicks("Leave it")
        await window.sees_no("Next try in")
        await window.sees("Try again")
        await window.clicks("Try again")
        await window.settled()
        await window.sees("limiting requests (429)")


async def test_after_the_wait_the_message_is_resent_and_the_failed_try_stays(
    tmp_path: Path, demo: DemoServer
) -> None:
    async with opened(tmp_path, config=trouble(demo)) as window:
        await window.says("/429 1")
        await window.sees("The wait of 1 s is over, and the message was accepted.")
        assert len(window.conversation.turns) == 1
        await window.sees("! refused once", "first token")
    async with opened(tmp_path, config=trouble(demo)) as window:
        await window.sees("The wait of 1 s is over, and the message was accepted.", "first token")
        await window.clicks("refused once")
        await window.sees("Details of reply 1 of 2", "an HTTP error", "Retry after      1 s")


async def test_an_error_and_its_details_are_copied(
    tmp_path: Path, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clipboard: list[str] = []
    monkeypatch.setattr("pyperclip.copy", clipboard.append)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.delenv("SSH_TTY", raising=False)
    async with opened(tmp_path, config=trouble(demo)) as window:
        await window.says("/500")
        await window.sees("The service failed (500")
        await window.press("tab", "ctrl+c")  # on the buttons of the error
        await window.sees("Copied the error.")
        lines = clipboard[-1].splitlines()
        assert lines[0].startswith("The service failed (500")
        address = f"  Address          {demo.base_url('chatgrid')}"
        assert {"  Status           500", f"  Board            {TROUBLE.board_id}", address} <= set(lines)
        await window.clicks("Details")
        await window.sees("First byte", "an HTTP error", "Ctrl+C Copy all")
        await window.press("ctrl+c")
        await window.sees("Copied all of it.")
        assert "x-ratelimit-remaining" in clipboard[-1]
        x, y = window.find("Times")
        await window.pilot.mouse_down(offset=(x, y))
        await window.pilot.hover(offset=(x + 5, y))
        await window.pilot.mouse_up(offset=(x + 5, y))
        await window.sees("Copy selection")
        await window.press("ctrl+c")
        await window.until(lambda: clipboard[-1] in ("Times", "Time"), "the selected word")
        await window.press("escape", "tab", "up", "ctrl+y")
        await window.sees("There is no code block in view.")


async def test_an_empty_message_says_so_and_sends_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.press("enter")
        await window.sees("The message is empty. Nothing was sent.")
        await window.press("space", "space", "enter")
        await window.sees("There is nothing to send: the message has only spaces.")
        assert window.conversation.turns == []
        assert window.typed == "  "


async def test_a_message_over_the_limit_is_counted_as_the_service_counts_and_stays(
    tmp_path: Path, demo: DemoServer
) -> None:
    config = provider(demo.base_url("chatgrid"), "chatgrid", board=TROUBLE.board_id)
    async with opened(tmp_path, config=config) as window:
        longest = window.app.chat.controller.longest
        assert longest is not None
        message = "😀" * (longest // 2 + 1)  # two units each
        await window.writes(message)
        await window.press("enter")
        await window.sees(f"{longest + 2:,} of {longest:,} characters", "Nothing was sent.")
        assert not window.session.alerts.messages, "an alert would still be there when a shorter one was sent"
        await window.press("escape")
        await window.until(lambda: window.typed == message)
        assert [turn for turn in window.conversation.turns if turn.reply is not None] == []
