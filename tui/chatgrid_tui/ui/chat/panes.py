"""The panes of the chat page: one conversation, or two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, assert_never

from textual.widget import Widget

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.actions.conversation import BOTH_SIDES
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat.both_sides import compare_sides, send_to_both
from chatgrid_tui.ui.chat.chat_pane import ChatPane
from chatgrid_tui.ui.chat.pane_screen import PaneScreen
from chatgrid_tui.ui.startup import Opening
from chatgrid_tui.ui.widgets.divider import Divider

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

SplitTask: TypeAlias = Literal["other", "close", "send", "compare"]
_NOT_SPLIT: Final = "The page is not split."
SIDE_BY_SIDE_FROM: Final = 100
"""Columns from which both panes are shown. On a narrower screen only the active one is."""


class PanesScreen(PaneScreen, Protocol):
    """The screen that the panes are on."""

    def set_class(self, add: bool, *class_names: str) -> object: ...
    def query_one(self, selector: str) -> Widget: ...
    def fit(self) -> None: ...


class Panes:
    """Opens and closes the second pane, and knows which one is active: keys act on its conversation.

    Sets classes of the screen that are used in the style sheet: `-split` if there are two, and `-split-alone` if only
    the active one has room.
    """

    def __init__(self, screen: PanesScreen, clock: Clock) -> None:
        self._screen = screen
        self._clock = clock
        self.first = ChatPane(screen, clock)
        self.active = self.first
        self._second: ChatPane | None = None
        self._divider = Divider(id="split-divider")
        self._work = Work(self.first)

    @property
    def all(self) -> tuple[ChatPane, ...]:
        """All panes, from the left."""
        return (self.first,) if self._second is None else (self.first, self._second)

    @property
    def in_sight(self) -> list[Conversation | None]:
        """The conversations on the screen. A pane for which there is no room has none."""
        return [pane.controller.conversation for pane in self.all if pane is self.active or pane.display]

    @property
    def drafts(self) -> list[tuple[Conversation, str]]:
        """What is typed in each pane, and not sent, with edited recalled messages that are out of sight."""
        drafts: list[tuple[Conversation, str]] = []
        for pane in self.all:
            if (conversation := pane.controller.conversation) is not None:
                typed = pane.composer.draft
                edits = [text for text in conversation.recall_edits.values() if text not in typed]
                drafts.append((conversation, "\n".join(filter(None, (*edits, typed)))))
        return drafts

    def place_of(self, pane: Widget) -> str:
        """Return which of two panes this is, if only one has room: `1 of 2`."""
        return f"{1 if pane is self.first else 2} of 2" if self._screen.has_class("-split-alone") else ""

    def conversations_beside(self, pane: Widget) -> Sequence[Conversation]:
        """Return the conversation in the other pane, if there is one."""
        conversations = (other.controller.conversation for other in self.all if other is not pane)
        return [conversation for conversation in conversations if conversation is not None]

    def pane_of(self, conversation: Conversation) -> ChatPane | None:
        """Return the pane that shows a conversation, if there is one."""
        return next((pane for pane in self.all if pane.controller.conversation is conversation), None)

    def refusals(self) -> dict[str, str]:
        """Return why commands for both panes cannot work now, by action id."""
        return dict.fromkeys((action.id for action in BOTH_SIDES), _NOT_SPLIT) if self._second is None else {}

    def activate(self, pane: Widget) -> None:
        """Let keys act on the conversation of a pane."""
        if pane is self.active or pane not in self.all:
            return
        self.active.alerts.show((), "")
        for each in self.all:
            each.set_class(each is not pane, "-inactive")
            if each is pane:
                self.active = each
        self._screen.show_conversation()

    def do(self, task: SplitTask) -> None:
        """Split the page or go to the other pane, close the other pane, or do something in both."""
        match task:
            case "other":
                self.go_to_other()
            case "close":
                self.close_other()
            case "send" | "compare" if self._second is None:
                self.active.toast(_NOT_SPLIT)
            case "send":
                send_to_both(self.active, self.first if self.active is self._second else self._second)
            case "compare":
                compare_sides(self.active, self.first, self._second)
            case _:
                assert_never(task)

    def go_to_other(self) -> None:
        """Focus the other pane, which is opened with a new conversation on the same board if there is none."""
        if self._second is not None:
            self.focus(self.first if self.active is self._second else self._second)
        elif self._screen.opening is not None:
            self._work.do(partial(self._split, self._screen.opening), "split", leads=True)

    def focus(self, pane: Widget) -> None:
        """Let keys act on the conversation of a pane, and focus its composer. The wire pane is closed if it hides
        that.
        """
        self._screen.wire.make_room()
        self._screen.list_place.fit()
        self.activate(pane)
        self.active.when_in_view(self.active.composer.focus)

    def fit(self, width: int) -> None:
        """Adapt to the width of the screen in columns."""
        self._screen.set_class(self._second is not None, "-split")
        self._screen.set_class(self._second is not None and width < SIDE_BY_SIDE_FROM, "-split-alone")

    def close_other(self) -> None:
        """Close the pane that is not active. What is typed in it stays its draft, and its reply continues."""
        second, opening = self._second, self._screen.opening
        if second is None or opening is None:
            return
        conversation, typed, stays = second.controller.conversation, second.composer.draft, second is self.active
        second.controller.close()
        self._second = None
        self.activate(self.first)
        self._divider.remove()
        second.remove()
        self._screen.fit()
        if conversation is not None:
            closing = partial(self._close, opening.session, conversation, typed, stays)
            self._work.do(closing, "split", leads=stays)

    async def _split(self, opening: Opening) -> None:
        shown = self.first.controller.conversation
        if self._second is not None or shown is None:
            return
        self._second = second = ChatPane(self._screen, self._clock)
        await self._screen.query_one("#body").mount(self._divider, second, after=self.first)
        self._screen.fit()
        fresh = opening.session.begin(shown.provider, shown.board, shown)
        second.controller.begin_beside(opening, fresh)
        self.focus(second)

    async def _close(self, session: Session, conversation: Conversation, typed: str, stays: bool) -> None:
        """Save what was typed in a pane that was closed. If its conversation stays, show it in the first pane."""
        await session.save_draft(conversation, typed)
        navigation = self.first.controller.navigation
        if stays:
            await navigation.show(conversation)
        elif navigation.conversation is not None:
            await session.show(navigation.conversation)
        self.first.composer.focus()
