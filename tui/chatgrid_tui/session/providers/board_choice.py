"""Which boards a provider has, and which one a name or an id refers to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chatgrid_tui.errors import ChatgridError, ServiceProblem, UsageProblem
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.wording.refusal_kinds import is_no_board
from chatgrid_tui.text import clean_line

if TYPE_CHECKING:  # not needed to be at rest
    from chatgrid_tui.engine.client import Client

_NAMED_AT_MOST = 12
_PATIENCE: Final = 2.0
"""Seconds that a service may take to list its boards; after that the app starts without the list."""


async def boards_of(client: Client) -> list[Board]:
    """Return the boards of a provider: first the configured ones, then the others that the service lists.

    Raises:
        ConnectionProblem, ServiceProblem, KeyProblem: none is configured, and the service cannot be asked.
    """
    provider = client.provider
    configured = [Board(board, board) for board in provider.boards]
    if client.dialect.is_board_id is None and configured:
        return configured
    listed = await client.all_boards()
    configured_boards = [_found(listed, board.id) or board for board in configured]
    return configured_boards + [board for board in listed if board not in configured_boards]


async def choose_board(client: Client, requested: str = "") -> Board:
    """Return the board with an id or name of `requested`, or the first one if that is empty.

    Raises:
        UsageProblem: there is no such board, or none at all.
        ConnectionProblem, ServiceProblem, KeyProblem: the boards had to be requested, and that failed.
    """
    provider = client.provider
    requested = requested or (provider.boards[0] if provider.boards else "")
    is_id = client.dialect.is_board_id
    if requested and (is_id is None or is_id(requested)):
        return Board(requested, requested)
    try:
        boards = await client.all_boards()
    except ServiceProblem as problem:
        if problem.failure.status != 404:
            raise
        boards = []
    if not boards:
        raise UsageProblem(
            f"{provider.shown} lists no boards at {urlsplit(provider.base_url).netloc}. Check the address, or name a "
            "board with --board or in `boards` of its configuration."
        )
    board = _found(boards, requested) if requested else boards[0]
    if board is None:
        names = ", ".join(clean_line(board.name, 40) for board in boards[:_NAMED_AT_MOST])
        more = "" if len(boards) <= _NAMED_AT_MOST else f" and {len(boards) - _NAMED_AT_MOST:,} more"
        raise UsageProblem(
            f"No board of {provider.shown} is called {clean_line(requested, 60)}. It has {names}{more}."
        )
    return board


async def starting_board(client: Client, requested: str = "") -> tuple[Board, list[str]]:
    """Return the board with an id or name of `requested`, else the first one; and sentences about problems. If the
    service does not answer soon, return the configured board, or one without an id.
    """
    provider, notices = client.provider, list[str]()
    for name in dict.fromkeys((requested, "")):  # if there is no such board, try the first one
        try:
            async with asyncio.timeout(_PATIENCE):
                board = await choose_board(client, name)
                if name:
                    board = await _named(client, board)
                return board, notices
        except UsageProblem as problem:
            notices.append(str(problem))
        except (ChatgridError, TimeoutError):
            break  # for example, offline
    name = requested or next(iter(provider.boards), "")
    return Board(name, name or provider.shown), notices


def drop_placeholder_board(conversation: Conversation) -> None:
    """If the service does not have a board that is only named after its provider, let the next message find one."""
    newest, provider = conversation.newest, conversation.provider
    failure = None if newest is None or newest.reply is None else newest.reply.failure
    named_like_provider = conversation.board.id in (provider.shown, provider.name)
    if failure is not None and is_no_board(failure) and named_like_provider:
        conversation.board = Board("", provider.shown)


async def _named(client: Client, board: Board) -> Board:
    """Return a board with the name that the service lists for it, if only its id is known."""
    if client.dialect.is_board_id is None or board.name != board.id:
        return board
    return _found(await client.all_boards(), board.id) or board


def _found(boards: list[Board], name: str) -> Board | None:
    """Return the board with this id, else with this name, ignoring case and with dashes for spaces."""
    by_id = next((board for board in boards if board.id == name), None)
    return by_id or next((board for board in boards if _slug(board.name) == _slug(name)), None)


def _slug(name: str) -> str:
    return "-".join(name.casefold().split())
