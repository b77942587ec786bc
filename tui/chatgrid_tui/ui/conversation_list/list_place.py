"""Where the list of conversations is: next to the page, over it on a narrow screen, or hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.screen import Screen
from textual.widget import Widget

from chatgrid_tui.ui.conversation_list.conversations_pane import ConversationsPane
from chatgrid_tui.ui.overlays.overlay import end_notice

BESIDE_FROM: Final = 100
"""Columns from which the list is next to the page."""
WIDE_FROM: Final = 144
"""Columns from which it is wide enough for previews."""


class ListPlace:
    """Shows and hides the list, with classes of the screen that are used in the style sheet:

    `-narrow`: there is no room next to the page · `-over`: the list is over the page · `-no-list`: it is hidden.
    """

    def __init__(self, screen: Screen[None], pane: ConversationsPane, leave: Callable[[], object]) -> None:
        """`leave` gives the focus to another widget."""
        self._screen = screen
        self._pane = pane
        self._leave = leave

    @property
    def is_over_page(self) -> bool:
        """Whether the list is over the page."""
        return self._screen.has_class("-narrow") and self._screen.has_class("-over")

    @property
    def is_hidden(self) -> bool:
        """Whether the list is hidden while the page has the focus."""
        return self._screen.has_class("-narrow") or self._screen.has_class("-no-list")

    def fit(self) -> None:
        """Adapt to the size of the screen."""
        width = self._screen.app.size.width
        is_shared = self._screen.has_class("-wire") or self._screen.has_class("-split")
        self._screen.set_class(width < (WIDE_FROM if is_shared else BESIDE_FROM), "-narrow")
        self._screen.set_class(width >= WIDE_FROM and not is_shared, "-wide")
        if self._screen.focused is None or (self._pane.has_keyboard and self.is_hidden and not self.is_over_page):
            self._leave()

    def toggle(self) -> None:
        """Focus the list, and show it if necessary; hide it if it has the focus."""
        if self._pane.has_keyboard:
            self._screen.set_class(not self._screen.has_class("-narrow"), "-no-list")
            self.close()
        else:
            self._screen.remove_class("-no-list")
            self._screen.set_class(self._screen.has_class("-narrow"), "-over")
            self._pane.list.focus()

    def close(self) -> None:
        """Hide the list, and give the page the focus."""
        self._uncover()
        self._leave()

    def escape(self) -> bool:
        """Take back the filter, the marks or the archive, else close the list over the page. Return whether there was
        one of these.
        """
        if self._pane.has_keyboard and self._pane.escape():
            return True
        if self.is_over_page:
            self.close()
            return True
        return False

    def focus_moved(self) -> None:
        """Hide the list over the page if it has lost the focus."""
        if not self._pane.has_keyboard:
            self._uncover()

    def _uncover(self) -> None:
        if self.is_over_page:
            end_notice(self._screen.app)
        self._screen.remove_class("-over")
        self._pane.end_filter()

    def covers(self, widget: Widget) -> bool:
        """Return whether a widget is on the page behind the list, where it takes no clicks."""
        return self.is_over_page and any(node.has_class("-pane") for node in widget.ancestors_with_self)
