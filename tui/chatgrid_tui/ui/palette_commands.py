"""The commands of the palette: all actions, and the themes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from typing import Final

from chatgrid_tui.ui.actions import parts
from chatgrid_tui.ui.actions.action import GROUPS, Action, keys_of
from chatgrid_tui.ui.actions.everywhere import APP_ACTIONS, COMMANDS
from chatgrid_tui.ui.actions.keys import prefers_function_keys, usual_key
from chatgrid_tui.ui.actions.reading import CHOOSE
from chatgrid_tui.ui.actions.table import CHAT_ACTIONS
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.overlays.palette import Command

_NOT_LISTED: Final = (COMMANDS.id, CHOOSE.id)
"""Actions that are not in the palette: opening it, and Tab, whose meaning depends on the focus."""
_OF_PARTS: Final = (
    *parts.MESSAGE_ACTIONS,
    parts.PRESS,
    parts.SELECT_ALL,
    parts.OPEN_ROW,
    parts.FILTER_ROWS,
    parts.ROW_MENU,
    parts.MARK_ROW,
    parts.MARK_ALL,
    parts.SHOW_ARCHIVE,
    parts.SHOW_IN_REPLY,
    parts.ROW_IN_FULL,
    parts.FILTER_WIRE,
    parts.NEXT_TYPE,
    parts.HOLD,
    parts.OTHER_TRY,
    parts.NEXT_NOTE,
    parts.PREVIOUS_NOTE,
    parts.COPY_ROW,
)
"""The actions of parts of the page that no other command does. Those of overlays have buttons or entries there."""
_GROUPS: Final = (*GROUPS, parts.IN_CONVERSATION, parts.IN_LIST, parts.IN_WIRE)


def action_commands(
    keymap: Mapping[str, str],
    signs: Signs,
    refusals: Mapping[str, str],
    run: Callable[[Action], Coroutine[object, object, None]],
) -> list[Command]:
    """Return a command for each action, by group. `refusals` has the reasons why actions cannot work now, by id."""
    every = (*CHAT_ACTIONS, *_OF_PARTS, *APP_ACTIONS)
    listed = [action for action in every if action.id not in _NOT_LISTED]
    return [
        Command(
            action.group,
            action.title,
            action.description,
            partial(run, action),
            usual_key(keys_of(action, keymap), signs, function_key=prefers_function_keys()),
            refusals.get(action.id, ""),
        )
        for action in sorted(listed, key=lambda action: _GROUPS.index(action.group))
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
