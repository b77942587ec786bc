"""The screen as a pane of the chat page sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from textual.widget import Widget

from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.chat.attention import Attention
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.conversation_list.list_place import ListPlace
from chatgrid_tui.ui.notices import Notices
from chatgrid_tui.ui.overlays.palette import Command
from chatgrid_tui.ui.startup import Opening
from chatgrid_tui.ui.wire.wire_side import WireSide


class PaneGroup(Protocol):
    """The panes on the screen."""

    def place_of(self, pane: Widget) -> str: ...
    def conversations_beside(self, pane: Widget) -> Sequence[Conversation]: ...
    def pane_of(self, conversation: Conversation) -> ChatPage | None: ...
    def activate(self, pane: Widget) -> None: ...
    def focus(self, pane: Widget) -> None: ...


class PaneScreen(Protocol):
    """The screen that a pane is on."""

    opening: Opening | None
    notices: Notices
    attention: Attention
    keymap: Mapping[str, str]
    list_place: ListPlace
    wire: WireSide
    commands: Callable[[], Sequence[Command]]

    @property
    def panes(self) -> PaneGroup: ...
    def has_class(self, *class_names: str) -> bool: ...
    def show_conversation(self) -> None: ...
    def show_list(self) -> None: ...
    def show_row(self, conversation_id: int) -> None: ...
    def show_status(self) -> None: ...
    def show_hints(self) -> None: ...
    def show_replay(self) -> None: ...
