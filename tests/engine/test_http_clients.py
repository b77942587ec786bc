"""What the transport loads, and when: certificates for https only, and nothing unneeded."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys

import httpcore
import pytest

from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.import_blocking import import_blocked
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.request import Request
from engine.raw import SSE_HEAD, events_of, exchange, raw_server, text_of, writes
from fakes import DONE, delta


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note whenever certificates are read."""
    noted: list[str] = []
    load = ssl.create_default_context

    def noting(*arguments: object, **named: object) -> ssl.SSLContext:
        noted.append("certificates")
        return load()

    monkeypatch.setattr(ssl, "create_default_context", noting)
    return noted


async def test_certificates_are_read_for_https_only(loaded: list[str]) -> None:
    transport = HttpTransport()
    transport.prepare(tls=False)
    async with raw_server(writes(SSE_HEAD + b"Connection: close\r\n\r\n", delta("Hello"), DONE)) as server:
        assert text_of(await events_of(exchange(server.url, transport))) == "Hello"
        assert loaded == []
        with pytest.raises(ConnectionProblem):
            async with transport.open(Request("GET", "HTTPS://127.0.0.1:1/")):
                pass
    assert loaded == ["certificates"]
    await transport.close()


async def test_two_requests_at_once_share_a_client(loaded: list[str]) -> None:
    transport = HttpTransport()

    async def refused() -> None:
        with pytest.raises(ConnectionProblem):
            async with transport.open(Request("GET", "https://127.0.0.1:1/")):
                pass

    await asyncio.gather(refused(), refused())
    assert loaded == ["certificates"]
    await transport.close()


def test_the_plain_client_would_trust_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts: list[ssl.SSLContext] = []
    monkeypatch.setattr(httpcore, "AsyncConnectionPool", lambda *, ssl_context, **_: contexts.append(ssl_context))
    HttpTransport().prepare(tls=False)
    (context,) = contexts
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.get_ca_certs() == []


def test_the_command_line_of_httpx_is_left_out() -> None:
    code = "import sys, chatgrid_tui.engine.http; print(*{'httpx._main', 'click', 'pygments'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_a_blocked_module_cannot_be_imported() -> None:
    with import_blocked("this"), pytest.raises(ModuleNotFoundError):
        import this  # noqa: F401
    assert "this" not in sys.modules
    with import_blocked("json"):
        import json
    assert sys.modules["json"] is json
