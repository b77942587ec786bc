"""The commands of the palette: all actions, and the themes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from typing import Final

from chatgrid_tui.ui import actions
from chatgrid_tui.ui.action import GROUPS, Action, keys_of
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.overlays.palette import Command
from chatgrid_tui.ui.widgets.key_bar import prefers_function_keys, usual_key

_NOT_LISTED: Final = (actions.COMMANDS.id, actions.CHOOSE.id)
"""Actions that are not in the palette: opening it, and Tab, whose meaning depends on the focus."""

_TITLES: Final = {
    actions.SEARCH.id: "Search all conversations",
    actions.NEW.id: "New conversation",
    actions.FORK.id: "Fork conversation",
    actions.LIST.id: "List of conversations",
    actions.STOP.id: "Stop the reply",
    actions.ALERTS.id: "Read notices",
    actions.COPY.id: "Copy the selection",
    actions.MENU.id: "Menu of the bubble",
    actions.MARK.id: "Mark the reply",
    actions.EVIDENCE.id: "Save evidence",
    actions.EXPORT.id: "Export conversation",
    actions.NEWEST.id: "Go to the newest text",
    actions.OLDEST.id: "Go to the beginning",
    actions.WIRE.id: "Wire pane",
}
"""Names that are longer than those in the footer, which are next to what they are about."""


def action_commands(
    keymap: Mapping[str, str],
    signs: Signs,
    refusals: Mapping[str, str],
    run: Callable[[Action], Coroutine[object, object, None]],
) -> list[Command]:
    """Return a command for each action, by group. `refusals` has the reasons why actions cannot work now, by id."""
    listed = [action for action in (*actions.CHAT_ACTIONS, *actions.APP_ACTIONS) if action.id not in _NOT_LISTED]
    return [
        Command(
            action.group,
            _TITLES.get(action.id, action.label),
            action.description,
            partial(run, action),
            usual_key(keys_of(action, keymap), signs, function_key=prefers_function_keys()),
            refusals.get(action.id, ""),
        )
        for action in sorted(listed, key=lambda action: GROUPS.index(action.group))
    ]


def theme_commands(themes: Iterable[str], current: str, choose: Callable[[str], None]) -> list[Command]:
    """Return a command for each theme."""
    return [
        Command(
            "Themes",
            f"Theme: {name}",
            "in use" if name == current else "use this theme",
            partial(choose, name),
            theme=name,
        )
        for name in themes
    ]
