"""Which addresses of an OpenAI-compatible server are requested, for each way to configure its address."""

from __future__ import annotations

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects.openai import Endpoints, endpoints, model_in
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.client import Client
from chatgrid_tui.model.provider import Board, Page, Provider
from chatgrid_tui.model.request import Outgoing
from engine.raw import events_of, failure_of, text_of
from fakes import FakeAnswer, FakeTransport, listing, says

AZURE = "https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"


def test_the_addresses() -> None:
    x, chat, models = "https://x.example", "/chat/completions", "/models"
    local, perplexity = "http://localhost:11434", "https://api.perplexity.ai"
    for address, expected in {
        f"{x}/v1": (f"{x}/v1{chat}", f"{x}/v1{models}"),
        f"{x}/v1{chat}": (f"{x}/v1{chat}", f"{x}/v1{models}"),
        f"{x}/v1beta/openai": (f"{x}/v1beta/openai{chat}", f"{x}/v1beta/openai{models}"),
        "localhost:11434": (f"{local}/v1{chat}", f"{local}/v1{models}", f"{local}{chat}", f"{local}{models}"),
        perplexity: (
            f"{perplexity}{chat}",
            f"{perplexity}{models}",
            f"{perplexity}/v1{chat}",
            f"{perplexity}/v1{models}",
        ),
        f"{x}/me/": (f"{x}/me{chat}", f"{x}/me{models}", f"{x}/me/v1{chat}", f"{x}/me/v1{models}"),
        f"{x}/me{chat}": (f"{x}/me{chat}",),
        f"{x}/serving-endpoints/m/invocations": (f"{x}/serving-endpoints/m/invocations",),
        AZURE: (AZURE,),
    }.items():
        assert endpoints(address) == Endpoints(*expected)


def test_the_model_that_an_address_names() -> None:
    for address, model in (
        (AZURE, "gpt-4o"),
        ("https://x.example/serving-endpoints/my%20model/invocations", "my model"),
        ("https://x.example/assistants/helper/chat/completions", "helper"),
        ("https://models.github.ai/inference/chat/completions", ""),
        ("https://api.perplexity.ai/chat/completions", ""),
        ("https://x.example/v1/chat/completions?x=1", ""),
    ):
        assert model_in(address) == model


def _service(transport: FakeTransport, url: str, key_header: str = "") -> Client:
    async def key() -> Secret:
        return Secret("sk-0123456789")

    return Client(Provider("p", "openai", url, key_header=key_header), transport, key)


async def test_a_whole_endpoint_is_asked_as_it_is_and_lists_itself() -> None:
    transport = FakeTransport(says("Hi"))
    service = _service(transport, AZURE, "api-key")
    assert await service.boards() == Page((Board("gpt-4o", "gpt-4o"),))
    sent = await service.send(Outgoing(service.provider, "gpt-4o", "Hello"))
    assert text_of(await events_of(sent)) == "Hi"
    assert [one.request.url for one in transport.sent] == [AZURE]
    assert transport.sent[0].key is not None
    assert transport.sent[0].key[:2] == ("api-key", "")


@pytest.mark.parametrize("status", [404, 405])
async def test_the_other_address_is_tried_if_the_first_is_unknown(status: int) -> None:
    unknown = FakeAnswer(b"404 page not found", status=status)
    transport = FakeTransport(unknown, says("Hi"), unknown, listing({"data": [{"id": "m"}]}))
    service = _service(transport, "https://x.example")
    sent = await service.send(Outgoing(service.provider, "m", "Hello"))
    assert text_of(await events_of(sent)) == "Hi"
    assert [board.id for board in (await service.boards()).items] == ["m"]
    assert [one.request.url for one in transport.sent] == [
        "https://x.example/v1/chat/completions",
        "https://x.example/chat/completions",
        "https://x.example/v1/models",
        "https://x.example/models",
    ]


@pytest.mark.parametrize("path", ["", "/me/chat/completions"])
async def test_other_answers_do_not_try_the_other_address(path: str) -> None:
    """Neither an unknown model at a base, nor anything at a whole endpoint."""
    url = f"https://x.example{path}"
    body = {} if path else {"error": {"message": "model 'm' not found", "type": "not_found"}}
    transport = FakeTransport(listing(body, 404))
    service = _service(transport, url)
    failure = failure_of(await events_of(await service.send(Outgoing(service.provider, "m", "Hello"))))
    assert failure is not None
    assert failure.status == 404
    assert len(transport.sent) == 1


def test_headers_that_carry_a_key() -> None:
    provider = Provider("p", "openai", "https://x.example/v1")
    assert DIALECTS["openai"].header_of(provider) == ("Authorization", "Bearer ")
