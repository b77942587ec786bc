"""The connection test of a provider: with the embedded bots of all kinds, and with other answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.catalogue import BOTS, KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_KEY, CHATIQ_KEY, OPENAI_KEY, WIDGET_KEY, DemoKeys
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.transport import Transport
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.failure import FailureCause
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.connection_test import ConnectionReport, check_connection
from fakes import FakeAnswer, FakeTransport, StartDemo, broken, listing

KEYS: dict[Kind, str] = {
    "chatgrid": CHATGRID_KEY,
    "chatiq": CHATIQ_KEY,
    "widget": WIDGET_KEY,
    "openai": OPENAI_KEY,
}
LISTED: dict[Kind, str] = {
    "chatgrid": "5 boards",
    "chatiq": "5 bots",
    "widget": "A widget is a single board; there is nothing to list.",
    "openai": "5 models",
}
WRONG_KEY = "no-such-key-0123456789"


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.close()


@pytest.fixture
async def locked(start_demo: StartDemo) -> DemoServer:
    """Bots that ask for a key."""
    return await start_demo(DemoServer(pace=0, keys=DemoKeys()))


def service_at(kind: Kind, url: str, transport: Transport, key: str = "") -> Client:
    async def find_key() -> Secret | None:
        return Secret(key) if key else None

    found = KeyStatus(shown=str(Secret(key)), source="ACME_KEY")
    missing = KeyStatus(missing="No key is set for acme. It is looked for in ACME_KEY.")
    return Client(Provider("acme", kind, url), transport, find_key, lambda: found if key else missing)


def scripted(kind: Kind, *answers: FakeAnswer, key: str = "") -> Client:
    return service_at(kind, "http://127.0.0.1:1", FakeTransport(*answers), key)


def words_of(report: ConnectionReport) -> list[tuple[str, str]]:
    assert [finding.subject for finding in report.results] == ["address", "key", "listing"]
    return [(finding.outcome, finding.text) for finding in report.results]


@pytest.mark.parametrize("kind", KINDS)
async def test_all_is_well(kind: Kind, locked: DemoServer, transport: HttpTransport) -> None:
    report = await check_connection(service_at(kind, locked.base_url(kind), transport, KEYS[kind]))
    address, key, listed = words_of(report)
    assert address == ("good", f"127.0.0.1:{locked.port} answers.")
    whose = " It belongs to you@localhost." if kind == "chatgrid" else ""
    assert key == ("good", f"The key {Secret(KEYS[kind])} from ACME_KEY is accepted.{whose}")
    assert listed == ("good", LISTED[kind])
    assert report.good


@pytest.mark.parametrize("kind", KINDS)
async def test_no_key_is_needed(kind: Kind, demo: DemoServer, transport: HttpTransport) -> None:
    report = await check_connection(service_at(kind, demo.base_url(kind), transport))
    assert words_of(report)[1] == ("good", "No key is needed.")
    assert report.good


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_key(kind: Kind, locked: DemoServer, transport: HttpTransport) -> None:
    report = await check_connection(service_at(kind, locked.base_url(kind), transport, WRONG_KEY))
    address, key, listed = words_of(report)
    assert (address[0], key[0], listed) == ("good", "bad", ("unknown", "Not tried, since the key was refused."))
    assert key[1].startswith("The service refused the key (401")
    assert "The key …6789 comes from ACME_KEY." in key[1]
    assert WRONG_KEY not in repr(report)
    assert not report.good


@pytest.mark.parametrize("kind", KINDS)
async def test_a_missing_key(kind: Kind, locked: DemoServer, transport: HttpTransport) -> None:
    report = await check_connection(service_at(kind, locked.base_url(kind), transport))
    outcome, words = words_of(report)[1]
    assert outcome == "bad"
    assert words.startswith("The service requires a key (401")
    assert "No key is set for acme. It is looked for in ACME_KEY." in words


@pytest.mark.parametrize("kind", KINDS)
async def test_no_message_is_sent(kind: Kind, demo: DemoServer, transport: HttpTransport) -> None:
    client = service_at("chatgrid", demo.base_url("chatgrid"), transport)
    credits_before = await client.credits()
    await check_connection(service_at(kind, demo.base_url(kind), transport))
    assert await client.credits() == credits_before
    assert [chat for bot in BOTS for chat in (await client.chats(bot.board_id)).items] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
async def test_another_kind_of_service(kind: Kind, other: Kind, locked: DemoServer, transport: HttpTransport) -> None:
    if kind == other:
        return
    report = await check_connection(service_at(kind, locked.base_url(other), transport, KEYS[other]))
    outcome, words = words_of(report)[0]
    assert outcome == "bad"
    assert "answers, but not as " in words
    assert words.endswith("Check the kind and the address.")
    assert [finding.outcome for finding in report.results[1:]] == ["unknown", "unknown"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("refused", "Nothing answers at bots.example."),
        ("unknown host", "There is no host called bots.example. Check the address of the provider."),
        ("certificate", "The certificate of bots.example cannot be trusted."),
        (
            "no TLS",
            "No encrypted connection to bots.example can be made. Nothing was sent. "
            "If the service uses plain http, its address begins with http://.",
        ),
        ("no connection in time", "bots.example did not accept the connection in time."),
        ("no answer in time", "127.0.0.1:1 accepted the connection but did not answer in time."),
    ],
)
async def test_no_answer_at_all(kind: Kind, cause: FailureCause, words: str) -> None:
    client = service_at(kind, "http://127.0.0.1:1", FakeTransport(*[broken(cause)] * 4))
    report = await check_connection(client)
    assert words_of(report)[0] == ("bad", words)
    assert "message" not in words


@pytest.mark.parametrize("kind", KINDS)
async def test_plain_http_to_another_machine(kind: Kind) -> None:
    transport = FakeTransport()
    report = await check_connection(service_at(kind, "http://bots.example", transport, WRONG_KEY))
    outcome, words = words_of(report)[0]
    assert outcome == "bad"
    assert "would be reached without encryption. Nothing was sent. Use https, or set allow_http = true" in words
    assert transport.sent == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_web_page(kind: Kind) -> None:
    page = FakeAnswer(b"<html>Sign in", headers={"content-type": "text/html"})
    outcome, words = words_of(await check_connection(scripted(kind, page)))[0]
    assert outcome == "bad"
    assert words.startswith("This address answers with a web page, not with a reply (200, text/html).")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_address_of_http_at_a_port_of_https(kind: Kind) -> None:
    told = FakeAnswer(b"Client sent an HTTP request to an HTTPS server.\n", status=400, headers={})
    outcome, words = words_of(await check_connection(scripted(kind, told)))[0]
    assert outcome == "bad"
    assert words == "The service expects an encrypted connection (400). Its address begins with https://."


@pytest.mark.parametrize("kind", KINDS)
async def test_a_service_that_moved(kind: Kind) -> None:
    moved = FakeAnswer(status=301, headers={"location": "https://elsewhere.example/v1"})
    outcome, words = words_of(await check_connection(scripted(kind, moved)))[0]
    assert outcome == "bad"
    assert words.startswith("The service moved to elsewhere.example. It was not followed")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_service_that_hangs(kind: Kind) -> None:
    silent = FakeAnswer(asyncio.Event(), headers={"content-type": "application/json"})
    report = await check_connection(scripted(kind, silent), limit=0.02)
    assert words_of(report)[0] == (
        "bad",
        "127.0.0.1:1 accepted the connection but did not answer within 0.02 seconds.",
    )
    assert silent.closed.is_set()


async def test_a_service_that_hangs_later() -> None:
    silent = FakeAnswer(asyncio.Event(), headers={"content-type": "application/json"})
    person = listing({"object": "user", "data": {"id": "u"}})
    client = scripted("chatgrid", person, silent, key=WRONG_KEY)
    address, key, listed = words_of(await check_connection(client, limit=0.02))
    assert (address[0], key[0]) == ("good", "good")
    assert listed == ("unknown", "127.0.0.1:1 did not answer this within 0.02 seconds.")


async def test_a_service_that_fails() -> None:
    failing = listing({"code": "internal_error", "message": "Out of order"}, 503)
    report = await check_connection(scripted("chatgrid", failing))
    address, key, listed = words_of(report)
    assert address == ("bad", "The service failed (503 internal_error). It says: “Out of order”.")
    not_tried = ("unknown", "Not tried, since the address does not answer as it should.")
    assert (key, listed, report.verdict) == (not_tried, not_tried, "bad")


async def test_the_verdict_does_not_depend_on_the_order() -> None:
    """A service may say that it is healthy, and then answer as no such service does."""
    page = FakeAnswer(b"<p>", headers={"content-type": "text/html"})
    kinds: tuple[tuple[Kind, FakeAnswer], ...] = (("widget", FakeAnswer(b"No", status=404)), ("chatiq", page))
    for kind, rest in kinds:
        report = await check_connection(scripted(kind, listing({"status": "ok"}), rest, key=WRONG_KEY))
        assert [finding.outcome for finding in report.results] == ["bad", "unknown", "unknown"]
        assert report.verdict == "bad"


@pytest.mark.parametrize("kind", KINDS)
async def test_an_unset_variable_is_a_finding(kind: Kind, demo: DemoServer, transport: HttpTransport) -> None:
    missing = KeyStatus(missing="No key is set for acme. It is looked for in NOSUCHVAR.", named=True)
    client = Client(Provider("acme", kind, demo.base_url(kind)), transport, _no_key, lambda: missing)
    report = await check_connection(client)
    assert words_of(report)[1] == ("bad", missing.missing)
    assert report.verdict == "bad"


async def _no_key() -> None:
    """Find no key."""


@pytest.mark.parametrize(
    ("status", "outcomes"),
    [(400, ["good", "good"]), (422, ["good", "good"]), (401, ["good", "bad"]), (404, ["bad", "unknown"])],
)
async def test_a_whole_endpoint_is_tried_with_an_empty_request(status: int, outcomes: list[str]) -> None:
    transport = FakeTransport(listing({"error": {"message": "messages is required"}}, status))
    url = "https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    report = await check_connection(service_at("openai", url, transport, WRONG_KEY))
    assert [finding.outcome for finding in report.results][:2] == outcomes
    assert [(sent.request.url, sent.request.body) for sent in transport.sent] == [(url, {})]
    if status == 400:
        assert words_of(report)[2] == ("good", "This endpoint lists no models. Used: gpt-4o.")


async def test_a_limit_is_no_fault() -> None:
    limited = listing({"code": "rate_limit_exceeded", "message": "Slow down"}, 429, retry_after="42")
    report = await check_connection(scripted("chatgrid", limited))
    assert words_of(report)[1] == (
        "unknown",
        "The service is limiting requests (429). It says: “Slow down”. It asks to wait 42 seconds.",
    )
    assert report.good


async def test_a_listing_that_is_open_to_everybody_says_nothing_of_the_key() -> None:
    models = {"object": "list", "data": [{"id": "m"}]}
    report = await check_connection(scripted("openai", listing(models), listing(models), key=WRONG_KEY))
    words = "The listing is public, so only a message shows whether the key is accepted."
    assert words_of(report)[1:] == [("unknown", words), ("good", "1 model: m")]


@pytest.mark.parametrize("models", [[{"id": "m"}], {"models": [{"name": "m"}]}])
async def test_other_listings_of_models(models: object) -> None:
    report = await check_connection(scripted("openai", listing(models)))
    assert words_of(report)[2] == ("good", "1 model: m")


async def test_a_server_without_models() -> None:
    report = await check_connection(scripted("openai", listing({"object": "list", "data": None})))
    assert words_of(report)[2] == ("good", "It lists no models yet.")


async def test_more_than_a_page() -> None:
    person = listing({"object": "user", "data": {"id": "u"}})
    page = listing({"data": [{"id": str(number)} for number in range(100)], "has_more": True, "cursor": "c"})
    assert words_of(await check_connection(scripted("chatgrid", person, page)))[2] == ("good", "100 boards and more")


async def test_a_key_that_several_bots_share_lists_none() -> None:
    answers = (listing({"status": "healthy"}), listing({"error": {"code": "NOT_FOUND", "message": "None"}}, 404))
    client = scripted("chatiq", *answers, key=WRONG_KEY)
    client.provider = replace(client.provider, boards=("shop-bot",))
    address, key, listed = words_of(await check_connection(client))
    assert (address[0], key[0]) == ("good", "unknown")
    assert listed == ("unknown", "A key that several bots share cannot list them. Configured: shop-bot.")


async def test_public_bots_may_need_no_key(locked: DemoServer, transport: HttpTransport) -> None:
    client = service_at("chatiq", locked.base_url("chatiq"), transport)
    client.provider = replace(client.provider, boards=("shop-bot",))
    report = await check_connection(client)
    assert words_of(report)[1:] == [
        (
            "unknown",
            "The listing needs a key. No key is set for acme. It is looked for in ACME_KEY. "
            "Public bots may need none.",
        ),
        ("unknown", "Configured: shop-bot."),
    ]
    assert report.good


async def test_a_widget_behind_a_proxy_for_chats_only() -> None:
    answers = (FakeAnswer(status=404, headers={}), listing({"error": "Invalid request payload"}, 400))
    report = await check_connection(scripted("widget", *answers, key=WRONG_KEY))
    assert [finding.outcome for finding in report.results] == ["good", "good", "good"]


async def test_a_key_that_cannot_be_obtained(locked: DemoServer, transport: HttpTransport) -> None:
    async def broken_key() -> Secret | None:
        raise KeyProblem("The command op, which prints the key, failed (1).")

    provider = Provider("acme", "chatgrid", locked.base_url("chatgrid"))
    address, key, _ = words_of(await check_connection(Client(provider, transport, broken_key)))
    assert address[0] == "good"
    assert key == ("bad", "The command op, which prints the key, failed (1).")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"", b"null", b"7", b'{"data": ', b"\xff\xfe", b"[" * 100_000])
async def test_nonsense_is_reported_without_raising(kind: Kind, body: bytes) -> None:
    nonsense = [FakeAnswer(body, headers={"content-type": "application/json"}) for _ in range(4)]
    assert not (await check_connection(scripted(kind, *nonsense))).good


async def test_a_key_timeout_says_nothing_about_the_address() -> None:
    async def waits_for_a_finger() -> Secret | None:
        await asyncio.Event().wait()
        return None

    provider = Provider("acme", "chatgrid", "https://bots.example")
    client = Client(provider, FakeTransport(), waits_for_a_finger)
    address, key, listed = words_of(await check_connection(client, limit=0.01))
    assert key == ("bad", "Looking up the key took more than 0.01 seconds.")
    assert address == listed == ("unknown", "Not tried, since looking up the key took too long.")
