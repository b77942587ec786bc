"""The key that tests use, and the search for it in everything they wrote."""

from __future__ import annotations

import sqlite3
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

PLANTED: Final = "sk-planted-7d41c0de5eed-9f3a"
"""Refused by the bots unless they are told to take it. Its last four characters are what may be shown of it."""

BODY: Final = PLANTED.removesuffix("9f3a").removeprefix("sk-")
"""The part of it that may be nowhere."""

_MAY_HOLD_KEYS: Final = frozenset({"keys.toml", "config.toml", "config.toml.bak"})
"""Files in which a person, or the app when asked to, keeps a key."""


def leaks(folders: Iterable[Path]) -> list[str]:
    """Return the files below `folders` that contain the planted key: as it is, in UTF-16, in Base64, or in a
    compressed recording. Scripts with which a test prints the key are excluded; they are called `*.key-script`.
    """
    forms = tuple(_forms(BODY.encode()))
    return [str(file) for file in _files(folders) if any(form in data for data in _contents(file) for form in forms)]


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for file in folder.rglob("*"):
            kept_there = file.name in _MAY_HOLD_KEYS or file.suffix == ".key-script"
            if not kept_there and not file.is_symlink() and file.is_file():
                yield file


def _contents(file: Path) -> Iterator[bytes]:
    """Give the bytes of a file; for a database also its recordings, and for a zip what is in it, uncompressed."""
    data = file.read_bytes()
    yield data
    if data.startswith(b"PK"):
        # Some of these are damaged on purpose as well.
        with suppress(BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError), ZipFile(file) as bundle:
            yield from map(bundle.read, bundle.namelist())
    if data.startswith(b"SQLite format 3\0"):
        # Some are damaged on purpose, and then even the message of the error may not be UTF-8.
        unreadable = suppress(sqlite3.Error, UnicodeDecodeError)
        with unreadable, closing(sqlite3.connect(f"{file.as_uri()}?immutable=1", uri=True)) as connection:
            connection.text_factory = bytes
            for (recording,) in connection.execute("SELECT data FROM recordings"):
                with suppress(zlib.error, TypeError):
                    yield zlib.decompress(recording)


def _forms(text: bytes) -> Iterator[bytes]:
    yield text
    yield text.decode().encode("utf-16-le")
    for shift in range(3):
        # Of the first and last letters of Base64 the neighbours decide; the middle is the same wherever it stands.
        yield b64encode(b"\0" * shift + text)[4:-4]
