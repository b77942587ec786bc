"""Choose a board: a list of all boards over the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.session import Session
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.switching.destinations import ToBoard
from chatgrid_tui.ui.switching.states import RowStates
from chatgrid_tui.ui.switching.switcher_rows import SwitcherRows


class BoardScreen(PickerScreen):
    """The boards to choose from."""


async def offer_boards(
    page: ChatPage,
    work: Work,
    session: Session,
    here: Conversation,
    title: str,
    verb: str,
    chosen: Callable[[Provider, Board], None],
) -> None:
    """Show all boards, that of the conversation `here` first, and ask the services for lists that are not up to date.
    `chosen` is called with the one that is picked; `verb` is what the footer calls that.
    """
    rows = SwitcherRows(session)
    states = RowStates(session, here, lambda conversation_id: False)
    groups = await rows.boards(here)
    if lies_over(page.app, BoardScreen):
        return  # it was requested twice

    def picked(row_id: str | None) -> None:
        target = rows.target(row_id)
        if isinstance(target, ToBoard):
            chosen(session.clients.current(target.provider), target.board)

    async def update(provider: Provider) -> None:
        if await session.recents.refresh(provider):
            groups = await rows.boards(here)
            if screen.is_attached:
                screen.put(groups)

    screen = BoardScreen(
        title,
        groups,
        hints=(KeyHint("close", ("escape",), "Close"), KeyHint("pick", ("enter",), verb)),
        state_of=lambda row: states.of(rows.target(row.id)),
        placeholder="A few letters of a board or a provider",
    )
    page.app.push_screen(screen, picked)
    for provider in session.clients.settings.providers.values():
        if session.recents.is_due(provider):
            work.do(partial(update, provider), "places")
