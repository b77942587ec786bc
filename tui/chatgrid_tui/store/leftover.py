"""A file for what could not be written into the history."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from chatgrid_tui.model.json import JsonObject


def keep_leftover(folders: Sequence[Path], content: JsonObject) -> Path:
    """Write a new JSON file, for its owner only, into the first of some folders that takes it, and return its path.
    No file is ever overwritten.

    Raises:
        OSError: none of the folders takes it.
    """
    data = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    stem = f"chatgrid-tui-unsaved-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    problem: OSError | None = None
    for folder in folders:
        try:
            return _write_new(folder, stem, data)
        except OSError as error:
            problem = problem or error
    raise problem or OSError("there is no folder")


def _write_new(folder: Path, stem: str, data: bytes) -> Path:
    for number in itertools.count(1):
        file = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
        except BaseException:
            file.unlink()
            raise
        return file
    raise AssertionError("there is always another number")
