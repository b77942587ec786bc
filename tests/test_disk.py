"""Files that somebody else put in the place of this program's own, and folders that others can write to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatgrid_tui.disk import held_for_writing, make_folder, open_owned, read_bounded, writable_by_others, write_file
from chatgrid_tui.store.history import History
from chatgrid_tui.store.opening import InstanceLock

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, pipes and modes are those of POSIX")


def test_a_lock_is_not_taken_through_a_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    folder = tmp_path / "data"
    folder.mkdir()
    lock = folder / "instance.lock"
    for plant in ("a link", "a dangling link", "a pipe"):
        if plant == "a pipe":
            os.mkfifo(lock)
        else:
            lock.symlink_to(precious if plant == "a link" else tmp_path / "absent")
        with pytest.raises(OSError, match=r"instance\.lock is a link or no ordinary file"):
            InstanceLock(folder).take()
        lock.unlink()
    os.link(precious, lock)
    taken = InstanceLock(folder)
    assert taken.take()
    assert not InstanceLock(folder).take()
    assert (precious.read_text(), InstanceLock(folder).owner()) == ("precious", "")
    assert not (tmp_path / "absent").exists()
    taken.release()


async def test_a_planted_lock_leaves_the_history_in_memory_and_is_reported(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "instance.lock").symlink_to(precious)
    history = await History.open(tmp_path / "data")
    assert history.in_memory
    assert "instance.lock is a link or no ordinary file" in history.notice
    await history.close()
    assert precious.read_text() == "precious"


def test_a_planted_lock_of_the_configuration_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    planted = tmp_path / ".config.toml.lock"
    planted.symlink_to(precious)
    with held_for_writing(tmp_path / "config.toml", AssertionError("held")):
        pass
    assert planted.is_symlink()
    assert precious.read_text() == "precious"


def test_a_file_is_read_up_to_a_bound_and_a_pipe_does_not_block(tmp_path: Path) -> None:
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_bytes(b"12345")
    os.mkfifo(pipe)
    with file.open() as opened:
        lowest = opened.fileno()
    assert read_bounded(file, 5) == b"12345"
    assert read_bounded(pipe, 5) == b""
    for path in (file, Path("/dev/zero")):
        with pytest.raises(OSError, match="larger than"):
            read_bounded(path, 4)
    with pytest.raises(IsADirectoryError):
        read_bounded(tmp_path, 5)
    with file.open() as opened:
        assert opened.fileno() == lowest  # the lowest that is free: nothing was left open
    os.close(open_owned(tmp_path / "new"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_a_folder_behind_a_link_to_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "unmounted")
    for folder in (tmp_path / "link", tmp_path / "link" / "data"):
        with pytest.raises(FileNotFoundError, match=r"link links to .*unmounted, which does not exist"):
            make_folder(folder)
    assert not (tmp_path / "unmounted").exists()


def test_folders_in_which_others_can_replace_files(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    assert writable_by_others(inner) is None
    for mode, shared in (
        (0o777, True),
        (0o1777, True),
        (0o770, False),
        (0o775, False),
        (0o755, False),
        (0o703, True),
    ):
        inner.chmod(mode)
        assert (writable_by_others(inner) == inner) is shared, oct(mode)
    inner.chmod(0o700)
    for mode, shared in ((0o777, True), (0o1777, False)):
        inner.parent.chmod(mode)
        assert (writable_by_others(inner) == inner.parent) is shared, oct(mode)
    assert writable_by_others(Path("/dev/null")) is None


def test_only_an_ordinary_file_is_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for path in (pipe, tmp_path / "link"):
        with pytest.raises(OSError, match="not an ordinary file"):
            write_file(path, b"new")
    assert pipe.is_fifo()
    assert sorted(tmp_path.iterdir()) == [tmp_path / "link", pipe]
