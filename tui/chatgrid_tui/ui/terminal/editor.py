"""Edit a text with the user's editor, or show it in the pager."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from textual.app import App, SuspendNotSupported

from chatgrid_tui.disk import read_bounded, write_new_file
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import clean_line

_VARIABLES: Final = ("VISUAL", "EDITOR")
_PAGERS: Final = ("less", "more")
_LARGEST: Final = 16 * 1024 * 1024
_KEPT: Final = "The message is as it was."
_LONGEST_NAME: Final = 40


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """Return the words of `$VISUAL`, else of `$EDITOR`.

    Raises:
        UsageProblem: none is set, or it names no program.
    """
    name = next((each for each in _VARIABLES if environment.get(each, "").strip()), "")
    if not name:
        raise UsageProblem("No editor is set. Set $VISUAL or $EDITOR, for example to nano.")
    return _command(name, environment)


def pager_command(environment: Mapping[str, str]) -> list[str]:
    """Return the words of `$PAGER`, else `less` or `more`.

    Raises:
        UsageProblem: it names no program, or none is set and there is none.
    """
    if environment.get("PAGER", "").strip():
        return _command("PAGER", environment)
    found = next((each for each in _PAGERS if shutil.which(each, path=environment.get("PATH"))), None)
    if found is None:
        raise UsageProblem("There is no pager. Set $PAGER to a program that shows text.")
    return [found]


def _command(name: str, environment: Mapping[str, str]) -> list[str]:
    try:
        words = shlex.split(environment[name])
    except ValueError as problem:
        raise UsageProblem(f"${name} is no command: {clean_line(str(problem))}.") from problem
    program = os.path.expanduser(words[0]) if words else ""
    if not program or shutil.which(program, path=environment.get("PATH")) is None:
        raise UsageProblem(
            f"${name} is {clean_line(program, _LONGEST_NAME) or 'empty'}, but there is no such program."
        )
    return [program, *words[1:]]


async def edit(text: str, command: Sequence[str], suspended: Callable[[], AbstractContextManager[None]]) -> str:
    """Return a text as the editor saved it. Meanwhile, the app is `suspended`, but its event loop is not blocked.

    The file is in a folder that only the user can read. It is removed, unless it has something that is not returned.

    Raises:
        UsageProblem: the editor could not be run or failed, or its text cannot be read. The message says where the
            text is, if the editor has saved one.
    """
    file: Path | None = None
    written, taken = f"{text}\n".encode(), False
    try:
        file = await asyncio.to_thread(_make_file, written)
        with suspended():
            ending = await _run([*command, str(file)])
        saved = await asyncio.to_thread(_saved, file, ending)
        taken = True
    except UsageProblem as problem:
        if file is None or not await asyncio.to_thread(_is_other, file, written):
            raise
        raise UsageProblem(f"{problem} What the editor saved is in {file}.") from problem
    finally:
        if file is not None and (taken or not _is_other(file, written)):
            shutil.rmtree(file.parent, ignore_errors=True)
    return saved.removesuffix("\n")


async def view(text: str, command: Sequence[str], suspended: Callable[[], AbstractContextManager[None]]) -> None:
    """Show a text in the pager. The app is `suspended` as in `edit`.

    Raises:
        UsageProblem: the pager could not be run or failed.
    """
    file = await asyncio.to_thread(_make_file, f"{text}\n".encode(errors="replace"))
    try:
        await edit_file(file, command, suspended)
    finally:
        shutil.rmtree(file.parent, ignore_errors=True)


async def edit_file(
    file: Path, command: Sequence[str], suspended: Callable[[], AbstractContextManager[None]]
) -> None:
    """Open a file in the editor. The app is `suspended` as in `edit`.

    Raises:
        UsageProblem: the editor could not be run or failed.
    """
    with suspended():
        ending = await _run([*command, str(file)])
    if ending:
        raise UsageProblem(ending)


@contextlib.contextmanager
def given_terminal(app: App[object], command: Sequence[str], what: str) -> Iterator[None]:
    """Suspend the app, and give the terminal to an editor in which `what` is open.

    Raises:
        UsageProblem: there is no terminal.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(app.suspend())
        except SuspendNotSupported as problem:
            raise UsageProblem("An editor needs a terminal, which this is not.") from problem
        name = clean_line(Path(command[0]).name)
        # A graphical editor leaves the terminal empty.
        print(f"{what} is open in {name}. Ctrl+C ends it if it hangs.", file=sys.__stdout__, flush=True)
        yield


async def _run(command: Sequence[str]) -> str:
    """Run a command in the terminal, and return how it failed, as a sentence; empty if it did not.

    The caller's context only ends well if nothing is raised in it.
    """
    name = clean_line(Path(command[0]).name, _LONGEST_NAME)
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except (OSError, ValueError) as problem:
        reason = (problem.strerror if isinstance(problem, OSError) else "") or str(problem)
        return f"{name} cannot be run: {clean_line(reason)}."
    try:
        with _interrupts_ignored():
            code = await process.wait()
    except BaseException:  # the app ends
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        raise
    if code < 0:
        return f"{name} was ended by signal {-code}."
    return f"{name} failed with code {code}." if code else ""


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Leave Ctrl+C and Ctrl+\\ to the editor, which has the same terminal and was started before."""
    numbers = (signal.SIGINT, signal.SIGQUIT) if hasattr(signal, "SIGQUIT") else (signal.SIGINT,)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _make_file(data: bytes) -> Path:
    try:
        folder = Path(tempfile.mkdtemp(prefix="chatgrid-tui-"))  # 0700
        file = folder / "message.md"
        write_new_file(file, data)
    except OSError as problem:
        raise UsageProblem(f"No temporary file can be made: {problem.strerror}.") from problem
    return file


def _saved(file: Path, ending: str) -> str:
    """Return what the editor saved."""
    if ending:
        raise UsageProblem(f"{ending} {_KEPT}")
    try:
        if not file.is_file():
            raise UsageProblem(f"The editor deleted the file. {_KEPT}")
        return read_bounded(file, _LARGEST).decode("utf-8-sig")
    except OSError as problem:
        raise UsageProblem(f"What the editor saved cannot be read: {problem.strerror}. {_KEPT}") from problem
    except UnicodeError as problem:
        raise UsageProblem(f"What the editor saved is not text in UTF-8. {_KEPT}") from problem


def _is_other(file: Path, data: bytes) -> bool:
    """Return whether a file has other contents."""
    try:
        return file.is_file() and (file.stat().st_size != len(data) or file.read_bytes() != data)
    except OSError:
        return True
