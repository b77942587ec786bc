"""Files that replies name: which redirects are followed, what is sent along, and where a download is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.download import MOST_REDIRECTS, SILENCE, LeadsElsewhere, RemoteFile, open_file
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.transport import Transport
from chatgrid_tui.errors import ChatgridError, ConnectionProblem, ServiceProblem, UsageProblem
from chatgrid_tui.markdown.links import web_address
from engine.raw import raw_server, writes
from fakes import FakeAnswer, FakeTransport, ManualClock, turns

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


def file_at(url: str, *other_hosts: str) -> RemoteFile:
    address = web_address(url)
    assert address is not None
    return RemoteFile(address, frozenset(other_hosts))


def moved(location: str, status: int = 302) -> FakeAnswer:
    return FakeAnswer(status=status, headers={"location": location})


async def read(
    transport: Transport, file: RemoteFile, limit: int = 1_000, clock: Clock = SYSTEM_CLOCK
) -> tuple[int | None, bytes]:
    """Return the size that was announced, and the content."""
    async with open_file(transport, file, limit, clock) as incoming, aclosing(incoming.pieces()) as pieces:
        return incoming.size, b"".join([piece async for piece in pieces])


async def test_a_file_is_requested_without_anything_of_a_provider(transport: HttpTransport) -> None:
    async with raw_server(writes(OK, b"Content-Length: 4\r\n\r\nab", b"cd")) as server:
        assert await read(transport, file_at(f"{server.url}/a.png?sig=1")) == (4, b"abcd")
    (head,) = server.heard
    assert head.startswith(b"GET /a.png?sig=1 HTTP/1.1\r\n")
    assert b"authorization" not in head.lower()
    assert b"cookie" not in head.lower()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (OK + b"Content-Length: 9\r\n\r\nabcd", ConnectionProblem),
        (OK + b"Content-Length: 10000000000\r\n\r\nabcd", UsageProblem),
        (OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nabcd", ConnectionProblem),
        (OK + b"\r\n" + b"x" * 2_000, UsageProblem),
        (OK + b"Content-Encoding: br\r\n\r\nabcd", ConnectionProblem),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ServiceProblem),
        (b"SSH-2.0-OpenSSH\r\n", ConnectionProblem),
    ],
    ids=["shorter than announced", "10 GB", "absurd", "endless", "unknown coding", "missing", "not HTTP"],
)
async def test_an_answer_that_is_no_whole_file_of_bounded_size(
    transport: HttpTransport, answer: bytes, error: type[ChatgridError]
) -> None:
    async with raw_server(writes(answer)) as server:
        with pytest.raises(error):
            await read(transport, file_at(server.url))


async def test_a_longer_body_than_announced_is_cut_there(transport: HttpTransport) -> None:
    async with raw_server(writes(OK + b"Content-Length: 2\r\n\r\nabcd")) as server:
        assert await read(transport, file_at(server.url)) == (2, b"ab")


async def test_a_file_that_stops_arriving_is_given_up() -> None:
    clock = ManualClock()
    transport = FakeTransport(FakeAnswer(b"ab", asyncio.Event(), headers={}))
    reading = asyncio.create_task(
        read(transport, file_at("https://a.example/f"), clock=Clock(clock, sleep=clock.sleep))
    )
    await turns()
    await clock.advance(SILENCE - 1)
    assert not reading.done()
    await clock.advance(1)
    with pytest.raises(ConnectionProblem) as caught:
        await reading
    assert caught.value.failure.cause == "silence"


async def test_redirects_within_the_host_are_followed_but_not_without_end() -> None:
    transport = FakeTransport(moved("/b"), moved("https://a.example/c", 307), FakeAnswer(b"x", headers={}))
    assert await read(transport, file_at("https://a.example/f")) == (None, b"x")
    assert [sent.request.url for sent in transport.sent] == [f"https://a.example/{path}" for path in "fbc"]
    endless = FakeTransport(*(moved("/f") for _ in range(MOST_REDIRECTS + 1)))
    with pytest.raises(UsageProblem, match="redirects more than 5 times"):
        await read(endless, file_at("https://a.example/f"))


async def test_another_host_is_named_and_only_reached_if_that_was_agreed() -> None:
    transport = FakeTransport(moved("https://cdn.example/x"))
    with pytest.raises(LeadsElsewhere, match=r"a\.example leads to cdn\.example\.") as caught:
        await read(transport, file_at("https://a.example/f"))
    assert (caught.value.host, len(transport.sent)) == ("cdn.example", 1)
    transport = FakeTransport(moved("https://cdn.example/x"), moved("//third.example/y"))
    with pytest.raises(LeadsElsewhere, match=r"leads to third\.example\."):
        await read(transport, file_at("https://a.example/f", "cdn.example"))


@pytest.mark.parametrize(
    "location",
    [
        *("https://127.0.0.1/", "https://localhost:9/", "https://127.1/", "https://2130706433/", "https://[::1]/"),
        *("https://10.0.0.5/", "https://169.254.169.254/", "https://[fd00::1]/", "https://[::ffff:192.168.1.1]/"),
    ],
)
async def test_a_public_host_does_not_lead_into_a_private_network(location: str) -> None:
    host = location.split("/")[2]
    with pytest.raises(UsageProblem, match="which is not public"):
        await read(FakeTransport(moved(location)), file_at("https://a.example/f", host))


@pytest.mark.parametrize(
    "location", ["", "file:///etc/passwd", "ftp://a.example/", "https://u@a.example/", "//[", "\\x"]
)
async def test_a_redirect_to_something_else_is_refused(location: str) -> None:
    with pytest.raises(UsageProblem, match="redirects to no web address"):
        await read(FakeTransport(moved(location)), file_at("https://a.example/f"))


@pytest.mark.parametrize(
    "start",
    [lambda: (file_at("http://a.example/f"),), lambda: (file_at("https://a.example/f"), moved("http://a.example"))],
)
async def test_nothing_is_fetched_without_encryption(
    start: Callable[[], tuple[RemoteFile, *tuple[FakeAnswer, ...]]],
) -> None:
    file, *answers = start()
    with pytest.raises(ConnectionProblem) as caught:
        await read(FakeTransport(*answers), file)
    assert caught.value.failure.cause == "insecure"
