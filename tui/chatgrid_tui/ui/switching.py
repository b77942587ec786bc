"""The list of what can be gone to: boards of all providers, and conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.errors import ChatgridError, ConnectionProblem, KeyProblem, ServiceProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.boards import boards_of
from chatgrid_tui.session.session import Session
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.widgets.picker_list import PickerGroup, PickerRow

CONVERSATIONS_AT_MOST: Final = 200
_BOARDS_WAIT: Final = 2.0


@dataclass(slots=True)
class Places:
    """Where one can go, by the id of the row that leads there."""

    groups: list[PickerGroup] = field(default_factory=list)
    boards: dict[str, tuple[Provider, Board]] = field(default_factory=dict)
    conversations: dict[str, int] = field(default_factory=dict)


async def find_places(session: Session) -> Places:
    """Return the boards of all providers and the newest conversations. A service that does not answer soon is
    listed with what is wrong, and with what is configured of it.
    """
    places = Places()
    providers = list(session.services.settings.providers.values())
    found = await asyncio.gather(*(_boards(session, provider) for provider in providers))
    for provider, (boards, trouble) in zip(providers, found, strict=True):
        if trouble and not boards:  # there is nothing to list, but it can be gone to and sent to
            boards = [Board(provider.shown, provider.shown)]
        rows = [_board_row(places, provider, board, trouble) for board in boards]
        title = clean_line(provider.shown) + (", production" if provider.production else "")
        places.groups.append(PickerGroup(title, tuple(rows)))
    places.groups.append(PickerGroup("Conversations", tuple(_conversation_rows(places, session))))
    return places


def chosen_row(places: Places, provider: Provider, board: Board) -> str | None:
    """Return the row of the board that is being talked to."""
    here = (provider.name, board.id)
    rows = places.boards.items()
    return next((row for row, (other, its) in rows if (other.name, its.id) == here), None)


async def _boards(session: Session, provider: Provider) -> tuple[Sequence[Board], str]:
    try:
        async with asyncio.timeout(_BOARDS_WAIT):
            return await boards_of(await session.services.of(provider)), ""
    except TimeoutError:
        return _configured(provider), "no answer yet"
    except KeyProblem as problem:
        return _configured(provider), str(problem)
    except (ConnectionProblem, ServiceProblem) as problem:
        failure = problem.failure
        return _configured(provider), f"refused ({failure.status})" if failure.status else failure.cause
    except ChatgridError as problem:
        return _configured(provider), str(problem)


def _configured(provider: Provider) -> list[Board]:
    return [Board(board, board) for board in provider.boards]


def _board_row(places: Places, provider: Provider, board: Board, trouble: str) -> PickerRow:
    row = f"board {len(places.boards)}"
    places.boards[row] = (provider, board)
    host = urlsplit(provider.base_url).netloc
    detail = board.detail or f"{provider.shown} · {host}"
    return PickerRow(row, clean_line(board.name), clean_line(detail), trouble, "failed" if trouble else "quiet")


def _conversation_rows(places: Places, session: Session) -> list[PickerRow]:
    rows: list[PickerRow] = []
    for conversation in session.index:
        if len(rows) == CONVERSATIONS_AT_MOST:
            break
        row = f"conversation {conversation.id}"
        places.conversations[row] = conversation.id
        provider = session.services.settings.providers.get(conversation.provider)
        where = provider.shown if provider is not None else conversation.provider
        state = f"{conversation.unread:,} unread" if conversation.unread else ""
        rows.append(
            PickerRow(
                row,
                clean_line(conversation.title),
                clean_line(f"{where} · {conversation.board_name}"),
                state,
                "unread" if conversation.unread else "quiet",
            )
        )
    return rows
