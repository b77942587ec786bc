"""The list of conversations with its title and their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical

from chatgrid_tui.ui.widgets.conversation_list import ConversationList
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.list_row import ListRow


class ConversationsPane(Vertical):
    """`Conversations   128` above a `ConversationList`."""

    DEFAULT_CSS = """
    ConversationsPane {
        background: $cg-panel;
    }
    """

    def __init__(self, now: Callable[[], datetime] | None = None, *, id: str | None = None) -> None:  # noqa: A002
        """`now` is what the list asks for the time."""
        super().__init__(id=id)
        self.header = Header("Conversations", margins=(2, 1))
        self.list = ConversationList() if now is None else ConversationList(now)

    def compose(self) -> ComposeResult:
        """Put the title above the list."""
        yield self.header
        yield self.list

    def set_rows(self, rows: Sequence[ListRow], total: int | None = None) -> None:
        """Show these conversations. `total` is their number where `rows` is a part of them."""
        count = len(rows) if total is None else total
        self.header.show("Conversations", f"{count:,}" if count else "")
        self.list.set_rows(rows)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.header.look_changed()
        self.list.look_changed()
