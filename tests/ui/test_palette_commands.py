"""The palette and the page of keys name every action, and name it alike."""

from __future__ import annotations

from chatgrid_tui.ui.actions.action import Action
from chatgrid_tui.ui.actions.everywhere import APP_ACTIONS, COMMANDS
from chatgrid_tui.ui.actions.parts import CURSOR_ACTIONS, LIST_ACTIONS, MESSAGE_ACTIONS, PART_ACTIONS, WIRE_ACTIONS
from chatgrid_tui.ui.actions.reading import CHOOSE
from chatgrid_tui.ui.actions.table import CHAT_ACTIONS
from chatgrid_tui.ui.appearance import UNICODE_SIGNS
from chatgrid_tui.ui.key_help import key_groups
from chatgrid_tui.ui.palette_commands import action_commands

LONGEST_TITLE = 24
"""Characters; with longer ones, descriptions are cut in 80 columns."""
DONE_BY_OTHERS = {
    *("list.pin", "list.archive", "list.rename", "list.delete", "list.undo", "list.export", "list.memory"),
    *("wire.curl", "wire.httpx", "wire.resend", "wire.save", "wire.keep", "transcript.copy"),
    *("list.mark_up", "list.mark_down"),
}
"""Actions for which the palette has one on the conversation or the bubble, or a more general one."""


async def nothing(action: Action) -> None:
    """Run no action."""


def palette() -> list[str]:
    """Return the titles of all commands."""
    return [command.label for command in action_commands({}, UNICODE_SIGNS, {}, nothing)]


def test_the_palette_has_every_action_of_the_page_once() -> None:
    of_page = (*MESSAGE_ACTIONS, *CURSOR_ACTIONS, *LIST_ACTIONS, *WIRE_ACTIONS)
    listed = [action for action in (*CHAT_ACTIONS, *APP_ACTIONS) if action not in (COMMANDS, CHOOSE)]
    listed += [action for action in of_page if action.id not in DONE_BY_OTHERS]
    assert sorted(palette()) == sorted(action.title for action in listed)
    assert len(set(palette())) == len(palette())
    assert [title for title in palette() if len(title) > LONGEST_TITLE] == []


def test_the_page_of_keys_has_every_action_under_its_title() -> None:
    groups = key_groups({})
    shown = {hint.label.partition(": ")[0] for group in groups for hint in group.hints}
    shown |= {label for group in groups for label, _ in group.commands}
    assert {action.title for action in (*CHAT_ACTIONS, *PART_ACTIONS, *APP_ACTIONS)} <= shown


def test_no_two_actions_have_the_same_id() -> None:
    ids = [action.id for action in (*CHAT_ACTIONS, *PART_ACTIONS, *APP_ACTIONS)]
    assert len(set(ids)) == len(ids)
