"""A provider as something to talk to: messages, and what it lists."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final, TypeVar

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects import chatgrid, widget
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.faults import http_failure
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.exchange import Exchange
from chatgrid_tui.engine.transport import (
    ANSWER_TIMEOUT,
    Answer,
    Credential,
    Transport,
    no_connection,
    place_of,
    refuse_insecure,
)
from chatgrid_tui.errors import ConnectionProblem, ServiceProblem, UsageProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board, Chat, Page, Provider, RemoteMessage
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.wire.record import LIMIT

Item = TypeVar("Item")
_LISTING_TIMEOUT: Final = 20.0
"""Seconds that the whole of a listing may take."""
_PAGES_AT_MOST: Final = 100


class Service:
    """One provider. Every method that asks the service raises `ConnectionProblem` where no answer comes,
    `ServiceProblem` where the answer is an error, and `KeyProblem` where the key cannot be used.
    """

    def __init__(
        self, provider: Provider, transport: Transport, find_key: Callable[[], Awaitable[Secret | None]]
    ) -> None:
        """`find_key` looks the key up; it is asked before each request, and may answer that there is none."""
        self.provider = provider
        self._transport = transport
        self._find_key = find_key

    @property
    def dialect(self) -> Dialect:
        """The kind of service it is."""
        return DIALECTS[self.provider.kind]

    async def begin_conversation(self, board: str, title: str = "") -> str:
        """Return the id of a new conversation: a chat made at ChatGrid, a session's id that nobody can guess
        for the widget, and an empty one where the service names it with its first reply or keeps none.
        """
        match self.dialect.conversations:
            case "created":
                return (await self.create_chat(board, title)).id
            case "named by us":
                return uuid.uuid4().hex
            case "named by the service" | "none":
                return ""

    async def send(
        self, outgoing: Outgoing, *, silence: float | None = None, patience: float = ANSWER_TIMEOUT
    ) -> Exchange:
        """Return the exchange for a message; nothing is sent before its batches are asked for.

        Raises:
            UsageProblem: the service would not take the message.
        """
        self.dialect.check(outgoing.text)
        request = self.dialect.message(outgoing)
        return Exchange(
            self._transport,
            self.dialect,
            self._own(request),
            await self._key(),
            silence=silence,
            patience=patience,
        )

    async def boards(self, cursor: str | None = None) -> Page[Board]:
        """Return a page of the boards; the configured ones where the service lists none."""
        request = self.dialect.boards(self.provider, cursor)
        if request is None:
            configured = tuple(Board(board, board) for board in self.provider.boards)
            return Page(configured or (widget.site(self.provider),))
        return self.dialect.read_boards(await self._json(request))

    async def all_boards(self) -> list[Board]:
        """Return all boards."""
        return [board async for board in _all(self.boards, lambda board: board.id)]

    async def chats(self, board: str, cursor: str | None = None) -> Page[Chat]:
        """Return a page of a board's chats, newest first."""
        return chatgrid.read_chats(await self._json(chatgrid.chats(self._chatgrid, board, cursor)))

    async def all_chats(self, board: str) -> list[Chat]:
        """Return all chats of a board, newest first."""
        return [chat async for chat in _all(lambda cursor: self.chats(board, cursor), lambda chat: chat.id)]

    async def chat(self, board: str, chat: str) -> Chat:
        """Return one chat, with its thread memory."""
        return self._chat_in(await self._json(chatgrid.get_chat(self._chatgrid, board, chat)))

    async def create_chat(self, board: str, title: str = "") -> Chat:
        """Make a chat and return it."""
        return self._chat_in(await self._json(chatgrid.create_chat(self._chatgrid, board, title)))

    async def rename_chat(self, board: str, chat: str, title: str) -> Chat:
        """Give a chat another title and return it."""
        return self._chat_in(await self._json(chatgrid.rename_chat(self._chatgrid, board, chat, title)))

    async def delete_chat(self, board: str, chat: str) -> None:
        """Delete a chat and all its messages, for good."""
        await self._json(chatgrid.delete_chat(self._chatgrid, board, chat))

    async def messages(self, board: str, chat: str, cursor: str | None = None) -> Page[RemoteMessage]:
        """Return a page of a chat's messages, newest first."""
        return chatgrid.read_messages(await self._json(chatgrid.messages(self._chatgrid, board, chat, cursor)))

    async def all_messages(self, board: str, chat: str) -> list[RemoteMessage]:
        """Return all messages of a chat, newest first."""
        pages = _all(lambda cursor: self.messages(board, chat, cursor), lambda message: message.id)
        return [message async for message in pages]

    @property
    def _chatgrid(self) -> Provider:
        if self.provider.kind != "chatgrid":
            raise UsageProblem(f"{self.provider.shown} lists no chats: only ChatGrid does.")
        return self.provider

    def _chat_in(self, payload: Json) -> Chat:
        chat = chatgrid.read_chat(payload)
        if chat is None:
            raise _no_reply("application/json")
        return chat

    def _own(self, request: Request) -> Request:
        """Put the provider's own headers in, and refuse to send unprotected."""
        refuse_insecure(request.url, allow_http=self.provider.allow_http)
        headers = request.headers + self.provider.headers
        return Request(request.method, request.url, request.body, headers)

    async def _key(self) -> Credential | None:
        secret = await self._find_key()
        return None if secret is None else Credential(*self.dialect.key_header, secret)

    async def _json(self, request: Request) -> Json:
        """Send a request and return the JSON of its answer."""
        asked, key = self._own(request), await self._key()
        try:
            async with (
                asyncio.timeout(_LISTING_TIMEOUT),
                self._transport.open(asked, key, _LISTING_TIMEOUT) as answer,
            ):
                body = await _body_of(answer)
        except TimeoutError:
            raise no_connection(Failure("timeout", "no answer in time", place=place_of(asked.url))) from None
        if not 200 <= answer.status < 300:
            type_is_code = self.dialect.meaning().type_is_code
            failure = http_failure(answer.status, answer.headers, body, datetime.now(UTC), type_is_code=type_is_code)
            raise ServiceProblem(failure.message or f"The service answered {answer.status}.", failure)
        try:
            payload: Json = json.loads(body)
        except (ValueError, RecursionError):
            raise _no_reply(answer.headers.get("content-type", "")) from None
        return payload


async def _body_of(answer: Answer) -> bytes:
    """Return the body of an answer, of 16 MiB at most."""
    body = bytearray()
    async with aclosing(answer.pieces()) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > LIMIT:
                raise ConnectionProblem("The answer is too long.", Failure("protocol", "too long"))
    return bytes(body)


def _no_reply(media_type: str) -> ConnectionProblem:
    cause = Failure("protocol", "page" if "html" in media_type else "not a reply", place=media_type)
    return ConnectionProblem("The address answers with something else than a listing.", cause)


async def _all(
    page_after: Callable[[str | None], Awaitable[Page[Item]]], id_of: Callable[[Item], str]
) -> AsyncIterator[Item]:
    """Give the items of all pages once each. A cursor that died meanwhile begins the listing anew: ChatGrid's
    do when the row they stand on is deleted (pagination).
    """
    seen: set[str] = set()
    cursor: str | None = None
    for _ in range(_PAGES_AT_MOST):
        try:
            page = await page_after(cursor)
        except ServiceProblem as problem:
            if problem.failure.code != "invalid_cursor" or cursor is None:
                raise
            cursor = None
            continue
        for item in page.items:
            if id_of(item) not in seen:
                seen.add(id_of(item))
                yield item
        cursor = page.cursor
        if cursor is None:
            return
