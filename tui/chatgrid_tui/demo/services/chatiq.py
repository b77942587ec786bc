"""ChatIQ: SSE with choices, responses, attachments and suggestions (ChatIQ documentation: API reference and
streaming guide).

A stream has status 200 as soon as its request could be read: a refused key, a limit and an unknown bot are errors
in the stream. Without a stream, and at the other addresses, errors have their HTTP status.
"""

from __future__ import annotations

import asyncio
from time import monotonic, time
from typing import Any

from chatgrid_tui.demo.bots.commands import is_command
from chatgrid_tui.demo.catalogue import BOTS, BY_SLUG, Bot
from chatgrid_tui.demo.plan_player import Reply
from chatgrid_tui.demo.services.context import EVENT_STREAM, Context, damaged, live, sign_in_page, whole
from chatgrid_tui.demo.state import Conversation, Message, iso, store
from chatgrid_tui.demo.steps import Attachment, Refusal, Suggestion
from chatgrid_tui.http_server.messages import (
    Answer,
    BadJson,
    Request,
    Response,
    Sink,
    Stream,
    dump_json,
    json_response,
)

_STATUS = {
    "INVALID_INPUT": 400,
    "MISSING_REQUIRED_FIELD": 400,
    "UNAUTHORIZED": 401,
    "INVALID_API_KEY": 401,
    "NOT_FOUND": 404,
    "BOT_NOT_FOUND": 404,
    "RATE_LIMIT_EXCEEDED": 429,
    "INTERNAL_SERVER_ERROR": 500,
}
LOOK_EVERY = 2.0
PING_EVERY = 15.0
"""Seconds between two checks for new messages, and between two pings, while a client follows a conversation."""
_DONE = b"data: [DONE]\n\n"


class Refused(Exception):
    """A request that gets an error instead of a reply."""

    def __init__(
        self, code: str, message: str, details: dict[str, Any] | None = None, retry: int | None = None
    ) -> None:
        super().__init__(code)
        self.error: dict[str, Any] = {"code": code, "message": message}
        if details is not None:
            self.error["details"] = details
        self.status = _STATUS[code]
        self.headers = () if retry is None else (("Retry-After", str(retry)),)

    def response(self) -> Response:
        """Return an HTTP error."""
        return json_response(self.status, {"error": self.error}, self.headers)

    def stream(self) -> Stream:
        """Return a stream that contains the error."""

        async def produce(sink: Sink) -> None:
            await sink.send(_entry({"error": self.error}))
            await sink.send(_DONE)

        return Stream(200, EVENT_STREAM, produce)


class ChatIQ:
    """Answers requests for `/chatiq/api/...`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._made = iso(context.state.clock.now())

    async def handle(self, request: Request, path: str) -> Answer:
        """Answer a request; `path` is what follows `/chatiq/api`."""
        if path == "/chat":
            return await self._chat(request)
        try:
            return self._look_up(request, path)
        except Refused as refused:
            return refused.response()

    # Bots and conversations

    def _look_up(self, request: Request, path: str) -> Answer:
        if request.method != "GET":
            return json_response(405, {"error": {"code": "METHOD_NOT_ALLOWED", "message": "Method not allowed"}})
        if path == "/v1/health":
            now = iso(self._context.state.clock.now())
            return json_response(200, {"status": "healthy", "timestamp": now, "version": "1.0.0"})
        self._check_key(request)
        match path.removeprefix("/").split("/"):
            case ["v1", "bots"]:
                return json_response(200, {"bots": [self._bot_item(bot) for bot in BOTS]})
            case ["v1", "bots", slug] if slug in BY_SLUG:
                return json_response(200, {"bot": self._bot_item(BY_SLUG[slug])})
            case ["v1", "bots", _]:
                raise Refused("BOT_NOT_FOUND", "Bot not found")
            case ["v1", "conversations", conversation_id, "messages"]:
                return self._messages(conversation_id, request.query)
            case ["v1", "conversations", conversation_id, "stream"]:
                return self._follow(conversation_id)
        raise Refused("NOT_FOUND", "Not found")

    def _bot_item(self, bot: Bot) -> dict[str, Any]:
        return {
            "id": bot.board_id,
            "name": bot.name,
            "slug": bot.slug,
            "description": bot.description,
            "system_prompt": None,
            "status": "active",
            "created_at": self._made,
        }

    def _messages(self, conversation_id: str, query: dict[str, str]) -> Response:
        conversation = self._context.state.conversations.get(conversation_id)
        if conversation is None:
            raise Refused("NOT_FOUND", "Conversation not found")
        limit = query.get("limit", "200")
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:6]) <= 500:
            raise Refused("INVALID_INPUT", "limit must be a number from 1 to 500")
        items = [_message_item(message) for message in conversation.messages]
        since = query.get("since", "").removesuffix("Z")
        later = [item for item in items if item["created_at"] > since]
        return json_response(200, {"messages": later[: int(limit)]})

    def _follow(self, conversation_id: str) -> Stream:
        """Stream the messages of a conversation from now on, for as long as the client listens."""
        conversation = self._context.state.conversations.get(conversation_id)
        if conversation is None:
            raise Refused("NOT_FOUND", "Conversation not found")
        since = self._context.state.clock.now()

        async def produce(sink: Sink) -> None:
            shown, pinged = since, monotonic()
            while True:
                for message in [message for message in conversation.messages if message.created_at > shown]:
                    await sink.send(_entry({"message": _message_item(message)}))
                    shown = message.created_at
                if monotonic() - pinged >= PING_EVERY:
                    pinged = monotonic()
                    await sink.send(_entry({"ping": int(time() * 1000)}))
                await asyncio.sleep(LOOK_EVERY)

        return Stream(200, EVENT_STREAM, produce)

    def _check_key(self, request: Request) -> None:
        keys = self._context.keys
        if keys is None:
            return
        given = request.bearer() or (request.query.get("api_key") if request.path.endswith("/stream") else None)
        if given is None:
            raise Refused("UNAUTHORIZED", "API key required for external requests")
        if given != keys.chatiq:
            raise Refused("INVALID_API_KEY", "Invalid API key")

    # Messages

    async def _chat(self, request: Request) -> Answer:
        if request.method != "POST":
            return json_response(405, {"error": {"code": "METHOD_NOT_ALLOWED", "message": "Method not allowed"}})
        try:
            body = request.json()
        except BadJson:
            body = None
        if request.too_large or not isinstance(body, dict):
            return Refused("INVALID_INPUT", "The request body is not a JSON object").response()
        stream = body.get("stream") is not False
        try:
            return await self._reply(request, body, stream=stream)
        except Refused as refused:
            return refused.stream() if stream else refused.response()

    async def _reply(self, request: Request, body: dict[str, Any], *, stream: bool) -> Answer:
        self._check_key(request)
        message = body.get("message")
        if not isinstance(message, str) or not message:
            raise Refused("MISSING_REQUIRED_FIELD", "message is required")
        bot = self._bot(body)
        conversation = self._conversation(body, bot)
        earlier = conversation.said() if conversation and conversation.messages else _history(body)
        plan = self._context.plan(request, bot, message, earlier)
        refused = self._context.refused(plan, ("chatiq", bot.slug, str(body.get("conversation_id")), message))
        if refused is not None:
            return self._refuse(request, *refused)
        asked = Message("user", message, self._context.state.clock.now())
        conversation = self._conversation_to_keep(conversation, body, bot)
        if conversation is not None and plan.stored == "same":
            conversation.add(asked)  # before the reply begins

        def done(reply: Reply) -> None:
            said = Message("bot", reply.text, self._context.state.clock.now()) if reply.text else None
            if conversation is not None and plan.stored != "same":
                store(conversation, asked, said, plan.stored)
            elif conversation is not None and said is not None:
                conversation.add(said)

        encoder = Encoder(conversation)
        if stream:
            return live(self._context, EVENT_STREAM, encoder, plan.steps, done)
        reply = await whole(plan.steps)
        done(reply)
        if reply.failed is not None:
            raise Refused("INTERNAL_SERVER_ERROR", reply.failed)
        value = _json_reply(reply, conversation, message)
        value["response_source"] = self._source(bot, message, earlier)
        return damaged(json_response(200, value), reply)

    def _source(self, bot: Bot, message: str, earlier: tuple[str, ...]) -> str:
        """Return what the service names as the source of a reply: a fixed answer, the model, or an earlier answer."""
        if is_command(message):
            return "canned"
        again = self._context.state.asked_before(f"{bot.slug} {len(earlier)} {message}")
        return "cache" if again else "llm"

    def _bot(self, body: dict[str, Any]) -> Bot:
        slug = body.get("bot_slug")
        if not isinstance(slug, str) or not slug:
            raise Refused("MISSING_REQUIRED_FIELD", "bot_slug is required")
        if slug not in BY_SLUG:
            raise Refused("BOT_NOT_FOUND", "Bot not found")
        return BY_SLUG[slug]

    def _conversation(self, body: dict[str, Any], bot: Bot) -> Conversation | None:
        """Return the conversation to continue, if the request names one."""
        if body.get("private_mode") is True or body.get("conversation_id") is None:
            return None
        conversation = self._context.state.conversations.get(str(body["conversation_id"]))
        if conversation is None or conversation.bot is not bot:
            raise Refused("NOT_FOUND", "Conversation not found")
        return conversation

    def _conversation_to_keep(
        self, conversation: Conversation | None, body: dict[str, Any], bot: Bot
    ) -> Conversation | None:
        """Return the conversation to store things in, a new one if necessary; None in private mode."""
        if body.get("private_mode") is True:
            return None
        return conversation or self._context.state.add_conversation(bot)

    def _refuse(self, request: Request, refusal: Refusal, seconds: int) -> Answer:
        match refusal.kind:
            case "rate":
                details = {"limit": 100, "usage": 100, "plan": "free", "teamId": "demo", "increment": 1}
                raise Refused("RATE_LIMIT_EXCEEDED", "Daily chat limit reached", details, seconds)
            case "unauthorized":
                raise Refused("INVALID_API_KEY", "Invalid API key")
            case "page":
                return sign_in_page()
            case "redirect":
                return self._context.moved(request)
            case _:
                return Refused("INTERNAL_SERVER_ERROR", "Internal server error").response()


class Encoder:
    """Encodes `data:` entries, each a JSON object, and `[DONE]`."""

    def __init__(self, conversation: Conversation | None) -> None:
        self._conversation = conversation

    def opening(self) -> bytes:
        """Return no bytes."""
        return b""

    def delta(self, text: str) -> bytes:
        """Encode a content chunk."""
        return _entry({"choices": [{"delta": {"content": text}}]})

    def bubbles(self, texts: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> bytes:
        """Encode several assistant messages at once, with their suggestions."""
        value: dict[str, Any] = {"responses": list(texts)}
        if suggestions:
            value["suggestions"] = _suggestion_items(suggestions)
        return _entry(value)

    def attachments(self, items: tuple[Attachment, ...]) -> bytes:
        """Encode attachments as a separate event."""
        return _entry({"attachments": _attachment_items(items)})

    def suggestions(self, items: tuple[Suggestion, ...]) -> bytes:
        """Encode suggestions as a separate event."""
        return _entry({"suggestions": _suggestion_items(items)})

    def reasoning(self, text: str) -> bytes:
        """Return no bytes: the service has no reasoning."""
        return b""

    def tool_call(self, name: str, fragments: list[str]) -> bytes:
        """Return no bytes: the service has no tool calls."""
        return b""

    def spoilt(self) -> bytes:
        """Encode a payload that is not JSON."""
        return b'data: {"choices":[{"delta":{"content":not JSON}}]}\n\n'

    def failure(self, message: str) -> bytes:
        """Encode an error event and the end mark."""
        return _entry({"error": {"code": "INTERNAL_SERVER_ERROR", "message": message}}) + _DONE

    def closing(self, reply: Reply) -> bytes:
        """Encode the conversation's id and the end mark."""
        return self.closing_without_mark(reply) + _DONE

    def closing_without_mark(self, reply: Reply) -> bytes:
        """Encode the conversation's id."""
        return _entry({"conversationId": self._conversation.id}) if self._conversation else b""


def _entry(value: object) -> bytes:
    return b"data: " + dump_json(value) + b"\n\n"


def _attachment_items(items: tuple[Attachment, ...]) -> list[dict[str, str]]:
    return [
        {"type": item.type, "url": item.url, "assetId": item.asset_id}
        | ({"name": item.name} if item.type != "image" else {})
        for item in items
    ]


def _suggestion_items(items: tuple[Suggestion, ...]) -> list[dict[str, str]]:
    return [{"label": item.label, "payload": item.payload} for item in items]


def _message_item(message: Message) -> dict[str, str]:
    return {
        "id": message.id,
        "sender": message.role,
        "content": message.content,
        "created_at": iso(message.created_at).removesuffix("Z"),  # stored without a zone, and given so
    }


def _json_reply(reply: Reply, conversation: Conversation | None, message: str) -> dict[str, Any]:
    value: dict[str, Any] = {"response": reply.text, "input": message}
    if conversation is not None:
        value["conversationId"] = conversation.id
    if len(reply.bubbles) > 1:
        value["responses"] = reply.texts
    if reply.attachments:
        value["attachments"] = _attachment_items(tuple(reply.attachments))
    if reply.suggestions:
        value["suggestions"] = _suggestion_items(tuple(reply.suggestions))
    return value


def _history(body: dict[str, Any]) -> tuple[str, ...]:
    """Return what the user said before, as the client sends it. The service reads the last ten entries."""
    history = body.get("history")
    entries = history[-10:] if isinstance(history, list) else []
    return tuple(
        entry["content"]
        for entry in entries
        if isinstance(entry, dict) and entry.get("role") == "user" and isinstance(entry.get("content"), str)
    )
