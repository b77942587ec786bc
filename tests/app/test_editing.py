"""A message in the user's editor, as far as no terminal is needed."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app.window import opened
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.terminal import editor


async def test_the_text_of_the_editor_replaces_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "cat")
    async with opened(tmp_path) as window:
        composer, began = window.app.chat.composer, window.conversation

        async def edits(text: str, command: Sequence[str], suspended: Callable[[], object]) -> str:
            assert (text, command) == ("one", ["cat"])
            composer.paste(" and more")  # typed before the editor was open
            return "two\r\nlines"

        async def goes_elsewhere(text: str, command: Sequence[str], suspended: Callable[[], object]) -> str:
            window.app.chat.controller.navigation.new()
            await window.until(lambda: window.conversation is not began, "another conversation")
            return "three"

        async def fails(text: str, command: Sequence[str], suspended: Callable[[], object]) -> str:
            raise UsageProblem("It failed.")

        await window.says("hello")
        await window.writes("one")
        await window.press("alt+v")
        await window.sees("An editor needs a terminal, which this is not.")
        assert window.typed == "one"
        monkeypatch.setattr(editor, "edit", edits)
        await window.press("alt+v")
        await window.until(lambda: window.typed == "two\nlines and more", "both")
        monkeypatch.setattr(editor, "edit", fails)
        await window.press("alt+v")
        await window.sees("It failed.")
        assert window.typed == "two\nlines and more"
        monkeypatch.setattr(editor, "edit", goes_elsewhere)
        await window.press("alt+v")
        await window.until(lambda: began.draft == "three", "the text, where it belongs")
        assert window.typed == ""


async def test_the_providers_of_the_configuration_are_used_after_it_was_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"

    def writes(text: str) -> None:
        script = f"import pathlib, sys; pathlib.Path(sys.argv[-1]).write_text({text!r})"
        monkeypatch.setenv("VISUAL", shlex.join([sys.executable, "-c", script]))

    async def opens() -> None:
        await window.press("ctrl+p", *"open configuration", "enter")

    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    async with opened(tmp_path) as window:
        assert window.app.chat.session is not None
        clients = window.app.chat.session.clients
        await opens()
        await window.sees("No editor is set.", "The configuration is")
        monkeypatch.setattr(editor, "given_terminal", lambda *_: contextlib.nullcontext())
        writes('[providers.shop]\nkind = "openai"\nbase_url = "http://127.0.0.1:1/v1"\n')
        await opens()
        await window.sees("The providers of config.toml are in use.")
        assert "shop" in clients.settings.providers
        assert config.stat().st_mode & 0o777 == 0o600
        writes('[providers.shop]\nkind = "opnai"\n')
        await opens()
        await window.sees("Line 2 of")
        assert "shop" in clients.settings.providers


async def test_a_bubble_is_read_in_the_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    script = (
        f"import pathlib, sys; pathlib.Path({str(seen)!r}).write_text(sys.argv[1] + ':' + open(sys.argv[1]).read())"
    )
    monkeypatch.setattr(editor, "given_terminal", lambda *_: contextlib.nullcontext())

    async def views() -> None:
        await window.press("ctrl+p", *"view in pager", "enter")

    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("a \x1b[1mword")
        monkeypatch.setenv("PAGER", shlex.join([sys.executable, "-c", script]))
        await views()
        await window.until(seen.exists, "the text in the pager")
        await window.settled()
        file, _, text = seen.read_text(encoding="utf-8").partition(":")
        assert ("word" in text, "\x1b" in text, Path(file).parent.exists()) == (True, False, False)
        monkeypatch.setenv("PAGER", "/nowhere/pager")
        await views()
        await window.sees("there is no such program")
        monkeypatch.delenv("PAGER")
        monkeypatch.setenv("PATH", str(tmp_path))
        await views()
        await window.sees("There is no pager.")
