"""Writing config.toml: nothing is lost, and a broken file is not touched."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatgrid_tui import disk
from chatgrid_tui.config import writing
from chatgrid_tui.config.settings import load
from chatgrid_tui.config.writing import change, save
from chatgrid_tui.errors import ConfigProblem

Write = Callable[[str], Path]

SMALL = """\
theme = "midnight"
later = [1, 2]

[providers.acme]
kind = "chatgrid"
base_url = "https://x"
unknown = { deep = "#1" }
"""


def read(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_a_first_save_makes_the_folder_and_the_file_for_their_owner_only(file: Path) -> None:
    assert save(file, {"theme": "paper"}) is None
    assert read(file) == {"theme": "paper"}
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_what_was_read_can_be_written_again(write: Write) -> None:
    file = write(SMALL)
    before = load(file)
    assert save(file, before.document) is None
    assert load(file) == before


def test_changing_one_value_keeps_all_else(write: Write) -> None:
    file = write(SMALL)
    wanted = read(file) | {"theme": "paper"}
    assert change(file, {"theme": "paper"}) is None
    assert read(file) == wanted


def test_changes_are_merged_into_tables_and_none_removes(write: Write) -> None:
    file = write(SMALL)
    change(
        file,
        {
            "later": None,
            "nothing": None,
            "keys": {"send": "f9"},
            "providers": {
                "acme": {"title": "Acme", "unknown": None},
                "b": {"kind": "widget", "base_url": "https://b"},
            },
        },
    )
    assert read(file) == {
        "theme": "midnight",
        "keys": {"send": "f9"},
        "providers": {
            "acme": {"kind": "chatgrid", "base_url": "https://x", "title": "Acme"},
            "b": {"kind": "widget", "base_url": "https://b"},
        },
    }


def test_comments_are_copied_first(write: Write) -> None:
    text = SMALL + "# mine\n"
    file = write(text)
    backup = change(file, {"theme": "paper"})
    assert backup == file.with_name("config.toml.bak")
    assert backup is not None
    assert backup.read_text(encoding="utf-8") == text
    # The second time there are none to lose, and the copy stays.
    assert change(file, {"theme": "midnight"}) is None
    assert backup.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "text", ['a = "#"', "a = '#'", 'a = """\n# "x" \\""""', "a = '''\n#'''", 'a = "\\"#"', '"#" = 1', 'a = """"#""""']
)
def test_a_number_sign_in_a_text_is_no_comment(write: Write, text: str) -> None:
    assert change(write(text), {"theme": "paper"}) is None
    assert change(write(text + " # note"), {"theme": "paper"}) is not None


@pytest.mark.parametrize("text", ["theme = ", 'theme = 3\nglyphs = "none"', '[providers.a]\nkind = "x"'])
def test_a_broken_file_is_never_overwritten(write: Write, text: str) -> None:
    file = write(text)
    with pytest.raises(ConfigProblem):
        change(file, {"theme": "paper"})
    with pytest.raises(ConfigProblem):
        save(file, {})
    assert file.read_text(encoding="utf-8") == text
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    "changes", [{"theme": 3}, {"theme": object()}, {"theme": "\ud83d"}, {"providers": {"b": {"kind": "x"}}}]
)
def test_a_result_that_cannot_be_read_back_is_not_written(write: Write, changes: dict[str, object]) -> None:
    file = write(SMALL)
    with pytest.raises(ConfigProblem):
        change(file, changes)
    assert file.read_text(encoding="utf-8") == SMALL


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_symbolic_link_stays_one(tmp_path: Path, file: Path) -> None:
    real = tmp_path / "dotfiles" / "chatgrid.toml"
    real.parent.mkdir()
    real.write_text(SMALL + "# mine", encoding="utf-8")
    file.parent.mkdir()
    file.symlink_to(real)
    assert change(file, {"theme": "paper"}) == file.with_name("config.toml.bak")
    assert file.is_symlink()
    assert read(real)["theme"] == "paper"
    assert [path.name for path in real.parent.iterdir()] == ["chatgrid.toml"]


def test_a_write_that_fails_leaves_the_old_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(SMALL)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigProblem, match="cannot be written: No space left on device"):
        change(file, {"theme": "paper"})
    assert file.read_text(encoding="utf-8") == SMALL
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigProblem, match="Not a directory"):
        save(tmp_path / "file" / "config.toml", {})


def test_short_lists_go_on_one_line_and_others_stay(file: Path) -> None:
    document = {
        "short": ["a", 'with "marks"', "c = [", "]"],
        "empty": [],
        "deep": [[1, 2], [3]],
        "tables": [{"a": 1}],
        "long": ["x" * 60, "y" * 60],
        "several": ["line one\nline two"],
    }
    save(file, document)
    assert read(file) == document
    text = file.read_text(encoding="utf-8")
    assert 'short = ["a", "with \\"marks\\"", "c = [", "]"]\n' in text
    assert text.count("\n    ") == 10


def test_simultaneous_changes_are_both_kept(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(SMALL)
    met = threading.Barrier(2)

    def slowly(where: Path, data: bytes) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            met.wait(0.2)  # both have read by now, if both may
        disk.write_file(where, data)

    monkeypatch.setattr(writing, "write_file", slowly)
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda changes: change(path, changes), ({"theme": "paper"}, {"glyphs": "ascii"})))
    assert (read(path)["theme"], read(path)["glyphs"]) == ("paper", "ascii")


def test_a_change_based_on_an_outdated_file_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(written := '[providers.a]\nkind = "openai"\nbase_url = "https://a"\nodd = nan\n')
    decided_on = load(path).document
    titled = {"providers": {"a": {"title": "A"}}}
    change(path, {"theme": "paper", "providers": {"b": {"kind": "openai", "base_url": "https://b"}}})
    change(path, titled, decided_on=decided_on)  # neither of these was touched
    for changes in (titled, {"providers": None}, {"theme": None}):
        before = path.read_text()
        with pytest.raises(ConfigProblem, match="was changed by another program"):
            change(path, changes, decided_on=decided_on)
        assert path.read_text() == before
    path.write_text(written)
    change(path, {"providers": None}, decided_on=load(path).document)
    assert path.read_text() == ""


@pytest.mark.skipif(os.name != "posix", reason="links are those of POSIX")
def test_the_copy_of_the_comments_is_not_written_through_a_link(write: Write, tmp_path: Path) -> None:
    file = write("# a comment\n" + SMALL)
    precious = tmp_path / "precious"
    precious.write_text("precious")
    file.with_name("config.toml.bak").symlink_to(precious)
    backup = change(file, {"theme": "paper"})
    assert backup is not None
    assert not backup.is_symlink()
    assert "# a comment" in backup.read_text()
    assert precious.read_text() == "precious"
