"""Prompts: texts with `{{variables}}`, each a file in the folder `prompts` next to the configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from chatgrid_tui.disk import make_folder, read_bounded, write_new_file
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import clean, clean_line, mend_surrogates

_SUFFIXES: Final = (".md", ".markdown", ".txt")
_LARGEST_FILE: Final = 256 * 1024
_MOST_FILES: Final = 300
_MOST_ENTRIES: Final = 10_000
"""Entries of the folder that are looked at."""
_LONGEST_NAME: Final = 80
_LONGEST_REASON: Final = 120
_LONGEST_SUMMARY: Final = 100

_IN_BRACES: Final = re.compile(r"\{\{([^{}\n]{0,200})\}\}")
_VARIABLE: Final = re.compile(r"[^\W\d][\w -]{0,39}")
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable in a text, from `start` to `end`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt. `file` is the name of its file, `problem` a sentence on why it cannot be used."""

    file: str
    text: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """The name of the file without its suffix, cleaned."""
        return clean_line(Path(self.file).stem, _LONGEST_NAME)

    @property
    def summary(self) -> str:
        """The beginning of the text, on one line; or the problem."""
        return self.problem or clean_line(self.text, _LONGEST_SUMMARY)


@dataclass(frozen=True, slots=True)
class ReadPrompts:
    """The prompts by name, and a sentence on what is missing among them."""

    prompts: tuple[Prompt, ...] = ()
    problem: str = ""


def read_prompts(folder: Path) -> ReadPrompts:
    """Read all prompts in a folder, which may be missing. Those that cannot be used have a problem, and are last."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MOST_ENTRIES)]
    except FileNotFoundError:
        dangling = f"{folder} links to a folder that does not exist." if folder.is_symlink() else ""
        return ReadPrompts(problem=clean_line(dangling))
    except OSError as problem:
        return ReadPrompts(problem=clean_line(f"The prompts in {folder} cannot be read: {problem.strerror}."))
    files = sorted((name for name in names if _is_prompt(name)), key=lambda name: (name.casefold(), name))
    many = f"{len(files):,} prompts. The first {_MOST_FILES} are used." if len(files) > _MOST_FILES else ""
    prompts = sorted((_read(folder, name) for name in files[:_MOST_FILES]), key=lambda prompt: bool(prompt.problem))
    return ReadPrompts(tuple(prompts), clean_line(f"{folder} has {many}") if many else "")


def save_prompt(folder: Path, name: str, text: str) -> Path:
    """Write a text to a new file in a folder, which is made if it is missing, and return the file.

    Raises:
        UsageProblem: the name is taken or cannot be that of a file, or the file cannot be written.
    """
    name = name.strip().removesuffix(".md")
    shown = clean_line(name, _LONGEST_NAME)
    if not name or name != shown or name.startswith(".") or _NOT_IN_NAMES.search(name):
        rule = 'no dot at the beginning, and none of / \\ : * ? " < > |'
        raise UsageProblem(f"A name has at most {_LONGEST_NAME} characters, {rule}")
    data = f"{text}\n".encode()
    if len(data) > _LARGEST_FILE:
        raise UsageProblem(f"A prompt may have {_LARGEST_FILE // 1024} KiB. This has {len(data) // 1024:,} KiB.")
    try:
        make_folder(folder)
        taken = next((each for each in os.listdir(folder) if _is_prompt(each) and _same_name(each, name)), "")
        if taken:
            raise UsageProblem(f"There is a prompt of this name: {clean_line(taken, _LONGEST_NAME)}.")
        file = folder / f"{name}.md"
        write_new_file(file, data)
    except (OSError, ValueError) as problem:
        reason = (problem.strerror if isinstance(problem, OSError) else "") or str(problem)
        raise UsageProblem(clean_line(f"It cannot be written: {reason}.")) from problem
    return file


def variables(text: str) -> list[Variable]:
    """Return the variables of a text, in their order."""
    return [Variable(*found) for found in _in_braces(text) if _VARIABLE.fullmatch(found[0])]


def no_variables(text: str) -> list[str]:
    """Return what is in double braces but is no variable: empty braces, or anything but a name."""
    found = (text[start:end] for name, start, end in _in_braces(text) if not _VARIABLE.fullmatch(name))
    return list(dict.fromkeys(found))


def _in_braces(text: str) -> Iterator[tuple[str, int, int]]:
    for found in _IN_BRACES.finditer(text):
        yield found[1].strip(), *found.span()


def _is_prompt(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(_SUFFIXES)


def _same_name(file: str, name: str) -> bool:
    return Path(file).stem.casefold() == name.casefold()


def _read(folder: Path, name: str) -> Prompt:
    file = folder / name
    try:
        if not file.is_file():
            return Prompt(name, problem=_no_file(file))
        text = read_bounded(file, _LARGEST_FILE).decode("utf-8-sig")
    except OSError as problem:
        reason = clean_line(problem.strerror or str(problem), _LONGEST_REASON)
        return Prompt(name, problem=f"It cannot be read: {reason}.")
    except UnicodeError:
        return Prompt(name, problem="It is not text in UTF-8.")
    if "\0" in text:
        return Prompt(name, problem="It is not a text.")
    text = clean(mend_surrogates(text)).strip("\n")
    return Prompt(name, text) if text.strip() else Prompt(name, problem="It is empty.")


def _no_file(file: Path) -> str:
    if file.is_symlink() and not file.exists():
        return "It links to a file that does not exist."
    return "It is a folder." if file.is_dir() else "It is not an ordinary file."
