"""Encrypted connections: each problem is reported as what it is, and nothing is sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from chatgrid_tui.engine import http
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.model.failure import Failure, FailureCause
from engine.raw import SSE_HEAD, RawServer, events_of, exchange, failure_of, raw_server, text_of, writes
from fakes import DONE, delta

REPLY = writes(SSE_HEAD + b"Connection: close\r\n\r\n", delta("Hello"), DONE)
CA = trustme.CA()
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return what a server with a certificate encrypts with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return what a server encrypts with whose certificate only itself has signed."""
    authority = trustme.CA()
    authority.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Trust the authority of the tests, and return the file that says so."""
    file = tmp_path / "ca.pem"
    CA.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def https(server: RawServer) -> str:
    return f"https://127.0.0.1:{server.port}"


async def test_a_certificate_that_is_trusted(trusted: Path, transport: HttpTransport) -> None:
    async with raw_server(REPLY, serving(CA.issue_cert("127.0.0.1"))) as server:
        assert text_of(await events_of(exchange(https(server), transport))) == "Hello"


NOT_TRUSTED: dict[str, tuple[Callable[[Path], ssl.SSLContext], FailureCause]] = {
    "another name": (lambda _: serving(CA.issue_cert("other.example")), "certificate name"),
    "another address": (lambda _: serving(CA.issue_cert("127.0.0.9")), "certificate name"),
    "expired": (lambda _: serving(CA.issue_cert("127.0.0.1", not_after=NOW - DAY)), "certificate expired"),
    "not yet": (
        lambda _: serving(CA.issue_cert("127.0.0.1", not_before=NOW + DAY, not_after=NOW + 2 * DAY)),
        "certificate not yet valid",
    ),
    "another authority": (lambda _: serving(trustme.CA().issue_cert("127.0.0.1")), "certificate issuer"),
    "self-signed": (self_signed, "certificate self-signed"),
}


@pytest.mark.parametrize(("server_side", "cause"), NOT_TRUSTED.values(), ids=NOT_TRUSTED)
async def test_what_is_wrong_with_a_certificate_is_said(
    server_side: Callable[[Path], ssl.SSLContext],
    cause: FailureCause,
    trusted: Path,
    transport: HttpTransport,
    tmp_path: Path,
) -> None:
    async with raw_server(REPLY, server_side(tmp_path)) as server:
        failure = failure_of(await events_of(exchange(https(server), transport)))
        assert failure == Failure("network", cause, place=f"127.0.0.1:{server.port}")
        assert server.heard == []


NO_HANDSHAKE: dict[str, tuple[bytes, FailureCause]] = {
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no TLS"),
    "mail": (b"220 mail.example ESMTP ready\r\n", "no TLS"),
    "closed": (b"", "no TLS"),
    "no common encryption": (b"\x15\x03\x03\x00\x02\x02\x28", "TLS refused"),
    "too old a version": (b"\x15\x03\x03\x00\x02\x02\x46", "TLS refused"),
}


@pytest.mark.parametrize(("answer", "cause"), NO_HANDSHAKE.values(), ids=NO_HANDSHAKE)
async def test_https_to_a_port_that_does_not_shake_hands(
    answer: bytes, cause: FailureCause, transport: HttpTransport
) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with listening:
        place = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        failure = failure_of(await events_of(exchange(f"https://{place}", transport)))
    assert failure == Failure("network", cause, place=place)


async def test_https_to_a_port_that_stays_silent(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT_TIMEOUT", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listening:
        place = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        failure = failure_of(await events_of(exchange(f"https://{place}", transport)))
    assert failure == Failure("timeout", "TLS not answered", place=place)


async def test_a_server_that_wants_a_certificate_of_us(trusted: Path, transport: HttpTransport) -> None:
    context = serving(CA.issue_cert("127.0.0.1"))
    context.load_verify_locations(trusted)
    context.verify_mode = ssl.CERT_REQUIRED

    def serve(listening: socket.socket) -> None:
        connection = listening.accept()[0]
        with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as encrypted:
            with suppress(ssl.SSLError):
                encrypted.do_handshake()
            while socket.socket.recv(encrypted, 4096):  # what is not read would reset the connection
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:  # asyncio's own would close without a word
        serving_one = asyncio.create_task(asyncio.to_thread(serve, listening))
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        failure = failure_of(await events_of(exchange(f"https://{place}", transport)))
        await serving_one
    assert failure == Failure("network", "client certificate", place=place)


async def test_http_to_a_port_that_speaks_tls(transport: HttpTransport) -> None:
    async with raw_server(REPLY, serving(CA.issue_cert("127.0.0.1"))) as server:
        failure = failure_of(await events_of(exchange(server.url, transport)))
    assert failure == Failure("network", "TLS expected", place=f"127.0.0.1:{server.port}")


UNUSABLE: dict[str, tuple[str, str, FailureCause]] = {
    "no such file": ("SSL_CERT_FILE", "missing/ca.pem", "certificates unreadable"),
    "an empty file": ("SSL_CERT_FILE", "empty.pem", "no certificates"),
    "a file of something else": ("SSL_CERT_FILE", "words.pem", "no certificates"),
    "a folder for a file": ("SSL_CERT_FILE", "folder", "no certificates"),
    "no such folder": ("SSL_CERT_DIR", "missing", "certificates unreadable"),
    "a file for a folder": ("SSL_CERT_DIR", "empty.pem", "certificates unreadable"),
    "an empty folder": ("SSL_CERT_DIR", "folder", "no certificates"),
    "a log that cannot be made": ("SSLKEYLOGFILE", "missing/keys.log", "key log"),
    "a folder for a log": ("SSLKEYLOGFILE", "folder", "key log"),
}


@pytest.mark.parametrize(("variable", "name", "cause"), UNUSABLE.values(), ids=UNUSABLE)
async def test_files_of_the_environment_that_cannot_be_used(
    variable: str,
    name: str,
    cause: FailureCause,
    tmp_path: Path,
    transport: HttpTransport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty.pem").touch()
    (tmp_path / "words.pem").write_text("-----BEGIN CERTIFICATE-----\nwords\n")
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv(variable, str(tmp_path / name))
    transport.prepare(tls=True)
    async with raw_server(REPLY) as server:
        failure = failure_of(await events_of(exchange(https(server), transport)))
        assert failure == Failure("network", cause, place=f"{variable} ({tmp_path / name})")
        assert text_of(await events_of(exchange(server.url, transport))) == "Hello"


async def test_a_file_that_can_be_used_again_is_used(
    trusted: Path, transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = trusted.read_bytes()
    trusted.unlink()
    async with raw_server(REPLY, serving(CA.issue_cert("127.0.0.1"))) as server:
        assert failure_of(await events_of(exchange(https(server), transport))) is not None
        trusted.write_bytes(certificate)
        assert text_of(await events_of(exchange(https(server), transport))) == "Hello"
