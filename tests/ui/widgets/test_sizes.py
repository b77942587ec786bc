"""The whole frame on screens of every size, in every theme, under every overlay."""

from __future__ import annotations

import pytest

from chatgrid_tui.ui.appearance import Speaker
from chatgrid_tui.ui.conversation_list.conversations_pane import ConversationsPane
from chatgrid_tui.ui.conversation_list.row_source import GivenRows
from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
from chatgrid_tui.ui.overlays.keys_screen import KeyGroup, KeysScreen
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.widgets.composer import Addressee, Composer
from chatgrid_tui.ui.widgets.gap_line import GapLine
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.ui.widgets.status_line import StatusLine
from ui.conversation_list.test_conversation_list import ROWS
from ui.overlays.test_overlays import GROUPS
from ui.widgets.frame_app import NOW, FrameApp
from ui.widgets.test_key_bar import ALWAYS, HINTS
from ui.widgets.test_status_line import STATUS


class WholeFrame(FrameApp):
    """All parts of the frame, one below the other."""

    def __init__(self, theme: str = "midnight", *, ascii_signs: bool = False) -> None:
        self.pane, self.composer = ConversationsPane(lambda: NOW, lambda words: GivenRows(ROWS)), Composer()
        self.gap, self.keys = GapLine(), KeyBar()
        shown = (Header("Refund for order 8841", "3 unread", "unread"), self.pane, self.gap, self.composer)
        super().__init__(*shown, StatusLine(STATUS), self.keys, theme=theme, ascii_signs=ascii_signs)

    def on_mount(self) -> None:
        self.pane.reload()
        self.pane.list.open_id = 2
        self.gap.show_below(16)
        self.gap.toast("Copied.", 600)
        self.keys.show(HINTS, ALWAYS)
        self.composer.limit = 100
        self.composer.address(Addressee(Speaker("support-bot", "indigo"), "Acme staging", "ChatGrid"))
        self.composer.focus()


SIZES = [(1, 1), (2, 3), (5, 40), (19, 7), (59, 15), (80, 24), (120, 40), (200, 60), (300, 2)]


@pytest.mark.parametrize(("theme", "ascii_signs"), [("midnight", False), ("paper", True), ("flat", True)])
async def test_every_size_is_drawn(theme: str, ascii_signs: bool) -> None:
    app = WholeFrame(theme, ascii_signs=ascii_signs)
    async with app.run_test(size=(80, 24)) as pilot:
        app.composer.load("some text\n" * 9 + "x" * 200)
        for width, height in SIZES:
            await app.resized(pilot, width, height)
            assert all(len(line) <= width for line in app.lines())
        await app.resized(pilot, 120, 40)
        assert "".join(app.lines()).isascii() is ascii_signs


@pytest.mark.parametrize("theme", ["midnight", "flat"])
async def test_every_overlay_at_every_size(theme: str) -> None:
    app = WholeFrame(theme)
    overlays = (
        PickerScreen("Go to", GROUPS),
        KeysScreen([KeyGroup("Everywhere", HINTS)]),
        ConfirmScreen("Delete this?", "It goes from this machine."),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        for overlay in overlays:
            app.push_screen(overlay)
            for width, height in SIZES:
                await app.resized(pilot, width, height)
            await pilot.press("escape")
            assert len(app.screen_stack) == 1


async def test_another_theme_reaches_every_part() -> None:
    app = WholeFrame()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        for name in ("paper", "flat", "midnight"):
            app.use_theme(name)
            await pilot.pause()
            colours = {
                segment.style.bgcolor.name
                for strip in app.screen._compositor.render_strips()
                for segment in strip
                if segment.style is not None and segment.style.bgcolor is not None
            }
            theme = app.look.theme
            parts = (theme.ground, theme.panel, theme.raised, theme.select, theme.accent, theme.line)
            chips = {theme.speaker(known.hue).chip for known in ROWS}
            assert colours <= ({"default"} if name == "flat" else {part.lower() for part in (*parts, *chips)})
