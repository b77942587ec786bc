"""Files named by the user: never replaced without asking, written whole or not, and errors explained."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.user_files import (
    FileExists,
    check_new_file,
    free_name,
    path_of,
    read_user_file,
    safe_name,
    shown_path,
    write_user_file,
)


def test_a_file_is_written_for_its_owner_only_and_never_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "new.jsonl"
    check_new_file(file)
    write_user_file(file, b"one")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExists, match="already exists"):
        check_new_file(file)
    with pytest.raises(FileExists, match="already exists"):
        write_user_file(file, b"two")
    assert file.read_bytes() == b"one"
    write_user_file(file, b"two", replace=True)
    assert file.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["new.jsonl"]


def test_a_link_to_nowhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExists):
        write_user_file(tmp_path / "link", b"one")
    assert os.listdir(tmp_path) == ["link"]


def test_without_hard_links_a_file_is_written_anyway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    file = tmp_path / "new.jsonl"
    write_user_file(file, b"one")
    with pytest.raises(FileExists):
        write_user_file(file, b"two")
    assert (file.read_bytes(), os.listdir(tmp_path)) == (b"one", ["new.jsonl"])


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for replace in (False, True):
        with pytest.raises(UsageProblem, match=r"new\.jsonl cannot be written: No space left on device\."):
            write_user_file(tmp_path / "new.jsonl", b"one", replace=replace)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is a folder"),
        ("missing/new.jsonl", "There is no folder"),
        ("file/new.jsonl", "There is no folder"),
        ("n" * 300, "cannot be written: File name too long"),
        ("closed/new.jsonl", r"Nothing can be written to the folder .*closed\. Choose a folder that is yours\."),
    ],
    ids=["folder", "missing", "no folder", "long", "closed"],
)
def test_write_errors_are_reported(name: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: "closed" not in str(path))  # nothing is closed to root
    with pytest.raises(UsageProblem, match=problem):
        write_user_file(tmp_path / name, b"one")


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        (lambda folder: folder / "missing", "missing cannot be read: No such file or directory."),
        (lambda folder: folder, "cannot be read: Is a directory."),
        (lambda folder: Path("a\0b"), "cannot be read: not a valid file name."),
        (lambda folder: Path("/dev/zero"), "/dev/zero is larger than 1 MiB."),
    ],
    ids=["missing", "folder", "NUL", "endless"],
)
def test_read_errors_are_reported(place: Callable[[Path], Path], problem: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as refused:
        read_user_file(place(tmp_path), 1 << 20)
    assert str(refused.value).endswith(problem)


def test_names_are_taken_from_the_home_and_the_current_folder(home: Path) -> None:
    assert path_of("~/a.har") == home / "a.har"
    assert path_of("a.har") == home / "a.har"
    assert [shown_path(home / "b" / "a.har"), shown_path(Path("/tmp/a.har"))] == ["b/a.har", "/tmp/a.har"]
    (home / "b").mkdir()
    os.chdir(home / "b")
    assert [shown_path(home / "b" / "a.har"), shown_path(home / "a.har")] == ["a.har", "~/a.har"]
    os.chdir(home)
    for name in ("", "  ", "a\0b", "~nobody-of-that-name/a"):
        with pytest.raises(UsageProblem):
            path_of(name)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("terrace.png", "terrace.png"),
        ("Grüße 1 (final).tar.gz", "Grüße 1 (final).tar.gz"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\a.dll", "C-Windows-a.dll"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        (".png", "png"),
        ("CON", "file-CON"),
        ("nul.txt", "file-nul.txt"),
        ("a\x00b\n\u202egnp.exe", "abgnp.exe"),
        ("a" * 300 + ".jpeg", "a" * 115 + ".jpeg"),
        ("x. ", "x"),
        ("", "file"),
    ],
)
def test_a_name_that_someone_else_gave_is_made_safe(given: str, safe: str) -> None:
    assert safe_name(given) == safe


@given(st.text() | st.text(alphabet="./\\: ~-a\x00\u202e'"))
def test_a_safe_name_stays_in_its_folder_and_is_valid_everywhere(name: str) -> None:
    safe = safe_name(name)
    assert path_of(safe) == Path.cwd() / safe
    assert safe.isprintable()
    assert not safe.startswith(".")
    assert not safe.endswith((".", " "))
    assert not set(safe) & set('/\\:<>"|?*')
    assert 0 < len(safe.encode()) <= 120


def test_a_free_name_has_a_number_before_its_extension(tmp_path: Path) -> None:
    assert free_name("a.png", tmp_path) == "a.png"
    for taken in ("a.png", "a-2.png", "b"):
        (tmp_path / taken).touch()
    assert [free_name(name, tmp_path) for name in ("a.png", "b")] == ["a-3.png", "b-2"]
