"""The menu of conversations of the list, after a right click or F9."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import Offset

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.widgets.conversation_list import ConversationList
from chatgrid_tui.ui.widgets.list_keys import RowTask, keys_in_list

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_TITLE_SHOWN = 30


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    action: str
    """The id in `[keys]`."""
    run: Callable[[], object]
    works: bool = True


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
        _Entry("Open", "list.open", lambda: listing.post_message(listing.Opened(first))),
        _Entry("Rename", "list.rename", ask("rename"), works),
        *([_Entry("Memory", "list.memory", ask("memory"))] if has_memory else []),
    ]
    arranging = [
        _Entry("Unpin" if all(row.pinned for row in rows) else "Pin", "list.pin", ask("pin"), works),
        _Entry(
            "Restore" if all(row.archived for row in rows) else "Archive",
            "list.archive",
            ask("archive"),
            works,
        ),
        _Entry("Export", "list.export", ask("export")),
        _Entry("Delete", "list.delete", ask("delete"), works),
    ]
    marking = [
        _Entry("Mark" if not listing.marked else "Mark or unmark", "list.mark", listing.action_mark),
        _Entry("Mark all", "list.mark_all", listing.action_mark_all),
        _Entry(
            "Show the list" if rows[0].archived else "Show the archive", "list.archived", listing.action_show_archive
        ),
        *([_Entry("Undo the deletion", "list.undo", undo)] if session.deletions.newest is not None else []),
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
            [MenuEntry(entry.label, keys=keys_in_list(entry.action, keymap), works=entry.works) for entry in group]
            for group in groups
        ],
        at,
    )
    listing.app.push_screen(screen, chosen)
