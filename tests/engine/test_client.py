"""What a provider lists, creates, renames and deletes, with the embedded bots and with faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.catalogue import BOTS, ECHO, KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_KEY, CHATGRID_READ_ONLY_KEY, DemoKeys
from chatgrid_tui.engine import client as client_module
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT, Answer, Credential, Transport
from chatgrid_tui.errors import ConnectionProblem, KeyProblem, ServiceProblem, UsageProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Board, Page, Provider
from chatgrid_tui.model.request import Outgoing, Request
from engine.raw import events_of, failure_of, text_of
from fakes import FakeAnswer, FakeTransport, StartDemo, broken, listing, says

BOARD = ECHO.board_id


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.close()


def service_of(
    server: DemoServer, transport: Transport, kind: Kind = "chatgrid", key: str = "", **options: tuple[str, ...]
) -> Client:
    return service_at(server.base_url(kind), transport, kind, key, **options)


def service_at(
    url: str, transport: Transport, kind: Kind = "chatgrid", key: str = "", **options: tuple[str, ...]
) -> Client:
    async def find_key() -> Secret | None:
        return Secret(key) if key else None

    return Client(Provider("acme", kind, url, boards=options.get("boards", ())), transport, find_key)


async def add_board(server: DemoServer, transport: Transport, name: str) -> None:
    request = Request("POST", f"{server.base_url('chatgrid')}/boards", {"name": name})
    async with transport.open(request) as answer:
        assert answer.status == 201


async def test_the_boards_of_all_kinds(demo: DemoServer, transport: HttpTransport) -> None:
    slugs = [bot.slug for bot in BOTS]
    boards = await service_of(demo, transport).all_boards()
    assert boards == [Board(bot.board_id, bot.name) for bot in BOTS]
    assert [board.id for board in await service_of(demo, transport, "chatiq").all_boards()] == slugs
    assert [board.id for board in await service_of(demo, transport, "openai").all_boards()] == slugs
    (site,) = await service_of(demo, transport, "widget").all_boards()
    assert site == Board(f"127.0.0.1:{demo.port}", "acme")
    configured = await service_of(demo, transport, "widget", boards=("shop", "help")).all_boards()
    assert configured == [Board("shop", "shop"), Board("help", "help")]


async def test_boards_on_several_pages(demo: DemoServer, transport: HttpTransport) -> None:
    for number in range(110):
        await add_board(demo, transport, f"Board {number}")
    client = service_of(demo, transport)
    assert len((await client.boards()).items) == 100
    names = [board.name for board in await client.all_boards()]
    assert names == [f"Board {number}" for number in reversed(range(110))] + [bot.name for bot in BOTS]


async def test_a_chat_is_made_read_renamed_and_deleted(demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport)
    chat = await client.create_chat(BOARD, "Refund " + "x" * 300)
    assert chat.title == ("Refund " + "x" * 300)[:255]
    assert (await client.rename_chat(BOARD, chat.id, "Refunds")).title == "Refunds"
    assert (await client.chat(BOARD, chat.id)).title == "Refunds"
    assert [listed.id for listed in (await client.chats(BOARD)).items] == [chat.id]
    await client.delete_chat(BOARD, chat.id)
    assert not (await client.chats(BOARD)).items
    with pytest.raises(ServiceProblem) as raised:
        await client.chat(BOARD, chat.id)
    assert raised.value.failure == Failure("http", "said", "not_found", "Chat not found", 404)


async def test_chats_on_several_pages_come_newest_first(demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport)
    made = [(await client.create_chat(BOARD, f"Chat {number}")).id for number in range(230)]
    assert [chat.id for chat in await every(lambda cursor: client.chats(BOARD, cursor))] == made[::-1]


async def test_messages_on_several_pages_come_newest_first(demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport)
    chat = (await client.create_chat(BOARD)).id
    for number in range(115):
        outgoing = Outgoing(client.provider, BOARD, f"Message {number}", chat, stream=False)
        assert failure_of(await events_of(await client.send(outgoing))) is None
    messages = await every(lambda cursor: client.messages(BOARD, chat, cursor))
    assert len(messages) == 230
    assert [message.content for message in messages if message.role == "user"] == [
        f"Message {number}" for number in reversed(range(115))
    ]
    assert messages[0].model == "demo/echo"


Item = TypeVar("Item")


async def every(page_after: Callable[[str | None], Awaitable[Page[Item]]]) -> list[Item]:
    """Return the items of all pages."""
    page = await page_after(None)
    items = list(page.items)
    while page.cursor is not None:
        page = await page_after(page.cursor)
        items += page.items
    return items


class Meddling:
    """A transport that does something else before one of its requests."""

    def __init__(self, inner: Transport, before: Callable[[Request], bool], meddle: Callable[[], object]) -> None:
        self._inner = inner
        self._before = before
        self._meddle = meddle
        self.asked: list[str] = []

    @asynccontextmanager
    async def open(
        self, request: Request, key: Credential | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> AsyncIterator[Answer]:
        if self._before(request):
            self._before = lambda request: False
            await self._meddle()  # type: ignore[misc]
        self.asked.append(request.url)
        async with self._inner.open(request, key, answer_timeout) as answer:
            yield answer

    async def close(self) -> None:
        await self._inner.close()


async def test_an_expired_cursor_restarts_the_listing(demo: DemoServer, transport: HttpTransport) -> None:
    for number in range(150):
        demo.state.add_board(f"Board {number}", "canvas")
    newest_first = [board.id for board in await service_of(demo, transport).all_boards()]

    async def delete_the_last_of_the_first_page() -> None:
        del demo.state.boards[newest_first[99]]

    meddling = Meddling(transport, lambda request: "cursor=" in request.url, delete_the_last_of_the_first_page)
    boards = await service_of(demo, meddling).all_boards()
    assert [board.id for board in boards] == newest_first
    assert ["cursor=" in url for url in meddling.asked] == [False, True, False, True]


async def test_a_cursor_refused_at_the_very_start_is_an_error() -> None:
    refusal = listing({"code": "invalid_cursor", "message": "The cursor is malformed"}, 400)
    with pytest.raises(ServiceProblem, match="malformed"):
        await service_at("http://127.0.0.1:1", FakeTransport(refusal)).all_boards()


async def test_an_endless_listing_is_abandoned() -> None:
    page = {"data": [{"id": "b", "name": "B"}], "has_more": True, "cursor": "again"}
    transport = FakeTransport(*(listing(page) for _ in range(1000)))
    assert await service_at("http://127.0.0.1:1", transport).all_boards() == [Board("b", "B")]
    assert len(transport.sent) == 100


async def test_a_limit_reached_while_paging(start_demo: StartDemo, transport: HttpTransport) -> None:
    server = await start_demo(DemoServer(pace=0, rate_limit=1))
    for number in range(101):
        server.state.add_board(f"Board {number}", "canvas")
    with pytest.raises(ServiceProblem) as raised:
        await service_of(server, transport).all_boards()
    failure = raised.value.failure
    assert (failure.status, failure.code) == (429, "rate_limit_exceeded")
    assert failure.retry_after is not None
    assert 1 <= failure.retry_after <= 60


async def test_a_key_that_may_only_read(start_demo: StartDemo, transport: HttpTransport) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    writer = service_of(server, transport, key=CHATGRID_KEY)
    reader = service_of(server, transport, key=CHATGRID_READ_ONLY_KEY)
    chat = (await writer.create_chat(BOARD)).id
    assert [listed.id for listed in (await reader.chats(BOARD)).items] == [chat]
    forbidden = Failure("http", "said", "forbidden", "Missing required scope: write", 403)
    with pytest.raises(ServiceProblem) as raised:
        await reader.create_chat(BOARD)
    assert raised.value.failure == forbidden
    exchanged = await reader.send(Outgoing(reader.provider, BOARD, "Hello", chat))
    assert failure_of(await events_of(exchanged)) == forbidden


@pytest.mark.parametrize("kind", KINDS)
async def test_a_missing_key_is_refused(kind: Kind, start_demo: StartDemo, transport: HttpTransport) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    client = service_of(server, transport, kind)
    exchanged = await client.send(Outgoing(client.provider, "echo", "Hello", "a-session"))
    failure = failure_of(await events_of(exchanged))
    assert failure is not None
    # ChatIQ says so within its stream, as its documents have it.
    assert failure.status == 401 or (kind == "chatiq" and failure.code in ("INVALID_API_KEY", "UNAUTHORIZED"))


async def test_an_unknown_board(demo: DemoServer, transport: HttpTransport) -> None:
    with pytest.raises(ServiceProblem) as raised:
        await service_of(demo, transport).chats("5b0e1d3a-0000-0000-0000-000000000000")
    assert raised.value.failure.code == "board_not_found"


async def test_only_chatgrid_lists_chats(demo: DemoServer, transport: HttpTransport) -> None:
    with pytest.raises(UsageProblem, match="lists no chats"):
        await service_of(demo, transport, "chatiq").chats("echo")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_conversation_begins(kind: Kind, demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport, kind)
    first = await client.begin_conversation(BOARD)
    second = await client.begin_conversation(BOARD)
    if kind in ("chatgrid", "widget"):
        assert first != second
        assert len(first) >= 32
    else:
        assert first == second == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_message_gets_its_reply(kind: Kind, stream: bool, demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport, kind)
    url = demo.base_url("widget", ECHO) if kind == "widget" else demo.base_url(kind)
    client = service_at(url, transport, kind)
    board = BOARD if kind == "chatgrid" else "echo"
    conversation = await client.begin_conversation(board)
    outgoing = Outgoing(client.provider, board, "Grüße 🍛", conversation, stream=stream)
    events = await events_of(await client.send(outgoing))
    texts = [getattr(event, "text", "") for event in events]
    assert "Grüße 🍛" in (text_of(events), *texts)
    assert failure_of(events) is None


async def test_a_message_the_service_would_refuse_is_not_sent() -> None:
    transport = FakeTransport()
    client = service_at("http://127.0.0.1:1", transport, "widget")
    for text in ("", "x" * 4001, "🍛" * 2001):
        with pytest.raises(UsageProblem):
            await client.send(Outgoing(client.provider, "b", text, "s"))
    assert transport.sent == []


@pytest.mark.parametrize(
    "url", ["http://bots.example", "http://10.0.0.1", "http://localhost.bots.example", "http://127.0.0.1.nip.io"]
)
async def test_plain_http_to_another_machine_is_refused_unsent(url: str) -> None:
    transport = FakeTransport()
    client = service_at(url, transport, key="secret-key-0123456789")
    for asking in (client.all_boards(), client.send(Outgoing(client.provider, "b", "Hello", "c"))):
        with pytest.raises(ConnectionProblem) as raised:
            await asking
        assert raised.value.failure == Failure("network", "insecure", place=url.removeprefix("http://"))
    assert transport.sent == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1.2.3"])
async def test_plain_http_to_this_machine_is_allowed(host: str) -> None:
    transport = FakeTransport(says("Hi"))
    client = service_at(f"http://{host}:1", transport, "openai")
    assert text_of(await events_of(await client.send(Outgoing(client.provider, "m", "Hello")))) == "Hi"


async def test_plain_http_can_be_allowed() -> None:
    async def no_key() -> None:
        return None

    transport = FakeTransport(says("Hi"))
    client = Client(Provider("acme", "openai", "http://10.0.0.1", allow_http=True), transport, no_key)
    assert text_of(await events_of(await client.send(Outgoing(client.provider, "m", "Hello")))) == "Hi"


async def test_a_name_and_password_in_the_address_are_not_repeated() -> None:
    client = service_at("http://somebody:password@bots.example", FakeTransport())
    with pytest.raises(ConnectionProblem) as raised:
        await client.all_boards()
    assert "password" not in str(raised.value) + repr(raised.value.failure)


async def test_a_key_that_cannot_be_used_sends_nothing() -> None:
    async def broken_key() -> Secret | None:
        raise KeyProblem("The key holds a blank.")

    transport = FakeTransport()
    client = Client(Provider("acme", "openai", "http://127.0.0.1:1"), transport, broken_key)
    with pytest.raises(KeyProblem):
        await client.send(Outgoing(client.provider, "m", "Hello"))
    assert transport.sent == []


@pytest.mark.parametrize(("kind", "header"), [("chatgrid", "Authorization"), ("widget", "x-api-key")])
async def test_each_kind_has_its_header_for_the_key(kind: Kind, header: str) -> None:
    transport = FakeTransport(broken())
    client = service_at("http://127.0.0.1:1", transport, kind, key="secret-key-0123456789")
    await events_of(await client.send(Outgoing(client.provider, "b", "Hello", "c")))
    (sent,) = transport.sent
    assert sent.key is not None
    assert (sent.key.header, sent.key.secret.reveal()) == (header, "secret-key-0123456789")
    assert "secret-key" not in repr(sent.request)


async def test_the_headers_of_the_configuration_go_along() -> None:
    async def no_key() -> None:
        return None

    transport = FakeTransport(broken())
    provider = Provider("acme", "openai", "http://127.0.0.1:1", headers=(("X-Team", "bots"),))
    assert "bots" not in repr(provider), "one may hold a key"
    client = Client(provider, transport, no_key)
    await events_of(await client.send(Outgoing(provider, "m", "Hello")))
    assert ("X-Team", "bots") in transport.sent[0].request.headers
    assert "bots" not in repr(transport.sent[0].request)


NO_LISTINGS = {
    "a web page": (FakeAnswer(b"<html>Sign in", headers={"content-type": "text/html; charset=utf-8"}), "page"),
    "no JSON": (FakeAnswer(b"hello", headers={"content-type": "text/plain"}), "not a reply"),
    "half of it": (FakeAnswer(b'{"data": [', headers={"content-type": "application/json"}), "not a reply"),
    "too deep": (FakeAnswer(b"[" * 100_000, headers={"content-type": "application/json"}), "not a reply"),
    "too long": (FakeAnswer(*[b" " * 1_000_000] * 20, headers={"content-type": "application/json"}), "too long"),
}


@pytest.mark.parametrize(("answer", "cause"), NO_LISTINGS.values(), ids=NO_LISTINGS)
async def test_answers_that_are_no_listing(answer: FakeAnswer, cause: str) -> None:
    with pytest.raises(ConnectionProblem) as raised:
        await service_at("http://127.0.0.1:1", FakeTransport(answer)).all_boards()
    assert (raised.value.failure.kind, raised.value.failure.cause) == ("protocol", cause)


@pytest.mark.parametrize("payload", [None, [], {}, {"data": None}, {"data": [None, 7, {}, {"id": 9}]}, "x", 7])
async def test_a_listing_of_nothing_usable_is_empty(payload: object) -> None:
    assert await service_at("http://127.0.0.1:1", FakeTransport(listing(payload))).all_boards() == []


async def test_ids_with_half_a_character_can_be_asked_for() -> None:
    transport = FakeTransport(listing({"data": [{"id": "b\ud83d"}]}), listing({"data": {"id": "c\ude00"}}))
    client = service_at("http://127.0.0.1:1", transport)
    (board,) = await client.all_boards()
    assert (await client.create_chat(board.id)).id == "c\ufffd"
    assert transport.sent[1].request.url.endswith("/boards/b%EF%BF%BD/chats")


async def test_an_invalid_chat() -> None:
    with pytest.raises(ConnectionProblem):
        await service_at("http://127.0.0.1:1", FakeTransport(listing({"data": {}}))).create_chat("b")


async def test_a_listing_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_LISTING_TIMEOUT", 0.01)
    answer = FakeAnswer(b'{"data": [', asyncio.Event())
    with pytest.raises(ConnectionProblem) as raised:
        await service_at("http://127.0.0.1:1", FakeTransport(answer)).all_boards()
    assert raised.value.failure == Failure("timeout", "no answer in time", place="127.0.0.1:1")
    assert answer.closed.is_set()


async def test_a_listing_that_takes_too_long_to_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def parsed(body: bytes) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(client_module, "_LISTING_TIMEOUT", 0.01)
    monkeypatch.setattr(client_module, "parsed", parsed)
    with pytest.raises(ConnectionProblem) as raised:
        await asyncio.wait_for(service_at("http://127.0.0.1:1", FakeTransport(listing({"data": []}))).all_boards(), 5)
    assert raised.value.failure == Failure("timeout", "no answer in time", place="127.0.0.1:1")


async def test_a_moved_service_is_not_followed() -> None:
    moved = FakeAnswer(status=301, headers={"location": "https://elsewhere.example/v1/boards"})
    transport = FakeTransport(moved)
    with pytest.raises(ServiceProblem) as raised:
        await service_at("http://127.0.0.1:1", transport).all_boards()
    assert raised.value.failure == Failure("http", "moved", status=301, place="elsewhere.example")
    assert len(transport.sent) == 1
