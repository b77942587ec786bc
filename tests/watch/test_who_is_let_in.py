"""Which clients the proxy answers, and what it tells the others."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.http_server import loopback_server
from chatgrid_tui.watch.proxy import LONGEST_BODY, WatchProxy
from chatgrid_tui.watch.upstream import upstream_at
from engine.raw import raw_server, writes
from watch.watching import RawAnswer, Watched, ask, get, post, watching

SHOP = "https://shop.example"
FINE = b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n"
PREFLIGHT = (
    f"Origin: {SHOP}",
    "Access-Control-Request-Method: POST",
    "Access-Control-Request-Headers: x-api-key",
    "Access-Control-Request-Private-Network: true",
)


def cors(answer: RawAnswer) -> dict[str, str]:
    """Return the headers of an answer that are about pages of other origins, without the beginning of their names."""
    start = "access-control-allow-"
    return {name.removeprefix(start): value for name, value in answer.headers() if name.startswith(start)}


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://shop.example", "https://shop.example:1"]
)
async def test_a_page_is_refused_and_told_which_option_lets_it_in(origin: str) -> None:
    for allowed in ("", SHOP):
        async with (
            raw_server(writes(FINE, b"\r\n")) as server,
            watching(server.url, allowed_origin=allowed) as opened,
        ):
            proxy, watched = opened
            got = await ask(proxy.address, post("/", b"{}", f"Origin: {origin}"))
            assert (got.status, server.heard) == (403, [])
        assert b"--allow-origin" in got.body
        assert "--allow-origin" in watched.refusals[0]
        assert cors(got) == {}


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-site", 403), ("none", 200)])
async def test_what_a_page_loads_without_saying_its_origin(site: str, status: int) -> None:
    request = get("/", f"Sec-Fetch-Site: {site}")
    for allowed, expected in (("", status), (SHOP, 200)):
        async with (
            raw_server(writes(FINE, b"\r\n")) as server,
            watching(server.url, allowed_origin=allowed) as opened,
        ):
            assert (await ask(opened[0].address, request)).status == expected


@pytest.mark.parametrize(
    ("from_service", "expected"),
    [
        (b"", {"origin": SHOP}),
        (b"Access-Control-Allow-Origin: *\r\n", {"origin": SHOP}),
        (b"access-control-allow-origin: https://other.example\r\n", {"origin": "https://other.example"}),
    ],
    ids=["nothing", "any", "another"],
)
async def test_a_page_of_the_allowed_origin(from_service: bytes, expected: dict[str, str]) -> None:
    async with (
        raw_server(writes(FINE, from_service, b"\r\n")) as server,
        watching(server.url, allowed_origin=SHOP) as opened,
    ):
        got = await ask(opened[0].address, post("/", b"{}", f"Origin: {SHOP}"))
        assert f"Origin: {SHOP}".encode() in server.heard[0]
        assert cors(got) == expected
        preflight = get("/", *PREFLIGHT).replace(b"GET", b"OPTIONS")
        asked = await ask(opened[0].address, preflight)
    assert cors(asked) == {**expected, "methods": "POST", "headers": "x-api-key", "private-network": "true"}
    assert ("vary", "Origin") in got.headers()


async def test_another_host_and_garbage() -> None:
    async with raw_server(writes(FINE, b"\r\n")) as server, watching(server.url) as (proxy, watched):
        assert (await ask(proxy.address, get("/").replace(b"127.0.0.1", b"evil.example"))).status == 403
        assert (await ask(proxy.address, get("http://evil.example/"))).status == 400
        assert (await ask(proxy.address, b"\x16\x03\x01 garbage\r\n\r\n")).status == 400
        assert (await ask(proxy.address, get("/").replace(b"GET", b"BREW"))).status == 501
        too_long = post("/", b"x" * (LONGEST_BODY + 1))
        assert (await ask(proxy.address, too_long)).status == 413
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(proxy.address).port)
        writer.write(post("/", b"half a request")[:-4])
        writer.close()
        await ask(proxy.address, get("/"))
        assert len(server.heard) == 1
        assert len(watched.refusals) == 6
    assert not [sentence for sentence in watched.refusals if not sentence.endswith(".")]


async def test_two_on_one_port_and_one_that_is_its_own_service() -> None:
    async with watching("http://127.0.0.1:1") as (proxy, _):
        port = urlsplit(proxy.address).port or 0
        with pytest.raises(UsageProblem, match=f"Cannot listen on port {port}"):
            await WatchProxy(upstream_at("http://127.0.0.1:1"), Watched(), port=port).start()
    for name in ("127.0.0.1", "localhost"):
        itself = WatchProxy(upstream_at(f"http://{name}:{port}/v1"), Watched(), port=port)
        with pytest.raises(UsageProblem, match="is this proxy itself"):
            await itself.start()
        await itself.close()


async def test_two_that_lead_to_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback_server, "MOST_CONNECTIONS", 3)
    async with watching("http://127.0.0.1:1") as (first, _), watching(first.address) as (second, watched):
        first.upstream = upstream_at(second.address)
        assert (await ask(first.address, get("/"))).status == 503
        await watched.all_ended(3)
    assert len(watched.exchanges) == 3


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://api.example/v1", "without encryption"),
        ("ftp://api.example", "not the address"),
        ("", "not the address"),
        ("https://[::1", "not the address"),
        ("https://api.example:99999", "not the address"),
        ("https://a b", "not the address"),
        ("https://\x1b[31m", "not the address"),
        ("https://user:secret@api.example", "must not contain a user name"),
    ],
)
def test_addresses_that_cannot_be_watched(address: str, problem: str) -> None:
    with pytest.raises(UsageProblem, match=problem) as raised:
        upstream_at(address)
    assert "secret" not in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_addresses_that_can_be_watched() -> None:
    assert upstream_at("http://api.example/v1/?a=b", allow_http=True).address == "http://api.example/v1"
    assert upstream_at("localhost:8000").origin == "http://localhost:8000"
    assert upstream_at("https://api.chatgrid.ai/v1").kind == "chatgrid"
    assert upstream_at("http://[::1]:8000/x").origin == "http://[::1]:8000"
