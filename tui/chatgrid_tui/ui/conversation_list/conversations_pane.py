"""The list of conversations with its title, their number, and a filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Offset
from textual.widgets import Input

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import ASCII_SIGNS, look_of
from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.conversation_list.list_keys import RowTask
from chatgrid_tui.ui.conversation_list.row_source import ARCHIVED, RowSource
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.widgets.plain_input import PlainInput
from chatgrid_tui.ui.widgets.tone import Tone

_TITLE = "Conversations"
_ARCHIVE_TITLE = "Archived"
_LONGEST_QUOTE = 20


class ListActions(Protocol):
    """Actions on conversations of the list, besides opening them."""

    def ask(self, task: RowTask, conversation_ids: Sequence[int]) -> None: ...
    def show_menu(self, listing: ConversationList, conversation_ids: Sequence[int], at: Offset) -> None: ...
    @property
    def archived_count(self) -> int: ...
    @property
    def archive_key(self) -> str: ...
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
        Binding("f9,menu,f16", "in_list('menu')", show=False),
    ]

    def __init__(
        self,
        now: Callable[[], datetime],
        rows: Callable[[str], RowSource],
        *,
        actions: Callable[[], ListActions] | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`now` returns the local time, and `rows` the rows that match a filter; an empty filter matches all.
        `actions` returns what does what the user asks for now, and gets how far down the list was read.
        """
        super().__init__(id=id)
        self._matching = rows
        self._actions = actions
        self._notice: tuple[str, Tone] = ("", "quiet")
        self.shows_archive = False
        """Whether the archived conversations are shown instead of the others."""
        self.header = Header(_TITLE, margins=(2, 2))
        self.filter = _ListFilter(placeholder="Title, bot or provider")
        self.list = ConversationList(now)

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield self.header
        yield self.filter
        yield self.list

    def on_mount(self) -> None:
        """Use the signs of the app, which are known now."""
        self._take_signs()

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
        rows = self._matching(self._query)
        self.list.set_rows(rows)
        self._show_header()
        self._show_notice()

    def _show_header(self) -> None:
        rows, marked = self.list.rows, len(self.list.marked)
        count = f"{len(rows):,}" if rows else ""
        if self._filter_words.strip():
            count = f"{len(rows):,} of {len(self._matching(self._part)):,}"
        self.header.show(_ARCHIVE_TITLE if self.shows_archive else _TITLE, f"{marked:,} marked" if marked else count)

    @property
    def _filter_words(self) -> str:
        return self.filter.value if self.is_filtering else ""

    @property
    def _part(self) -> str:
        """The part of the filter that the user does not type."""
        return ARCHIVED if self.shows_archive else ""

    @property
    def _query(self) -> str:
        return f"{self._part} {self._filter_words}".strip()

    def notice(self, text: str, tone: Tone = "quiet") -> None:
        """Show a text below the rows."""
        self._notice = (text, tone)
        self._show_notice()

    def _show_notice(self) -> None:
        text, tone = self._notice
        if not self.list.rows and (words := self._filter_words.strip()):
            text, tone = f'Nothing matches "{clean_line(words, _LONGEST_QUOTE)}". Esc shows all.', "quiet"
        elif not text and not self.is_filtering:
            text, tone = self._about_archive, "quiet"
        self.list.notice(text, tone)

    @property
    def _about_archive(self) -> str:
        """What to say about archived conversations, if there are any, and how to get there and back."""
        actions = None if self._actions is None else self._actions()
        count = 0 if actions is None else actions.archived_count
        if actions is None or not (count or self.shows_archive):
            return ""
        key = actions.archive_key
        if self.shows_archive:
            return f"{key} shows the list again." if count else f"Nothing is archived. {key} shows the list again."
        if self.list.rows:
            return f"{count:,} archived. {key} shows them."
        return f"All conversations are archived. {key} shows them."

    def toggle_archive(self) -> None:
        """Show the archived conversations, or the others again."""
        self.shows_archive = not self.shows_archive
        self.list.clear_marks()
        self.reload()
        self.list.action_go(0)

    def escape(self) -> bool:
        """Take back the first of these that there is: the filter, the marks, the archive. Return whether there was
        one.
        """
        if self.is_filtering:
            self.end_filter()
        elif self.list.clear_marks():
            pass
        elif self.shows_archive:
            self.toggle_archive()
        else:
            return False
        return True

    def on_conversation_list_archive_asked(self, event: ConversationList.ArchiveAsked) -> None:
        """Show the archived conversations, or the others again."""
        event.stop()
        self.toggle_archive()

    def on_conversation_list_notice_pressed(self, event: ConversationList.NoticePressed) -> None:
        """Do what the notice about the archive offers."""
        event.stop()
        if self._about_archive and not self._notice[0] and not self.is_filtering:
            self.toggle_archive()

    def on_conversation_list_marks_changed(self) -> None:
        """Show how many are marked."""
        self._show_header()

    def on_conversation_list_filter_asked(self, event: ConversationList.FilterAsked) -> None:
        """Open the filter, or focus it."""
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
        """Do something with conversations, which are marked no longer."""
        if self._actions is not None:
            event.stop()
            self.list.clear_marks()
            self._actions().ask(event.task, event.conversation_ids)

    def on_conversation_list_menu_asked(self, event: ConversationList.MenuAsked) -> None:
        """Open the menu of conversations."""
        if self._actions is not None:
            event.stop()
            self._actions().show_menu(self.list, event.conversation_ids, event.at)

    def on_conversation_list_seen_to(self, event: ConversationList.SeenTo) -> None:
        """List conversations as far as the user has scrolled."""
        if self._actions is not None:
            event.stop()
            self._actions().seen_to(event.conversation_id)

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        self.header.look_changed()
        self.list.look_changed()
        self._take_signs()
        self.filter.notify_style_update()
        self.filter.refresh()

    def _take_signs(self) -> None:
        for part in (self, self.filter):
            part.set_class(look_of(self).signs is ASCII_SIGNS, "-ascii")
