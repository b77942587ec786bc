"""Open Chat Widget: NDJSON with `start`, `token`, `done` and `error`.

Source: Open Chat Widget's documentation, headless/streaming and headless/non-streaming. The conversation is the
session id, which the client chooses. The service stores a message before it answers, so sending it again stores it
twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.capabilities import Mocking, RelativeRequest, without_id
from chatgrid_tui.dialects.dialect import Dialect, shown
from chatgrid_tui.dialects.error_payloads import field_of, is_error, said
from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.mapper import EventMapper
from chatgrid_tui.dialects.options import Option, key_header_option
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest, PastedSettings, other_fields, text_field
from chatgrid_tui.model.events import ConversationNamed, Event, StreamFailed
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import NEW_CONVERSATION, SAME_SESSION, Board, Provider
from chatgrid_tui.model.request import Outgoing, Request

_KEY_HEADERS: Final = ("x-api-key", "x-widget-api-key")
_PATH: Final = Option("path", "Path", "choice", choices=("/v1/chat/stream", "/chat"), advanced=True)
_OPTIONS: Final = (
    Option(
        NEW_CONVERSATION,
        "New chat",
        "choice",
        choices=("new user", SAME_SESSION),
        choice_labels=("New user", "Same session"),
        help="What a new conversation is to the widget.",
        advanced=True,
    ),
    _PATH,
    key_header_option(_KEY_HEADERS),
)


class WidgetMapper(EventMapper):
    """Maps the objects of one reply."""

    content = frozenset({"token"})

    def piece(self, event: str, payload: JsonObject) -> list[Event] | None:
        """Return the events of `{"type":"token","token":"…"}`, or None for anything else."""
        token = payload.get("token")
        if type(token) is not str or len(payload) != 2 or payload.get("type") != "token":
            return None
        return self.texts.delta(0, token)

    def knows(self, name: str, fields: Fields) -> bool:
        """Return whether a line has a documented type, or none."""
        return (shown(fields.object, "type") or name) in ("", "start", "token", "done", "error")

    def recognises(self, name: str, fields: Fields) -> bool:
        """Return whether a line has a type, or keys that imply one."""
        return bool(shown(fields.object, "type") or name or _guessed(fields))

    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        """Yield the events of one line."""
        match fields.text("type") or name or _guessed(fields):
            case "start":
                yield from _named(fields)
            case "token":
                piece = fields.text("token")
                if piece:
                    yield from self.texts.delta(0, piece)
            case "done":
                self.ended = True
                yield from self._done(fields)
            case "error":
                yield from _named(fields)
                code, message = said(fields.object)
                yield StreamFailed(Failure("stream", code=code, message=message, field=field_of(fields.object)))
            case _:  # it has no type, and its keys are not known
                return

    def reply(self, fields: Fields) -> Iterable[Event] | None:
        """Yield the events of `{"conversationId": ..., "message": ...}`."""
        return self._done(fields) if fields.has("message", "conversationId") else None

    def _done(self, fields: Fields) -> Iterable[Event]:
        yield from self.texts.whole(0, fields.text("message") or "")
        yield from _named(fields)


def _named(fields: Fields) -> Iterable[Event]:
    if remote_id := fields.name("conversationId"):
        yield ConversationNamed(remote_id)


def _guessed(fields: Fields) -> str:
    if is_error(fields.object):
        return "error"
    if fields.has("code") and fields.has("message"):  # the code means success, so the message is not a reply
        return ""
    for key, type_ in (("token", "token"), ("message", "done"), ("conversationId", "start")):
        if fields.has(key):
            return type_
    return ""


def _base_url(address: str) -> str:
    return re.sub(r"(/v1/chat(/stream)?|/v1|/chat)\Z", "", with_scheme(address))


def _message(outgoing: Outgoing) -> Request:
    path = _stream_path(outgoing.provider) if outgoing.stream else "/v1/chat"
    body: dict[str, Json] = {"sessionId": outgoing.conversation, "message": outgoing.text}
    accept = "application/x-ndjson" if outgoing.stream else "application/json"
    return Request("POST", _base_url(outgoing.provider.base_url) + path, body, (("Accept", accept),))


def _stream_path(provider: Provider) -> str:
    return provider.text_option(_PATH.name) or _PATH.choices[0]


def _health(provider: Provider) -> Request:
    return Request("GET", _base_url(provider.base_url) + "/health")


def _key_trial(provider: Provider) -> Request:
    """Return an empty message. The key is checked before the body, so status 400 accepts it (api/chat-stream)."""
    return Request("POST", _base_url(provider.base_url) + _stream_path(provider), {})


def site(provider: Provider) -> Board:
    """Return the only board of a widget without configured boards: its site."""
    return Board(urlsplit(_base_url(provider.base_url)).netloc, provider.shown)


def _recognise(request: PastedRequest) -> Match:
    named = "sessionId" in request.body or request.path.endswith("/v1/chat/stream")
    return Match.LIKELY if named or not request.headers.isdisjoint(_KEY_HEADERS) else Match.NONE


def _read_pasted(request: PastedRequest) -> PastedSettings:
    """Return whether messages are sent to the shorter path."""
    shorter = request.path.endswith("/chat") and not request.path.endswith("/v1/chat")
    return PastedSettings(
        options={_PATH.name: _PATH.choices[1]} if shorter else {}, left_out=other_fields(request.body)
    )


def _mocked(request: RelativeRequest, recorded: Sequence[RelativeRequest], new_id: str) -> Json:
    """Return that the service is healthy."""
    return {"status": "ok"} if request[:2] == ("GET", "/health") else None


def _is_refusal(payload: Json) -> bool:
    return isinstance(payload, Mapping) and isinstance(payload.get("error"), str)


DIALECT = Dialect(
    kind="widget",
    name="Open Chat Widget",
    wire="ndjson",
    base_url=_base_url,
    message=_message,
    mapper=WidgetMapper,
    resend="stored twice",
    offered_as="a widget",
    boards_help="Optional. A widget has one board, its site.",
    endpoints=re.compile(r"(/v1/chat(/stream)?|/v1/openapi\.json|/chat|/health|/v1)\Z"),
    own_endpoints=re.compile(r"/v1/(chat/stream|openapi\.json)\Z"),
    usual_address="http://localhost:4000",
    key_headers=_KEY_HEADERS,
    key_trial=_key_trial,
    message_in=lambda body: shown(body, "message"),
    conversation_in=lambda request: text_field(request.body or {}, "sessionId"),
    longest=4_000,
    conversations="named by us",
    own_board=site,
    nothing_to_list="A widget is a single board; there is nothing to list.",
    health=_health,
    is_answer=lambda payload: False,  # it refuses the empty message of a key trial
    is_refusal=_is_refusal,
    options=_OPTIONS,
    recognise=_recognise,
    read_pasted=_read_pasted,
    mocking=Mocking(lambda request: without_id(request, "sessionId"), _mocked, lambda message: {"error": message}),
)
