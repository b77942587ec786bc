"""Requests through proxies on this machine: failures are attributed to the proxy or to the service."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import Callable

import pytest
import trustme

from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine import network_backend
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.model.failure import Failure, FailureCause
from engine.raw import SSE_HEAD, Handler, events_of, exchange, failure_of, get, raw_server, resets, text_of, writes
from fakes import DONE, delta

UNTIL_CLOSED = SSE_HEAD + b"Connection: close\r\n\r\n"
REPLY = writes(UNTIL_CLOSED, delta("Hello"), DONE)
CA = trustme.CA()


def answers(status: str) -> Handler:
    """Return a handler that answers with a status and nothing else."""
    return writes(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())


async def passes_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Let bytes through in both directions."""
    there, here = await asyncio.open_connection("127.0.0.1", port)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(4096):
            target.write(data)
            await target.drain()

    try:
        await asyncio.wait(
            [asyncio.create_task(copy(reader, here)), asyncio.create_task(copy(there, writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
    finally:
        here.close()


def connects_to(port: int) -> Handler:
    """Return a handler that answers CONNECT and connects to `port`, whatever was asked for."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await passes_on(reader, writer, port)

    return handler


@pytest.fixture
def trusted(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], ssl.SSLContext]:
    """Trust the authority of the tests, and return what makes the context of a server with a name."""
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    CA.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    def serving(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CA.issue_cert(name).configure_cert(context)
        return context

    return serving


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
)
async def test_this_machine_is_reached_past_any_proxy(
    variable: str, demo: DemoServer, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(answers("502 Proxy")) as proxy:
        for value in (proxy.url, "socks5://127.0.0.1:1", "nonsense://x", "http://x:99999"):
            monkeypatch.setenv(variable, value)
            for host in ("127.0.0.1", "localhost"):
                async with transport.open(get(f"http://{host}:{demo.port}/")) as answer:
                    assert answer.status == 200
        assert proxy.heard == []


async def test_plain_requests_are_passed_on(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(REPLY) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://ann:secr%C3%A9t@127.0.0.1:{proxy.port}")
        assert text_of(await events_of(exchange("http://bots.example", transport))) == "Hello"
        assert proxy.heard[0].startswith(b"POST http://bots.example/v1/chat/completions HTTP/1.1\r\n")
        assert b"\r\nProxy-Authorization: Basic YW5uOnNlY3LDqXQ=\r\n" in proxy.heard[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_encrypted_requests_go_through_a_tunnel(
    scheme: str,
    transport: HttpTransport,
    trusted: Callable[[str], ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with (
        raw_server(REPLY, trusted("bots.example")) as server,
        raw_server(connects_to(server.port), trusted("127.0.0.1") if scheme == "https" else None) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://ann:secret@127.0.0.1:{proxy.port}")
        assert text_of(await events_of(exchange("https://bots.example", transport))) == "Hello"
        (asked,) = proxy.heard
        assert asked.startswith(b"CONNECT bots.example:443 HTTP/1.1\r\n")
        assert b"\r\nProxy-Authorization: Basic YW5uOnNlY3JldA==\r\n" in asked
        assert server.heard[0].startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
        assert b"Proxy-Authorization" not in server.heard[0]


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad", "503 Busy"])
async def test_a_proxy_that_refuses_is_named(
    status: str, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(answers(status)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:secret@127.0.0.1:{proxy.port}")
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    place = f"127.0.0.1:{proxy.port} (HTTPS_PROXY)"
    assert failure == Failure("network", "proxy refused", status=int(status[:3]), place=place)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("407 Who are you", 407),
        ("503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 111", 503),
        ("502 Bad Gateway\r\nProxy-Status: p.example; error=dns_error", 502),
    ],
    ids=["407", "Squid", "RFC 9209"],
)
async def test_a_proxy_that_does_not_pass_a_plain_request_on_is_named(
    head: str, status: int, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(answers(head)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        failure = failure_of(await events_of(exchange("http://bots.example", transport)))
    place = f"127.0.0.1:{proxy.port} (HTTP_PROXY)"
    assert failure == Failure("network", "proxy refused", status=status, place=place)


@pytest.mark.parametrize("head", ["503 Busy", "502 Bad Gateway\r\nProxy-Status: cdn.example; hit"])
async def test_what_the_service_says_through_a_proxy_is_the_services(
    head: str, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(answers(head)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        failure = failure_of(await events_of(exchange("http://bots.example", transport)))
    assert failure == Failure("http", status=int(head[:3]))


async def test_errors_behind_a_tunnel_are_the_services(
    transport: HttpTransport, trusted: Callable[[str], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = answers("407 Strange\r\nProxy-Status: cdn.example; error=dns_error")
    async with raw_server(told, trusted("bots.example")) as server, raw_server(connects_to(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure == Failure("http", status=407)


NO_PROXY: dict[str, tuple[Handler, FailureCause]] = {
    "closes": (writes(), "not a proxy"),
    "resets": (resets(), "not a proxy"),
    "speaks something else": (writes(b"220 mail.example ESMTP ready\r\n"), "not a proxy"),
    "sends headers without end": (writes(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000), "not a proxy"),
    "opens a tunnel and closes it": (writes(b"HTTP/1.1 200 OK\r\n\r\n"), "no TLS"),
}


@pytest.mark.parametrize(("handler", "cause"), NO_PROXY.values(), ids=NO_PROXY)
async def test_servers_that_are_no_proxies(
    handler: Handler, cause: FailureCause, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(handler) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    place = "bots.example" if cause == "no TLS" else f"127.0.0.1:{proxy.port} (HTTPS_PROXY)"
    assert failure == Failure("network", cause, place=place)


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
@pytest.mark.parametrize("client", ["http://bots.example", "https://bots.example"])
async def test_a_proxy_that_is_not_there(
    scheme: str, client: str, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = unused_port()
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{port}")
    failure = failure_of(await events_of(exchange(client, transport)))
    assert failure == Failure("network", "proxy not reached", place=f"127.0.0.1:{port} (ALL_PROXY)")


async def test_a_proxy_with_an_unknown_host(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure == Failure("network", "unknown proxy host", place="proxy.invalid:3128 (HTTPS_PROXY)")


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_stays_silent(
    scheme: str, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_backend, "PROXY_TIMEOUT", 0.1)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(silent) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://127.0.0.1:{proxy.port}")
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure == Failure("timeout", "proxy silent", place=f"127.0.0.1:{proxy.port} (HTTPS_PROXY)")


async def test_a_proxy_whose_certificate_is_not_trusted(
    transport: HttpTransport, trusted: Callable[[str], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(answers("407 No"), trusted("other.example")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure == Failure("network", "proxy not trusted", place=f"127.0.0.1:{proxy.port} (HTTPS_PROXY)")


async def test_a_certificate_behind_a_proxy_is_the_services(
    transport: HttpTransport, trusted: Callable[[str], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(REPLY, trusted("other.example")) as server, raw_server(connects_to(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure == Failure("network", "certificate name", place="bots.example")


class Socks:
    """A proxy of SOCKS 5 that connects to `port`, or answers with the code of an error."""

    def __init__(self, port: int, code: int = 0) -> None:
        self._connects_to = port
        self._code = code
        self.asked: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            _, count = await reader.readexactly(2)
            await reader.readexactly(count)
            writer.write(b"\x05\x00")
            *_, length = await reader.readexactly(5)
            self.asked.append(await reader.readexactly(length))
            await reader.readexactly(2)
            writer.write(bytes([5, self._code, 0, 1, 0, 0, 0, 0, 0, 0]))
            if not self._code:
                await passes_on(reader, writer, self._connects_to)
        finally:
            writer.close()


@pytest.mark.parametrize("scheme", ["socks", "socks5", "socks5h"])
async def test_a_socks_proxy(
    scheme: str,
    transport: HttpTransport,
    trusted: Callable[[str], ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with raw_server(REPLY, trusted("bots.example")) as server, raw_server(REPLY) as plain:
        for url, port in (("https://bots.example", server.port), ("http://bots.example", plain.port)):
            socks = Socks(port)
            listening = await asyncio.start_server(socks, "127.0.0.1", 0)
            async with listening:
                own = HttpTransport()
                monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
                assert text_of(await events_of(exchange(url, own))) == "Hello"
                await own.close()
            assert socks.asked == [b"bots.example"]


async def test_a_socks_proxy_that_refuses(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = await asyncio.start_server(Socks(0, code=2), "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{port}")
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure is not None
    assert (failure.cause, failure.place) == ("proxy refused", f"127.0.0.1:{port} (ALL_PROXY)")
    assert failure.message == "Proxy Server could not connect: Connection not allowed by ruleset."


async def test_a_host_too_long_for_socks(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = await asyncio.start_server(Socks(0), "127.0.0.1", 0)
    async with listening:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
        host = "a." * 130 + "example"
        failure = failure_of(await events_of(exchange(f"https://{host}", transport)))
    assert failure == Failure("network", "unusable address", place=host)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not a proxy"),
        (b"\x05", "not a proxy"),
        (b"\x04\x00", "not a proxy"),
        (b"", "not a proxy"),
        (b"\x05\xff", "proxy refused"),
    ],
)
async def test_servers_that_speak_no_socks_or_refuse_the_login(
    answer: bytes, cause: FailureCause, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{port}")
        failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure is not None
    assert (failure.cause, failure.place) == (cause, f"127.0.0.1:{port} (ALL_PROXY)")


async def test_without_the_extra_only_what_needs_socks_fails(
    demo: DemoServer, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,direct.invalid")
    failure = failure_of(await events_of(exchange("https://bots.example", transport)))
    assert failure == Failure("network", "no SOCKS", place="ALL_PROXY")
    failure = failure_of(await events_of(exchange("https://direct.invalid", transport)))
    assert failure is not None
    assert failure.place == "direct.invalid"
    async with transport.open(get(f"http://localhost:{demo.port}/")) as answer:
        assert answer.status == 200
