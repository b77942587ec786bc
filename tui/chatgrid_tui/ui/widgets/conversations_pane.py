"""The list of conversations with its title and their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.widgets.conversation_list import ConversationList
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.list_row import ListRow


class ListActions(Protocol):
    """What is done with conversations of the list, besides opening them."""

    def ask(self, task: str, conversation_id: int) -> None: ...
    def seen_to(self, conversation_id: int) -> None: ...


class ConversationsPane(Vertical):
    """`Conversations   128` above a `ConversationList`."""

    DEFAULT_CSS = """
    ConversationsPane {
        background: $cg-panel;
    }
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        actions: ListActions | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`now` returns the local time. `actions` does what is asked of conversations, and is told how far
        down one looks.
        """
        super().__init__(id=id)
        self._actions = actions
        self.header = Header("Conversations", margins=(2, 1))
        self.list = ConversationList(now)

    def compose(self) -> ComposeResult:
        """Put the title above the list."""
        yield self.header
        yield self.list

    def set_rows(self, rows: Sequence[ListRow], total: int | None = None) -> None:
        """Show these conversations. `total` is their number where `rows` is a part of them."""
        count = len(rows) if total is None else total
        self.header.show("Conversations", f"{count:,}" if count else "")
        self.list.set_rows(rows)

    def on_conversation_list_asked(self, event: ConversationList.Asked) -> None:
        """Do something with a conversation."""
        if self._actions is not None:
            event.stop()
            self._actions.ask(event.task, event.conversation_id)

    def on_conversation_list_seen_to(self, event: ConversationList.SeenTo) -> None:
        """List as far as somebody looks."""
        if self._actions is not None:
            event.stop()
            self._actions.seen_to(event.conversation_id)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.header.look_changed()
        self.list.look_changed()


class Divider(Widget):
    """One column: a line."""

    ALLOW_SELECT = False

    def render_line(self, y: int) -> Strip:
        """Return a row (Textual asks for it)."""
        look = look_of(self)
        return Strip([Segment(look.signs.rule, look.style("line", "panel"))], 1)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.refresh()
