"""No key of a client is recorded, reported or printed, even if the service echoes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgrid_tui.cli.recording_log import RecordingLog
from chatgrid_tui.cli.watch import line_of
from chatgrid_tui.engine.recording_format import write_recording
from engine.raw import SSE_HEAD, raw_server, writes
from fakes import DONE, delta
from planted import BODY, PLANTED, leaks
from watch.watching import ask, get, post, watching

CHAT = "/v1/chat/completions"
HALVES = (PLANTED[:14], PLANTED[14:])


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(CHAT, b'{"messages": []}', f"Authorization: Bearer {PLANTED}"),
        post(CHAT, b'{"messages": []}', f"api-key: {PLANTED}"),
        post(CHAT, b"{}", f"X-Widget-Api-Key: {PLANTED}"),
        post(CHAT, b"{}", f"Cookie: a=b; session={PLANTED}"),
        post(f"{CHAT}?key={PLANTED}", b"{}"),
        get(f"/v1/models?access_token={PLANTED}"),
        post(CHAT, b'{"messages": [{"content": "%b"}]}' % PLANTED.encode(), f"x-api-key: {PLANTED}"),
        post(CHAT, b'{"apiKey": "%b"}' % PLANTED.encode()),
        post(CHAT, b'{"config": [{"Authorization": "Bearer %b"}]}' % PLANTED.encode()),
        post(CHAT, b"%b\xff" % PLANTED.encode(), f"x-api-key: {PLANTED}"),
    ],
    ids=[
        "bearer",
        "api-key",
        "widget",
        "cookie",
        "query",
        "token",
        "in the body",
        "member",
        "nested member",
        "not JSON",
    ],
)
async def test_a_key_is_nowhere_but_on_the_wire(request_bytes: bytes, tmp_path: Path) -> None:
    head = SSE_HEAD + f"X-Echo: {PLANTED}\r\nSet-Cookie: k={PLANTED}\r\n".encode()
    body = (
        delta(f"You sent {PLANTED}.")
        + delta(HALVES[0])
        + delta(HALVES[1])
        + b": "
        + PLANTED.encode()
        + b"\n\n"
        + DONE
    )
    answer = writes(head + f"Content-Length: {len(body)}\r\n\r\n".encode(), body[:30], body[30:])
    async with raw_server(answer) as server, watching(server.url, kind="openai") as (proxy, watched):
        got = await ask(proxy.address, request_bytes)
        await watched.all_ended()
        assert PLANTED.encode() in server.heard[0]
    assert (got.body, ("x-echo", PLANTED) in got.headers()) == (body, True)
    recording = watched.recording
    shown = [line_of(watched.exchanges[0]), recording.url, repr(watched.events), repr(recording.headers)]
    shown += [write_recording(recording).decode(), recording.body.decode().replace('"', "")]
    assert [text for text in shown if BODY in text] == []
    log = RecordingLog(tmp_path / "all.jsonl")
    log.add(recording)
    log.close()
    assert leaks([tmp_path]) == []


async def test_a_key_in_no_known_place_is_not_recorded_as_a_header() -> None:
    async with (
        raw_server(writes(b"HTTP/1.1 204 Nothing\r\n\r\n")) as server,
        watching(server.url) as (proxy, watched),
    ):
        await ask(proxy.address, get("/v1/models", f"X-Tenant: {PLANTED}"))
        await watched.all_ended()
    written = write_recording(watched.recording)
    assert BODY.encode() not in written
    assert b'"redacted":["x-tenant"]' in written
