"""The special features of ChatIQ and Open Chat Widget, over real loopback HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.catalogue import ECHO
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATIQ_KEY, WIDGET_KEY, DemoKeys
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.transport import Transport
from chatgrid_tui.errors import ConnectionProblem, ServiceProblem, UsageProblem
from chatgrid_tui.model.events import ConversationNamed
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing, Said
from engine.raw import events_of, failure_of, text_of
from fakes import FakeAnswer, FakeTransport, StartDemo, broken, listing


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.close()


def service_for(provider: Provider, transport: Transport, key: str = "") -> Client:
    async def find_key() -> Secret | None:
        return Secret(key) if key else None

    return Client(provider, transport, find_key)


CHATIQ = Provider("shop", "chatiq", "http://127.0.0.1:1")
WIDGET = Provider("site", "widget", "http://127.0.0.1:1")


async def test_what_a_chatiq_conversation_holds(demo: DemoServer, transport: HttpTransport) -> None:
    client = service_for(replace(CHATIQ, base_url=demo.base_url("chatiq")), transport)
    conversation = ""
    for text in ("First", "Second"):
        events = await events_of(await client.send(Outgoing(client.provider, "echo", text, conversation)))
        conversation = next(event.remote_id for event in events if isinstance(event, ConversationNamed))
    messages = await client.conversation_messages(conversation)
    assert [(message.role, message.content) for message in messages] == [
        ("user", "First"),
        ("assistant", "First"),
        ("user", "Second"),
        ("assistant", "Second"),
    ]
    assert all(message.created_at.endswith("Z") for message in messages), "they are UTC, which the service leaves out"
    later = await client.conversation_messages(conversation, since=messages[1].created_at)
    assert later == messages[2:]


async def test_a_long_conversation_comes_in_parts() -> None:
    def part(first: int, count: int) -> FakeAnswer:
        return listing({"messages": [message(number) for number in range(first, first + count)]})

    def message(number: int) -> dict[str, str]:
        return {"id": f"m{number}", "sender": "bot", "created_at": f"2026-03-04T00:00:00.{number:06}"}

    transport = FakeTransport(part(0, 500), part(500, 500), part(1000, 7))
    messages = await service_for(CHATIQ, transport).conversation_messages("c/1")
    assert [message.id for message in messages] == [f"m{number}" for number in range(1007)]
    assert [sent.request.url.partition("/api")[2] for sent in transport.sent] == [
        "/v1/conversations/c%2F1/messages?limit=500",
        "/v1/conversations/c%2F1/messages?limit=500&since=2026-03-04T00%3A00%3A00.000499Z",
        "/v1/conversations/c%2F1/messages?limit=500&since=2026-03-04T00%3A00%3A00.000999Z",
    ]


async def test_a_service_that_repeats_a_page_for_ever() -> None:
    same = {"messages": [{"id": f"m{number}", "sender": "user", "created_at": "t"} for number in range(500)]}
    transport = FakeTransport(*(listing(same) for _ in range(10)))
    assert len(await service_for(CHATIQ, transport).conversation_messages("c")) == 500
    assert len(transport.sent) == 2


async def test_times_keep_the_zone_they_have() -> None:
    kept = ["2026-03-04T12:00:00Z", "2026-03-04 12:00:00+00", "2026-03-04T12:00:00+02:00", "2026-03-04", ""]
    times = ["2026-03-04T12:00:00.123", *kept]
    payload = {"messages": [{"id": str(number), "created_at": time} for number, time in enumerate(times)]}
    messages = await service_for(CHATIQ, FakeTransport(listing(payload))).conversation_messages("c")
    assert [message.created_at for message in messages] == [f"{times[0]}Z", *kept]


async def test_what_is_no_message_is_left_out_of_a_conversation() -> None:
    payload = {"messages": [None, 7, {}, {"id": 9}]}
    assert await service_for(CHATIQ, FakeTransport(listing(payload))).conversation_messages("c") == []


@pytest.mark.parametrize("payload", [None, [], {}, {"messages": None}, "x"])
async def test_an_answer_without_messages_is_no_empty_conversation(payload: object) -> None:
    with pytest.raises(ConnectionProblem):
        await service_for(CHATIQ, FakeTransport(listing(payload))).conversation_messages("c")


async def test_conversations_that_cannot_be_read(start_demo: StartDemo, transport: HttpTransport) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    provider = replace(CHATIQ, base_url=server.base_url("chatiq"))
    for key, status, code in (
        ("", 401, "UNAUTHORIZED"),
        ("x", 401, "INVALID_API_KEY"),
        (CHATIQ_KEY, 404, "NOT_FOUND"),
    ):
        with pytest.raises(ServiceProblem) as raised:
            await service_for(provider, transport, key).conversation_messages("no-such")
        assert (raised.value.failure.status, raised.value.failure.code) == (status, code)
    with pytest.raises(UsageProblem, match="lists no messages"):
        await service_for(WIDGET, transport).conversation_messages("c")


async def test_in_private_nothing_is_named_and_the_client_remembers(
    demo: DemoServer, transport: HttpTransport
) -> None:
    provider = replace(CHATIQ, base_url=demo.base_url("chatiq"), options=(("private_mode", True),))
    client = service_for(provider, transport)
    assert await client.begin_conversation("echo") == ""
    events = await events_of(await client.send(Outgoing(provider, "echo", "Just between us", "an older one")))
    assert (text_of(events), failure_of(events)) == ("Just between us", None)
    assert not any(isinstance(event, ConversationNamed) for event in events)


async def test_in_private_the_last_ten_messages_go_along_and_no_conversation() -> None:
    transport = FakeTransport(broken())
    provider = replace(CHATIQ, options=(("private_mode", True),))
    said = tuple(Said("user" if number % 2 == 0 else "assistant", f"{number}") for number in range(14))
    await events_of(
        await service_for(provider, transport).send(Outgoing(provider, "b", "Hi", "an older one", history=said))
    )
    (body,) = transport.bodies
    assert body["private_mode"] is True
    assert "conversation_id" not in body
    assert body["history"] == [{"role": one.role, "content": one.content} for one in said[-10:]]


async def test_a_conversation_that_is_stored_needs_no_history() -> None:
    transport = FakeTransport(broken())
    await events_of(
        await service_for(CHATIQ, transport).send(Outgoing(CHATIQ, "b", "Hi", "c", history=(Said("user", "x"),)))
    )
    (body,) = transport.bodies
    assert (body["conversation_id"], "history" in body, "private_mode" in body) == ("c", False, False)


@pytest.mark.parametrize("path", ["", "/v1/chat/stream", "/chat"])
@pytest.mark.parametrize("header", ["", "x-api-key", "x-widget-api-key"])
async def test_a_widget_by_all_its_ways(
    path: str, header: str, start_demo: StartDemo, transport: HttpTransport
) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    provider = replace(WIDGET, base_url=server.base_url("widget", ECHO), options=(("path", path),), key_header=header)
    client = service_for(provider, transport, WIDGET_KEY)
    session = await client.begin_conversation("echo")
    events = await events_of(await client.send(Outgoing(provider, "echo", "Grüße", session)))
    assert (text_of(events), failure_of(events)) == ("Grüße", None)


async def test_the_configured_header_and_path_are_used() -> None:
    transport = FakeTransport(broken())
    provider = replace(WIDGET, options=(("path", "/chat"),), key_header="x-widget-api-key")
    await events_of(
        await service_for(provider, transport, "secret-key-0123456789").send(Outgoing(provider, "b", "Hi", "s"))
    )
    (sent,) = transport.sent
    assert sent.request.url == "http://127.0.0.1:1/chat"
    assert sent.key is not None
    assert sent.key.header == "x-widget-api-key"
