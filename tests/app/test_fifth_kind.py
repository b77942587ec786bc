"""A fifth kind of service, defined only in this file, is configured, tested, used and read like the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from app.forms import form_of, written
from app.window import Window, opened
from chatgrid_tui.config.settings import load
from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.dialect import Dialect, Nouns, items, shown
from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.mapper import EventMapper
from chatgrid_tui.dialects.options import Option
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest, PastedSettings, text_field
from chatgrid_tui.dialects.registry import registered
from chatgrid_tui.model.events import Event
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Board, Page, Provider
from chatgrid_tui.model.request import Outgoing, Request
from cli.running import run
from engine.raw import raw_server

KEY: Final = "a-key-of-the-theatre-0123"
MOOD: Final = Option("mood", "Mood", "choice", choices=("calm", "loud"), choice_labels=("Calm", "Loud"))
PACE: Final = Option(
    "pace", "Pace", "number", default=None, advanced=True, least=1.0, whole=True, help="Words a line."
)
NOTES: Final = Option("notes", "Notes", "lines", advanced=True)


class LinesMapper(EventMapper):
    """Reads `{"say": "…"}`, up to `{"over": true}`."""

    def recognises(self, name: str, fields: Fields) -> bool:
        return fields.has("say", "over")

    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        self.ended = fields.object.get("over") is True
        return self.texts.delta(0, fields.text("say") or "")

    def reply(self, fields: Fields) -> Iterable[Event] | None:
        return self.texts.whole(0, fields.text("say") or "") if fields.has("say") else None


def base_url(address: str) -> str:
    return with_scheme(address).removesuffix("/say")


def message(outgoing: Outgoing) -> Request:
    provider = outgoing.provider
    body: dict[str, Json] = {"stage": outgoing.board, "line": outgoing.text, "stream": outgoing.stream}
    body["mood"] = provider.text_option("mood") or MOOD.choices[0]
    return Request("POST", f"{base_url(provider.base_url)}/say", body)


def stages(provider: Provider, cursor: str | None) -> Request:
    return Request("GET", f"{base_url(provider.base_url)}/stages")


def read_stages(payload: Json) -> Page[Board]:
    return Page(tuple(Board(shown(item, "id"), shown(item, "name")) for item in items(payload, "stages")))


def recognise(request: PastedRequest) -> Match:
    return Match.CERTAIN if "stage" in request.body else Match.NONE


def read_pasted(request: PastedRequest) -> PastedSettings:
    mood = text_field(request.body, "mood")
    return PastedSettings(text_field(request.body, "stage"), {"mood": mood}, ("the mood",) if mood else ())


DIALECT: Final = Dialect(
    kind="theatre",
    name="Theatre",
    wire="ndjson",
    base_url=base_url,
    message=message,
    mapper=LinesMapper,
    resend="safe",
    nouns=Nouns("stage", "stages"),
    boards=stages,
    read_boards=read_stages,
    is_answer=lambda payload: isinstance(payload, Mapping) and "stages" in payload,
    options=(MOOD, PACE, NOTES),
    recognise=recognise,
    read_pasted=read_pasted,
)


@pytest.fixture(autouse=True)
def fifth_kind() -> Iterator[None]:
    with registered(DIALECT):
        yield


class Theatre:
    """A service of the fifth kind. It repeats each word of a message on its own line, and pauses before the last word
    until the test continues it.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[JsonObject] = []
        self.heard: list[bytes] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _, body = self.heard[-1].partition(b"\r\n\r\n")
        if f"authorization: bearer {KEY}".encode() not in head.lower():
            writer.write(b'HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\r\n{"error": "key"}')
            return
        if head.startswith(b"GET /stages "):
            listing = json.dumps({"stages": [{"id": "main", "name": "Main stage"}]}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + listing)
            return
        asked = json.loads(body)
        self.asked.append(asked)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n")
        *words, last = str(asked["line"]).split()
        for word in words:
            writer.write(json.dumps({"say": f"{word} "}).encode() + b"\n")
        await writer.drain()
        await self.may_end.wait()
        writer.write(json.dumps({"say": last}).encode() + b'\n{"over": true}\n')


@asynccontextmanager
async def theatre() -> AsyncIterator[Theatre]:
    service = Theatre()
    async with raw_server(service.serve) as server:
        service.url, service.heard = server.url, server.heard
        yield service


def said(window: Window) -> str:
    """Return the text of the reply."""
    reply = window.conversation.turns[0].reply
    return "".join(bubble.text for bubble in reply.bubbles) if reply is not None else ""


CONFIG: Final = """\
default_provider = "globe"

[providers.globe]
kind = "theatre"
base_url = "{url}"
title = "The Globe"
api_key_env = "GLOBE_KEY"
mood = "loud"
pace = 3
"""


async def test_it_can_be_added_tested_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOBE_KEY", KEY)
    async with theatre() as service, opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "theatre")
        await window.sees("Stages", "Mood", "Calm")
        await form.types("title", "The Globe")
        await form.types("base_url", f"{service.url}/say")
        await form.types("variable", "GLOBE_KEY")
        await form.chooses("mood", "loud")
        await window.clicks("More settings")
        await window.sees("Pace")
        await form.types("pace", "none")
        await form.types("name", "globe")
        await window.sees("This must be a number.")
        await form.types("pace", "3")
        await form.tests()
        await window.sees("answers.", "The key …0123 from GLOBE_KEY is accepted.", "1 stage: Main stage")
        await form.saves()
        assert written(tmp_path) == CONFIG.format(url=service.url)
        await window.until(lambda: window.conversation.board.id == "main", "the stage")
        service.may_end.clear()
        await window.sends("To be or not")
        await window.until(lambda: said(window) == "To be or ", "the words that came before the last")
        service.may_end.set()
        await window.settled()
        assert said(window) == "To be or not"
        assert service.asked == [{"stage": "main", "line": "To be or not", "stream": True, "mood": "loud"}]


async def test_it_works_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOBE_KEY", KEY)
    async with theatre() as service:
        file = tmp_path / "config.toml"
        file.write_text(CONFIG.format(url=service.url))
        provider = load(file).providers["globe"]
        assert (provider.text_option("mood"), provider.option("pace"), provider.extra) == ("loud", 3, ())
        sent = await run("--config", str(file), "send", "--board", "main", "All the world")
        assert (sent.code, sent.out, sent.err) == (0, "All the world\n", "")
        looked = await run("--config", str(file), "doctor")
        assert "mood loud, pace 3" in looked.out
        assert "1 stage: Main stage" in looked.out
        lines = b'{"say": "Alas, "}\n{"say": "poor Yorick"}\n{"over": true}\n'
        decoded = await run("decode", "--kind", "theatre", "-", stdin=lines)
        assert (decoded.code, decoded.out) == (0, "Alas, poor Yorick\n")


async def test_it_is_recognised_in_a_pasted_command_and_edited(tmp_path: Path) -> None:
    config = CONFIG.format(url="http://127.0.0.1:9")
    async with opened(tmp_path, config=config) as window:
        form = await form_of(window, "globe")
        assert form.screen.filled.options["pace"] == "3"
        await form.chooses("kind", "openai")
        await form.pastes("""curl http://127.0.0.1:9/say -d '{"stage":"attic","mood":"calm","line":"Hi"}'""")
        await window.sees("The address, the stage attic, the mood.")
        await form.saves()
        assert written(tmp_path) == config.replace('mood = "loud"\n', "") + 'boards = ["attic"]\n'
