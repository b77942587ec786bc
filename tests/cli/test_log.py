"""`--log FILE`: what is written, what never is, and which files are refused."""

from __future__ import annotations

import logging
import os
import re
import stat
from pathlib import Path
from urllib.parse import quote

import pytest

from chatgrid_tui import __version__
from chatgrid_tui.cli.log import log_to
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.key_mask import mask_of
from chatgrid_tui.store.history import History
from cli.running import run, write_config

KEYS = ("hunter2-79", "sk-aa/bb+cc=16xx", "sk-live_0123456789abcdefghijklmnopqrsxyz")
"""Of 10, 16 and 40 characters."""
MESSAGE = "A message for nobody else"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "chatgrid.log"


async def test_a_turn_in_the_log(demo: DemoServer, tmp_path: Path, log: Path) -> None:
    config = str(write_config(tmp_path, demo))
    for arguments in (("--log", str(log), "send"), ("send", "--log", str(log))):
        ran = await run(*arguments, "--config", config, "--provider", "chatgrid", MESSAGE)
        assert (ran.code, ran.out, ran.err) == (0, f"{MESSAGE}\n", "")
    text = log.read_text()
    assert text.count("Start: ") == text.count(": End\n") == 2  # the second run appended
    assert re.search(rf"Start: chatgrid-tui {__version__}, Python 3\.\d+\.\d+.*, textual \d.*TERM ", text)
    host = demo.base_url("chatgrid").split("/")[2]
    assert f"Provider chatgrid: chatgrid at {host}\n" in text
    assert re.search(
        rf"INFO chatgrid_tui\.engine\.http: POST {host}/\S+/messages: 200, [1-9]\d* bytes in \d\.\d+ s\n", text
    )
    assert MESSAGE not in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert logging.getLogger("chatgrid_tui").level == logging.NOTSET


@pytest.mark.parametrize("key", KEYS, ids=len)
async def test_no_key_is_logged(key: str, demo: DemoServer, tmp_path: Path, log: Path) -> None:
    """A key that is also a part of the path, of the query and of a header."""
    config = tmp_path / "config.toml"
    config.write_text(
        f'[providers.p]\nkind = "openai"\napi_key = "{key}"\nheaders = {{ "X-Token" = "{key[::-1]}" }}\n'
        f'base_url = "{demo.base_url("openai")}/{quote(key, safe="")}/chat/completions?code={quote(key)}"\n'
    )
    ran = await run("send", "--log", str(log), "--config", str(config), "--board", "echo", MESSAGE)
    assert ran.code != 0  # there is nothing at this address
    text = log.read_text()
    assert re.search(r"WARNING chatgrid_tui\.engine\.http: POST \S+/\[key \.\.\..*\]/chat/completions: 404, ", text)
    for secret in (key, quote(key, safe=""), key[::-1], "code", MESSAGE):
        assert secret not in text


@pytest.mark.parametrize("key", KEYS, ids=len)
def test_known_keys_are_masked_and_exceptions_lose_their_messages(key: str, log: Path) -> None:
    secret = Secret(key)
    logger = logging.getLogger("chatgrid_tui.anything")
    with pytest.raises(ValueError, match="raised"), log_to(log):
        logger.info("%s and %s\n%s", key, quote(key, safe=""), MESSAGE)
        logger.info("%s %s %s", "." * (998 - len(mask_of(secret))), key, "." * 50)
        logging.getLogger("asyncio").error("Task failed\nfuture: %s", MESSAGE, exc_info=RuntimeError(MESSAGE))
        raise ValueError(f"raised with {key} and {MESSAGE}") from KeyError(key)
    text = log.read_text()
    mask = mask_of(secret)
    assert f": {mask} and {mask}\n" in text
    assert f" {mask}…\n" in text  # cut after masking
    assert "ERROR asyncio: Task failed\n  builtins.RuntimeError\n" in text
    assert "ERROR chatgrid_tui.cli.log: Ended by ValueError\n  builtins.KeyError\n  builtins.ValueError\n" in text
    assert text.splitlines()[-1].endswith(" test_known_keys_are_masked_and_exceptions_lose_their_messages")
    assert key[:8] not in text
    assert MESSAGE not in text


async def test_a_connection_that_is_refused_is_logged(tmp_path: Path, log: Path, unused_tcp_port: int) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[providers.p]\nkind = "openai"\nbase_url = "http://127.0.0.1:{unused_tcp_port}"\n')
    await run("--log", str(log), "send", "--config", str(config), "--board", "echo", "Hi")
    line = rf"WARNING chatgrid_tui\.engine\.http: POST 127\.0\.0\.1:{unused_tcp_port}/v1/\S+: refused, 0 bytes in "
    assert re.search(line, log.read_text())


async def test_opening_and_recovering_the_history_is_logged(tmp_path: Path, log: Path) -> None:
    folder = tmp_path / "data"
    with log_to(log):
        await (await History.open(folder)).close()
        (folder / "history.db").write_bytes(b"no database at all" * 1000)
        await (await History.open(folder)).close()
    text = log.read_text()
    assert text.count(f"Opened {folder / 'history.db'}, writable") == 2
    assert "WARNING chatgrid_tui.store.recovery: The history is damaged" in text


async def test_files_that_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for file, reason in ((pipe, "regular file"), (tmp_path, "directory"), (tmp_path / "no" / "log", "No such file")):
        ran = await run("--log", str(file), "decode", "--kind", "chatgrid", "-")
        assert (ran.code, ran.out) == (2, "")
        assert f"The log {file} cannot be written: " in ran.err
        assert reason in ran.err


async def test_a_pipe_with_a_reader_is_refused_too(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ran = await run("--log", str(pipe), "decode", "--kind", "chatgrid", "-")
    finally:
        os.close(reader)
    assert (ran.code, ran.out) == (2, "")
    assert "it is not a regular file" in ran.err
