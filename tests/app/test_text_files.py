"""`Insert text file` puts the text of a file into the message; what is no text is told in the dialog."""

from __future__ import annotations

from pathlib import Path

from app.test_prompts import runs
from app.window import opened


async def test_a_text_file_is_inserted_at_the_cursor(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0")
    (tmp_path / "large.txt").write_bytes(b"x" * (1 << 20) + b"x")
    (tmp_path / "log.txt").write_bytes(b"\xef\xbb\xbfone \x1b[31m\r\ntwo")
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.writes("See: ")
        await runs(window, "insert text")
        await window.sees("Insert text file", "Nothing is sent yet.")
        for name, problem in (
            ("none.txt", "cannot be read: No such file"),
            ("picture.png", "is not text in UTF-8."),
            ("large.txt", "is larger than 1 MiB."),
        ):
            window.pastes(str(tmp_path / name))
            await window.press("enter")
            await window.sees(problem)
            await window.press("ctrl+u")
        window.pastes(str(tmp_path / "log.txt"))
        await window.press("enter")
        await window.until(lambda: window.typed.startswith("See: one"), "the text of the file")
        assert window.typed.endswith("\ntwo")
        assert "\x1b" not in window.typed
