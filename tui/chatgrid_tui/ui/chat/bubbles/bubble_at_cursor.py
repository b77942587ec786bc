"""Which bubble an action of the chat page is about, and where its menu opens."""

from __future__ import annotations

from typing import Final

from textual.geometry import Offset

from chatgrid_tui.ui.chat.bubbles.bubble_actions import BubbleActions, BubbleTask
from chatgrid_tui.ui.transcript.targets import AttachmentTarget
from chatgrid_tui.ui.transcript.transcript import Transcript

_MENU_INDENT: Final = 4
"""Cells from the edge of the transcript to a menu that was opened by a key."""


def do_with_bubble(
    task: BubbleTask, transcript: Transcript, actions: BubbleActions, at: Offset | None = None
) -> bool:
    """Do something with the bubble that has the cursor, or with the newest; quote the selection, if there is one.
    A menu opens at a cell of the screen, by default next to the bubble. Return whether there is a bubble.
    """
    selection = transcript.text_selection if task == "quote" else None
    if selection is not None and (selected := transcript.get_selection(selection)) is not None:
        transcript.selection.clear()
        actions.quote(selected[0])
        return True
    bubble = transcript.cursor.bubble_or_newest
    if bubble is None:
        return False
    target = transcript.cursor.target
    file = target.index if isinstance(target, AttachmentTarget) else None
    actions.do(task, transcript.document.turns[bubble[0]], bubble[1], at or _beside(bubble, transcript), file)
    return True


def _beside(bubble: tuple[int, int], transcript: Transcript) -> Offset:
    """Return the cell below a bubble."""
    rows = [(placed.turn, placed.row.bubble) == bubble for placed in transcript.viewport.window]
    last = max((y for y, is_of_bubble in enumerate(rows) if is_of_bubble), default=-1)
    region = transcript.region
    x = region.x + _MENU_INDENT if bubble[1] >= 0 else region.right - _MENU_INDENT
    return Offset(x, region.y + last + 1)
