"""What the service stored is compared with what it streamed, and differences are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from app.scripted import provider
from app.window import Window, opened
from chatgrid_tui.demo import state
from chatgrid_tui.demo.catalogue import ECHO, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.truth import asking
from chatgrid_tui.ui.overlays.menu_screen import MenuScreen
from chatgrid_tui.ui.overlays.text_screen import TextScreen


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    """Ask at once, and store late things soon after that."""
    with mock.patch.object(asking, "ASK_AFTER", (0.0, 0.2, 0.4)), mock.patch.object(state, "LATE", 0.1):
        yield


def config_for(server: DemoServer, kind: Kind, more: str = "") -> str:
    board = ECHO.board_id if kind == "chatgrid" else ECHO.slug
    return provider(server.base_url(kind), kind, board=board, more=more)


async def truth_of(window: Window, number: int) -> TruthCheck:
    """Return the outcome for the reply of a turn, once the service will not be asked again."""
    reply = window.conversation.turns[number].reply
    assert reply is not None
    await window.until(lambda: reply.truth is not None and reply.truth.settled, "the truth check")
    assert reply.truth is not None
    return reply.truth


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq"])
async def test_a_line_says_what_differs(tmp_path: Path, demo: DemoServer, kind: Kind) -> None:
    async with opened(tmp_path, config=config_for(demo, kind), size=(120, 60)) as window:
        await window.says("Hello")
        assert (await truth_of(window, 0)).verdict == "same"
        assert "tored" not in window.text
        await window.says("/stored late")
        assert (await truth_of(window, 1)).verdict == "same"
        await window.says("/stored shorter")
        assert (await truth_of(window, 2)).verdict == "stored shorter"
        await window.sees("▲ Stored shorter than it arrived: 93 characters arrived, 46 are stored.", "Details")
        await window.press("tab", "1")
        await window.until(lambda: isinstance(window.app.screen, TextScreen), "the details")
        came = "final" if kind == "chatgrid" else "streamed"
        await window.sees(
            "Stored at the service", "stored 46: stored shorter", f"[-only {came}-] {{+only stored+}}", "[-"
        )
    async with opened(tmp_path, config=config_for(demo, kind), size=(120, 60)) as again:
        await again.sees("Stored shorter than it arrived")


async def test_the_menu_asks_again(tmp_path: Path, demo: DemoServer) -> None:
    async with opened(tmp_path, config=config_for(demo, "chatgrid")) as window:
        await window.says("Hello")
        await truth_of(window, 0)
        (chat,) = demo.state.boards[ECHO.board_id].chats.values()
        chat.messages[1].content = "Something else"
        await window.press("tab", "f9")
        await window.until(lambda: isinstance(window.app.screen, MenuScreen), "the menu")
        await window.sees("Check what is stored  same")
        await window.pilot.click(offset=window.find("Check what is stored"))
        await window.sees("Sent 1 · stored 1 · streamed 5 · final 5 · stored 14: differs.", "The stored text differs")


async def test_no_line_is_shown_if_the_check_is_off_or_impossible(tmp_path: Path, demo: DemoServer) -> None:
    config = config_for(demo, "chatgrid", "skip_truth_check = true")
    async with opened(tmp_path, config=config) as window:
        await window.says("/stored nothing")
        assert window.conversation.turns[0].reply is not None
        await window.press("tab", "ctrl+d")
        await window.sees("Stored at the service", "Not asked.")
        assert window.conversation.turns[0].reply.truth is None
    (tmp_path / "other").mkdir()
    async with opened(tmp_path / "other", config=config_for(demo, "openai")) as window:
        await window.says("Hello")
        await window.press("tab", "ctrl+d")
        await window.sees("Services of this kind do not show what they stored.")
