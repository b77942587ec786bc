"""ChatGrid: boards, chats and messages (ChatGrid API reference: me, boards, chats, messages).

All other addresses answer 501, as the service does for what it does not offer.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from chatgrid_tui.demo.services.chatgrid_replies import MessageSender
from chatgrid_tui.demo.services.chatgrid_shapes import (
    Invalid,
    Problem,
    board_data,
    chat_data,
    deleted,
    listed,
    message_data,
    page,
    single,
)
from chatgrid_tui.demo.services.context import CHATGRID_READ_ONLY_KEY, Context
from chatgrid_tui.demo.state import Board, Conversation, iso
from chatgrid_tui.http_server.messages import Answer, BadJson, Headers, Request, Response

_ALLOWED = 5_000
_ELSEWHERE = {"api-keys", "nodes", "edges", "assets", "documents", "duplicate", "jobs"}


class ChatGrid:
    """Answers requests for `/chatgrid/v1/...`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._messages = MessageSender(context)
        self._made = iso(context.state.clock.now())

    async def handle(self, request: Request, path: str) -> Answer:
        """Answer a request; `path` is what follows `/chatgrid/v1`."""
        try:
            if not self._context.rate_limit.admit():
                wait = self._context.rate_limit.seconds_left
                headers = (("Retry-After", str(wait)),)
                raise Problem(429, "rate_limit_exceeded", "Rate limit exceeded", headers=headers)
            self._check_key(request)
            answer = await self._route(request, path.strip("/").split("/"))
        except Problem as problem:
            answer = problem.response()
        return dataclasses.replace(answer, headers=(*self._limits(answer.headers), *answer.headers))

    def _limits(self, headers: Headers) -> Headers:
        """Return the headers of the rate limit, which every answer has; a simulated refusal has its own."""
        if any(name == "X-RateLimit-Limit" for name, _ in headers):
            return ()
        limit = self._context.rate_limit
        return (
            ("X-RateLimit-Limit", str(limit.limit)),
            ("X-RateLimit-Remaining", str(limit.remaining)),
            ("X-RateLimit-Reset", str(int(time.time()) + limit.seconds_left)),
        )

    def _check_key(self, request: Request) -> None:
        keys, given = self._context.keys, request.bearer()
        read_only = keys.chatgrid_read_only if keys else CHATGRID_READ_ONLY_KEY
        if keys is not None and given not in (keys.chatgrid, read_only):
            message = "Invalid API key" if given else "Missing or invalid Authorization header"
            raise Problem(401, "unauthorized", message)
        if given == read_only and request.method != "GET":
            raise Problem(403, "forbidden", "Missing required scope: write")

    async def _route(self, request: Request, parts: list[str]) -> Answer:
        match parts:
            case ["me"] if request.method == "GET":
                return self._me()
            case ["me", "usage"] if request.method == "GET":
                return self._usage()
            case ["boards"]:
                return self._boards(request)
            case ["boards", board_id]:
                return self._board(request, self._find_board(board_id))
            case ["boards", board_id, "chats"]:
                return self._chats(request, self._find_board(board_id))
            case ["boards", board_id, "chats", chat_id]:
                board = self._find_board(board_id)
                return self._chat(request, board, _find_chat(board, chat_id))
            case ["boards", board_id, "chats", chat_id, "messages"]:
                board = self._find_board(board_id)
                chat = _find_chat(board, chat_id)
                if request.method == "GET":
                    shown, more, cursor = page(chat.messages, request.query, "asc")
                    return listed([message_data(message) for message in shown], more, cursor)
                if request.method == "POST":
                    return await self._messages.send(request, board, chat, _object(request))
        if not _ELSEWHERE.isdisjoint(parts):
            raise Problem(501, "not_implemented", "The demo server has no such endpoint")
        raise Problem(404, "not_found", "Not found")

    # Me

    def _me(self) -> Response:
        user = {"id": "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2aff", "email": "you@localhost"}
        return single("user", {**user, "created_at": self._made, "auth_mode": "api-key"})

    def _usage(self) -> Response:
        left = max(0, _ALLOWED - self._messages.replies)
        data = {
            "credits_remaining": left,
            "total_credits_allocated": _ALLOWED,
            "monthly_allowance": _ALLOWED,
            "purchased_credits": 0,
            "last_reset_at": self._made,
            "updated_at": iso(self._context.state.clock.now()),
        }
        return single("usage", data)

    # Boards

    def _boards(self, request: Request) -> Response:
        state = self._context.state
        if request.method == "GET":
            shown, more, cursor = page(list(state.boards.values()), request.query, "desc")
            return listed([board_data(board) for board in shown], more, cursor)
        if request.method == "POST":
            body, invalid = _object(request), Invalid()
            name = invalid.text(body, "name", 255, required=True)
            mode = body.get("view_mode", "canvas")
            if mode not in ("canvas", "docs"):
                invalid.note("invalid_enum_value", "view_mode", "Expected 'canvas' | 'docs'")
            invalid.check()
            return single("board", board_data(state.add_board(name or "", mode)), 201)
        raise Problem(404, "not_found", "Not found")

    def _board(self, request: Request, board: Board) -> Response:
        def change() -> Response:
            body, invalid = _object(request), Invalid()
            name = invalid.text(body, "name", 255)
            bounds = {"x": (-1e9, 1e9), "y": (-1e9, 1e9), "zoom": (0.1, 10.0)}
            moved = {axis: invalid.number(body, f"viewport_{axis}", *bounds[axis]) for axis in bounds}
            invalid.check()
            changes = {axis: value for axis, value in moved.items() if value is not None}
            if name is None and not changes:
                raise Problem(400, "no_updates", "No updates provided")
            board.name = name or board.name
            board.viewport.update(changes)
            board.updated_at = self._context.state.clock.now()
            return single("board", board_data(board))

        def delete() -> Response:
            del self._context.state.boards[board.id]
            return deleted("board", board.id)

        return _by_method(request, lambda: single("board", board_data(board, flow=True)), change, delete)

    def _find_board(self, board_id: str) -> Board:
        board = self._context.state.boards.get(board_id.lower())
        if board is None:
            raise Problem(404, "board_not_found", "Board not found")
        return board

    # Chats

    def _chats(self, request: Request, board: Board) -> Response:
        if request.method == "GET":
            node = request.query.get("node_id")
            chats = [chat for chat in board.chats.values() if node is None or chat.node_id == node]
            shown, more, cursor = page(chats, request.query, "desc")
            return listed([chat_data(chat) for chat in shown], more, cursor)
        if request.method == "POST":
            body, invalid = _object(request, empty_ok=True), Invalid()
            title, node = invalid.text(body, "title", 255), invalid.text(body, "node_id", 255)
            invalid.check()
            return single("chat_thread", chat_data(self._context.state.add_chat(board, title, node)), 201)
        raise Problem(404, "not_found", "Not found")

    def _chat(self, request: Request, board: Board, chat: Conversation) -> Response:
        def change() -> Response:
            body, invalid = _object(request), Invalid()
            title, node = invalid.text(body, "title", 255), invalid.text(body, "node_id", 255)
            invalid.check()
            if title is None and node is None:
                raise Problem(400, "no_updates", "No updates provided")
            chat.title, chat.node_id = title or chat.title, node or chat.node_id
            chat.updated_at = self._context.state.clock.now()
            return single("chat_thread", chat_data(chat))

        def delete() -> Response:
            del board.chats[chat.id]
            return deleted("chat_thread", chat.id)

        return _by_method(request, lambda: single("chat_thread", chat_data(chat, memory=True)), change, delete)


def _by_method(
    request: Request, get: Callable[[], Response], change: Callable[[], Response], delete: Callable[[], Response]
) -> Response:
    ways = {"GET": get, "PATCH": change, "DELETE": delete}
    if request.method not in ways:
        raise Problem(404, "not_found", "Not found")
    return ways[request.method]()


def _find_chat(board: Board, chat_id: str) -> Conversation:
    chat = board.chats.get(chat_id.lower())
    if chat is None:
        raise Problem(404, "not_found", "Chat not found")
    return chat


def _object(request: Request, *, empty_ok: bool = False) -> dict[str, Any]:
    if request.too_large:
        raise Problem(413, "validation_error", "The request body is too large")
    if empty_ok and not request.body:
        return {}
    try:
        body = request.json()
    except BadJson:
        body = None
    if not isinstance(body, dict):
        raise Problem(400, "validation_error", "The request body is not a JSON object")
    return body
