"""The actions that open another program, a part of the table in `actions`."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.action import Action

OPEN_CONFIGURATION: Final = Action(
    "app.configuration",
    "offer('configuration')",
    (),
    "Open configuration",
    "all settings, in an editor",
    "Providers",
)
VIEW: Final = Action(
    "chat.view", "bubble('view')", (), "View in pager", "zoom a bubble to the whole terminal", "Reading"
)
