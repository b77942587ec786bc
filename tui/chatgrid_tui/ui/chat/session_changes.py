"""Show what happens in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, assert_never

from textual.app import App

from chatgrid_tui.session.changes import (
    AlertsChanged,
    BoardChanged,
    Change,
    ConversationChange,
    ListChanged,
    Reloaded,
    RemoteStatusChanged,
    ReplyEnded,
    RowsChanged,
    TurnAdded,
    TurnChanged,
    TurnsMerged,
    TurnsReplaced,
    UnhandledError,
)
from chatgrid_tui.ui.chat import out_of_sight
from chatgrid_tui.ui.chat.attention import Attention
from chatgrid_tui.ui.chat.panes import Panes
from chatgrid_tui.ui.notices import Notices

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session


class ChangingScreen(Protocol):
    """The screen that shows the session."""

    attention: Attention
    notices: Notices

    panes: Panes

    @property
    def app(self) -> App[object]: ...
    def show_list(self) -> None: ...
    def show_row(self, conversation_id: int) -> None: ...
    def show_remote(self) -> None: ...
    def show_status(self) -> None: ...


async def follow(session: Session, screen: ChangingScreen) -> None:
    """Show the changes of a session as they come, without end."""
    async for changes in session.changes():
        for change in changes:
            _show(change, session, screen)


def _show(change: Change, session: Session, screen: ChangingScreen) -> None:
    match change:
        case TurnAdded() | TurnChanged() | TurnsReplaced() | TurnsMerged() | Reloaded() | BoardChanged():
            _show_in_panes(change, screen)
        case ListChanged(conversation, moved):
            screen.attention.follow(conversation)
            screen.show_list() if moved else screen.show_row(conversation.id)
            _show_titles(screen)
        case ReplyEnded(conversation):
            out_of_sight.reply_ended(session, conversation, screen.app, screen.panes.in_sight)
        case RowsChanged():
            for pane in screen.panes.all:
                pane.controller.navigation.leave_deleted()
            screen.show_list()
            _show_titles(screen)
        case RemoteStatusChanged():
            screen.show_remote()
            _show_titles(screen)
        case AlertsChanged():
            screen.notices.update()
            screen.show_status()
        case UnhandledError(error):
            raise error
        case _:
            assert_never(change)


def _show_in_panes(change: ConversationChange, screen: ChangingScreen) -> None:
    screen.attention.follow(change.conversation)
    for pane in screen.panes.all:
        if pane.controller.conversation is change.conversation:
            pane.controller.changed(change)


def _show_titles(screen: ChangingScreen) -> None:
    for pane in screen.panes.all:
        pane.show_title()
