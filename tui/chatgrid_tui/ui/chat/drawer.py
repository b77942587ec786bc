"""The list of conversations as a drawer over the page, where the screen is too narrow for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from chatgrid_tui.ui.overlays.overlay import Layer
from chatgrid_tui.ui.widgets.cells import TINY_BELOW
from chatgrid_tui.ui.widgets.conversation_list import ConversationList
from chatgrid_tui.ui.widgets.conversations_pane import ConversationsPane, ListActions
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint
from chatgrid_tui.ui.widgets.list_row import ListRow

_HINTS = (
    KeyHint("close", ("escape",), "Close"),
    KeyHint("open", ("enter",), "Open", "list.open"),
    KeyHint("ask('rename')", ("r",), "Rename", "list.rename"),
    KeyHint("ask('delete')", ("delete",), "Delete", "list.delete"),
)


class DrawerScreen(Layer[int]):
    """Gives back the id of the conversation to open, None where none was chosen."""

    DEFAULT_CSS = """
    DrawerScreen {
        background: $cg-scrim;
        align-horizontal: left;
    }
    DrawerScreen > Vertical {
        width: 40;
        background: $cg-panel;
    }
    DrawerScreen.-tiny > Vertical {
        width: 1fr;
    }
    DrawerScreen ConversationsPane {
        height: 1fr;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False, priority=True),
        Binding("f6", "close", "Close", show=False, priority=True, id="chat.list"),
    ]

    def __init__(
        self,
        now: Callable[[], datetime],
        rows: Sequence[ListRow],
        open_id: int | None,
        actions: ListActions,
        keymap: Mapping[str, str],
    ) -> None:
        """Show `rows`, newest first. `open_id` is the conversation on the page, `now` returns the local time,
        `actions` renames and deletes, and `keymap` has the keys that were changed.
        """
        super().__init__()
        self._rows = rows
        self._open_id = open_id
        self.pane = ConversationsPane(now, actions=actions)
        self._keys = KeyBar(margin=2)
        self._keys.show([hint.with_keys(keymap) for hint in _HINTS])

    def compose(self) -> ComposeResult:
        """Put the list above its keys."""
        with Vertical():
            yield self.pane
            yield self._keys

    def on_mount(self) -> None:
        """Begin on the conversation that is open."""
        self.pane.set_rows(self._rows)
        self.pane.list.open_id = self._open_id
        self.pane.list.focus()

    def on_resize(self) -> None:
        """Take the whole width of a very narrow screen."""
        self.set_class(self.app.size.width < TINY_BELOW, "-tiny")

    def action_close(self) -> None:
        """Close without opening anything."""
        self.dismiss(None)

    def action_open(self) -> None:
        """Open the conversation under the cursor."""
        self.dismiss(self.pane.list.highlighted)

    def action_ask(self, task: str) -> None:
        """Do something with the conversation under the cursor."""
        self.pane.list.action_ask(task)

    def on_click(self, event: events.Click) -> None:
        """Close, where the click was beside the drawer."""
        if event.widget is self:
            event.stop()
            self.action_close()

    def on_conversation_list_opened(self, event: ConversationList.Opened) -> None:
        """Open the chosen one."""
        event.stop()
        self.dismiss(event.conversation_id)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the entry says."""
        event.stop()
        await self.run_action(event.action)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.pane.look_changed()
        self._keys.look_changed()
