"""ChatIQ: SSE with objects that are distinguished by their keys.

Source: www.chatiq.io/docs, api and api-streaming. Errors come inside a 200 stream, an empty reply is valid (a person
may have taken over), and `responses` contains whole bubbles instead of deltas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlencode

from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.capabilities import ANY_ID, Mocking, RelativeRequest, RemoteMessages, distinct, without_id
from chatgrid_tui.dialects.dialect import Dialect, Nouns, SentAlong, has_list, items, shown
from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.mapper import EventMapper
from chatgrid_tui.dialects.options import SKIP_TRUTH_CHECK_OPTION, Option
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest, PastedSettings, other_fields, text_field
from chatgrid_tui.model.events import AttachmentsArrived, ConversationNamed, Event, SuggestionsArrived
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import PRIVATE_MODE, Board, Page, Provider, RemoteMessage
from chatgrid_tui.model.request import Outgoing, Request

_MESSAGES_AT_ONCE: Final = 500
"""The most messages in one answer."""
_HISTORY: Final = 10  # messages that the service looks at


class ChatIQMapper(EventMapper):
    """Maps the objects of one reply. Its only end mark is `[DONE]`."""

    content = frozenset({"choices", "responses", "response", "attachments", "suggestions"})

    def __init__(self) -> None:
        super().__init__()
        self._bubbles = 0
        self._growing: int | None = None

    def piece(self, event: str, payload: JsonObject) -> list[Event] | None:
        """Return the events of `{"choices":[{"delta":{"content":"…"}}]}`, or None for anything else."""
        choices = payload.get("choices")
        if event != "message" or len(payload) != 1 or type(choices) is not list or len(choices) != 1:
            return None
        choice = choices[0]
        delta = choice.get("delta") if type(choice) is dict and len(choice) == 1 else None
        content = delta.get("content") if type(delta) is dict else None
        if type(content) is not str or not content:
            return None
        return self.texts.delta(self._grow(), content)

    def recognises(self, name: str, fields: Fields) -> bool:
        """Return whether an object has one of the documented members."""
        return "conversationId" in fields.object or not self.content.isdisjoint(fields.object)

    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        """Yield the events of one object of the stream."""
        for choice in fields.objects("choices"):
            fields_of_choice = Fields(choice)
            delta = fields_of_choice.inner("delta")
            piece = delta.text("content")
            fields.wrong = fields.wrong or fields_of_choice.wrong or delta.wrong
            if piece:
                yield from self.texts.delta(self._grow(), piece)
        if (response := fields.text("response")) and not self._bubbles and not any(fields.texts("responses")):
            yield from self.texts.whole(self._next(), response)
        yield from self._rest(fields)

    def reply(self, fields: Fields) -> Iterable[Event] | None:
        """Yield the events of `{"response": ..., "conversationId": ...}`; `responses` takes precedence over
        `response`.
        """
        if not fields.has("response", "responses", "conversationId", "attachments", "suggestions"):
            return None
        return self.events("", fields)

    def _rest(self, fields: Fields) -> Iterable[Event]:
        for text in fields.texts("responses"):
            if text:
                yield from self.texts.whole(self._next(), text)
        if attachments := fields.objects("attachments"):
            yield AttachmentsArrived(attachments)
        if suggestions := fields.objects("suggestions"):
            yield SuggestionsArrived(suggestions)
        if remote_id := fields.name("conversationId"):
            yield ConversationNamed(remote_id)

    def _grow(self) -> int:
        """Return the bubble that deltas extend: the newest, unless `responses` came after it."""
        if self._growing is None:
            self._growing = self._next()
        return self._growing

    def _next(self) -> int:
        self._growing = None
        self._bubbles += 1
        return self._bubbles - 1


def _base_url(address: str) -> str:
    """Complete the address: the bare host redirects to www, and redirects are not followed."""
    bare = re.sub(r"(/api)?(/v1|/chat)?\Z", "", with_scheme(address))
    return re.sub(r"\Ahttps?://chatiq\.io(?=/|\Z)", "https://www.chatiq.io", bare) + "/api"


def _message(outgoing: Outgoing) -> Request:
    body: dict[str, Json] = {"message": outgoing.text, "bot_slug": outgoing.board, "stream": outgoing.stream}
    if outgoing.provider.private:  # nothing is stored, so no conversation can be continued
        body[PRIVATE_MODE] = True
    else:
        body["conversation_id"] = outgoing.conversation or None
    if outgoing.history and (outgoing.provider.private or not outgoing.conversation):
        body["history"] = [{"role": said.role, "content": said.content} for said in outgoing.history[-_HISTORY:]]
    accept = "text/event-stream" if outgoing.stream else "application/json"
    return Request("POST", f"{_base_url(outgoing.provider.base_url)}/chat", body, (("Accept", accept),))


def _health(provider: Provider) -> Request:
    return Request("GET", f"{_base_url(provider.base_url)}/v1/health")


def conversation_messages(provider: Provider, conversation: str, since: str = "") -> Request:
    """Return the request for the messages of a conversation, oldest first: those after `since`, a `created_at`.

    Source: the vendor's own widget uses it; the documentation does not mention it.
    """
    asked = {"limit": str(_MESSAGES_AT_ONCE)} | ({"since": since} if since else {})
    place = f"{_base_url(provider.base_url)}/v1/conversations/{quote(conversation, safe='')}/messages"
    return Request("GET", f"{place}?{urlencode(asked)}")


def read_conversation_messages(payload: Json) -> tuple[RemoteMessage, ...] | None:
    """Return the messages in part of a conversation, or None if it is something else. A person who took over counts
    as the bot.
    """
    if not has_list(payload, "messages"):
        return None
    found = (
        RemoteMessage(
            shown(item, "id"),
            "user" if item.get("sender") == "user" else "assistant",
            shown(item, "content"),
            created_at=_zoned(shown(item, "created_at")),
        )
        for item in items(payload, "messages")
    )
    return tuple(message for message in found if message.id)


def _zoned(time: str) -> str:
    """Return a time with its zone, UTC, which the service leaves out."""
    return f"{time}Z" if re.search(r"\d\d:\d\d:\d\d(\.\d+)?\Z", time) else time


def _boards(provider: Provider, cursor: str | None) -> Request:
    return Request("GET", f"{_base_url(provider.base_url)}/v1/bots")


def _read_boards(payload: Json) -> Page[Board]:
    found = (
        Board(shown(item, "slug", "id"), shown(item, "name", "slug"), shown(item, "description"))
        for item in items(payload, "bots")
    )
    return Page(tuple(board for board in found if board.id))


def _recognise(request: PastedRequest) -> Match:
    if request.host in ("chatiq.io", "www.chatiq.io") or "bot_slug" in request.body:
        return Match.CERTAIN
    return Match.POSSIBLE if request.path.endswith("/api/chat") and "message" in request.body else Match.NONE


def _read_pasted(request: PastedRequest) -> PastedSettings:
    """Return the bot, and whether the request uses private mode."""
    return PastedSettings(
        text_field(request.body, "bot_slug"),
        {PRIVATE_MODE: True} if request.body.get(PRIVATE_MODE) is True else {},
        left_out=other_fields(request.body, ("bot_slug", PRIVATE_MODE)),
    )


def _without_ids(request: RelativeRequest) -> RelativeRequest:
    path = re.sub(r"(?<=/v1/conversations/)[^/]+", ANY_ID, request.path)
    return without_id(request._replace(path=path), "conversation_id")


def _mocked(request: RelativeRequest, recorded: Sequence[RelativeRequest], new_id: str) -> Json:
    """Return the bots that were talked to, or that the service is healthy."""
    match request.method, request.path:
        case "GET", "/v1/bots":
            slugs = distinct([shown(earlier.body, "bot_slug") for earlier in recorded])
            return {"bots": [{"slug": slug, "name": slug} for slug in slugs]}
        case "GET", "/v1/health":
            return {"status": "ok"}
        case _:
            return None


def _is_answer(payload: Json) -> bool:
    return isinstance(payload, Mapping) and "bots" in payload


DIALECT = Dialect(
    kind="chatiq",
    name="ChatIQ",
    wire="sse",
    base_url=_base_url,
    message=_message,
    mapper=ChatIQMapper,
    resend="unknown",
    nouns=Nouns("bot", "bots"),
    empty_reply="A person may have taken over.",
    endpoints=re.compile(r"(/api)?(/chat|/v1/(health|bots|conversations|documents)(/.*)?|/v1)?\Z"),
    own_endpoints=re.compile(r"/api/v1/(bots|documents)(/.*)?\Z"),
    usual_address="https://www.chatiq.io/api",
    message_in=lambda body: shown(body, "message"),
    conversation_in=lambda request: text_field(request.body or {}, "conversation_id"),
    conversations="named by the service",
    sent_along=lambda provider: SentAlong(_HISTORY, each_time=provider.private),
    boards=_boards,
    read_boards=_read_boards,
    unlisted="A key that several bots share cannot list them.",
    public_boards=True,
    health=_health,
    is_answer=_is_answer,
    options=(
        Option(
            PRIVATE_MODE,
            "Private mode",
            "flag",
            default=False,
            meaning="Nothing is stored at ChatIQ.",
            help="Earlier messages are sent along with each message.",
            advanced=True,
        ),
        SKIP_TRUTH_CHECK_OPTION,
    ),
    recognise=_recognise,
    read_pasted=_read_pasted,
    remote_messages=RemoteMessages(conversation_messages, read_conversation_messages, _MESSAGES_AT_ONCE),
    mocking=Mocking(_without_ids, _mocked),
)
