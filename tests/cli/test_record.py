"""`send --record`: what went over the wire, in a file that `decode` reads as `send` read the stream."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.recording_files import read_recording_file
from cli.running import Ran, environment, run, start, write_config
from planted import PLANTED
from quiet import PATIENCE


@pytest.fixture
def config(demo: DemoServer, tmp_path: Path) -> str:
    return str(write_config(tmp_path, demo))


async def send(config: str, kind: str, *arguments: str) -> Ran:
    return await run("send", "--config", config, "--provider", kind, *arguments)


@pytest.mark.parametrize("kind", KINDS)
async def test_decode_reads_what_send_recorded(kind: Kind, config: str, tmp_path: Path) -> None:
    messages = ("Grüße 🍛", "/two", "/error", "/drop", "/noend", "/badjson", "/500", "/html", "/escape")
    for number, message in enumerate(messages):
        suffix = (".jsonl", ".har", ".jsonl.gz")[number % 3]
        file = tmp_path / f"{number}{suffix}"
        sent = await send(config, kind, "--json", "--record", str(file), message)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        decoded = await run("decode", "--json", str(file))
        assert (decoded.code, decoded.err) == (sent.code, ""), message
        assert _without_times(decoded.json) == _without_times(sent.json), message


def _without_times(said: dict[str, object]) -> dict[str, object]:
    """Return what was printed, with the figures that do not depend on how times are rounded."""
    stream = said["stream"]
    assert isinstance(stream, dict)
    figures = {name: stream[name] for name in ("reads", "events", "bytes", "burst", "form")}
    return said | {"stream": figures | {"notices": [notice["kind"] for notice in stream["notices"]]}}


async def test_text_is_decoded_as_well(config: str) -> None:
    sent = await send(config, "chatiq", "--record", "a.har", "/two")
    assert (sent.code, sent.err) == (0, "")
    decoded = await run("decode", "a.har")
    assert decoded == sent
    piped = await run("decode", "-", stdin=Path("a.har").read_bytes())
    assert piped == sent


async def test_nothing_is_sent_if_the_file_cannot_be_written(config: str, tmp_path: Path) -> None:
    (tmp_path / "there.jsonl").write_text("mine")
    for name, problem in (("there.jsonl", "already exists"), ("no/such.har", "There is no folder"), ("", "a folder")):
        ran = await send(config, "openai", "--record", str(tmp_path / name), "Hello")
        assert (ran.code, ran.out) == (2, "")
        assert problem in ran.err
    assert (tmp_path / "there.jsonl").read_text() == "mine"


async def test_a_full_disk_loses_the_recording_but_not_the_reply(
    config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = await send(config, "openai", "--record", "a.jsonl", "Hello")
    assert (ran.code, ran.out) == (1, "Hello\n")
    assert "The recording was not saved: " in ran.err
    assert "No space left on device" in ran.err
    assert not Path("a.jsonl").exists()


async def test_without_a_request_there_is_nothing_to_save() -> None:
    Path("config.toml").write_text('[providers.a]\nkind = "chatgrid"\nbase_url = "http://127.0.0.1:1/v1"\n')
    ran = await run("send", "--config", "config.toml", "--record", "a.jsonl", "Hi")
    assert (ran.code, Path("a.jsonl").exists()) == (5, False)
    assert "The recording was not saved: Nothing was sent." in ran.err


async def test_no_key_is_recorded(demo: DemoServer, tmp_path: Path) -> None:
    file = write_config(tmp_path, demo)
    file.write_text(file.read_text().replace('kind = "openai"', 'kind = "openai"\napi_key_env = "A_KEY"'))
    os.environ["A_KEY"] = PLANTED
    for name in ("a.jsonl", "a.har"):
        await send(str(file), "openai", "--record", name, f"my key is {PLANTED}")
        assert PLANTED not in Path(name).read_text()
        assert "[key ...9f3a]" in Path(name).read_text()


async def test_a_reply_that_is_stopped_is_saved(demo: DemoServer, config: str) -> None:
    process = await start(*("send", "--config", config, "--provider", "openai", "--record", "a.jsonl", "/stall 60"))
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        await process.stdout.readuntil(b"60 s.")
        process.send_signal(signal.SIGINT)
        await process.communicate()
    (recording,) = read_recording_file(Path("a.jsonl").read_bytes()).recordings
    assert recording.end is not None
    assert recording.end.reason == "stopped"
    decoded = await run("decode", "a.jsonl")
    assert (process.returncode, decoded.code) == (130, 130)
    assert decoded.out == "I say this much, then nothing for 60 s.\n"


async def test_a_reply_that_nobody_reads_any_more_is_saved(config: str) -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatgrid_tui", "send", "--config", config, "--provider", "openai"),
        *("--record", "a.jsonl", "Hello"),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    os.close(writing)
    os.close(reading)
    async with asyncio.timeout(PATIENCE):
        _, err = await process.communicate()
    assert (process.returncode, err) == (141, b"")
    assert read_recording_file(Path("a.jsonl").read_bytes()).recordings
