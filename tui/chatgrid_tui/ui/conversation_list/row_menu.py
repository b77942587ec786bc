"""The menu of conversations of the list, after a right click or F9."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import Offset

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.action import Action, keys_of
from chatgrid_tui.ui.actions.parts import (
    ARCHIVE_ROW,
    DELETE_ROW,
    EXPORT_ROW,
    MARK_ALL,
    MARK_ROW,
    MEMORY_OF_ROW,
    OPEN_ROW,
    PIN_ROW,
    RENAME_ROW,
    SHOW_ARCHIVE,
    UNDO_DELETE_ROW,
)
from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.conversation_list.list_keys import RowTask

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_TITLE_SHOWN = 30


@dataclass(frozen=True, slots=True)
class _Entry:
    action: Action
    run: Callable[[], object]
    works: bool = True
    other_label: str = ""
    """What it does now, if that is not the label of the action."""

    @property
    def label(self) -> str:
        return self.other_label or self.action.label


def show_row_menu(
    session: Session,
    listing: ConversationList,
    conversation_ids: Sequence[int],
    at: Offset,
    *,
    keymap: Mapping[str, str],
    has_memory: bool,
    undo: Callable[[], object],
) -> None:
    """Open the menu at a cell of the screen. What is chosen is done as if its key had been pressed in the list."""
    from chatgrid_tui.ui.overlays.menu_screen import MenuEntry, MenuScreen
    from chatgrid_tui.ui.overlays.overlay import lies_over

    rows = [row for row in map(session.index.get, conversation_ids) if row is not None]
    if not rows or lies_over(listing.app, MenuScreen):
        return
    first, works = rows[0].id, not session.read_only

    def ask(task: RowTask) -> Callable[[], object]:
        return lambda: listing.post_message(listing.Asked(task, conversation_ids))

    alone = len(rows) == 1
    opening = [
        _Entry(OPEN_ROW, lambda: listing.post_message(listing.Opened(first))),
        _Entry(RENAME_ROW, ask("rename"), works),
        *([_Entry(MEMORY_OF_ROW, ask("memory"))] if has_memory else []),
    ]
    arranging = [
        _Entry(PIN_ROW, ask("pin"), works, "Unpin" if all(row.pinned for row in rows) else ""),
        _Entry(ARCHIVE_ROW, ask("archive"), works, "Restore" if all(row.archived for row in rows) else ""),
        _Entry(EXPORT_ROW, ask("export")),
        _Entry(DELETE_ROW, ask("delete"), works),
    ]
    marking = [
        _Entry(MARK_ROW, listing.action_mark, other_label="Mark or unmark" if listing.marked else ""),
        _Entry(MARK_ALL, listing.action_mark_all),
        _Entry(
            SHOW_ARCHIVE,
            listing.action_show_archive,
            other_label="View list" if rows[0].archived else SHOW_ARCHIVE.title,
        ),
        *([_Entry(UNDO_DELETE_ROW, undo)] if session.deletions.newest is not None else []),
    ]
    groups = [group for group in (opening if alone else [], arranging, marking) if group]
    entries = [entry for group in groups for entry in group]
    title = clean_line(rows[0].title, _TITLE_SHOWN) or "Untitled" if alone else f"{len(rows):,} conversations"

    def chosen(number: int | None) -> None:
        if number is not None:
            entries[number].run()

    screen = MenuScreen(
        title,
        [
            [MenuEntry(entry.label, keys=keys_of(entry.action, keymap), works=entry.works) for entry in group]
            for group in groups
        ],
        at,
    )
    listing.app.push_screen(screen, chosen)
