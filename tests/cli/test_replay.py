"""`replay` without a screen: recorded replies printed as `send` printed them."""

from __future__ import annotations

import gzip
import json
from contextlib import aclosing
from pathlib import Path

import pytest

from chatgrid_tui.cli.outcome import exit_code, reply_json
from chatgrid_tui.config.settings import load
from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.metered_trace import report_of
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_files import read_recording_file
from chatgrid_tui.engine.recording_format import write_recordings
from chatgrid_tui.model.request import Outgoing
from chatgrid_tui.session.turns.turn_run import TurnRun
from cli.running import Ran, controls_in, run, write_config
from engine.raw import recorded
from fakes import DONE, delta

MESSAGES = (
    "Grüße 🍛",
    "/two",
    "/file",
    "/error",
    "/drop",
    "/noend",
    "/badjson",
    "/500",
    "/html",
    "/escape",
    "/think",
)


async def sent(config: Path, kind: Kind, message: str) -> TurnRun:
    """Send a message as `send` does, and return the turn, which has ended."""
    provider = load(config).providers[kind]

    async def no_key() -> None:
        return None

    transport = HttpTransport()
    run = TurnRun(Client(provider, transport, no_key), Outgoing(provider, "", message))
    async with aclosing(run.steps()) as steps:
        async for _ in steps:
            pass
    await transport.close()
    return run


def written(file: Path, *recordings: Recording) -> str:
    """Write recordings into a file, and return its name."""
    file.write_bytes(write_recordings(recordings))
    return str(file)


async def replay(file: str, *arguments: str, stdin: bytes = b"") -> Ran:
    return await run("replay", *arguments, file, stdin=stdin)


@pytest.mark.parametrize("kind", KINDS)
async def test_it_prints_what_send_printed(kind: Kind, demo: DemoServer, tmp_path: Path) -> None:
    config = write_config(tmp_path, demo)
    for message in MESSAGES:
        turn = await sent(config, kind, message)
        file = written(tmp_path / "file.jsonl", *turn.recordings)
        recordings = read_recording_file(Path(file).read_bytes()).recordings  # with times in six digits
        stream = report_of(recordings, DIALECTS[kind])
        printed = reply_json(turn.reply, turn.remote_id or None, with_conversation=True, stream=stream)
        ran = await replay(file, "--json")
        assert (ran.code, ran.out, ran.err) == (exit_code(turn.reply), f"{printed}\n", ""), message


def reply(*reads: tuple[float, bytes]) -> Recording:
    return recorded((0.01, delta("Hello")), *reads)


async def test_text_and_notes(tmp_path: Path) -> None:
    file = written(tmp_path / "file.jsonl", reply((0.02, delta(" \x1b[31mthere")), (0.03, DONE)), reply())
    ran = await replay(file)
    assert (ran.code, ran.out) == (4, "Hello �[31mthere\n\nHello\n")
    assert "without" in ran.err
    assert not controls_in(ran.stdout + ran.stderr)


async def test_several_replies_are_a_line_of_json_each(tmp_path: Path) -> None:
    ran = await replay(written(tmp_path / "file.jsonl", reply(), reply((1.0, DONE))), "--json")
    assert [json.loads(line)["finish"] for line in ran.out.splitlines()] == ["truncated", "finished"]
    assert ran.code == 4


async def test_a_shortened_gap_is_reported(tmp_path: Path) -> None:
    file = written(tmp_path / "file.jsonl", reply((41.0, DONE)))
    ran = await replay(file, "--idle-time-limit", "0.02")
    assert (ran.code, ran.out, ran.err) == (0, "Hello\n", "Gap of 41 s shortened to 20 ms.\n")
    ran = await replay(file, "--idle-time-limit", "0.02", "--speed", "max")
    assert (ran.code, ran.out, ran.err) == (0, "Hello\n", "")


async def test_other_files_and_standard_input(tmp_path: Path) -> None:
    dump = delta("Hello") + DONE
    (tmp_path / "dump").write_bytes(dump)
    ran = await replay(str(tmp_path / "dump"), "--kind", "openai", "--json")
    assert (ran.json["bubbles"], ran.err) == (["Hello"], "This file has no times.\n")
    packed = gzip.compress(write_recordings([reply((0.5, DONE))]))
    assert (await replay("-", "--json", stdin=packed)).json["bubbles"] == ["Hello"]


async def test_half_a_recording_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = write_recordings([reply((0.02, delta(" there")), (0.03, DONE))])
    (tmp_path / "half").write_bytes(whole[: whole.index(b"there")])
    ran = await replay(str(tmp_path / "half"))
    assert (ran.code, ran.out) == (4, "Hello\n")
    assert "cut" in ran.err


@pytest.mark.parametrize("content", [b"", b"\n", b"\x00\x01", b"{}", b"[]", b'{"type":"request"}', b"PK\x03\x04"])
async def test_files_that_are_no_recordings_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    ran = await replay(str(tmp_path / "file"), "--json")
    assert (ran.code, ran.stdout) == (2, b"")
    assert ran.err.startswith("chatgrid-tui: ")


async def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    for file, reason in ((tmp_path, "directory"), (tmp_path / "none", "No such file")):
        ran = await replay(str(file))
        assert (ran.code, ran.stdout) == (2, b"")
        assert reason in ran.err


@pytest.mark.parametrize("arguments", [("--speed", "0"), ("--speed", "nan"), ("--idle-time-limit", "-1")])
async def test_bad_arguments(arguments: tuple[str, str], tmp_path: Path) -> None:
    ran = await replay(written(tmp_path / "file.jsonl", reply()), *arguments)
    assert (ran.code, ran.stdout) == (2, b"")
