"""The scroll bar shows which part of a list is in view, although it is drawn only if that looks different."""

from __future__ import annotations

from functools import partial

from chatgrid_tui.ui.widgets.line_view import LineView
from chatgrid_tui.ui.widgets.scroll_bar import move_scroll_bar
from quiet import until
from ui.widgets.frame_app import FrameApp


class _Bar(LineView):
    DEFAULT_CSS = "_Bar { overflow-y: scroll; }"


async def test_the_thumb_is_where_the_view_is() -> None:
    bar = _Bar()
    app = FrameApp(bar)
    lower_half = list(range(5, 10))

    def shows(thumb: list[int]) -> bool:
        return thumb == [y for y, line in enumerate(app.lines()) if line.endswith("▐")]

    async with app.run_test(size=(20, 10)):
        for lines, position, expected in ((20, 10, lower_half), (21, 11, lower_half), (100, 0, [0]), (5, 0, [])):
            move_scroll_bar(bar, lines=lines, position=position)
            await until(partial(shows, expected))
