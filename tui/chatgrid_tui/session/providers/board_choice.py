"""Which boards a provider has, and which one somebody means."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.engine.client import Client
from chatgrid_tui.errors import ChatgridError, ServiceProblem, UsageProblem
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.wording.refusal_kinds import is_no_board
from chatgrid_tui.text import clean_line

_NAMED_AT_MOST = 12
_PATIENCE: Final = 2.0
"""Seconds that a service may take to list its boards before one begins without."""


async def boards_of(client: Client) -> list[Board]:
    """Return the boards of a provider: the configured ones first, then what the service lists besides.

    Raises:
        ConnectionProblem, ServiceProblem, KeyProblem: nothing is configured, and the service does not tell.
    """
    provider = client.provider
    configured = [Board(board, board) for board in provider.boards]
    if client.dialect.is_board_id is None and configured:
        return configured
    listed = await client.all_boards()
    wanted = [_found(listed, board.id) or board for board in configured]
    return wanted + [board for board in listed if board not in wanted]


async def choose_board(client: Client, wanted: str = "") -> Board:
    """Return the board that `wanted` means, by its id or its name; without it the first there is.

    Raises:
        UsageProblem: there is no such board, or none at all.
        ConnectionProblem, ServiceProblem, KeyProblem: the boards had to be asked for, and were not told.
    """
    provider = client.provider
    wanted = wanted or (provider.boards[0] if provider.boards else "")
    is_id = client.dialect.is_board_id
    if wanted and (is_id is None or is_id(wanted)):
        return Board(wanted, wanted)
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
    board = _found(boards, wanted) if wanted else boards[0]
    if board is None:
        names = ", ".join(clean_line(board.name, 40) for board in boards[:_NAMED_AT_MOST])
        more = "" if len(boards) <= _NAMED_AT_MOST else f" and {len(boards) - _NAMED_AT_MOST:,} more"
        raise UsageProblem(f"No board of {provider.shown} is called {clean_line(wanted, 60)}. It has {names}{more}.")
    return board


async def board_to_begin_on(client: Client, wanted: str = "") -> tuple[Board, list[str]]:
    """Return the board that `wanted` means, else the first; and sentences on what was not to be had. If the service
    does not tell soon, it is the one that is configured, or one without an id.
    """
    provider, notices = client.provider, list[str]()
    for name in dict.fromkeys((wanted, "")):  # one that there is not gives way to the first
        try:
            async with asyncio.timeout(_PATIENCE):
                return await choose_board(client, name), notices
        except UsageProblem as problem:
            notices.append(str(problem))
        except (ChatgridError, TimeoutError):
            break  # offline, say
    name = wanted or next(iter(provider.boards), "")
    return Board(name, name or provider.shown), notices


def give_up_stand_in(conversation: Conversation) -> None:
    """Let the next message find a board, if the service does not know one that is only named like its provider."""
    newest, provider = conversation.newest, conversation.provider
    failure = None if newest is None or newest.reply is None else newest.reply.failure
    named_like_provider = conversation.board.id in (provider.shown, provider.name)
    if failure is not None and is_no_board(failure) and named_like_provider:
        conversation.board = Board("", provider.shown)


def _found(boards: list[Board], wanted: str) -> Board | None:
    """Return the board of that id, else of that name, in whatever case and with dashes for blanks."""
    by_id = next((board for board in boards if board.id == wanted), None)
    return by_id or next((board for board in boards if _slug(board.name) == _slug(wanted)), None)


def _slug(name: str) -> str:
    return "-".join(name.casefold().split())
