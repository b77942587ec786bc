"""The list of conversations with its title, their number, and a filter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Protocol

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import ASCII_SIGNS, look_of
from chatgrid_tui.ui.widgets.conversation_list import ConversationList
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.plain_input import PlainInput
from chatgrid_tui.ui.widgets.row_source import RowSource
from chatgrid_tui.ui.widgets.tone import Tone

_TITLE = "Conversations"
_LONGEST_QUOTE = 20


class ListActions(Protocol):
    """Actions on conversations of the list, besides opening them."""

    def ask(self, task: str, conversation_id: int) -> None: ...
    def seen_to(self, conversation_id: int) -> None: ...


class _ListFilter(PlainInput):
    """The input of the filter."""

    DEFAULT_CSS = """
    _ListFilter {
        display: none;
        margin: 1 2 0 0;
        padding: 0 1;
        border-left: outer $cg-edge;
    }
    _ListFilter:focus {
        border-left: outer $cg-accent;
    }
    _ListFilter.-ascii, _ListFilter.-ascii:focus {
        border-left: ascii $cg-accent;
    }
    _ListFilter.-open {
        display: block;
    }
    """


class ConversationsPane(Vertical):
    """`Conversations   128` above a `ConversationList`, and the filter between them while it is open."""

    DEFAULT_CSS = """
    ConversationsPane {
        background: $cg-panel;
    }
    ConversationsPane ConversationList {
        width: 100%;  /* not 1fr, from which the margin of the filter would be taken */
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # While the filter has the focus.
        Binding("up", "in_list('move(-1)')", show=False),
        Binding("down", "in_list('move(1)')", show=False),
        Binding("pageup", "in_list('page(-1)')", show=False),
        Binding("pagedown", "in_list('page(1)')", show=False),
        Binding("f9", "in_list('ask(\\'rename\\')')", show=False),
    ]

    def __init__(
        self,
        now: Callable[[], datetime],
        rows: Callable[[str], RowSource],
        *,
        actions: ListActions | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`now` returns the local time, and `rows` the rows that match a filter; an empty filter matches all.
        `actions` does what the user asks for, and gets how far down the list was read.
        """
        super().__init__(id=id)
        self._matching = rows
        self._actions = actions
        self._notice: tuple[str, Tone] = ("", "quiet")
        self.header = Header(_TITLE, margins=(2, 2))
        self.filter = _ListFilter(placeholder="Title, bot or provider")
        self.list = ConversationList(now)

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield self.header
        yield self.filter
        yield self.list

    @property
    def is_filtering(self) -> bool:
        """Whether the filter is open."""
        return self.filter.has_class("-open")

    @property
    def has_keyboard(self) -> bool:
        """Whether the list or its filter has the focus."""
        return self.list.has_focus or self.filter.has_focus

    def reload(self) -> None:
        """Show the current conversations that match the filter."""
        query = self.filter.value if self.is_filtering else ""
        rows = self._matching(query)
        self.list.set_rows(rows)
        count = f"{len(rows):,}" if rows else ""
        if query.strip():
            count = f"{len(rows):,} of {len(self._matching('')):,}"
        self.header.show(_TITLE, count)
        self._show_notice(query)

    def notice(self, text: str, tone: Tone = "quiet") -> None:
        """Show a text below the rows."""
        self._notice = (text, tone)
        self._show_notice(self.filter.value if self.is_filtering else "")

    def _show_notice(self, words: str) -> None:
        if words.strip() and not self.list.rows:
            self.list.notice(f'Nothing matches "{clean_line(words, _LONGEST_QUOTE)}". Esc shows all.')
        else:
            self.list.notice(*self._notice)

    def on_conversation_list_filter_asked(self, event: ConversationList.FilterAsked) -> None:
        """Open the filter, or focus it."""
        self.filter.set_class(look_of(self).signs is ASCII_SIGNS, "-ascii")
        event.stop()
        self.filter.add_class("-open")
        self.filter.focus()

    def end_filter(self) -> None:
        """Show all conversations again, with the cursor where it is."""
        if not self.is_filtering:
            return
        highlighted = self.list.highlighted
        had_focus = self.filter.has_focus
        self.filter.remove_class("-open")
        self.filter.value = ""
        self.reload()
        if had_focus:
            self.list.focus()
        if highlighted is not None and (place := self.list.rows.place_of(highlighted)) is not None:
            self.list.action_go(place)

    async def action_in_list(self, action: str) -> None:
        """Run an action of the list."""
        await self.list.run_action(action)

    def on_descendant_focus(self) -> None:
        """Show in the list what the keys act on."""
        self.list.set_active(self.filter.has_focus)

    def on_descendant_blur(self) -> None:
        """Show in the list that keys act elsewhere."""
        self.list.set_active(self.filter.has_focus)

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_filtering:
            self.reload()
            self.list.action_go(0)

    @on(Input.Submitted)
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.list.highlighted is not None:  # posted here, as a message does not pass the widget that caused it
            self.post_message(ConversationList.Opened(self.list.highlighted))

    def on_conversation_list_asked(self, event: ConversationList.Asked) -> None:
        """Do something with a conversation."""
        if self._actions is not None:
            event.stop()
            self._actions.ask(event.task, event.conversation_id)

    def on_conversation_list_seen_to(self, event: ConversationList.SeenTo) -> None:
        """List conversations as far as the user has scrolled."""
        if self._actions is not None:
            event.stop()
            self._actions.seen_to(event.conversation_id)

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        self.header.look_changed()
        self.list.look_changed()
        self.filter.set_class(look_of(self).signs is ASCII_SIGNS, "-ascii")
        self.filter.notify_style_update()
        self.filter.refresh()


class Divider(Widget):
    """A vertical line, one column wide."""

    ALLOW_SELECT = False

    def render_line(self, y: int) -> Strip:
        """Return a row. Overrides `Widget.render_line`."""
        look = look_of(self)
        return Strip([Segment(look.signs.rule, look.style("line", "panel"))], 1)
