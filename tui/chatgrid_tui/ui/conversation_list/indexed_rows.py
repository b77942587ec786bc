"""The session's conversations as rows of the list. A row is created when it is drawn.

The order is a snapshot, so that nothing moves while the list is drawn; the content of a row is always current. Ten
thousand conversations cost no more than the few in view.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Protocol, overload

from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.importing import IMPORTED_TITLES
from chatgrid_tui.session.providers import removed
from chatgrid_tui.session.wording.endings import STATE_NAMES
from chatgrid_tui.session.wording.failures import in_brief
from chatgrid_tui.ui.conversation_list.list_row import PINNED, ListRow
from chatgrid_tui.ui.conversation_list.row_source import ARCHIVED, Group, RowSource
from chatgrid_tui.ui.transcript.render.formats import short_day

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_LOCAL: Final = "Local bots, "
"""The start of the demo providers' titles, for which a row has no room."""
_GONE: Final = datetime.fromtimestamp(0, UTC)
_WITH_STATUS: Final = re.compile(r"(.+) \((\d{3})\b[^)]*\)")
_BROKEN_OFF: Final = {"truncated": "No end mark", "interrupted": STATE_NAMES["interrupted"]}
"""The text for a reply that ended in one of these states without a failure."""


class Waiting(Protocol):
    """Tells which conversations need attention."""

    def __contains__(self, conversation_id: int, /) -> bool: ...


class IndexedRows(RowSource):
    """The rows of a session: pinned ones, then the newest. `waiting` has the ids of those that need attention."""

    def __init__(self, session: Session, waiting: Waiting, filter_words: str = "") -> None:
        """Include only rows whose title, bot or provider contain all of `filter_words`. With `is:archived` among
        them, include archived rows instead of the others.
        """
        self._session = session
        self._waiting = waiting
        words = filter_words.casefold().split()
        self._order = session.index.order(archived=ARCHIVED in words)
        self._places: dict[tuple[str, str], str] = {}
        if wanted := [word for word in words if word != ARCHIVED]:
            get = session.index.get
            self._order = [key for key in self._order if (row := get(key.id)) and self._matches(row, wanted)]

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> ListRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ListRow]: ...
    def __getitem__(self, index: int | slice) -> ListRow | Sequence[ListRow]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        conversation_id = self._order[-1 - index % len(self)].id
        row = self._session.index.get(conversation_id)
        if row is None:  # just deleted: the list is about to be updated
            return ListRow(conversation_id, "Deleted", "", mine=False, draft="", updated_at=_GONE)
        return self._list_row(row)

    def ids(self, first: int, end: int) -> Sequence[int]:
        """Return the ids of some of the rows."""
        return [self._order[-1 - index].id for index in range(len(self))[first:end]]

    def place_of(self, conversation_id: int) -> int | None:
        """Return the index of a conversation's row."""
        key = self._session.index.key_of(conversation_id)
        at = len(self._order) if key is None else bisect_left(self._order, key)
        if at < len(self._order) and self._order[at].id == conversation_id:
            return len(self._order) - 1 - at
        # It has moved: the list is about to be updated.
        return next((len(self) - 1 - at for at, key in enumerate(self._order) if key.id == conversation_id), None)

    def groups(self, now: datetime) -> list[Group]:
        """Return a group of pinned rows, and one for each day with a message. This does not go through all rows."""
        groups: list[Group] = []
        behind = len(self._order)  # rows are counted from the first, keys from the last
        if behind and self._order[-1].is_pinned:
            groups.append(Group(PINNED, 0))
            behind = bisect_left(self._order, self._order[-1].part, key=attrgetter("part"))
        while behind:
            part, moment, *_ = self._order[behind - 1]
            day = datetime.fromtimestamp(moment, now.tzinfo).date()
            begins = datetime.combine(day, time(), now.tzinfo).timestamp()
            heading = short_day(day, now.date())
            if not groups or groups[-1].heading != heading:
                groups.append(Group(heading, len(self._order) - behind))
            behind = min(bisect_left(self._order, (part, begins)), behind - 1)
        return groups

    def _matches(self, row: ConversationRow, filter_words: list[str]) -> bool:
        where = (row.board_name, row.provider)
        if (place := self._places.get(where)) is None:
            place = self._places[where] = f"\n{row.board_name}\n{self._provider_title(row.provider)}".casefold()
        text = row.title.casefold() + place
        for word in filter_words:  # noqa: SIM110 - `all` takes as long as the rest, for a hundred thousand rows
            if word not in text:
                return False
        return True

    def _list_row(self, row: ConversationRow) -> ListRow:
        return ListRow(
            id=row.id,
            title=row.title or "Untitled",
            preview=f"No longer at the service. {row.preview}" if row.gone else row.preview,
            mine=row.preview_mine and not row.gone,
            draft=row.draft,
            updated_at=row.updated_at,
            state=row.state,
            unread=row.unread,
            waiting=row.id in self._waiting,
            bot=row.board_name,
            provider=self._provider_title(row.provider).removeprefix(_LOCAL) if self._is_ambiguous(row) else "",
            pinned=row.pinned,
            hue=self._session.hues.of(row.provider, row.board, row.board_name),
            trouble=self._trouble(row),
            verdict=row.verdict,
        )

    def _trouble(self, row: ConversationRow) -> str:
        if row.failure is None:
            return _BROKEN_OFF.get(row.state or "", "")
        provider = self._session.clients.settings.providers.get(row.provider)
        key = KeyStatus() if provider is None else self._session.clients.key_status(provider)
        return _shortened(in_brief(row.failure, key))

    def _provider_title(self, name: str) -> str:
        provider = self._session.clients.settings.providers.get(name)
        return removed.title_of(name) or name if provider is None else provider.shown

    def _is_ambiguous(self, row: ConversationRow) -> bool:
        places = self._boards_by_name.get(row.board_name, set())
        return row.provider in IMPORTED_TITLES or len(places | {(row.provider, row.board)}) > 1

    @cached_property
    def _boards_by_name(self) -> dict[str, set[tuple[str, str]]]:
        """The known boards by name, as pairs of provider and id."""
        boards: dict[str, set[tuple[str, str]]] = {}
        for provider in self._session.clients.settings.providers.values():
            for board in self._session.recents.boards(provider):
                boards.setdefault(board.name, set()).add((provider.name, board.id))
        return boards


def _shortened(sentence: str) -> str:
    """Return a short form of a sentence about a failure, with the most important word first."""
    text = sentence.removesuffix(".").removeprefix("The service ").removeprefix("is ")
    if with_status := _WITH_STATUS.fullmatch(text):
        return f"{with_status[2]} {with_status[1]}"
    return text[:1].upper() + text[1:]
