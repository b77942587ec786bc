"""The keyboard focus on the chat page, and where Esc and Tab move it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from textual.widget import Widget

from chatgrid_tui.ui.chat.controller import ChatController
from chatgrid_tui.ui.chat.find import Find
from chatgrid_tui.ui.chat.footer import KEY_GROUPS, Focus
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.conversation_list.conversations_pane import ConversationsPane
from chatgrid_tui.ui.conversation_list.list_place import ListPlace
from chatgrid_tui.ui.wire.wire_side import WireSide

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session


class FocusScreen(Page, Protocol):
    """The screen, as far as the focus is concerned."""

    list: ConversationsPane
    list_place: ListPlace
    wire: WireSide

    @property
    def controller(self) -> ChatController: ...
    @property
    def find(self) -> Find: ...
    @property
    def session(self) -> Session | None: ...
    @property
    def focused(self) -> Widget | None: ...
    def clear_selection(self) -> None: ...


def focus_of(screen: FocusScreen) -> Focus:
    """Return the part of the screen on which keys act."""
    fields: dict[object, Focus] = {screen.composer.field: "message", screen.find.field.input: "find"}
    fields[screen.list.filter] = "list filter"
    listed: Focus = "list over page" if screen.list_place.is_over_page else "list"
    places: dict[object, Focus] = {screen.transcript: "conversation", screen.list.list: listed}
    return "wire" if screen.wire.has_focus else (fields | places).get(screen.focused, "other")


def key_group_of(screen: FocusScreen) -> str:
    """Return the title of the keys of what has the focus, or an empty string."""
    return KEY_GROUPS.get(focus_of(screen), "")


def escape(screen: FocusScreen) -> None:
    """Do the first of these that applies: close find, stop the reply, focus the composer, dismiss the alerts."""
    screen.clear_selection()
    if screen.controller.slash_commands.close() or screen.wire.escape() or screen.list_place.escape():
        return
    if screen.focused is screen.composer.field and screen.controller.recall.leave():
        return
    if not screen.find.is_open and screen.controller.stop():
        return
    screen.wire.make_room()
    screen.list_place.fit()
    if screen.focused is not screen.composer.field:
        screen.composer.focus()
    elif screen.controller.composing.prompts.forget():
        return
    elif screen.session is not None:
        screen.session.alerts.dismiss()


def choose(screen: FocusScreen) -> None:
    """Move the focus from the composer to suggestions or the transcript, and from the list to the composer."""
    if screen.focused is screen.find.field.input:
        screen.transcript.focus(scroll_visible=False)
    elif screen.focused is not screen.composer.field:
        screen.composer.focus()
    elif screen.controller.composing.prompts.next_variable():
        return
    elif screen.controller.view_only_reason or not screen.transcript.focus_suggestions():
        screen.transcript.focus(scroll_visible=False)
