"""`mock`: what `send` reads of a mocked service is what it read of the real one, and what is printed meanwhile."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Final

import pytest

from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import write_recordings
from chatgrid_tui.mock.book import book_of
from chatgrid_tui.mock.mock_server import MockServer
from chatgrid_tui.session.saved_recordings import load_recording_file
from cli.running import Ran, run, start, write_config
from mock.recorded import message, recording
from quiet import PATIENCE

TIMES: Final = {
    "ttfb", "ttft", "ttfo", "icl", "tpot", "tokens_per_second", "chunks_per_second", "e2el", "gaps", "reads", "burst",
    "notices",
}  # fmt: skip
"""What depends on when something came."""
MESSAGES: Final = ("Grüße 🍛", "/429 2", "/error", "/drop", "/html", "/split", "/two 0", "/500", "/badjson", "/empty")


def result(ran: Ran) -> dict[str, object]:
    """Return the object of `send --json` without times, and without ids that the client makes itself."""
    told = {name: value for name, value in ran.json.items() if name != "conversation"}
    stream = told["stream"]
    assert isinstance(stream, dict)
    return {**told, "code": ran.code, "stream": {name: stream[name] for name in stream.keys() - TIMES}}


@pytest.mark.parametrize("kind", KINDS)
async def test_send_reads_what_was_recorded(kind: Kind, demo: DemoServer, tmp_path: Path) -> None:
    """Nothing else has to be configured: the board is found, and the conversation begun."""
    original = str(write_config(tmp_path, demo))
    results: list[dict[str, object]] = []
    recordings: list[Recording] = []
    for number, text in enumerate(MESSAGES):
        file = tmp_path / f"{number}.jsonl"
        ran = await run("send", "--config", original, "--provider", kind, "--json", "--record", str(file), text)
        results.append(result(ran))
        recordings += load_recording_file(file).recordings
    async with MockServer(book_of(recordings)) as server:
        mocked = tmp_path / "mocked.toml"
        url = server.book.mounts[0].url(server.origin)
        mocked.write_text(f'[providers.mocked]\nkind = "{kind}"\nbase_url = "{url}"\n')
        for text, expected in zip(MESSAGES, results, strict=True):
            ran = await run("send", "--config", str(mocked), "--provider", "mocked", "--json", text)
            assert result(ran) == expected, text
    answered = [seen for seen in server.seen if seen.recording is not None]
    assert [(seen.recording, seen.differences) for seen in answered] == [(n, ()) for n in range(1, len(MESSAGES) + 1)]
    assert {seen.source for seen in server.seen} <= {"recording", "needed"}


def recorded_file(folder: Path) -> Path:
    """Write a recording of a refusal and one of a reply, and return the file."""
    limited = recording(
        message("openai"), (0.0, b'{"error":{"message":"slow down"}}'), status=429, headers={"retry-after": "7"}
    )
    reply = recording(message("openai"), (0.0, b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'))
    file = folder / "recorded.jsonl"
    file.write_bytes(write_recordings([limited, reply]))
    return file


async def ask(port: int, text: str) -> bytes:
    """Send a message and return the beginning of the answer."""
    content = json.dumps(message("openai", text).body).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"%sConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (head, len(content), content))
    answer = await reader.read()
    writer.close()
    return answer[:12]


async def port_of(out: asyncio.StreamReader | None) -> int:
    """Return the port in the first line that a mock prints."""
    assert out is not None
    line = (await out.readline()).decode()
    assert line.startswith("openai    http://127.0.0.1:")
    return int(line.rpartition(":")[2].removesuffix("/v1\n"))


async def test_once_ends_with_a_verdict(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        process = await start("mock", "--once", str(recorded_file(tmp_path)))
        port = await port_of(process.stdout)
        assert [await ask(port, "Hello") for _ in range(2)] == [b"HTTP/1.1 429", b"HTTP/1.1 200"]
        out, err = await process.communicate()
    lines = out.decode().splitlines()
    assert (process.returncode, err, lines[0]) == (0, b"", "")
    assert lines[1] == "2 recordings. No key is needed. Ctrl+C stops it and prints the verdict."
    assert lines[2] == '   1  "Hello"                 429, 1 read in < 1 ms, ends in order'
    assert [line.split("  ")[-1] for line in lines[5:7]] == ["recording 1, equal", "recording 2, equal"]
    assert lines[-2] == "2 requests: 2 as recorded."
    assert lines[-1].startswith("Asked to retry after 7 s; new request after ")
    assert lines[-1].endswith(": ignored. (Request 1.)")


async def test_stopping_it_prints_the_verdict_as_json(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        process = await start("mock", "--json", str(recorded_file(tmp_path)))
        port = await port_of(process.stderr)
        for text in ("Hello", "\x1b[31m"):
            await ask(port, text)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 0
    assert b"recording 2, differs: body messages[0].content" in err
    told = json.loads(out)
    assert set(told) == {"recordings", "requests", "verdict", "notes"}
    assert [(asked["recording"], asked["differences"]) for asked in told["requests"]] == [
        (1, []),
        (2, ["body messages[0].content"]),
    ]
    assert [(finding["kind"], finding["requests"]) for finding in told["verdict"]] == [("retry_after_pending", [1])]


async def test_a_mock_that_nobody_asked(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        process = await start("mock", str(recorded_file(tmp_path)))
        await port_of(process.stdout)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out.decode().splitlines()[-2:] == ["0 requests.", "Never asked for: 1, 2."]


async def test_two_mocks_at_one_port(tmp_path: Path) -> None:
    file = recorded_file(tmp_path)
    async with MockServer(book_of(load_recording_file(file).recordings)) as server:
        port = server.origin.rpartition(":")[2]
        ran = await run("mock", "--port", port, str(file))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"chatgrid-tui: Cannot listen on port {port}: Address already in use.\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "It is empty."),
        (b"hello", "Name the kind with --kind"),
        (b'{"type":"request","method":"POST","url":"https://x/v1/chat/completions","kind":"openai"}\n'
         b'{"type":"response","status":42}\n', "Recording 1 is left out: 42 is no status of an answer."),
    ],
)  # fmt: skip
async def test_files_that_cannot_be_served(content: bytes | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    ran = await run("mock", str(file))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


async def test_the_help() -> None:
    ran = await run("mock", "--help")
    assert ran.code == 0
    assert "2    bad arguments, a file that is not a recording, or a port that is taken" in ran.out
