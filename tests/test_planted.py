"""The search for the planted key finds it in whatever form it was written."""

from __future__ import annotations

import sqlite3
import zlib
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from planted import PLANTED, leaks


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_it_is_found_in_base64_wherever_it_stands(before: str, tmp_path: Path) -> None:
    file = tmp_path / "recording"
    file.write_bytes(b64encode(f"{before}{PLANTED} and more".encode()))
    assert leaks([tmp_path]) == [str(file)]
    file.unlink()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_it_is_found_as_it_is(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "history.db"
    file.parent.mkdir()
    file.write_bytes(b"\0\xff" + f"Bearer {PLANTED}!".encode(encoding))
    assert leaks([tmp_path]) == [str(file)]
    file.unlink()


def test_it_is_found_in_a_compressed_recording(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE recordings (data)")
        connection.execute("INSERT INTO recordings VALUES (?)", (zlib.compress(PLANTED.encode()),))
    assert leaks([tmp_path]) == [str(file)]
    file.unlink()


def test_it_is_found_in_a_zip(tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    with ZipFile(file, "w", ZIP_DEFLATED) as bundle:
        bundle.writestr("note.md", f"{PLANTED} " * 20)
    assert leaks([tmp_path]) == [str(file)]
    file.unlink()


def test_files_that_are_there_to_hold_keys_may_hold_it(tmp_path: Path) -> None:
    for name in ("keys.toml", "config.toml", "print.key-script"):
        (tmp_path / name).write_text(PLANTED, encoding="utf-8")
    assert leaks([tmp_path]) == []
