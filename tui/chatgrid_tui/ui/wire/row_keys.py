"""The keys of the rows of the wire pane."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding

from chatgrid_tui.ui.actions.parts import WIRE_ACTIONS

ROW_KEYS: Final[tuple[Binding, ...]] = (
    Binding("up", "move(-1)", "Up", show=False, id="wire.up"),
    Binding("down", "move(1)", "Down", show=False, id="wire.down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="wire.page_up"),
    Binding("pagedown", "page(1)", "Page down", show=False, id="wire.page_down"),
    Binding("home", "first", "First", show=False, id="wire.first"),
    Binding("end", "last", "Last", show=False, id="wire.last"),
    Binding("left", "view(-1)", "Previous view", show=False, id="wire.previous_view"),
    Binding("right", "view(1)", "Next view", show=False, id="wire.next_view"),
    *(action.binding for action in WIRE_ACTIONS),
)
