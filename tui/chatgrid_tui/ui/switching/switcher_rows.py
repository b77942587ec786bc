"""The rows of the switcher, made from what is stored on this machine.

There may be tens of thousands: they are cached between openings, and made a part at a time.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.saved_conversation import ConversationRow
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.session import Session
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.overlays.picker_rows import PickerGroup, PickerRow
from chatgrid_tui.ui.switching.destinations import (
    AddProvider,
    Destination,
    MakeBoard,
    ToBoard,
    ToConversation,
    ToProvider,
)

RECENT_AT_MOST: Final = 7
_AT_ONCE: Final = 1_000
"""Rows that are made before other tasks run."""
_AT_REST: Final = 100
"""How many boards are listed while nothing is typed."""
_LOOKED_THROUGH: Final = 200
"""How many conversations are examined for recent ones."""
_RECENTLY: Final = "recently "
_ADD: Final = PickerRow("add a provider", "+ Add a provider")


class SwitcherRows:
    """Creates the rows, and knows where each of them leads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._targets: dict[str, Destination] = {_ADD.id: AddProvider()}
        self._conversations: dict[int, tuple[ConversationRow, str, PickerRow]] = {}
        self._names: dict[str, str] = {}
        """The shown name of each provider."""
        self._boards: dict[str, tuple[Board, str, PickerRow]] = {}

    def target(self, row_id: str | None) -> Destination | None:
        """Return where a row leads."""
        return self._targets.get((row_id or "").removeprefix(_RECENTLY))

    def at_rest(self, current: Conversation) -> list[PickerGroup]:
        """Return what is shown while nothing is typed: recent places, boards, providers."""
        own, embedded = self._providers()
        recent = self._recent(current)
        shown = {row.id.removeprefix(_RECENTLY) for row in recent}
        groups = [
            PickerGroup("Recent", recent, "resting"),
            PickerGroup("Boards", self._first_boards(own, shown), "resting"),
            PickerGroup("Providers", [self._provider_row(provider) for provider in own], "resting"),
            PickerGroup("Local bots", self._first_boards(embedded, shown), "resting"),
        ]
        return [group for group in groups if group.rows]

    async def all(self) -> list[PickerGroup]:
        """Return everything, which typing searches. Other tasks run in between."""
        own, embedded = self._providers()
        conversations = await self._in_parts(self._conversation_row(row) for row in list(self._session.index))
        boards = await self._in_parts(self._board_rows(own))
        local = await self._in_parts(self._board_rows(embedded))
        return [
            PickerGroup("Conversations", conversations, "typed"),
            PickerGroup("Boards", boards, "typed"),
            PickerGroup("Providers", [self._provider_row(provider) for provider in own], "typed"),
            PickerGroup("Local bots", local, "typed"),
        ]

    async def boards(self, here: Conversation) -> list[PickerGroup]:
        """Return all boards, that of a conversation first. Other tasks run in between."""
        own, embedded = self._providers()
        this = [
            self._board_row(provider, here.board)
            for provider in (*own, *embedded)
            if provider.name == here.provider.name and here.board.id
        ]
        listed = await self._in_parts(self._board_rows([*own, *embedded]))
        others = [row for row in listed if row.id not in {each.id for each in this}]  # its list may describe it
        groups = [PickerGroup("This board", this), PickerGroup("Other boards", others)]
        return [group for group in groups if group.rows]

    def offers(self) -> list[PickerGroup]:
        """Return the entries at the end."""
        own, embedded = self._providers()
        makers = [provider for provider in (own or embedded) if DIALECTS[provider.kind].remote_boards is not None]
        return [
            PickerGroup("", [self._make_row(provider) for provider in makers], "offered"),
            PickerGroup("", [_ADD], "always"),
        ]

    # Rows

    def _recent(self, here: Conversation) -> list[PickerRow]:
        """Return the places visited last, except the current one, then the newest conversations. Those of providers
        that are not configured come last.
        """
        providers, index = self._session.clients.settings.providers, self._session.index
        current: object = here.id or (here.provider.name, here.board.id)
        rows: dict[object, PickerRow] = {}
        orphans: dict[object, PickerRow] = {}

        def add(conversation: ConversationRow) -> None:
            group = rows if conversation.provider in providers else orphans
            group.setdefault(conversation.id, self._conversation_row(conversation))

        for visit in self._session.recents.visits:
            provider, conversation = providers.get(visit.provider), index.get(visit.conversation)
            if conversation is not None:
                if not conversation.archived:
                    add(conversation)
            elif provider is not None and not visit.conversation and not self._session.recents.is_gone(*visit.place):
                rows.setdefault(visit.place, self._board_row(provider, visit.board))
        for conversation in itertools.islice(index, _LOOKED_THROUGH):
            if len(rows) > RECENT_AT_MOST or conversation.archived:  # those are behind all others
                break
            add(conversation)
        recent = [row for key, row in (*rows.items(), *orphans.items()) if key != current]
        return [replace(row, id=_RECENTLY + row.id) for row in recent[:RECENT_AT_MOST]]

    def _conversation_row(self, conversation: ConversationRow) -> PickerRow:
        where = self._names.get(conversation.provider) or clean_line(conversation.provider)
        cached = self._conversations.get(conversation.id)
        if cached is not None and cached[0] is conversation and cached[1] == where:
            return cached[2]
        row = PickerRow(
            f"conversation {conversation.id}",
            clean_line(conversation.title) or "Untitled",
            place=clean_line(f"{where} · {conversation.board_name or conversation.board}"),
        )
        self._targets[row.id] = ToConversation(conversation.id)
        self._conversations[conversation.id] = (conversation, where, row)
        return row

    def _board_rows(self, providers: Sequence[Provider]) -> Iterator[PickerRow]:
        """Yield the rows of the boards: those visited last, then in the order of the providers and their lists."""
        recents = self._session.recents
        boards = {provider.name: {board.id: board for board in recents.boards(provider)} for provider in providers}
        twins = {name: _twins(of_provider.values()) for name, of_provider in boards.items()}
        providers_by_name = {provider.name: provider for provider in providers}
        yielded: set[tuple[str, str]] = set()
        for visit in recents.visits:
            board = boards.get(visit.provider, {}).get(visit.board.id)
            if board is not None and visit.place not in yielded:
                yielded.add(visit.place)
                provider = providers_by_name[visit.provider]
                yield self._board_row(provider, board, is_twin=board.name in twins[provider.name])
        for provider in providers:
            for board in boards[provider.name].values():
                if (provider.name, board.id) not in yielded:
                    yield self._board_row(provider, board, is_twin=board.name in twins[provider.name])

    def _first_boards(self, providers: Sequence[Provider], shown: set[str]) -> list[PickerRow]:
        """Return boards to list while nothing is typed, without those that are shown already."""
        rows = (row for row in self._board_rows(providers) if row.id not in shown)
        return list(itertools.islice(rows, _AT_REST))

    def _board_row(self, provider: Provider, board: Board, *, is_twin: bool = False) -> PickerRow:
        named = self._names.get(provider.name, "")
        row_id = f"board {provider.name}\n{board.id}"
        host = urlsplit(provider.base_url).netloc
        detail = board.id[:8] if is_twin else host
        cached = self._boards.get(row_id)
        if cached is not None and cached[0] == board and cached[1] == f"{named} · {detail}":
            self._targets[row_id] = ToBoard(provider, board)
            return cached[2]
        row = PickerRow(
            row_id,
            clean_line(board.name) or clean_line(board.id) or "Unnamed board",
            clean_line(detail),
            also=clean_line(f"{host} {DIALECTS[provider.kind].name} {board.detail} {board.id}"),
            place=named,
        )
        self._targets[row_id] = ToBoard(provider, board)
        self._boards[row_id] = (board, f"{named} · {detail}", row)
        return row

    def _provider_row(self, provider: Provider) -> PickerRow:
        kind, host = DIALECTS[provider.kind].name, urlsplit(provider.base_url).netloc
        row = PickerRow(
            f"provider {provider.name}",
            self._names[provider.name],
            clean_line(host),
            also=provider.name,
            place=kind,
        )
        self._targets[row.id] = ToProvider(provider)
        return row

    def _make_row(self, provider: Provider) -> PickerRow:
        row = PickerRow(f"make {provider.name}", f"+ New board at {self._names[provider.name]}")
        self._targets[row.id] = MakeBoard(provider)
        return row

    # Parts

    def _providers(self) -> tuple[list[Provider], list[Provider]]:
        """Return the user's own providers, and the demo providers. Rows use their current names."""
        providers = list(self._session.clients.settings.providers.values())
        titles = Counter(provider.shown for provider in providers)
        self._names = {
            # If two have the same title, the name in the configuration distinguishes them.
            provider.name: clean_line(
                f"{provider.shown} ({provider.name})" if titles[provider.shown] > 1 else provider.shown
            )
            for provider in providers
        }
        own = [provider for provider in providers if not provider.embedded]
        return own, [provider for provider in providers if provider.embedded]

    async def _in_parts(self, rows: Iterable[PickerRow]) -> list[PickerRow]:
        made: list[PickerRow] = []
        for row in rows:
            made.append(row)
            if not len(made) % _AT_ONCE:
                await asyncio.sleep(0)
        return made


def _twins(boards: Iterable[Board]) -> set[str]:
    """Return the names that several boards have."""
    return {name for name, count in Counter(board.name for board in boards).items() if count > 1}
