"""The keys of the rows of the wire pane."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding

from chatgrid_tui.ui.letter_keys import either_case

ROW_KEYS: Final[tuple[Binding, ...]] = (
    Binding("up", "move(-1)", "Up", show=False, id="wire.up"),
    Binding("down", "move(1)", "Down", show=False, id="wire.down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="wire.page_up"),
    Binding("pagedown", "page(1)", "Page down", show=False, id="wire.page_down"),
    Binding("home", "first", "First", show=False, id="wire.first"),
    Binding("end", "last", "Last", show=False, id="wire.last"),
    Binding("left", "view(-1)", "Previous view", show=False, id="wire.previous_view"),
    Binding("right", "view(1)", "Next view", show=False, id="wire.next_view"),
    Binding("enter", "show_in_reply", "Show in reply", show=False, id="wire.show"),
    Binding(either_case("v"), "view_in_full", "In full", show=False, id="wire.full"),
    Binding("space", "hold", "Hold", show=False, id="wire.hold"),
    Binding("slash", "filter", "Filter", show=False, id="wire.filter"),
    Binding(either_case("t"), "next_type", "Type", show=False, id="wire.type"),
    Binding(either_case("e"), "want('try')", "Other try", show=False, id="wire.try"),
    Binding("right_square_bracket", "mark(1)", "Next", show=False, id="wire.next_mark"),
    Binding("left_square_bracket", "mark(-1)", "Previous", show=False, id="wire.previous_mark"),
    Binding("ctrl+c,super+c", "copy", "Copy", show=False, id="wire.copy"),
    Binding(either_case("u"), "use_request('curl')", "cURL", show=False, id="wire.curl"),
    Binding(either_case("h"), "use_request('httpx')", "httpx", show=False, id="wire.httpx"),
    Binding(either_case("s"), "want('save')", "Save", show=False, id="wire.save"),
    Binding(either_case("k"), "want('keep')", "Keep", show=False, id="wire.keep"),
    Binding(either_case("r"), "use_request('resend')", "Resend", show=False, id="wire.resend"),
)
