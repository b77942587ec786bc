"""Themes: every value has a range, and an invalid file is skipped with a warning."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatgrid_tui.config.paths import packaged_themes
from chatgrid_tui.config.themes import read_theme, read_themes

MIDNIGHT = (packaged_themes() / "midnight.toml").read_text(encoding="utf-8")

OUT_OF_RANGE = ("nan", "inf", "-inf", "-0.1", "1e308", "2", "true", "'1'")
NO_COLOURS = ("'red'", "'#12345'", "7", "'#１２３４５６'", "nan")


def with_value(key: str, value: str) -> str:
    lines = [line for line in MIDNIGHT.splitlines() if not line.startswith(f"{key} =")]
    return "\n".join([*lines, f"{key} = {value}"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        *((with_value("scrim-share", value), "must be a number from 0 to 1") for value in OUT_OF_RANGE),
        (with_value("scrim-share", "9" * 5000), "It is not TOML"),
        *((with_value("dark", value), "must be true or false") for value in ("1", "'yes'", "[]")),
        *((with_value("text", value), "must be a colour") for value in NO_COLOURS),
        (with_value("text", '"#123456\\n"'), "must be a colour"),
        (with_value("glow", "1"), "is not a theme setting"),
        ('"a\\u001b[31m" = 1', "is not a theme setting"),
        ("ground = '#000000'", "It leaves out panel"),
        ("", "It leaves out ground"),
        ("ground = ", "It is not TOML"),
        ("a = " + "[" * 20_000, "too deeply"),
        ("\udcff", "It is not UTF-8"),
        ("# " + "x" * 100_000, "larger than"),
    ],
)
def test_a_broken_theme_is_skipped(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_bytes(content.encode("utf-8", "surrogateescape"))
    (tmp_path / "mine.toml").write_text(MIDNIGHT)
    read = read_themes([packaged_themes(), tmp_path])
    assert list(read.by_name) == [*read_themes([packaged_themes()]).by_name, "mine"]
    (problem,) = map(str, read.problems)
    assert problem.startswith("The theme file broken.toml is skipped. ")
    assert words in problem
    assert problem.isprintable()
    assert len(problem) < 400


def test_folders_and_unprintable_names_are_skipped(tmp_path: Path) -> None:
    for name in ("folder.toml", "bad\x1bname.toml", "right\u202eleft.toml", "x" * 200 + ".toml", "dangling.toml"):
        if name == "folder.toml":
            (tmp_path / name).mkdir()
        elif name == "dangling.toml":
            (tmp_path / name).symlink_to(tmp_path / "absent")
        else:
            (tmp_path / name).write_text(MIDNIGHT)
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "Ünï 1.toml").write_text(MIDNIGHT)
    read = read_themes([tmp_path, tmp_path / "absent"])
    assert list(read.by_name) == ["Ünï 1"]
    assert len(read.problems) == 5 + (os.name == "posix")
    assert all(str(problem).isprintable() for problem in read.problems)


def test_a_broken_file_does_not_replace_a_theme_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "midnight.toml").write_text("ground = 3")
    read = read_themes([packaged_themes(), tmp_path])
    assert read.by_name["midnight"] == read_theme("midnight", MIDNIGHT)


@pytest.mark.parametrize("share", ["0", "1", "0.0", "1.0", "0.5"])
def test_ranges_include_their_ends(share: str) -> None:
    assert read_theme("mine", with_value("scrim-share", share)).scrim_share == float(share)
