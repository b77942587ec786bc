"""Widgets that keep their lines, which Textual asks for whenever anything around them changes."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.strip import Strip

from chatgrid_tui.ui.widgets.line_view import DirectLines


class _Numbers(DirectLines):
    drawn = 0

    def render_line(self, y: int) -> Strip:
        self.drawn += 1
        return Strip.blank(self.size.width)


class _Page(App[None]):
    def compose(self) -> ComposeResult:
        yield _Numbers()


async def test_lines_are_drawn_again_after_a_refresh_or_another_size_only() -> None:
    app = _Page()
    async with app.run_test(size=(20, 5)) as pilot:
        widget = app.query_one(_Numbers)
        widget.drawn = 0
        app.screen.refresh()
        await pilot.pause()
        assert widget.drawn == 0
        widget.refresh()
        await pilot.pause()
        assert widget.drawn == 5
        await pilot.resize_terminal(20, 8)
        await pilot.pause()
        assert widget.drawn >= 5 + 8
