"""The layer over the cells of the screen: one picture, which is painted after frames that would lose it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.driver import Driver
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._toast import Toast

from chatgrid_tui.ui.terminal.device_attributes import SIXEL
from chatgrid_tui.ui.terminal.graphics import Graphic, Method, method_of

if TYPE_CHECKING:  # not on every platform
    from chatgrid_tui.ui.terminal.drivers import TerminalDriver


@dataclass(frozen=True, slots=True)
class _Shown:
    widget: Widget
    place: Region
    """The cells of the picture within the content of the widget."""
    graphic: Graphic


class PictureLayer:
    """Shows a picture of pixels over its widget, while nothing else lies over that.

    The cells below show the same picture in text, so nothing else has to be drawn when the picture is removed.
    """

    def __init__(self, driver: Callable[[], Driver | None], forget_cells: Callable[[], None]) -> None:
        """`driver` returns that of the app, and `forget_cells` lets the next frame write all its cells."""
        self._driver = driver
        self._forget_cells = forget_cells
        self._shown: _Shown | None = None
        self._painted: _Shown | None = None
        """What is on the terminal."""

    @property
    def cell(self) -> Size | None:
        """The size of a cell in pixels, if it is known."""
        terminal = self._terminal()
        return None if terminal is None else terminal.cell_pixels

    def method(self, when_known: Callable[[], object]) -> Method:
        """Return how the terminal can show pictures. If it has to be asked, the answer is half blocks for now, and
        `when_known` is called later.
        """
        terminal = self._terminal()
        if terminal is None:
            return "blocks"
        if (known := method_of(os.environ)) is not None:
            return known
        if terminal.attributes is None:
            terminal.query_attributes(when_known)
            return "blocks"
        return "sixel" if SIXEL in terminal.attributes else "blocks"

    def show(self, widget: Widget, place: Region, graphic: Graphic) -> None:
        """Show a picture with the next frame."""
        self._shown = _Shown(widget, place, graphic)

    def remove(self, widget: Widget) -> None:
        """Remove the picture of a widget. It draws its cells anew if it shows something else."""
        if self._shown is not None and self._shown.widget is widget:
            self._shown = None
            self._write(self._removal())
            self._forget_cells()

    def forget(self) -> None:
        """Let the next frame write all its cells and paint the picture: the terminal may have lost them."""
        self._forget_cells()
        self._painted = None

    def after_frame(self, screen: Screen[object], rows: Set[int] | None) -> str:
        """Return what to write after a frame that wrote these rows of the terminal; None if it wrote all."""
        shown = self._shown
        if shown is None or not shown.widget.is_attached or shown.widget.screen is not screen:
            return self._removal()
        place = shown.place.translate(shown.widget.content_region.offset)
        if any(place.overlaps(message.region) for message in screen.query(Toast)):
            return self._removal()
        is_over_text = rows is None or not rows.isdisjoint(place.line_range)
        if shown is self._painted and (shown.graphic.covers_text or not is_over_text):
            return ""
        self._painted = shown
        return f"\x1b[{place.y + 1};{place.x + 1}H{shown.graphic.data}"

    def _removal(self) -> str:
        painted, self._painted = self._painted, None
        return "" if painted is None else painted.graphic.removal

    def _terminal(self) -> TerminalDriver | None:
        """Return the driver, unless there is no terminal, but a browser or a test."""
        if sys.platform == "win32":
            return None
        from chatgrid_tui.ui.terminal.drivers import TerminalDriver

        driver = self._driver()
        return driver if isinstance(driver, TerminalDriver) else None

    def _write(self, data: str) -> None:
        if data and (driver := self._driver()) is not None:
            driver.write(data)


def picture_layer_of(widget: Widget) -> PictureLayer:
    """Return the picture layer of the app that `widget` belongs to."""
    layer = getattr(widget.app, "picture_layer", None)
    assert isinstance(layer, PictureLayer), "widgets of chatgrid-tui are shown by an app that has a picture layer"
    return layer
