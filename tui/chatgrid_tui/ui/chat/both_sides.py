"""The two sides of a split page together: send a message to both, and compare their replies."""

from __future__ import annotations

from functools import partial
from typing import Final

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.chat.chat_pane import ChatPane
from chatgrid_tui.ui.overlays.overlay import lies_over

_NAME: Final = 24


def send_to_both(active: ChatPane, other: ChatPane) -> None:
    """Send what is typed in the active pane in both, after the keys that were pressed before. What is typed in the
    other one stays there. If either cannot send it, nothing is sent, and the user is told why.
    """
    active.composer.field.call_later(partial(_send_to_both, active, other))


def _send_to_both(active: ChatPane, other: ChatPane) -> None:
    text = active.composer.text
    if reason := _refusal(active, other, text):
        active.toast(reason)
        return
    if active.controller.composing.prompts.complete(text) is None:
        return
    conversation = other.controller.conversation
    waits = conversation is not None and (conversation.live is not None or bool(conversation.queued))
    active.controller.messages.send(text)
    other.controller.messages.send_beside(text)
    if not other.display:
        active.toast("Sent. It waits for a reply on the other side." if waits else "Sent to both sides.")


def _refusal(active: ChatPane, other: ChatPane, text: str) -> str:
    """Return why a message cannot be sent to both, as sentences; empty if it can."""
    if not text.strip():
        return "The message is empty. Nothing was sent."
    if active.controller.recall.replaced is not None:
        return "An edited message goes to one side: Enter sends it. Nothing was sent."
    if active.controller.slash_commands.takes("enter"):
        return "Enter takes what is chosen in the list. Nothing was sent."
    if reason := active.controller.messages.refusal(text):
        return reason
    reason = other.controller.messages.refusal(text)
    return f"The other side: {reason}" if reason else ""


def compare_sides(active: ChatPane, left: ChatPane, right: ChatPane) -> None:
    """Show the newest replies of both panes with their figures, compared word by word."""
    from chatgrid_tui.ui.chat.dialogs.variants_screen import SidesScreen

    turns = [turn for pane in (left, right) if (turn := _answered(pane)) is not None]
    if len(turns) < 2:
        active.toast("There is no reply yet to compare on both sides.")
    elif any(turn.reply is not None and turn.reply.live for turn in turns):
        active.toast("A reply is being written. Compare them when both have ended.")
    elif not lies_over(active.app, SidesScreen):
        title = f"{_bot(left)}, compared with {_bot(right)}"
        active.app.push_screen(SidesScreen(title, *turns))


def _answered(pane: ChatPane) -> Turn | None:
    """Return the newest turn of a pane that was sent, if it has a reply."""
    conversation = pane.controller.conversation
    turn = None if conversation is None else conversation.newest
    return None if turn is None or turn.reply is None else turn


def _bot(pane: ChatPane) -> str:
    conversation = pane.controller.conversation
    return "" if conversation is None else clean_line(conversation.board.name or conversation.provider.shown, _NAME)
