"""Two processes that write the same files at once: nothing is lost, and neither waits for ever."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatgrid_tui import disk
from chatgrid_tui.config.api_keys import save_key
from chatgrid_tui.config.stored_keys import StoredKey
from chatgrid_tui.config.writing import change
from chatgrid_tui.disk import held_for_writing
from chatgrid_tui.errors import ConfigProblem, KeyProblem

CHANGES = 25
WRITER = """
import sys
from pathlib import Path
from chatgrid_tui.config.stored_keys import StoredKey
from chatgrid_tui.config.api_keys import save_key
from chatgrid_tui.config.writing import change

config, keys, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
for number in range({changes}):
    change(config, {{"later": {{f"{{name}}-{{number}}": number}}}})
    save_key(f"{{name}}-{{number}}", StoredKey(f"key-of-{{name}}"), keys)
"""
HOLDER = """
import sys, time
from pathlib import Path
from chatgrid_tui.disk import held_for_writing

with held_for_writing(Path(sys.argv[1]), OSError("busy")):
    print("holds", flush=True)
    time.sleep(60)
"""


@contextmanager
def running(script: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Run a script in a separate process, and wait for its first output."""
    command = (sys.executable, "-c", script, *map(str, arguments))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() in ("ready", "holds")
            yield process
        finally:
            process.kill()


def test_changes_of_two_processes_are_both_kept(tmp_path: Path) -> None:
    config, keys = tmp_path / "config.toml", tmp_path / "keys.toml"
    config.write_text('theme = "paper"\n')
    script = WRITER.format(changes=CHANGES)
    with running(script, config, keys, "one") as one, running(script, config, keys, "two") as two:
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert (one.wait(30), two.wait(30)) == (0, 0)
    wanted = {f"{name}-{number}" for name in ("one", "two") for number in range(CHANGES)}
    document = tomllib.loads(config.read_text())
    assert (document["theme"], set(document["later"])) == ("paper", wanted)
    assert set(tomllib.loads(keys.read_text())) == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "keys.toml"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_PATIENCE", 0.05)


@pytest.mark.usefixtures("impatient")
def test_a_timeout_for_the_lock_is_reported_and_changes_nothing(tmp_path: Path) -> None:
    config, keys = tmp_path / "config.toml", tmp_path / "keys.toml"
    config.write_text('theme = "paper"\n')
    with running(HOLDER, config), running(HOLDER, keys):
        with pytest.raises(ConfigProblem, match=r"Another window is writing .*config\.toml\."):
            change(config, {"theme": "midnight"})
        with pytest.raises(KeyProblem, match=r"Another window is writing .*keys\.toml\."):
            save_key("acme", StoredKey("a-key-of-acme"), keys)
    assert (config.read_text(), keys.exists()) == ('theme = "paper"\n', False)
    change(config, {"theme": "midnight"})  # a process that was killed holds nothing any more
    assert "midnight" in config.read_text()
    assert [path.name for path in tmp_path.iterdir() if "config" in path.name] == ["config.toml"]


@pytest.mark.usefixtures("impatient")
def test_a_link_and_its_target_share_a_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "config.toml").symlink_to(tmp_path / "real" / "config.toml")
    with (
        held_for_writing(tmp_path / "config.toml", AssertionError("held")),
        pytest.raises(LookupError),
        held_for_writing(tmp_path / "real" / "config.toml", LookupError("held")),
    ):
        pytest.fail("two hold it")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL])
def test_without_locking_the_file_is_written_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(disk, "lock", refuse)
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    change(tmp_path / "config.toml", {"theme": "paper"})
    save_key("acme", StoredKey("a-key-of-acme"), tmp_path / "keys.toml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "keys.toml"]
    if before:
        assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.usefixtures("impatient")
def test_a_lock_file_removed_by_its_holder_is_created_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking a lock file, its holder may remove it: then no other process can find it."""
    file = tmp_path / "config.toml"
    taken_away: list[int] = []
    lock = disk.lock

    def late(descriptor: int) -> None:
        if not taken_away:
            taken_away.append(descriptor)
            (tmp_path / ".config.toml.lock").unlink()
        lock(descriptor)

    monkeypatch.setattr(disk, "lock", late)
    with held_for_writing(file, AssertionError("held")):
        monkeypatch.setattr(disk, "lock", lock)
        with pytest.raises(LookupError), held_for_writing(file, LookupError("held")):
            pytest.fail("two hold it")
    assert taken_away
    assert list(tmp_path.iterdir()) == []


def test_an_error_releases_the_lock(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(LookupError), held_for_writing(tmp_path / "config.toml", AssertionError("held")):
            raise LookupError
    assert list(tmp_path.iterdir()) == []
