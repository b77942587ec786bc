"""Search all conversations, and go to the message that was picked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from chatgrid_tui.model.search import Hit
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.session import Session
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.searching.search_screen import SearchScreen

_MINE = -1
"""The number of the user's bubble in a turn."""


class Searching:
    """Shows the search over the page. It begins with what was searched for the time before."""

    def __init__(self, page: ChatPage, session: Session, navigation: Navigation, keymap: Mapping[str, str]) -> None:
        self._page = page
        self._session = session
        self._navigation = navigation
        self._keymap = keymap
        self._typed = ""

    def offer(self) -> None:
        """Open the search."""
        if lies_over(self._page.app, SearchScreen):
            return
        screen = SearchScreen(self._session.search.find, self._local_now, self._keymap, self._typed)

        def picked(hit: Hit | None) -> None:
            self._typed = screen.typed
            if hit is not None:
                self._navigation.open(hit.conversation, partial(self._arrive, hit))

        self._page.app.push_screen(screen, picked)

    def _local_now(self) -> datetime:
        return self._session.clock.utc_now().astimezone()

    def _arrive(self, hit: Hit, page: ChatPage, conversation: Conversation) -> None:
        """Put the cursor on the message in its conversation, which is on `page`, and light what matches."""
        if hit.kind == "title":
            return
        turn = _turn_of(hit, conversation)
        if turn is None:
            page.toast("This message is not shown in its conversation any more.")
            return
        transcript = page.transcript
        rows = transcript.viewport.outlines(turn)
        bubble = _bubble_of(hit, conversation, turn, max((row.bubble for row in rows), default=_MINE))
        of_bubble = [number for number, row in enumerate(rows) if row.bubble == bubble] or [0]
        transcript.cursor.select((turn, bubble))
        transcript.viewport.hold()
        transcript.viewport.bring_near(turn, of_bubble[-1])
        transcript.viewport.bring_near(turn, of_bubble[0])
        reply = conversation.turns[turn].reply
        if hit.kind == "reply" and reply is not None and reply.id != hit.id:
            page.toast("It is in another reply to this message. The arrows below it show that one.")
        elif hit.lit:
            page.find.show_matches(hit.lit, turn, of_bubble[-1])
        transcript.focus(scroll_visible=False)


def _turn_of(hit: Hit, conversation: Conversation) -> int | None:
    """Return the place of the turn of a hit in its conversation."""
    for place, turn in enumerate(conversation.turns):
        if (hit.turn and turn.id == hit.turn) or (hit.remote_id and hit.remote_id in turn.remote):
            return place
    return None


def _bubble_of(hit: Hit, conversation: Conversation, turn: int, last: int) -> int:
    """Return the bubble of a hit: the first one of the reply that contains the match. `last` is the last bubble."""
    reply = conversation.turns[turn].reply
    if hit.side == "me" or reply is None:
        return _MINE
    lit = hit.lit.casefold()
    numbers = (number for number, bubble in enumerate(reply.bubbles) if lit in bubble.text.casefold())
    return min(next(numbers, 0), last)
