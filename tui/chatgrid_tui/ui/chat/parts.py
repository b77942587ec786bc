"""The parts of the chat page on which the palette runs actions, and why it cannot run them now."""

from __future__ import annotations

from textual.screen import Screen
from textual.widget import Widget

from chatgrid_tui.ui.actions import parts
from chatgrid_tui.ui.actions.action import Action
from chatgrid_tui.ui.chat.chat_screen import ChatScreen
from chatgrid_tui.ui.wire.wire_rows import WireRows


def part_of(screen: ChatScreen, action: Action) -> Screen[None] | Widget:
    """Return what runs an action: the part of the page that it belongs to, or the page."""
    if action in parts.MESSAGE_ACTIONS:
        return screen.composer.field
    if action in parts.CURSOR_ACTIONS:
        return screen.transcript
    if action in parts.LIST_ACTIONS:
        return screen.list.list
    return screen.query(WireRows).first() if action in parts.WIRE_ACTIONS else screen


def part_refusals(screen: ChatScreen) -> dict[str, str]:
    """Return why actions of parts cannot work now, by id."""
    reasons: dict[str, str] = {}
    if not screen.list.display:
        reasons |= dict.fromkeys((action.id for action in parts.LIST_ACTIONS), "The list is not shown.")
    if not screen.query(WireRows):
        reasons |= dict.fromkeys((action.id for action in parts.WIRE_ACTIONS), "The wire pane is closed.")
    return reasons
