"""The client of one provider: sends messages, and reads boards, chats and the account."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Final, NamedTuple, TypeVar

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects.capabilities import RemoteChats
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.error_payloads import answer_named, http_failure, is_unknown_address
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import is_success
from chatgrid_tui.engine.chain import Observer, transport_chain
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.deadline import Deadline
from chatgrid_tui.engine.exchange import Exchange
from chatgrid_tui.engine.json_parsing import apart, parsed
from chatgrid_tui.engine.key_mask import KeyMask, secret_values
from chatgrid_tui.engine.recording import Recording
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
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Board, Chat, Page, Provider, RemoteMessage
from chatgrid_tui.model.recording_limits import PER_REPLY
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.wire.record import LIMIT, Absent

Item = TypeVar("Item")
_LISTING_TIMEOUT: Final = 20.0
"""Seconds that a whole listing may take."""
_PAGES_AT_MOST: Final = 100


class ApiResponse(NamedTuple):
    """The answer to a request that is not a message."""

    status: int
    payload: Json | Absent
    """The JSON value of its body; `MALFORMED` if that is not JSON."""
    size: int
    """The size of its body in bytes."""
    media_type: str
    failure: Failure | None = None
    """The error that it reports; None if the request succeeded."""

    async def read(self, reader: Callable[[Json], Item]) -> Item:
        """Return what `reader` makes of the payload.

        Raises:
            ConnectionProblem: it is not JSON.
        """
        if isinstance(self.payload, Absent):
            raise _no_reply(answer_named(self.status, self.media_type))
        return await apart(self.size, reader, self.payload)


class Client:
    """The client of one provider. Methods that send a request raise `ConnectionProblem` if there is no answer,
    `ServiceProblem` if the answer is an error, and `KeyProblem` if the key cannot be used.
    """

    def __init__(
        self,
        provider: Provider,
        network: Transport,
        find_key: Callable[[], Awaitable[Secret | None]],
        key_status: Callable[[], KeyStatus] = KeyStatus,
        *,
        observer: Observer | None = None,
        recording_limit: int = PER_REPLY,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`find_key` is called before each request and returns the key, or None for no key. `key_status` returns what
        may be shown of the last key. `observer` gets the outcome of each request. At most `recording_limit` bytes of
        a reply are recorded.
        """
        self.provider = provider
        for value in secret_values(provider.headers):
            Secret(value)  # from now on it is known, and masked
        self.key_status = key_status
        self._network = network
        self._observer = observer
        self._recording_limit = recording_limit
        self._clock = clock
        self._transport = transport_chain(network, observer=observer, clock=clock)
        self._find_key = find_key

    @property
    def dialect(self) -> Dialect:
        """The kind of the service."""
        return DIALECTS[self.provider.kind]

    async def begin_conversation(self, board: str, title: str = "") -> str:
        """Return the id of a new conversation: that of a chat created for it, or a random one. It is empty if the
        service sends it with its first reply, or stores no conversations.
        """
        match self.dialect.conversations:
            case "created":
                return (await self.create_chat(board, title)).id
            case "named by us":
                return uuid.uuid4().hex
            case "named by the service" | "none":
                return ""

    async def send(
        self, outgoing: Outgoing, *, silence_timeout: float | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> Exchange:
        """Return the exchange for a message. Nothing is sent until its chunks are read.

        Raises:
            UsageProblem: the service would not accept the message.
        """
        self.dialect.check(outgoing.text)
        return await self._exchange(self._own(self.dialect.message(outgoing)), silence_timeout, answer_timeout)

    async def send_again(
        self, request: Request, *, silence_timeout: float | None = None, answer_timeout: float = ANSWER_TIMEOUT
    ) -> Exchange:
        """Return the exchange for a request that was sent before, with all its headers except the key."""
        refuse_insecure(request.url, allow_http=self.provider.allow_http)
        return await self._exchange(request, silence_timeout, answer_timeout)

    async def _exchange(self, request: Request, silence_timeout: float | None, answer_timeout: float) -> Exchange:
        recordings: list[Recording] = []
        return Exchange(
            transport_chain(
                self._network,
                observer=self._observer,
                recordings=recordings,
                kind=self.provider.kind,
                recording_limit=self._recording_limit,
                clock=self._clock,
            ),
            self.dialect,
            request,
            await self._key(),
            recordings=recordings,
            silence_timeout=silence_timeout,
            answer_timeout=answer_timeout,
            clock=self._clock,
        )

    async def boards(self, cursor: str | None = None) -> Page[Board]:
        """Return a page of the boards, or the configured ones if the service lists none."""
        request = self.dialect.boards(self.provider, cursor)
        if request is None:
            configured = tuple(Board(board, board) for board in self.provider.boards)
            own = self.dialect.own_board(self.provider)
            return Page(configured or (() if own is None else (own,)))
        return await self._read(request, self.dialect.read_boards)

    async def all_boards(self) -> list[Board]:
        """Return all boards, each once. If a cursor has become invalid, start again from the first page: ChatGrid's
        cursors become invalid when their row is deleted.
        """
        boards: dict[str, Board] = {}
        cursor: str | None = None
        for _ in range(_PAGES_AT_MOST):
            try:
                page = await self.boards(cursor)
            except ServiceProblem as problem:
                if problem.failure.code != "invalid_cursor" or cursor is None:
                    raise
                cursor = None
                continue
            for board in page.items:
                boards.setdefault(board.id, board)
            cursor = page.cursor
            if cursor is None:
                break
        return list(boards.values())

    async def create_board(self, name: str) -> Board:
        """Create a board and return it."""
        api = self._offered(self.dialect.remote_boards, "boards that can be changed")
        return _required(await self._read(api.create(self.provider, name), api.read))

    async def credits(self) -> int | None:
        """Return the remaining credits; None if the kind has none, or the service does not report them."""
        account = self.dialect.account
        return None if account is None else await self._read(account.credits(self.provider), account.read_credits)

    async def conversation_messages(self, conversation: str, since: str = "") -> list[RemoteMessage]:
        """Return the messages of a conversation at a service that lists no conversations, oldest first: all of them,
        or those after `since`, the `created_at` of a message.
        """
        api = self._offered(self.dialect.remote_messages, "messages")
        messages: dict[str, RemoteMessage] = {}
        for _ in range(_PAGES_AT_MOST):
            part = _required(await self._read(api.list(self.provider, conversation, since), api.read))
            new = {message.id: message for message in part if message.id not in messages}
            messages |= new
            if len(part) < api.most or not new:
                break
            since = part[-1].created_at
        return list(messages.values())

    async def chats(self, board: str, cursor: str | None = None) -> Page[Chat]:
        """Return a page of a board's chats, newest first."""
        api = self._remote_chats
        return await self._read(api.list(self.provider, board, cursor), api.read_list)

    async def chat(self, board: str, chat: str) -> Chat:
        """Return one chat, with its thread memory."""
        api = self._remote_chats
        return _required(await self._read(api.get(self.provider, board, chat), api.read))

    async def create_chat(self, board: str, title: str = "") -> Chat:
        """Create a chat and return it."""
        api = self._remote_chats
        return _required(await self._read(api.create(self.provider, board, title), api.read))

    async def rename_chat(self, board: str, chat: str, title: str) -> Chat:
        """Rename a chat and return it."""
        api = self._remote_chats
        return _required(await self._read(api.rename(self.provider, board, chat, title), api.read))

    async def delete_chat(self, board: str, chat: str) -> None:
        """Permanently delete a chat and all its messages."""
        await self._succeeded(self._remote_chats.delete(self.provider, board, chat))

    async def messages(self, board: str, chat: str, cursor: str | None = None) -> Page[RemoteMessage]:
        """Return a page of a chat's messages, newest first."""
        api = self._remote_chats
        return _required(await self._read(api.messages(self.provider, board, chat, cursor), api.read_messages))

    @property
    def _remote_chats(self) -> RemoteChats:
        return self._offered(self.dialect.remote_chats, "chats")

    def _offered(self, capability: Item | None, what: str) -> Item:
        """Return a capability of the kind, or raise `UsageProblem` if the kind lacks it."""
        if capability is None:
            raise UsageProblem(f"{self.provider.shown} lists no {what}.")
        return capability

    def _own(self, request: Request) -> Request:
        """Return a request with the provider's headers. Refuse to send it unencrypted to another machine."""
        refuse_insecure(request.url, allow_http=self.provider.allow_http)
        return replace(request, headers=request.headers + self.provider.headers)

    async def _key(self) -> Credential | None:
        secret = await self._find_key()
        return None if secret is None else Credential(*self.dialect.header_of(self.provider), secret)

    async def look_up_key(self) -> Secret | None:
        """Look up the key, update `key_status`, and return the key."""
        return await self._find_key()

    async def ask(self, request: Request, *, with_key: bool = True) -> ApiResponse:
        """Send a request that is not a message, and return the answer, whatever its status."""
        own_request, key = self._own(request), await self._key() if with_key else None
        deadline = Deadline(self._clock, _LISTING_TIMEOUT)
        async with self._transport.open(own_request, key, _LISTING_TIMEOUT) as answer, deadline:
            try:
                body = await deadline.wait_for(_body_of(answer))
                payload = await deadline.wait_for(parsed(body))
            except TimeoutError:
                raise no_connection(
                    Failure("timeout", "no answer in time", place=place_of(own_request.url))
                ) from None
        media_type = answer.headers.get("content-type", "")
        mask = KeyMask.of(own_request, key)
        if mask is not None and not isinstance(payload, Absent) and mask.may_be_in(body.decode("latin-1")):
            payload = await apart(len(body), mask.json, payload)
        failure = None
        if not is_success(answer.status):
            by_type = self.dialect.mapper().type_is_code
            failure = http_failure(answer.status, answer.headers, body, self._clock.utc_now(), type_is_code=by_type)
            failure = failure if mask is None else mask.failure(failure)
            if own_request.other_url and is_unknown_address(answer.status, body):
                return await self.ask(replace(request, url=own_request.other_url, other_url=""), with_key=with_key)
        return ApiResponse(answer.status, payload, len(body), media_type, failure)

    async def _read(self, request: Request, reader: Callable[[Json], Item]) -> Item:
        """Send a request and return what `reader` makes of the JSON of its answer."""
        return await (await self._succeeded(request)).read(reader)

    async def _succeeded(self, request: Request) -> ApiResponse:
        """Send a request and return its successful answer."""
        response = await self.ask(request)
        if (failure := response.failure) is not None:
            raise ServiceProblem(failure.message or f"The service answered {failure.status}.", failure)
        return response


async def _body_of(answer: Answer) -> bytes:
    """Return the body of an answer, up to 16 MiB. Of an error, return as much as can be read."""
    body = bytearray()
    try:
        async with aclosing(answer.pieces()) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > LIMIT:
                    raise ConnectionProblem("The answer is too long.", Failure("protocol", "too long"))
    except ConnectionProblem:
        if is_success(answer.status):
            raise
    return bytes(body)


def _required(item: Item | None) -> Item:
    """Return an item that was read from an answer, or raise `ConnectionProblem` if the answer did not contain it."""
    if item is None:
        raise _no_reply("application/json")
    return item


def _no_reply(answer: str) -> ConnectionProblem:
    cause = Failure("protocol", "page" if "html" in answer else "not a reply", place=answer)
    return ConnectionProblem("The address does not answer with a listing.", cause)
