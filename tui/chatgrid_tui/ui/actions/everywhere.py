"""The actions that work on every page."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.actions.action import Action

COMMANDS: Final = Action(
    "app.commands", "command_palette", ("ctrl+p", "f8"), "Commands", "all of them, and the themes", "Everywhere"
)
KEYS: Final = Action("app.keys", "show_keys", ("f1",), "Keys", "all of them", "Everywhere")
QUIT: Final = Action("app.quit", "quit", ("ctrl+q", "f10"), "Quit", "replies being written are kept", "Everywhere")
REDRAW: Final = Action(
    "app.redraw", "redraw", ("ctrl+l",), "Redraw", "if something wrote on the screen", "Everywhere"
)
SWITCH: Final = Action(
    "app.switch", "switch", ("ctrl+k", "f4"), "Switch", "provider, board or conversation", "Everywhere"
)
SEARCH: Final = Action(
    "app.search",
    "search",
    ("ctrl+s", "f11"),
    "Search",
    "with filters",
    "Everywhere",
    long_title="Search all conversations",
)
APP_ACTIONS: Final = (COMMANDS, KEYS, REDRAW, QUIT)
