"""Tell the user of a reply that ended while its conversation was out of sight."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import App

from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean_line

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_NAME = 40
_TITLE = 60


def reply_ended(
    session: Session, conversation: Conversation, app: App[object], on_screen: Sequence[Conversation | None]
) -> None:
    """Ring, or show a notification of the terminal, as `notify` is set. A reply is in sight if its conversation is
    `on_screen` and the terminal has the focus. Nothing is told if the user stopped it, or if another one follows.
    """
    reply = None if conversation.newest is None else conversation.newest.reply
    if reply is None or reply.state in ("stopped", "interrupted") or _goes_on(session, conversation):
        return
    notify = session.clients.settings.notify
    if notify == "off" or (app.app_focus and conversation in on_screen):
        return
    from chatgrid_tui.ui.terminal.notifications import notification, sequence_of

    sequence = "bell" if notify == "bell" or app.is_web else sequence_of(os.environ)
    if app._driver is not None:
        app._driver.write(notification(_words(conversation, reply), sequence))


def _goes_on(session: Session, conversation: Conversation) -> bool:
    waits = conversation.retry_at is not None or conversation.deleting
    is_busy = conversation.live is not None or bool(conversation.queued)
    return waits or is_busy or bool(session.reruns.progress(conversation))


def _words(conversation: Conversation, reply: Reply) -> str:
    bot, title = clean_line(conversation.board.name, _NAME), clean_line(conversation.title, _TITLE)
    ended = f"{bot} replied" if reply.state == "finished" else f"A reply of {bot} failed"
    return f"{ended}: {title}" if title else ended
