"""ChatGrid's messages: each gets one reply, streamed or whole (ChatGrid API, messages/send-message; cookbook,
streaming-responses).

A message and its reply are stored only if the reply was finished: after a failure, the message can be sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chatgrid_tui.demo.plan_player import Reply, plain_steps
from chatgrid_tui.demo.services.chatgrid_shapes import Invalid, Problem, message_data, single
from chatgrid_tui.demo.services.context import EVENT_STREAM, Context, damaged, live, sign_in_page, whole
from chatgrid_tui.demo.services.plain_encoder import PlainEncoder
from chatgrid_tui.demo.state import Board, Conversation, Message, store
from chatgrid_tui.demo.steps import Refusal, StoredAs, estimate
from chatgrid_tui.http_server.messages import Answer, Request, dump_json

MOST_UNITS = 100_000
_CONTEXT_MESSAGES = 50


class MessageSender:
    """Sends the messages of chats to bots."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.replies = 0

    async def send(self, request: Request, board: Board, chat: Conversation, body: dict[str, Any]) -> Answer:
        """Send one message.

        Raises:
                Problem: the message is invalid, or it asks the bot to refuse it.
        """
        invalid = Invalid()
        content = invalid.text(body, "content", MOST_UNITS, required=True)
        stream = body.get("stream", False)
        if not isinstance(stream, bool):
            invalid.note("invalid_type", "stream", "Expected boolean")
        invalid.check()
        assert content is not None
        plan = self._context.plan(request, board.bot, content, chat.said())
        refused = self._context.refused(plan, ("chatgrid", chat.id, content))
        if refused is not None:
            return self._refuse(request, *refused)
        exchange = Exchange(self._context, board, chat, content, plan.stored)
        steps = plain_steps(plan.steps)
        if stream:
            form = self._context.chatgrid_form or board.form
            encoder = Encoder(exchange, name_in_json=form == "json")
            return live(self._context, EVENT_STREAM, encoder, steps, self._finished(exchange))
        reply = await whole(steps)
        if reply.failed is not None:
            raise Problem(500, "internal_error", reply.failed)
        message = exchange.message(reply)
        if not reply.dropped:
            exchange.store(message)
            self.replies += 1
        return damaged(single("chat_message", message_data(message)), reply)

    def _finished(self, exchange: Exchange) -> Callable[[Reply], None]:
        def done(reply: Reply) -> None:
            if reply.failed is None:
                exchange.store(exchange.message(reply))
                self.replies += 1

        return done

    def _refuse(self, request: Request, refusal: Refusal, seconds: int) -> Answer:
        match refusal.kind:
            case "rate":
                limits = (
                    ("Retry-After", str(seconds)),
                    ("X-RateLimit-Limit", str(self._context.rate_limit.limit)),
                    ("X-RateLimit-Remaining", "0"),
                    ("X-RateLimit-Reset", str(int(time.time()) + seconds)),
                )
                raise Problem(429, "rate_limit_exceeded", "Rate limit exceeded", headers=limits)
            case "unauthorized":
                raise Problem(401, "unauthorized", "Invalid API key")
            case "page":
                return sign_in_page()
            case "redirect":
                return self._context.moved(request)
            case _:
                raise Problem(500, "internal_error", "Internal server error")


class Exchange:
    """A message that was sent, and the reply to it."""

    def __init__(self, context: Context, board: Board, chat: Conversation, content: str, stored: StoredAs) -> None:
        self._clock = context.state.clock
        self._chat = chat
        self._stored = stored
        self._asked = Message("user", content, self._clock.now())
        self._model = f"demo/{board.bot.slug}"
        self._message: Message | None = None
        recent = chat.messages[-_CONTEXT_MESSAGES:]
        self._prompt_tokens = estimate(content) + sum(estimate(message.content) for message in recent)

    def message(self, reply: Reply) -> Message:
        """Return the reply as a message. Repeated calls return the same one."""
        if self._message is not None:
            return self._message
        usage = {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": reply.tokens,
            "total_tokens": self._prompt_tokens + reply.tokens,
        }
        metadata = {"usage": usage, "finish_reason": "length" if reply.cut_short else "stop"}
        said = Message("assistant", reply.text, self._clock.now(), model=self._model, metadata=metadata)
        self._message = said
        return said

    def store(self, message: Message) -> None:
        """Store both, or what the bot wants to be stored in their place."""
        store(self._chat, self._asked, message, self._stored)


class Encoder(PlainEncoder):
    """Encodes SSE in either documented form: the event's name in the JSON, or in the `event` field."""

    def __init__(self, exchange: Exchange, *, name_in_json: bool) -> None:
        self._exchange = exchange
        self._name_in_json = name_in_json

    def delta(self, text: str) -> bytes:
        """Encode `message.delta`."""
        return self._event("message.delta", {"content": text})

    def spoilt(self) -> bytes:
        """Encode a delta that is not JSON."""
        if self._name_in_json:
            return b'data: {"event":"message.delta","content":not JSON}\n\n'
        return b'event: message.delta\ndata: {"content":not JSON}\n\n'

    def failure(self, message: str) -> bytes:
        """Encode `error`."""
        return self._event("error", {"code": "stream_error", "message": message})

    def closing(self, reply: Reply) -> bytes:
        """Encode `message.complete`; its metadata is at the top level in one form, in the message in the other."""
        data = message_data(self._exchange.message(reply))
        if self._name_in_json:
            data = {"content": data["content"], **data["metadata"]}
        return self._event("message.complete", data)

    def closing_without_mark(self, reply: Reply) -> bytes:
        """Return no bytes."""
        return b""

    def _event(self, name: str, data: dict[str, Any]) -> bytes:
        if self._name_in_json:
            return b"data: " + dump_json({"event": name, **data}) + b"\n\n"
        return b"event: " + name.encode() + b"\ndata: " + dump_json(data) + b"\n\n"
