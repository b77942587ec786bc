"""The find field: it covers the composer, with its own keys."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

from chatgrid_tui.ui.appearance import ASCII_SIGNS, Look
from chatgrid_tui.ui.textual_theme import css_variables
from chatgrid_tui.ui.widgets.cells import COLUMN_CLASSES, ROW_CLASSES
from chatgrid_tui.ui.widgets.find_field import FindField
from ui.transcript.support import theme
from ui.widgets.frame_app import FrameApp


class Page(App[None]):
    """The field over something of the composer's height."""

    CSS_PATH = FrameApp.CSS_PATH
    HORIZONTAL_BREAKPOINTS = COLUMN_CLASSES
    VERTICAL_BREAKPOINTS = ROW_CLASSES
    CSS = """
    Screen { layers: default over; }
    #page { height: 1fr; }
    #covered { height: 4; }
    FindField { layer: over; dock: bottom; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.look = Look(theme(), ASCII_SIGNS)
        self.words: list[str] = []
        self.steps: list[int] = []
        self.covered = Static(id="covered")
        self.field = FindField(self.covered, self.words.append, self.steps.append)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return css_variables(theme())

    def compose(self) -> ComposeResult:
        yield Static(id="page")
        yield self.covered
        yield self.field


async def test_it_lies_on_the_composer_and_moves_nothing() -> None:
    app = Page()
    async with app.run_test(size=(80, 40)) as pilot:
        page = app.query_one("#page").region
        app.field.show()
        app.field.focus()
        await pilot.pause()
        assert app.field.region == app.covered.region
        assert app.query_one("#page").region == page
        app.covered.styles.height = 1
        await pilot.resize_terminal(50, 15)
        await pilot.pause()
        assert app.field.region == app.covered.region
        app.field.show(shown=False)
        await pilot.pause()
        assert not app.field.region


async def test_what_is_typed_and_its_keys() -> None:
    app = Page()
    async with app.run_test(size=(80, 40)) as pilot:
        app.field.show()
        app.field.focus()
        await pilot.press("a", "b", "enter", "shift+enter", "up", "down")
        assert app.words == ["a", "ab"]
        assert app.steps == [-1, 1, -1, 1]
        app.field.focus()
        await pilot.press("x")
        assert app.field.words == "x", "once more, and typing begins anew"


async def test_what_it_says_leaves_room_to_type() -> None:
    app = Page()
    async with app.run_test(size=(50, 15)) as pilot:
        app.covered.styles.height = 1
        app.field.show()
        app.field.focus()
        app.field.say("3 of 17")
        await pilot.pause()
        line = app.screen._compositor.render_strips()[-1].text
        assert line.startswith(" | Find ")
        assert line.endswith(" 3 of 17   ")
        app.field.say('Nothing matches "something quite long".')
        await pilot.pause()
        assert app.field.input.size.width >= 12
