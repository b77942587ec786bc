"""Boards, the person and the credits at ChatGrid, and how each endpoint fails, over real loopback HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.catalogue import BOTS, ECHO, KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_KEY, CHATGRID_READ_ONLY_KEY, DemoKeys
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.transport import Transport
from chatgrid_tui.errors import ConnectionProblem, ServiceProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing
from engine.raw import events_of, failure_of
from fakes import FakeAnswer, FakeTransport, StartDemo, listing

BOARD = ECHO.board_id
NOWHERE = "5b0e1d3a-0000-0000-0000-000000000000"


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.close()


def service_of(server: DemoServer, transport: Transport, key: str = "", kind: Kind = "chatgrid") -> Client:
    async def find_key() -> Secret | None:
        return Secret(key) if key else None

    return Client(Provider("acme", kind, server.base_url(kind)), transport, find_key)


def service_on(transport: Transport) -> Client:
    async def no_key() -> None:
        return None

    return Client(Provider("acme", "chatgrid", "http://127.0.0.1:1"), transport, no_key)


async def test_a_board_is_made(demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport)
    board = await client.create_board("Opening hours 🍛")
    assert board.name == "Opening hours 🍛"
    assert [known.name for known in await client.all_boards()] == [board.name, *(bot.name for bot in BOTS)]


async def test_a_name_is_cut_as_the_service_counts_it(demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport)
    board = await client.create_board("x" + "🍛" * 300)
    assert board.name == "x" + "🍛" * 127
    assert (await client.create_chat(board.id, "🍛" * 300)).title == "🍛" * 127


async def test_a_board_needs_a_name(demo: DemoServer, transport: HttpTransport) -> None:
    with pytest.raises(ServiceProblem) as raised:
        await service_of(demo, transport).create_board("")
    assert (raised.value.failure.status, raised.value.failure.code) == (400, "validation_error")


async def test_the_credits_go_down_with_each_reply(demo: DemoServer, transport: HttpTransport) -> None:
    client = service_of(demo, transport)
    before = await client.credits()
    chat = await client.create_chat(BOARD)
    assert failure_of(await events_of(await client.send(Outgoing(client.provider, BOARD, "Hi", chat.id)))) is None
    after = await client.credits()
    assert before is not None
    assert after == before - 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "chatgrid"])
async def test_other_kinds_have_no_credits_and_make_no_boards(
    kind: Kind, demo: DemoServer, transport: HttpTransport
) -> None:
    client = service_of(demo, transport, kind=kind)
    assert await client.credits() is None
    with pytest.raises(UsageProblem, match="lists no "):
        await client.create_board("x")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"data": None},
        {"data": {}},
        {"data": {"credits_remaining": -5}},
        {"data": {"credits_remaining": "many"}},
        {"data": {"credits_remaining": True}},
        {"data": {"credits_remaining": 1e300}},
        [],
    ],
)
async def test_invalid_credits(payload: object) -> None:
    assert await service_on(FakeTransport(listing(payload))).credits() is None


async def test_credits_in_pieces_are_counted_whole() -> None:
    transport = FakeTransport(listing({"data": {"credits_remaining": 41.7}}))
    assert await service_on(transport).credits() == 41


@pytest.mark.parametrize("payload", [{}, {"data": []}, {"data": {"name": "no id"}}, "x"])
async def test_invalid_boards(payload: object) -> None:
    client = service_on(FakeTransport(listing(payload)))
    with pytest.raises(ConnectionProblem):
        await client.create_board("x")


async def test_a_deletion_may_be_answered_with_nothing() -> None:
    client = service_on(FakeTransport(FakeAnswer(status=204, headers={})))
    await client.delete_chat("b", "c")


Asking: TypeAlias = Callable[[Client, str, str], Awaitable[object]]

READING: dict[str, Asking] = {
    "usage": lambda client, board, chat: client.credits(),
    "boards": lambda client, board, chat: client.all_boards(),
    "chats": lambda client, board, chat: client.chats(board),
    "chat": lambda client, board, chat: client.chat(board, chat),
    "messages": lambda client, board, chat: client.messages(board, chat),
}
WRITING: dict[str, Asking] = {
    "create board": lambda client, board, chat: client.create_board("New"),
    "create chat": lambda client, board, chat: client.create_chat(board, "New"),
    "rename chat": lambda client, board, chat: client.rename_chat(board, chat, "Other"),
    "delete chat": lambda client, board, chat: client.delete_chat(board, chat),
}
BESIDE_BOARDS = ("usage", "boards", "create board")
ABOUT_A_BOARD = {name: asking for name, asking in (READING | WRITING).items() if name not in BESIDE_BOARDS}


@pytest.mark.parametrize("asking", (READING | WRITING).values(), ids=READING | WRITING)
async def test_every_endpoint_refuses_a_wrong_key(
    asking: Asking, start_demo: StartDemo, transport: HttpTransport
) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    with pytest.raises(ServiceProblem) as raised:
        await asking(service_of(server, transport, "cgk_wrong"), BOARD, NOWHERE)
    assert (raised.value.failure.status, raised.value.failure.code) == (401, "unauthorized")


@pytest.mark.parametrize("asking", WRITING.values(), ids=WRITING)
async def test_a_key_that_may_only_read_writes_nothing(
    asking: Asking, start_demo: StartDemo, transport: HttpTransport
) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    writer = service_of(server, transport, CHATGRID_KEY)
    chat = (await writer.create_chat(BOARD, "Kept")).id
    with pytest.raises(ServiceProblem) as raised:
        await asking(service_of(server, transport, CHATGRID_READ_ONLY_KEY), BOARD, chat)
    failure = raised.value.failure
    assert (failure.status, failure.code, failure.message) == (403, "forbidden", "Missing required scope: write")
    assert [known.title for known in (await writer.chats(BOARD)).items] == ["Kept"]
    assert len(await writer.all_boards()) == len(BOTS)


@pytest.mark.parametrize("asking", READING.values(), ids=READING)
async def test_a_key_that_may_only_read_reads_everything(
    asking: Asking, start_demo: StartDemo, transport: HttpTransport
) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    chat = (await service_of(server, transport, CHATGRID_KEY).create_chat(BOARD)).id
    await asking(service_of(server, transport, CHATGRID_READ_ONLY_KEY), BOARD, chat)


@pytest.mark.parametrize("asking", ABOUT_A_BOARD.values(), ids=ABOUT_A_BOARD)
async def test_unknown_boards(asking: Asking, demo: DemoServer, transport: HttpTransport) -> None:
    with pytest.raises(ServiceProblem) as raised:
        await asking(service_of(demo, transport), NOWHERE, NOWHERE)
    assert (raised.value.failure.status, raised.value.failure.code) == (404, "board_not_found")


@pytest.mark.parametrize("name", ["chat", "messages", "rename chat", "delete chat"])
async def test_unknown_chats(name: str, demo: DemoServer, transport: HttpTransport) -> None:
    with pytest.raises(ServiceProblem) as raised:
        await ABOUT_A_BOARD[name](service_of(demo, transport), BOARD, NOWHERE)
    assert (raised.value.failure.status, raised.value.failure.code) == (404, "not_found")


@pytest.mark.parametrize("asking", (READING | WRITING).values(), ids=READING | WRITING)
async def test_every_endpoint_reports_the_limit(
    asking: Asking, start_demo: StartDemo, transport: HttpTransport
) -> None:
    server = await start_demo(DemoServer(pace=0, rate_limit=1))
    client = service_of(server, transport)
    await client.boards()
    with pytest.raises(ServiceProblem) as raised:
        await asking(client, BOARD, NOWHERE)
    failure = raised.value.failure
    assert (failure.status, failure.code) == (429, "rate_limit_exceeded")
    assert failure.retry_after is not None
    assert 1 <= failure.retry_after <= 60


async def test_boards_without_an_end_are_listed_up_to_ten_thousand() -> None:
    def page(number: int) -> FakeAnswer:
        boards = [{"id": f"{number}-{place}", "name": "B"} for place in range(100)]
        return listing({"data": boards, "has_more": True, "cursor": str(number)})

    transport = FakeTransport(*map(page, range(200)))
    assert len(await service_on(transport).all_boards()) == 10_000
    assert len(transport.sent) == 100
