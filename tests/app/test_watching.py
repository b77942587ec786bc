"""Other clients watched in the app: what is shown of their exchanges with a service."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import quiet
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.cli.watch import WatchOptions
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording_format import read_recordings
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing
from engine.raw import SSE_HEAD, Handler, raw_server, writes
from fakes import DONE, delta
from planted import BODY, PLANTED, leaks
from watch.watching import ask, get, post

BODIES: dict[Kind, bytes] = {
    "chatgrid": b'data: {"event":"message.complete","content":"Green"}\n\n',
    "chatiq": delta("Green") + DONE,
    "widget": b'{"type":"token","token":"Gr"}\n{"type":"done","message":"Green"}\n',
    "openai": delta("Green") + DONE,
}
NOTHING_SENT = "Another client is watched: nothing is sent from here."
CHAT = "/v1/chat/completions"
HELLO = b'{"model": "tutor", "messages": [{"role": "user", "content": "Hello"}]}'


def says(body: bytes) -> Handler:
    """Return a handler that answers with a stream."""
    return writes(SSE_HEAD + b"Content-Length: %d\r\n\r\n" % len(body), body)


def address(window: Window) -> str:
    """Return the address for clients that the app shows."""
    return window.app.chat.composer.read_only_reason.removeprefix("Point the client at ")


def wanted(url: str, record: str = "") -> OpeningOptions:
    return OpeningOptions(watch=WatchOptions(url, record=record))


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_with_its_wire(kind: Kind, tmp_path: Path) -> None:
    request = DIALECTS[kind].message(Outgoing(Provider("p", kind, "http://h"), "tutor", "Hello", "c"))
    body = json.dumps(request.body).encode()
    async with raw_server(says(BODIES[kind])) as server, opened(tmp_path, wanted=wanted(server.url)) as window:
        await window.sees("No request has arrived yet", "No client yet")
        await ask(address(window), post(request.url.removeprefix("http://h"), body))
        await window.sees("Hello", "Green", "Wire reply of", "post", "200", "closed", "TTFB", "Finished")
        assert window.conversation.provider.kind == kind
        folder = window.session._history.folder
    assert not folder.exists()
    assert not (tmp_path / "data").exists()


async def test_a_reply_grows_while_it_comes(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(SSE_HEAD + b"\r\n" + delta("First half"))
        await go_on.wait()
        writer.write(delta(", second half") + DONE)

    async with raw_server(handler) as server, opened(tmp_path, wanted=wanted(server.url)) as window:
        asking = asyncio.create_task(ask(address(window), post(CHAT, HELLO)))
        await window.sees("First half", "+10 characters")
        assert "second half" not in window.text
        await window.press("escape")  # it is not stopped from here
        go_on.set()
        await window.sees("First half, second half", "Finished")
        await asking


async def test_a_client_that_leaves_and_requests_that_are_no_messages(tmp_path: Path) -> None:
    left = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.heard[-1].startswith(b"GET"):
            writer.write(b"HTTP/1.1 404 Not\r\nContent-Length: 2\r\n\r\nno")
            return
        writer.write(SSE_HEAD + b"\r\n" + delta("Half"))
        await reader.read()
        left.set()

    async with raw_server(handler) as server, opened(tmp_path, wanted=wanted(server.url)) as window:
        await ask(address(window), get("/v1/models?key=" + PLANTED))
        await window.sees("GET /v1/models", "404, 2 B in", "get", "/v1/models?key=[key ...")
        asking = asyncio.create_task(ask(address(window), post(CHAT, HELLO)))
        await window.sees("Half")
        asking.cancel()
        await window.sees("The client closed the connection.")
        await left.wait()


async def test_repeated_requests_share_a_line(tmp_path: Path) -> None:
    async with raw_server(says(BODIES["openai"])) as server, opened(tmp_path, wanted=wanted(server.url)) as window:
        await ask(address(window), post(CHAT, HELLO))
        await window.sees("Green", "end mark")
        for _ in range(3):
            await ask(address(window), get("/v1/messages"))
            await ask(address(window), get("/v1/health"))
        await window.sees("GET /v1/messages", "GET /v1/health", "3 times.", "end mark", "post")
        assert len(window.conversation.turns) == 3


async def test_a_page_that_is_refused_names_the_option(tmp_path: Path) -> None:
    async with raw_server(says(b"")) as server, opened(tmp_path, wanted=wanted(server.url)) as window:
        await ask(address(window), post(CHAT, HELLO, "Origin: https://shop.example"))
        await window.sees("A client was refused: got 403: --allow-origin")


async def test_no_key_is_shown_or_kept(tmp_path: Path) -> None:
    halves = delta(PLANTED[:14]) + delta(PLANTED[14:])
    body = delta(f"You sent {PLANTED} and ") + halves + DONE
    file = tmp_path / "all.jsonl"
    async with raw_server(says(body)) as server:
        options = wanted(server.url, str(file))
        async with opened(tmp_path, wanted=options) as window:
            message = HELLO.replace(b"Hello", f"My key is {PLANTED}".encode())
            await ask(address(window), post(CHAT, message, f"Authorization: Bearer {PLANTED}"))
            await window.sees("You sent [key ...9f3a] and [key ...9f3a]", "My key is [key ...9f3a]", "Finished")
            await window.press("up")
            for view in range(4):
                assert BODY not in window.text, view
                await window.press("right")
            assert leaks([window.session._history.folder]) == []
    assert leaks([tmp_path]) == []
    assert [recording.status for recording in read_recordings(file.read_bytes())] == [200]


async def test_nothing_is_sent_from_here(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(100, 40), wanted=wanted("http://127.0.0.1:1")) as window:
        await window.press("h", "enter")
        await window.sees(NOTHING_SENT)
        refusals = window.app.chat.refusals()
        assert {refusals[action] for action in ("chat.new", "app.switch", "provider.add", "chat.quote")} == {
            NOTHING_SENT
        }
        await ask(address(window), post(CHAT, HELLO))
        await window.sees("Hello", "Nothing answers at 127.0.0.1:1")
        assert "Try again" not in window.text
        await ask(address(window), get("/v1/models"))
        await window.sees("GET /v1/models", "Nothing answers at 127.0.0.1:1")


async def test_what_cannot_be_watched_ends_the_app(tmp_path: Path) -> None:
    app = make_app(Paths.usual(tmp_path / "c.toml", tmp_path / "data"), wanted("http://api.example"))
    async with app.run_test():
        await quiet.until(lambda: app.refusal is not None)
    assert "--allow-http" in str(app.refusal)
    assert app.return_code == 2
