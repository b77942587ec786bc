"""The frame as it looks: a few screens, kept as pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.pilot import Pilot

from chatgrid_tui.ui.appearance import Speaker
from chatgrid_tui.ui.conversation_list.conversations_pane import ConversationsPane
from chatgrid_tui.ui.conversation_list.list_row import ListRow
from chatgrid_tui.ui.conversation_list.row_source import GivenRows
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.widgets.composer import Addressee, Composer
from chatgrid_tui.ui.widgets.gap_line import GapLine
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.ui.widgets.status_line import StatusLine
from ui.overlays.test_overlays import GROUPS
from ui.widgets.frame_app import NOW, FrameApp
from ui.widgets.test_key_bar import ALWAYS, HINTS
from ui.widgets.test_status_line import STATUS

Compare = Callable[..., bool]


def row(number: int, title: str, preview: str, hours: float, **changes: object) -> ListRow:
    made = ListRow(
        number, title, preview, False, "", NOW - timedelta(hours=hours), "finished", bot="Support", hue="indigo"
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the test's own shorthand


ROWS = [
    row(1, "Refund for order 8841", "", 0, state="writing", pinned=True),
    row(2, "Opening hours, all sites", "Open until 22:00 today.", 99, pinned=True),
    row(3, "Where is my parcel", "", 0.4, draft="and what about the second one"),
    row(4, "Table for six on Friday", "Two pictures and a menu.", 0.8, unread=3),
    row(5, "Password does not arrive", "", 1.1, state="failed", trouble="Refused the key", bot="Trouble"),
    row(6, "Warranty, kettle K2", "it leaks at the spout", 2.7, mine=True),
    row(7, "Long writer, 8,000 tokens", "1. Every clerk", 4, state="stopped", bot="Long writer", hue="sky"),
    row(8, "Kettle K2 and other questions", "No data for 12 s", 5, state="writing", waiting=True),
    row(9, "Invoice 2026-1108", "Invoice sent by mail.", 20, unread=1),
    row(10, "Echo, all of Unicode", "U+0041 to U+10FFFF", 75, mine=True),
]


class ChatFrame(FrameApp):
    """The frame round an empty page, as the chat screen puts it together."""

    CSS = """
    Vertical { height: 1fr; background: $cg-ground; }
    ConversationsPane { width: 33; border-right: solid $cg-line; }
    Horizontal { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield ConversationsPane(lambda: NOW, lambda words: GivenRows(ROWS))
            with Vertical():
                yield Header("Refund for order 8841", "3 unread", "unread")
                yield Vertical()
                yield GapLine()
                yield Composer()
        yield StatusLine(STATUS)
        yield KeyBar()

    def on_mount(self) -> None:
        pane = self.query_one(ConversationsPane)
        pane.reload()
        pane.list.open_id = 1
        pane.display = self.size.width >= 100
        self.query_one(GapLine).show_below(16)
        self.query_one(KeyBar).show(HINTS, ALWAYS)
        composer = self.query_one(Composer)
        composer.address(Addressee(Speaker("support-bot", "indigo"), "Acme staging", "ChatGrid"))
        composer.focus()


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are named as outside of multiplexers, and colours are shown."""
    for name in ("TMUX", "STY", "ZELLIJ", "TERM_PROGRAM", "TERMINAL_EMULATOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_the_frame_on_a_large_screen(snap_compare: Compare) -> None:
    assert snap_compare(ChatFrame(), terminal_size=(120, 40))


def test_the_frame_on_a_small_screen(snap_compare: Compare) -> None:
    assert snap_compare(ChatFrame(theme="paper"), terminal_size=(80, 24))


@pytest.mark.parametrize("theme", ["colour-blind-dark", "colour-blind-light"])
def test_the_frame_for_colour_blindness(theme: str, snap_compare: Compare) -> None:
    assert snap_compare(ChatFrame(theme=theme), terminal_size=(80, 24))


def test_the_frame_without_colours_and_with_the_focus_in_the_list(snap_compare: Compare) -> None:
    async def go_to_the_list(pilot: Pilot[None]) -> None:
        pilot.app.query_one(ConversationsPane).list.focus()
        await pilot.press("down", "down")

    app = ChatFrame(theme="flat", ascii_signs=True)
    assert snap_compare(app, terminal_size=(120, 40), run_before=go_to_the_list)


def test_the_picker_over_a_small_screen(snap_compare: Compare) -> None:
    async def open_it(pilot: Pilot[None]) -> None:
        pilot.app.push_screen(PickerScreen("Go to", GROUPS))
        await pilot.press("r", "e", "f", "down")

    assert snap_compare(ChatFrame(), terminal_size=(80, 24), run_before=open_it)
