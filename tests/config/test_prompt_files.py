"""Prompts as files: what is read, what is told about the others, and that saving replaces nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatgrid_tui.config import prompt_files
from chatgrid_tui.config.prompt_files import no_variables, read_prompts, save_prompt, variables
from chatgrid_tui.errors import UsageProblem


def test_texts_are_prompts_and_everything_else_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_files, "_LARGEST_FILE", 2048)
    (tmp_path / "plain.txt").write_bytes(b"\xef\xbb\xbfOne\r\ntwo\n\n")
    (tmp_path / "Ärger.MD").write_text("Three", encoding="utf-8")
    (tmp_path / "escape\x1b[31m.md").write_text("bad\x1b]0;title\x07", encoding="utf-8")
    (tmp_path / "empty.md").write_text(" \n")
    (tmp_path / "binary.md").write_bytes(b"a\0b")
    (tmp_path / "latin.md").write_bytes(b"\xe9t\xe9")
    (tmp_path / "huge.md").write_bytes(b"x" * 2049)
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "dangling.md").symlink_to("nowhere")
    (tmp_path / "loop.md").symlink_to("loop.md")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / ".hidden.md").write_text("x")
    (tmp_path / "notes.pdf").write_text("x")
    read = read_prompts(tmp_path)
    assert [(prompt.name, prompt.text) for prompt in read.prompts if not prompt.problem] == [
        ("escape\ufffd[31m", "bad\ufffd]0;title\ufffd"),
        ("plain", "One\ntwo"),
        ("Ärger", "Three"),
    ]
    assert {prompt.name: prompt.problem for prompt in read.prompts if prompt.problem} == {
        "binary": "It is not a text.",
        "dangling": "It links to a file that does not exist.",
        "empty": "It is empty.",
        "folder": "It is a folder.",
        "huge": "It cannot be read: it is larger than 2 KiB.",
        "latin": "It is not text in UTF-8.",
        "loop": "It links to a file that does not exist.",
        "pipe": "It is not an ordinary file.",
    }
    assert read.problem == ""


def test_the_folder_may_be_missing_unreadable_or_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_prompts(tmp_path / "missing") == prompt_files.ReadPrompts()
    (tmp_path / "link").symlink_to("nowhere")
    assert "links to a folder that does not exist" in read_prompts(tmp_path / "link").problem
    (tmp_path / "file").write_text("x")
    assert "cannot be read: Not a directory" in read_prompts(tmp_path / "file").problem
    monkeypatch.setattr(prompt_files, "_MOST_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.md").write_text(name)
    read = read_prompts(tmp_path)
    assert [prompt.name for prompt in read.prompts] == ["a", "b"]
    assert "has 3 prompts. The first 2 are used." in read.problem


def test_a_saved_prompt_is_a_new_private_file(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "prompts"
    file = save_prompt(folder, " Ask for {{dish}} ", "What is {{dish}}?")
    assert file.read_text() == "What is {{dish}}?\n"
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [prompt.name for prompt in read_prompts(folder).prompts] == ["Ask for {{dish}}"]
    (folder / "other.txt").write_text("x")
    for name in ("Ask for {{dish}}", "ask FOR {{dish}}.md", "other"):
        with pytest.raises(UsageProblem, match="There is a prompt of this name"):
            save_prompt(folder, name, "new")
    assert file.read_text() == "What is {{dish}}?\n"


@pytest.mark.parametrize("name", ["", ".hidden", "../out", "a/b", "a\x1bb", "a\nb", "x" * 81, 'a"b', "\u202eb"])
def test_a_name_that_is_none_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageProblem, match="A name has at most 80 characters"):
        save_prompt(tmp_path, name, "text")
    assert os.listdir(tmp_path) == []


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageProblem, match="It cannot be written: "):
        save_prompt(tmp_path / "file", "name", "text")
    with pytest.raises(UsageProblem, match="A prompt may have 256 KiB"):
        save_prompt(tmp_path, "name", "x" * 300_000)
    with pytest.raises(UsageProblem, match="File name too long"):
        save_prompt(tmp_path, "\N{POT OF FOOD}" * 80, "text")


def test_variables_are_names_in_double_braces() -> None:
    odd = "{{}} {{ }} {{#if x}} {{1st}} {x} {{a\nb}} {{{a}}} {{" + "n" * 41 + "}} {{#if x}}"
    text = "{{a}} {{ the dish }}\n{{Größe_2}} " + odd
    assert [(each.name, text[each.start : each.end]) for each in variables(text)] == [
        ("a", "{{a}}"),
        ("the dish", "{{ the dish }}"),
        ("Größe_2", "{{Größe_2}}"),
        ("a", "{{a}}"),
    ]
    assert no_variables(text) == ["{{}}", "{{ }}", "{{#if x}}", "{{1st}}", "{{" + "n" * 41 + "}}"]
