"""ChatGrid: boards, chats and messages over REST, replies as SSE.

Source: docs.chatgrid.ai, messages/send-message and cookbooks/streaming-responses. The documentation shows two
forms of the stream: the name of an event in its JSON (`{"event": "message.delta", ...}`), and payloads whose name
can only be in the SSE `event` field. It never shows the payload of `message.complete`, so usage and the like are
looked for wherever the REST objects have them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote, urlencode

from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.capabilities import (
    ANY_ID,
    Account,
    Mocking,
    RelativeRequest,
    RemoteBoards,
    RemoteChats,
    distinct,
)
from chatgrid_tui.dialects.dialect import Dialect, has_list, items, shown
from chatgrid_tui.dialects.error_payloads import is_error
from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.mapper import EventMapper
from chatgrid_tui.dialects.options import SKIP_TRUTH_CHECK_OPTION
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest, PastedSettings, other_fields
from chatgrid_tui.model.events import Event, FinishReasonReported, ModelNamed, ReplyNamed, UsageReported
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Board, Chat, Page, Profile, Provider, RemoteMessage
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.text import mend_surrogates

_PAGE: Final = 100
_LONGEST_NAME: Final = 255
"""The most UTF-16 units in the name of a board or the title of a chat."""
_MOST_CREDITS: Final = 10**15


class ChatGridMapper(EventMapper):
    """Maps the events of one reply."""

    content = frozenset({"content", "usage", "metadata", "data"})

    def piece(self, event: str, payload: JsonObject) -> list[Event] | None:
        """Return the events of a `message.delta` in either form, or None for anything else."""
        content = payload.get("content")
        if type(content) is not str:
            return None
        if len(payload) == 1 and event == "message.delta":
            return self.texts.delta(0, content)
        if len(payload) == 2 and payload.get("event") == "message.delta":
            return self.texts.delta(0, content)
        return None

    def knows(self, name: str, fields: Fields) -> bool:
        """Return whether an object is documented."""
        return name in ("", "message.delta", "message.complete")

    def recognises(self, name: str, fields: Fields) -> bool:
        """Return whether an object is part of a message, by its name or its keys."""
        return bool(name or _guessed(fields))

    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        """Yield the events of one object of the stream."""
        match name or _guessed(fields):
            case "message.delta":
                piece = fields.text("content")
                if piece:
                    yield from self.texts.delta(0, piece)
            case "message.complete":
                self.ended = True
                yield from self._message(fields)
            case _:  # it has no name, and its keys are not known
                return

    def reply(self, fields: Fields) -> Iterable[Event] | None:
        """Yield the events of `{"object": "chat_message", "data": {...}}`."""
        message = fields.inner("data") if fields.has("data") else fields
        if not message.has("content", "role", "metadata"):
            return None
        return self._message(fields)

    def _message(self, fields: Fields) -> Iterable[Event]:
        """Yield the events of a whole message, at the top level or under `data` or `message`."""
        places = [fields, *_inner_messages(fields)]
        contents = [place.text("content") for place in places]
        yield from self.texts.whole(0, next(filter(None, contents), ""))
        usages: list[JsonObject | None] = []
        reasons: list[str | None] = []
        for place in places:
            if remote_id := shown(place.object, "id"):
                yield ReplyNamed(remote_id)
            if model := shown(place.object, "model"):
                yield ModelNamed(model)
            metadata = place.inner("metadata")
            usages += [place.inner_object("usage"), metadata.inner_object("usage")]
            reasons += [place.name("finish_reason"), metadata.name("finish_reason")]
            fields.wrong = fields.wrong or place.wrong or metadata.wrong
        usage = next((usage for usage in usages if usage is not None), None)
        if usage is not None:
            yield UsageReported(usage)
        if reason := next(filter(None, reasons), None):
            yield FinishReasonReported(reason)


def _inner_messages(fields: Fields) -> list[Fields]:
    inner = (fields.object.get(name) for name in ("data", "message"))
    return [Fields(message) for message in inner if isinstance(message, Mapping)]


def _guessed(fields: Fields) -> str:
    """Guess the name of an unnamed object from its keys."""
    if is_error(fields.object, of_reply=fields.has("content")):
        return ""
    if fields.has("usage", "metadata") or (fields.has("id") and fields.has("content")) or _inner_messages(fields):
        return "message.complete"
    return "message.delta" if fields.has("content") else ""


def _base_url(address: str) -> str:
    return re.sub(r"(/v1)+\Z", "", with_scheme(address)) + "/v1"


def _url(provider: Provider, *parts: str, **query: str | None) -> str:
    path = "/".join(quote(part, safe="") for part in parts)
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{_base_url(provider.base_url)}/{path}" + (f"?{asked}" if asked else "")


def _message(outgoing: Outgoing) -> Request:
    url = _url(outgoing.provider, "boards", outgoing.board, "chats", outgoing.conversation, "messages")
    accept = "text/event-stream" if outgoing.stream else "application/json"
    return Request("POST", url, {"content": outgoing.text, "stream": outgoing.stream}, (("Accept", accept),))


def _conversation_in(request: Request) -> str:
    chat = re.search(r"/boards/[^/]+/chats/([^/?#]+)/messages", request.url)
    return unquote(chat[1]) if chat else ""


def boards(provider: Provider, cursor: str | None = None) -> Request:
    """Return the request for the boards after `cursor`, newest first (pagination)."""
    return Request("GET", _url(provider, "boards", limit=str(_PAGE), cursor=cursor))


def create_board(provider: Provider, name: str) -> Request:
    """Return the request for a new board (boards/create-a-board)."""
    return Request("POST", _url(provider, "boards"), {"name": _named(name)})


def me(provider: Provider) -> Request:
    """Return the request for the owner of the key (me/get-profile)."""
    return Request("GET", _url(provider, "me"))


def usage(provider: Provider) -> Request:
    """Return the request for the credits (me/get-usage)."""
    return Request("GET", _url(provider, "me", "usage"))


def chats(provider: Provider, board: str, cursor: str | None = None) -> Request:
    """Return the request for the chats of a board, newest first (chats/list-chats)."""
    return Request("GET", _url(provider, "boards", board, "chats", limit=str(_PAGE), cursor=cursor))


def create_chat(provider: Provider, board: str, title: str = "") -> Request:
    """Return the request for a new chat (chats/create-a-chat)."""
    body: dict[str, Json] = {"title": _named(title)} if title else {}
    return Request("POST", _url(provider, "boards", board, "chats"), body)


def get_chat(provider: Provider, board: str, chat: str) -> Request:
    """Return the request for one chat with its thread memory (chats/get-chat)."""
    return Request("GET", _url(provider, "boards", board, "chats", chat))


def rename_chat(provider: Provider, board: str, chat: str, title: str) -> Request:
    """Return the request that renames a chat (chats/update-chat)."""
    return Request("PATCH", _url(provider, "boards", board, "chats", chat), {"title": _named(title)})


def delete_chat(provider: Provider, board: str, chat: str) -> Request:
    """Return the request that permanently deletes a chat and its messages (chats/delete-chat)."""
    return Request("DELETE", _url(provider, "boards", board, "chats", chat))


def messages(provider: Provider, board: str, chat: str, cursor: str | None = None) -> Request:
    """Return the request for the messages of a chat, newest first (messages/list-messages)."""
    url = _url(provider, "boards", board, "chats", chat, "messages", limit=str(_PAGE), cursor=cursor, order="desc")
    return Request("GET", url)


def read_boards(payload: Json) -> Page[Board]:
    """Return the boards of one page."""
    boards = (Board(shown(item, "id"), shown(item, "name") or shown(item, "id")) for item in items(payload, "data"))
    return Page(tuple(board for board in boards if board.id), _cursor(payload))


def read_board(payload: Json) -> Board | None:
    """Return the board in `{"object": "board", "data": {...}}`, or None if it is something else."""
    data = payload.get("data") if isinstance(payload, Mapping) else None
    if not isinstance(data, Mapping) or not (identity := shown(data, "id")):
        return None
    return Board(identity, shown(data, "name") or identity)


def read_profile(payload: Json) -> Profile | None:
    """Return the profile in `{"object": "user", "data": {...}}`, or None if it is something else."""
    data = payload.get("data") if isinstance(payload, Mapping) else None
    if not isinstance(data, Mapping) or not (identity := shown(data, "id")):
        return None
    return Profile(identity, shown(data, "email"))


def read_credits(payload: Json) -> int | None:
    """Return the remaining credits, or None if the answer has none, or an impossible number."""
    data = payload.get("data") if isinstance(payload, Mapping) else None
    left = data.get("credits_remaining") if isinstance(data, Mapping) else None
    if isinstance(left, bool) or not isinstance(left, int | float) or not 0 <= left <= _MOST_CREDITS:
        return None
    return int(left)


def read_chats(payload: Json) -> Page[Chat]:
    """Return the chats of one page."""
    chats_found = (_chat(item) for item in items(payload, "data"))
    return Page(tuple(chat for chat in chats_found if chat.id), _cursor(payload))


def read_chat(payload: Json) -> Chat | None:
    """Return the chat in `{"object": "chat_thread", "data": {...}}`, or None if it is something else."""
    data = payload.get("data") if isinstance(payload, Mapping) else None
    chat = _chat(data) if isinstance(data, Mapping) else None
    return chat if chat is not None and chat.id else None


def read_messages(payload: Json) -> Page[RemoteMessage] | None:
    """Return the messages of one page; None if it is something else."""
    if not has_list(payload, "data"):
        return None
    messages = (
        RemoteMessage(
            shown(item, "id"),
            shown(item, "role"),
            shown(item, "content"),
            shown(item, "model"),
            shown(item, "created_at"),
        )
        for item in items(payload, "data")
    )
    return Page(tuple(message for message in messages if message.id), _cursor(payload))


def _recognise(request: PastedRequest) -> Match:
    ours = request.host.endswith("chatgrid.ai") or re.search(r"/boards(/[^/]+/chats)?", request.path)
    return Match.CERTAIN if ours else Match.NONE


def _read_pasted(request: PastedRequest) -> PastedSettings:
    board = re.search(r"/boards/([^/]+)", request.path)
    return PastedSettings(unquote(board[1]) if board else "", left_out=other_fields(request.body))


def _without_ids(request: RelativeRequest) -> RelativeRequest:
    return request._replace(path=re.sub(r"(?<=/chats/)[^/]+", ANY_ID, request.path))


def _mocked(request: RelativeRequest, recorded: Sequence[RelativeRequest], new_id: str) -> Json:
    """Return the boards that were talked to, a board without chats, a new chat, or the owner of any key."""
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["boards"]:
            named = (re.match(r"/boards/([^/]+)", earlier.path) for earlier in recorded)
            ids = distinct([unquote(found[1]) for found in named if found])
            return {"object": "list", "data": [{"id": board, "name": board} for board in ids], "has_more": False}
        case "GET", ["boards", _, "chats"]:
            return {"object": "list", "data": [], "has_more": False}
        case "POST", ["boards", _, "chats"]:
            return {"object": "chat_thread", "data": {"id": new_id, "title": shown(request.body, "title")}}
        case "GET", ["me"]:
            return {"object": "user", "data": {"id": new_id}}
        case _:
            return None


def _is_answer(payload: Json) -> bool:
    return isinstance(payload, Mapping) and "data" in payload


def _is_board_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _named(name: str) -> str:
    """Cut a name or title to the length that the service accepts, in UTF-16 units as in JavaScript."""
    cut = name.encode("utf-16-le", "surrogatepass")[: 2 * _LONGEST_NAME].decode("utf-16-le", "ignore")
    return mend_surrogates(cut)


def _chat(item: Mapping[str, Json]) -> Chat:
    memory = item.get("memory")
    return Chat(
        shown(item, "id"),
        shown(item, "title"),
        shown(item, "created_at"),
        shown(item, "last_message_at", "updated_at", "created_at"),
        tuple(line for line in memory if isinstance(line, str)) if isinstance(memory, list) else (),
    )


def _cursor(payload: Json) -> str | None:
    if not isinstance(payload, Mapping) or payload.get("has_more") is False:
        return None
    cursor = payload.get("cursor")
    return cursor if isinstance(cursor, str) and cursor else None


DIALECT = Dialect(
    kind="chatgrid",
    name="ChatGrid",
    wire="sse",
    base_url=_base_url,
    message=_message,
    mapper=ChatGridMapper,
    resend="safe",  # the cookbook: a message whose reply failed is not saved
    boards_help="Optional ids or names to list first, comma-separated.",
    endpoints=re.compile(r"/(boards|me|jobs)(/.*)?\Z"),
    own_endpoints=re.compile(r"(/v1)?/boards/[^/]+/chats(/.*)?\Z"),
    usual_address="https://api.chatgrid.ai/v1",
    key_required=True,
    key_trial=me,
    message_in=lambda body: shown(body, "content"),
    conversation_in=_conversation_in,
    longest=100_000,
    conversations="created",
    boards=boards,
    read_boards=read_boards,
    is_board_id=_is_board_id,
    is_answer=_is_answer,
    options=(SKIP_TRUTH_CHECK_OPTION,),
    recognise=_recognise,
    read_pasted=_read_pasted,
    remote_boards=RemoteBoards(create_board, read_board),
    remote_chats=RemoteChats(
        list=chats,
        create=create_chat,
        get=get_chat,
        rename=rename_chat,
        delete=delete_chat,
        messages=messages,
        read_list=read_chats,
        read=read_chat,
        read_messages=read_messages,
    ),
    account=Account(read_profile, usage, read_credits),
    mocking=Mocking(_without_ids, _mocked, lambda message: {"object": "error", "message": message}),
)
