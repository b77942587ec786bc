"""How the app looks, kept as pictures. After a change that was meant: `pytest tests/app/test_pictures.py
--snapshot-update`, and look at the new ones.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.image import SVGImageSnapshotExtension

from app.memory import FixedTime, being_written, remember
from app.scripted import provider
from app.window import Window, opened
from chatgrid_tui.cli.app import Wanted
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.changes import TurnAdded
from chatgrid_tui.ui.screens import chat
from chatgrid_tui.ui.widgets import conversation_list
from planted import PLANTED

SIZES = [pytest.param((120, 40), id="120x40"), pytest.param((80, 24), id="80x24")]
REFUSED = Failure("http", "said", code="invalid_api_key", message="Wrong API key", status=401)


@pytest.fixture(autouse=True)
def the_same_every_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock stands still, in UTC; keys are called as outside of multiplexers."""
    for module in (chat, conversation_list):
        monkeypatch.setattr(module, "datetime", FixedTime)
    for name in ("TMUX", "STY", "ZELLIJ", "TERM_PROGRAM", "TERMINAL_EMULATOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACME_KEY", PLANTED)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.delenv("TZ")
    time.tzset()


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The picture of this test, as it was kept."""
    return snapshot.use_extension(SVGImageSnapshotExtension)


@asynccontextmanager
async def parcel(
    folder: Path, size: tuple[int, int], *, theme: str = "", failure: Failure | None = None
) -> AsyncIterator[Window]:
    """Open the app on a finished conversation with Markdown, files and suggestions; or on a failed one."""
    await remember(folder / "data", failure=failure)
    config = provider("https://api.acme.example/v1", more='title = "Acme staging"\napi_key_env = "ACME_KEY"')
    async with opened(folder, size=size, config=config, wanted=Wanted(theme=theme)) as window:
        await window.sees("Acme staging", "9f3a")
        yield window


async def shot(window: Window) -> str:
    """Return the screen as it stays, without what differs from run to run."""
    before = ""
    while (svg := window.app.export_screenshot(title="chatgrid-tui")) != before:
        before = svg
        await window.pilot.pause(0.1)
    svg = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:80000", svg)
    return re.sub(r"terminal-\d+", "terminal", svg)


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_run(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with opened(tmp_path, size=size) as window:
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_a_finished_conversation(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, size) as window:
        assert await shot(window) == picture


async def test_a_finished_conversation_on_paper(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, (120, 40), theme="paper") as window:
        assert await shot(window) == picture


async def test_a_finished_conversation_without_colours(
    tmp_path: Path, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with parcel(tmp_path, (120, 40)) as window:
        await window.press("tab")
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_a_reply_being_written(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, size) as window:
        window.conversation.turns.append(being_written())
        window.session.tell(TurnAdded(window.conversation))
        await window.sees("Esc stops", "Writing")
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_a_refused_key(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, size, failure=REFUSED) as window:
        await window.sees("The service refused the key")
        assert await shot(window) == picture


async def test_the_drawer_with_the_list(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, (80, 24)) as window:
        await window.press("f6", "down")
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_the_picker(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, size) as window:
        await window.press("ctrl+k")
        await window.sees("Go to")
        await window.press(*"su")
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_of_keys(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, size) as window:
        await window.press("f1")
        assert await shot(window) == picture
