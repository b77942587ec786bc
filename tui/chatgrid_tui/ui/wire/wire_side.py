"""The place of the wire pane: next to the conversation, instead of the list, or alone. It is created on first use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from textual.widget import Widget

from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.chat.replays import Replays
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.overlays.overlay import end_notice
from chatgrid_tui.ui.transcript.linking import SentCharacter
from chatgrid_tui.ui.widgets.divider import Divider

if TYPE_CHECKING:  # nothing of the pane is loaded before it is opened
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.wire.wire_pane import WirePane

BESIDE_FROM: Final = 111
"""The columns of the screen from which on the pane is beside the conversation, instead of the list."""
TALL_FROM: Final = 26
"""The rows of the screen from which on the details of the chosen row are always shown."""


class WireController(Protocol):
    """Has the conversation on the screen."""

    replays: Replays

    @property
    def conversation(self) -> Conversation | None: ...


class WireScreen(Page, Protocol):
    """The screen that the pane is on."""

    @property
    def session(self) -> Session | None: ...
    @property
    def controller(self) -> WireController: ...
    @property
    def focused(self) -> Widget | None: ...
    def set_class(self, add: bool, *class_names: str) -> object: ...
    def has_class(self, *class_names: str) -> bool: ...
    def mount(self, *widgets: Widget) -> object: ...
    def query_one(self, selector: str) -> Widget: ...
    def call_after_refresh(self, callback: Callable[[], object]) -> bool: ...


class WireSide:
    """Opens and closes the wire pane, and chooses the reply to show."""

    def __init__(self, screen: WireScreen) -> None:
        self._screen = screen
        self._pane: WirePane | None = None
        self._tries: Sequence[Reply] = ()
        """The replies to the message whose reply is shown, oldest first."""
        self._chosen_try: Reply | None = None
        """The reply of these that the user chose; None for the one that counts."""
        self._bubble: tuple[int, int] | None = None
        """The bubble that had the cursor at the last update of the pane."""
        self._clicked: tuple[tuple[int, int] | None, SentCharacter] | None = None
        """The last character clicked while the pane was closed, and the bubble that had the cursor then."""

    @property
    def is_open(self) -> bool:
        """Whether the pane is open."""
        return self._screen.has_class("-wire")

    @property
    def hides_page(self) -> bool:
        """Whether the pane replaces the conversation."""
        return self.is_open and self._screen.app.size.width < BESIDE_FROM

    @property
    def has_focus(self) -> bool:
        """Whether the pane has the focus."""
        return self._pane is not None and self._screen.focused in (self._pane.rows, self._pane.field)

    def toggle(self) -> None:
        """Close the pane if it has the focus, else open and focus it."""
        if self.has_focus:
            self._close()
            self._screen.composer.focus()
            return
        if self._pane is None:
            from chatgrid_tui.ui.wire.wire_pane import WirePane

            self._pane = WirePane(self._screen, self._show_other_try)
            self._screen.query_one("#body").mount(Divider(id="wire-divider"), self._pane)
        if self.is_open:
            self._pane.rows.focus()
            return
        self._screen.set_class(True, "-wire")
        self.resized()
        self._screen.call_after_refresh(self._pane.rows.focus)  # it may not be mounted yet
        self.update()
        if self._clicked is not None and self._clicked[0] == self._screen.transcript.cursor.bubble:
            self._pane.choose_character(self._clicked[1])

    def choose_character(self, character: SentCharacter) -> None:
        """Show the record that sent a character, at once or when the pane is opened."""
        if self.is_open and self._pane is not None:
            self.update()  # before, as it chooses the first row of a bubble that now has the cursor
            self._pane.choose_character(character)
        else:
            self._clicked = (self._screen.transcript.cursor.bubble, character)

    def open_beside(self) -> None:
        """Open the pane if that leaves room for the conversation."""
        if not self.is_open and self._screen.app.size.width >= BESIDE_FROM:
            self.toggle()

    def make_room(self) -> None:
        """Close the pane if it hides the conversation."""
        if self.hides_page:
            self._close()

    def escape(self) -> bool:
        """Remove the filter of the pane; return whether it had the focus, and a filter."""
        return self.has_focus and self._pane is not None and self._pane.escape()

    def resized(self) -> None:
        """Adapt to another width of the screen."""
        width, height = self._screen.app.size
        self._screen.set_class(height < TALL_FROM, "-wire-short")
        self._screen.set_class(width < BESIDE_FROM, "-wire-alone")
        if self.is_open and width < BESIDE_FROM and self._pane is not None and self._pane.is_mounted:
            self._pane.rows.focus()

    def update(self) -> None:
        """If the pane is open, show the reply being replayed, else that of the bubble with the cursor, else the
        newest one that arrived here. Replies to messages take precedence over those to other requests of a watched
        client.
        """
        session, controller = self._screen.session, self._screen.controller
        conversation = controller.conversation
        if not self.is_open or self._pane is None or session is None or conversation is None:
            return
        turns = [turn for turn in reversed(conversation.turns) if not turn.remote]
        turns.sort(key=lambda turn: not turn.sent)
        bubble, shown = self._screen.transcript.cursor.bubble, self._screen.transcript.document.turns
        if bubble is not None and bubble[0] < len(shown):
            turns.insert(0, shown[bubble[0]])
        turn, player = next((turn for turn in turns if turn.reply is not None), None), controller.replays.player
        self._tries = () if turn is None or player is not None else turn.replies
        if self._chosen_try not in self._tries:
            self._chosen_try = None
        reply = self._chosen_try or (None if turn is None else turn.reply)
        streamed = reply if player is None else player.reply
        self._pane.show(session, conversation, streamed, player, self._which_try(streamed))
        if bubble != self._bubble:
            self._bubble = bubble
            if bubble is not None and self._screen.transcript.has_focus:
                self._pane.choose_bubble(bubble[1])

    def _which_try(self, shown: Reply | None) -> str:
        several = shown in self._tries and len(self._tries) > 1
        return f"try {self._tries.index(shown) + 1}/{len(self._tries)}" if several and shown is not None else ""

    def _show_other_try(self) -> None:
        """Show the try before the one that is shown; the last one after the first."""
        shown = None if self._pane is None else self._pane.reply
        if shown in self._tries and len(self._tries) > 1:
            self._chosen_try = self._tries[self._tries.index(shown) - 1]
            self.update()
        else:
            self._screen.toast("The message was sent only once.")

    def look_changed(self) -> None:
        """Redraw with other colours or signs."""
        if self._pane is not None:
            self._pane.look_changed()

    def _close(self) -> None:
        if self._pane is not None:
            if self.hides_page:
                end_notice(self._screen.app)
            self._screen.set_class(False, "-wire")
            self._clicked = None
            self._pane.clear()
