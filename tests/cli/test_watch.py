"""`watch --print`: a line for each exchange, and a file with all of them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest

from chatgrid_tui.cli.recording_log import RecordingLog
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.recording_format import read_recordings
from chatgrid_tui.errors import UsageProblem
from cli.running import run_process, start
from engine.raw import recorded
from fakes import DONE, delta
from quiet import PATIENCE
from watch.watching import ask, get, post

REFUSED = "a client was refused  "
HELLO = b'{"model": "echo", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'


async def test_lines_and_recordings_of_exchanges(demo: DemoServer, tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    arguments = ("watch", "--print", "--upstream", demo.base_url("openai"), "--record", str(file))
    process = await start(*arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        said = (await process.stderr.readline()).decode()
        address = said.split()[-1]
        assert said == f"Watching {demo.base_url('openai')}. Point the client at {address}\n"
        await ask(address, get("/openai/v1/models"))
        await ask(address, post("/openai/v1/chat/completions", HELLO))
        await ask(address, post("/openai/v1/chat/completions", b"{}"))
        await ask(address, b"garbage\r\n\r\n")
        lines: list[str] = []
        while len(lines) < 4:
            line = (await process.stdout.readline()).decode().strip()
            if len(lines) == 3 or REFUSED not in line:  # another program may have tried this port before
                lines.append(line)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"Ctrl+C ends it.\n")
    at = r"\d\d:\d\d:\d\d  "
    time = r"(< )?[\d.]+ m?s"
    assert re.fullmatch(at + rf"GET /openai/v1/models  200  [\d.]+ k?B  {time}  body complete", lines[0])
    reply = rf"200  \d+ records  [\d.]+ k?B  TTFT {time}  {time}  after end mark"
    assert re.fullmatch(at + "POST /openai/v1/chat/completions  " + reply, lines[1])
    assert re.fullmatch(at + r"POST /openai/v1/chat/completions  4\d\d  .*  body complete", lines[2])
    assert re.fullmatch(at + REFUSED + ".*", lines[3])
    recordings = read_recordings(file.read_bytes())
    assert [recording.status // 100 for recording in recordings] == [2, 2, 4]
    assert os.stat(file).st_mode & 0o777 == 0o600


async def test_what_cannot_be_watched_is_said() -> None:
    for arguments, said in (
        (("--upstream", "http://api.example"), "--allow-http"),
        (("--upstream", "https://api.example", "--allow-origin", "*"), "is not an origin"),
        (("--upstream", "https://api.example", "--record", "/"), "cannot be written"),
    ):
        ran = await run_process("watch", "--print", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err


def test_recordings_are_added_to_a_file_of_recordings_only(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    for _ in range(2):
        log = RecordingLog(file)
        log.add(recorded((0.1, delta("Hello")), (0.2, DONE)))
        log.close()
        assert file.stat().st_mode & 0o777 == 0o600
        file.chmod(0o644)
    assert [recording.read_count for recording in read_recordings(file.read_bytes())] == [2, 2]
    for content in (b"# Notes\n", file.read_bytes()[:-9]):
        file.write_bytes(content)
        with pytest.raises(UsageProblem, match="not a recording that can be added to"):
            RecordingLog(file)
        assert (file.read_bytes(), file.stat().st_mode & 0o777) == (content, 0o644)


def test_a_file_that_cannot_be_read_is_closed(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    free = os.dup(0)
    os.close(free)
    with pytest.raises(UsageProblem, match="cannot be written"):
        RecordingLog(pipe)
    next_free = os.dup(0)
    os.close(next_free)
    assert next_free == free
