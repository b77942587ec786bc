"""A recorded request as a command and as a program: a real shell, cURL and httpx send the same request."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Final, TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatgrid_tui.config.curl import read_command
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.catalogue import ECHO, KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import DemoKeys
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import read_recordings, write_recording
from chatgrid_tui.engine.request_export import (
    BODY_FILE,
    ExportedRequest,
    Variable,
    as_curl,
    as_httpx,
    export_request,
    key_variable,
)
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing, Request
from engine.raw import Handler, RawServer, events_of, raw_server, text_of, writes
from fakes import StartDemo
from planted import PLANTED

KEYS: Final = DemoKeys(chatgrid=PLANTED, chatiq=PLANTED, widget=PLANTED, openai=PLANTED)
TEXT: Final = """It's "here": $HOME `id` \\ 100% 'ü' \u65e5\u672c !! {a,b}\n@end\\"""
CAPTURE: Final = '#!/bin/sh\nprintf \'%s\\0\' "$#" "$@" >> "$CAPTURED"\n'
Sends: TypeAlias = Callable[[ExportedRequest, Path], Awaitable[bytes]]


async def _output(*command: str, folder: Path) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, "ACME_KEY": PLANTED}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    return output


async def _with_curl(request: ExportedRequest, folder: Path) -> bytes:
    if request.body_file is not None:
        (folder / BODY_FILE).write_bytes(request.body_file)
    return await _output("sh", "-c", as_curl(request), folder=folder)


async def _with_httpx(request: ExportedRequest, folder: Path) -> bytes:
    (folder / "program.py").write_text(as_httpx(request), encoding="utf-8")
    return await _output(sys.executable, "program.py", folder=folder)


def _relay(demo: DemoServer, server: Callable[[], RawServer]) -> Handler:
    """Return a handler that passes a request on to the bots, and their answer back."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bots, to_bots = await asyncio.open_connection("127.0.0.1", demo.port)
        head, _, body = server().heard[-1].partition(b"\r\n\r\n")
        head = re.sub(rb"(?i)\r\n(connection|host):[^\r]*", b"", head)
        head += f"\r\nHost: 127.0.0.1:{demo.port}\r\nConnection: close".encode()
        try:
            to_bots.write(head + b"\r\n\r\n" + body)
            while piece := await bots.read(4096):
                writer.write(piece)
        finally:
            to_bots.close()
            await to_bots.wait_closed()

    return handler


def _request(heard: bytes) -> tuple[str, bytes, bytes]:
    """Return the first line of a request, the value of the header with the key, and the body."""
    head, _, body = heard.partition(b"\r\n\r\n")
    key = re.search(rb"(?i)\r\n(?:authorization|x-api-key): ([^\r]*)", head)
    return head.split(b"\r\n")[0].decode(), key[1] if key else b"", body


SENDING: Final[dict[str, Sends]] = {"curl": _with_curl, "httpx": _with_httpx}


@pytest.mark.parametrize("sending", SENDING)
@pytest.mark.parametrize("kind", KINDS)
async def test_the_service_gets_the_same_request_again(
    kind: Kind, sending: str, tmp_path: Path, start_demo: StartDemo, transport: HttpTransport
) -> None:
    if sending == "curl" and shutil.which("curl") is None:
        pytest.skip("cURL is not installed")
    demo = await start_demo(DemoServer(pace=0, keys=KEYS))
    async with raw_server(_relay(demo, lambda: relay)) as relay:
        base = demo.base_url(kind, ECHO).replace(str(demo.port), str(relay.port))
        provider = Provider("acme", kind, base, headers=(("X-Tenant", "it's mine"),))
        client = Client(provider, transport, _find_key)
        board = ECHO.board_id if kind == "chatgrid" else ECHO.slug
        conversation = await client.begin_conversation(board)
        exchange = await client.send(Outgoing(provider, board, TEXT, conversation))
        assert text_of(await events_of(exchange)) == TEXT
        (recording,) = read_recordings(write_recording(exchange.recordings[-1]))
        request = export_request(recording, provider, "ACME_KEY")
        first = relay.heard[-1]
        output = await SENDING[sending](request, tmp_path)
        assert _request(relay.heard[-1]) == _request(first)
        assert b"X-Tenant: it's mine" in relay.heard[-1]
        assert PLANTED.encode() in first
        assert recording.body[:5] in output
        assert PLANTED not in as_curl(request) + as_httpx(request)
        read = read_command(as_curl(request))
        assert (read.kind, read.address, read.variable) == (kind, base, "ACME_KEY")
        assert read.board == ("" if kind == "widget" else board)
        assert ("X-Tenant", "it's mine") in read.headers


async def _find_key() -> Secret | None:
    return Secret(PLANTED)


@pytest.mark.parametrize(
    "body",
    [b"\0a\xff\n", b"@/etc/passwd", b"a" * 200_000, "a\u200bb".encode(), b"it's\r\n", b"", b"\xed\xa0\x80"],
    ids=["bytes", "at sign", "long", "invisible", "line end", "empty", "surrogate"],
)
@pytest.mark.parametrize("sending", SENDING)
async def test_any_body_arrives_as_it_was(sending: str, body: bytes, tmp_path: Path) -> None:
    if sending == "curl" and shutil.which("curl") is None:
        pytest.skip("cURL is not installed")

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes")

    async with raw_server(handler) as server:
        request = ExportedRequest("POST", (f"{server.url}/a",), (("Content-Type", ("x/y",)),), body)
        output = await SENDING[sending](request, tmp_path)
        assert b"yes" in output
        assert _request(server.heard[-1])[2] == body


@pytest.mark.parametrize("sending", SENDING)
async def test_a_request_for_a_head_waits_for_no_body(sending: str, tmp_path: Path) -> None:
    if sending == "curl" and shutil.which("curl") is None:
        pytest.skip("cURL is not installed")
    async with raw_server(writes(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")) as server:
        output = await SENDING[sending](ExportedRequest("HEAD", (server.url,), (), None), tmp_path)
        assert b"200" in output
        assert server.heard[-1].startswith(b"HEAD / ")


TEXTS: Final = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
NAMES: Final = st.text("abcXYZ0189-_!#$%&'*+.^`|~", min_size=1, max_size=12)
VALUES: Final = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60)
REQUESTS: Final = st.builds(
    lambda tail, headers, body: Recording(
        Request("POST", f"https://bots.example/{tail}", None, tuple(headers.items())),
        "openai",
        redacted=("authorization",),
        unknown={"request": {"postData": {"mimeType": "text/plain", "text": body}}},
    ),
    TEXTS,
    st.dictionaries(NAMES, VALUES, max_size=4),
    TEXTS,
)


@settings(max_examples=20)
@given(st.lists(REQUESTS, min_size=10, max_size=20))
@example([Recording(Request("GET", "https://a.example/{a,b}[1-9]?q=''\"$(id)`id`!"))])
def test_a_shell_passes_on_exactly_what_was_exported(
    tmp_path_factory: pytest.TempPathFactory, recordings: list[Recording]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "shell"
    folder.mkdir(exist_ok=True)
    (folder / "curl").write_text(CAPTURE)
    (folder / "curl").chmod(0o700)
    captured = folder / "captured"
    captured.unlink(missing_ok=True)
    requests = [export_request(recording, None) for recording in recordings]
    script = folder / "script"
    script.write_text("\n".join(map(as_curl, requests)), encoding="utf-8", newline="")
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "CAPTURED": str(captured), "API_KEY": "k 'e\"y$"}
    assert os.spawnve(os.P_WAIT, "/bin/sh", ["sh", str(script)], environment) == 0
    words = iter(captured.read_bytes().decode().split("\0"))
    for request in requests:
        arguments = [next(words) for _ in range(int(next(words)))]
        assert arguments == _arguments(request)


def _arguments(request: ExportedRequest) -> list[str]:
    """Return the arguments that cURL should get."""

    def text(parts: tuple[str | Variable, ...]) -> str:
        return "".join("k 'e\"y$" if isinstance(part, Variable) else part for part in parts)

    url = text(request.url)
    patterns = ["-g"] if any(sign in url for sign in "[]{}") else []
    words = ["-N", "-sS", *patterns, "-X", request.method, url]
    for name, value in request.headers:
        words += ["-H", f"{name}: {text(value)}" if text(value) else f"{name};"]
    if request.body is not None:
        in_file = request.body_file is not None
        words += ["--data-binary", f"@{BODY_FILE}" if in_file else request.body.decode()]
    return words


@settings(max_examples=200)
@given(REQUESTS)
def test_the_program_says_exactly_what_was_exported(recording: Recording) -> None:
    request = export_request(recording, None)
    sent: list[tuple[object, ...]] = []

    @contextmanager
    def stream(method: str, url: str, *, headers: object, content: bytes, timeout: None) -> Iterator[SimpleNamespace]:
        sent.append((method, url, headers, content))
        yield SimpleNamespace(status_code=200, iter_lines=list)

    _, beginning, rest = as_httpx(request).partition("headers = {")
    environment = SimpleNamespace(environ={"API_KEY": "the key"})
    exec(
        beginning + rest, {"os": environment, "httpx": SimpleNamespace(stream=stream), "print": lambda *_, **__: None}
    )
    headers = {
        name: "".join("the key" if isinstance(part, Variable) else part for part in value)
        for name, value in request.headers
    }
    assert sent == [(request.method, *request.url, headers, request.body)]


def test_headers_and_keys() -> None:
    provider = Provider(
        "my bot-1", "openai", "https://bots.example/v1", headers=(("X-Tenant", "a"), ("X-Gateway-Key", "secret"))
    )
    headers = (
        ("Host", "bots.example"), ("Content-Length", "9"), ("Accept-Encoding", "gzip"), ("Accept", "text/html"),
        ("Cookie", "s=1"), ("X-Empty", ""), ("Bad Name", "1"), ("@file", "1"), ("X-Line", "a\r\nX-Other: b"),
    )  # fmt: skip
    recording = Recording(
        Request("POST", "https://bots.example/v1?code=[key ...stuv]&v=1", {"a": 1}, headers),
        redacted=("authorization", "x-tenant", "x-gateway-key", "x-forgotten"),
    )
    request = export_request(recording, provider, "not a name")
    assert as_curl(request) == (
        """curl -N -sS -X POST 'https://bots.example/v1?code='"$CODE"'&v=1' \\
  -H "Authorization: Bearer $MY_BOT_1_KEY" \\
  -H 'X-Tenant: a' \\
  -H "X-Gateway-Key: $X_GATEWAY_KEY" \\
  -H "x-forgotten: $X_FORGOTTEN" \\
  -H 'Accept: text/html' \\
  -H "Cookie: $COOKIE" \\
  -H 'X-Empty;' \\
  -H 'Content-Type: application/json' \\
  --data-binary '{"a":1}'"""
    )
    assert request.variables == ("CODE", "MY_BOT_1_KEY", "X_GATEWAY_KEY", "X_FORGOTTEN", "COOKIE")
    other = replace(recording, request=replace(recording.request, headers=(("Host", "other.example"),)))
    assert "-H 'Host: other.example'" in as_curl(export_request(other, provider))
    with_header = replace(provider, key_header="api-key")
    own = replace(recording, redacted=("api-key",))
    assert '-H "api-key: $KEY_VAR"' in as_curl(export_request(own, with_header, "KEY_VAR"))
    assert "'@/tmp/it'\\''s.bin'" in as_curl(replace(request, body=b"\xff"), "/tmp/it's.bin")


@pytest.mark.parametrize(("name", "variable"), [("3scale", "_3SCALE_KEY"), ("…", "SECRET_KEY"), ("acme", "ACME_KEY")])
def test_names_of_variables(name: str, variable: str) -> None:
    assert key_variable(Provider(name, "openai", "https://a.example")) == variable


@pytest.mark.parametrize("url", ["file:///etc/passwd", "--output=x", "https://", "https://[", "", "scp://a.example"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageProblem, match="cannot be used"):
        export_request(Recording(Request("POST", url)), None)


def test_a_body_that_is_not_what_it_says_is_refused() -> None:
    data = {"text": "a", "encoding": "base64"}
    recording = Recording(Request("POST", "https://a.example"), unknown={"request": {"postData": data}})
    with pytest.raises(UsageProblem, match="cannot be read"):
        export_request(recording, None)
