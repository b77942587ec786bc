"""OpenAI-compatible chat completions (OpenAI API reference: models, chat/create, chat/streaming).

The client sends the conversation; nothing is stored. Each bot is a model.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from chatgrid_tui.demo.catalogue import BOTS, BY_SLUG, Bot
from chatgrid_tui.demo.plan_player import Reply, plain_steps
from chatgrid_tui.demo.services.context import EVENT_STREAM, Context, damaged, live, sign_in_page, whole
from chatgrid_tui.demo.services.plain_encoder import PlainEncoder
from chatgrid_tui.demo.steps import Bubbles, Refusal, Suggestion, estimate
from chatgrid_tui.http_server.messages import Answer, BadJson, Headers, Request, Response, dump_json, json_response

_DONE = b"data: [DONE]\n\n"
_MOST_CHOICES = 128
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class Invalid(Exception):
    """A request that the service does not accept."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code


class OpenAI:
    """Answers requests for `/openai/v1/...`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._made = int(time.time())

    async def handle(self, request: Request, path: str) -> Answer:
        """Answer a request; `path` is what follows `/openai/v1`."""
        try:
            self._check_key(request)
            match request.method, path:
                case "GET", "/models":
                    return json_response(200, {"object": "list", "data": [self._model(bot) for bot in BOTS]})
                case "GET", _ if path.startswith("/models/"):
                    return json_response(200, self._model(_bot(path.removeprefix("/models/"))))
                case "POST", "/chat/completions":
                    return await self._complete(request)
            raise Invalid(404, f"Unknown request URL: {request.method} {path}", code="unknown_url")
        except Invalid as error:
            return _error(error.status, error.message, "invalid_request_error", error.code, error.param)

    def _model(self, bot: Bot) -> dict[str, Any]:
        return {"id": bot.slug, "object": "model", "created": self._made, "owned_by": "chatgrid-tui"}

    def _check_key(self, request: Request) -> None:
        keys = self._context.keys
        if keys is not None and request.bearer() != keys.openai:
            raise Invalid(401, "Incorrect API key provided", code="invalid_api_key")

    async def _complete(self, request: Request) -> Answer:
        body = _body(request)
        bot = _bot(body["model"])
        messages = [_content(message) for message in body["messages"] if message["role"] == "user"]
        message, earlier = (messages[-1], tuple(messages[:-1])) if messages else ("", ())
        plan = self._context.plan(request, bot, message, earlier)
        refused = self._context.refused(plan, ("openai", bot.slug, message))
        if refused is not None:
            return self._refuse(request, *refused)
        steps = plain_steps(plan.steps, choices=True)
        prompt_tokens = sum(estimate(_content(message)) for message in body["messages"])
        most_tokens, count = _most_tokens(body), _count(body)
        options = body.get("stream_options")
        usage_wanted = isinstance(options, dict) and options.get("include_usage") is True
        if body.get("stream") is True:
            encoder = Encoder(bot.slug, prompt_tokens, count, usage_wanted=usage_wanted)
            return live(self._context, EVENT_STREAM, encoder, steps, lambda reply: None, most_tokens)
        performed = list(steps)
        reply = await whole(performed, most_tokens)
        return self._whole(bot, reply, any(isinstance(step, Bubbles) for step in performed), prompt_tokens, count)

    def _whole(self, bot: Bot, reply: Reply, apart: bool, prompt_tokens: int, count: int) -> Answer:
        if reply.failed is not None:
            return _error(500, reply.failed, "server_error", "server_error")
        texts = reply.texts if apart else [reply.text] * count
        choices = [
            {"index": index, "message": _message(reply, text), "finish_reason": _finish_reason(reply)}
            for index, text in enumerate(texts)
        ]
        value = {
            "id": _completion_id(),
            "object": "chat.completion",
            "created": int(time.time()),
            "model": bot.slug,
            "choices": choices,
            "usage": _usage(prompt_tokens, reply, count),
        }
        return damaged(json_response(200, value), reply)

    def _refuse(self, request: Request, refusal: Refusal, seconds: int) -> Answer:
        match refusal.kind:
            case "rate":
                limits: Headers = (
                    ("Retry-After", str(seconds)),
                    ("x-ratelimit-limit-requests", "60"),
                    ("x-ratelimit-remaining-requests", "0"),
                    ("x-ratelimit-reset-requests", f"{seconds}s"),
                )
                message = f"Rate limit reached for {request.path}. Try again in {seconds}s."
                return _error(429, message, "requests", "rate_limit_exceeded", headers=limits)
            case "unauthorized":
                return _error(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key")
            case "page":
                return sign_in_page()
            case "redirect":
                return self._context.moved(request)
            case _:
                return _error(500, "The server had an error while processing the request", "server_error", None)


class Encoder(PlainEncoder):
    """Encodes `chat.completion.chunk` objects; each separate bubble is a choice of its own."""

    def __init__(self, model: str, prompt_tokens: int, count: int, *, usage_wanted: bool) -> None:
        """`count` is the number of choices; they all have the same text."""
        self._head = {
            "id": _completion_id(),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._prompt_tokens = prompt_tokens
        self._usage_wanted = usage_wanted
        self._count = count
        self._choices = 0

    def opening(self) -> bytes:
        """Encode the chunk with the role and no content."""
        return self._chunks({"role": "assistant", "content": None})

    def delta(self, text: str) -> bytes:
        """Encode a chunk of content."""
        if self._choices:
            return self._chunk({"content": text}, index=self._choices - 1)
        return self._chunks({"content": text})

    def bubbles(self, texts: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> bytes:
        """Encode each text as a chunk of the next choice."""
        chunks = b""
        for text in texts:
            delta = {"content": text} if self._choices == 0 else {"role": "assistant", "content": text}
            chunks += self._chunk(delta, index=self._choices)
            self._choices += 1
        return chunks

    def reasoning(self, text: str) -> bytes:
        """Encode a chunk of reasoning."""
        return self._chunks({"reasoning_content": text})

    def tool_call(self, name: str, fragments: list[str]) -> bytes:
        """Encode a call's name and id, then its arguments piece by piece."""
        first = {"index": 0, "id": "call_demo", "type": "function", "function": {"name": name, "arguments": ""}}
        chunks = self._chunks({"tool_calls": [first]})
        for fragment in fragments:
            chunks += self._chunks({"tool_calls": [{"index": 0, "function": {"arguments": fragment}}]})
        return chunks

    def spoilt(self) -> bytes:
        """Encode a payload that is not JSON."""
        return b'data: {"choices":[{"index":0,"delta":{"content":not JSON}}]}\n\n'

    def failure(self, message: str) -> bytes:
        """Encode an error object; nothing follows it."""
        error = {"message": message, "type": "server_error", "param": None, "code": "server_error"}
        return b"data: " + dump_json({"error": error}) + b"\n\n"

    def closing(self, reply: Reply) -> bytes:
        """Encode a finish for each choice, the usage if requested, and the end mark."""
        reason = _finish_reason(reply)
        end = b"".join(self._chunk({}, index, reason) for index in range(max(self._count, self._choices)))
        if self._usage_wanted:
            usage = _usage(self._prompt_tokens, reply, self._count)
            end += b"data: " + dump_json({**self._head, "choices": [], "usage": usage}) + b"\n\n"
        return end + _DONE

    def closing_without_mark(self, reply: Reply) -> bytes:
        """Return no bytes."""
        return b""

    def _chunks(self, delta: dict[str, Any]) -> bytes:
        """Encode the same delta for each choice."""
        return b"".join(self._chunk(delta, index) for index in range(self._count))

    def _chunk(self, delta: dict[str, Any], index: int = 0, reason: str | None = None) -> bytes:
        value: dict[str, Any] = {**self._head, "choices": [{"index": index, "delta": delta, "finish_reason": reason}]}
        if self._usage_wanted:
            value["usage"] = None
        return b"data: " + dump_json(value) + b"\n\n"


def _body(request: Request) -> dict[str, Any]:
    if request.too_large:
        raise Invalid(413, "The request body is too large")
    try:
        body = request.json()
    except BadJson:
        body = None
    if not isinstance(body, dict):
        raise Invalid(400, "We could not parse the JSON body of your request")
    if not isinstance(body.get("model"), str):
        raise Invalid(400, "you must provide a model parameter", "model")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Invalid(400, "Missing required parameter: 'messages'", "messages", "missing_required_parameter")
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise Invalid(400, "Invalid value for 'role'", f"messages[{number}].role", "invalid_value")
    return body


def _bot(model: str) -> Bot:
    if model not in BY_SLUG:
        raise Invalid(404, f"The model `{model}` does not exist", "model", "model_not_found")
    return BY_SLUG[model]


def _content(message: dict[str, Any]) -> str:
    """Return a message's text, which is a string or the text parts of a list."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def _most_tokens(body: dict[str, Any]) -> int | None:
    """Return the token limit of a request, under its newer or its older name."""
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise Invalid(400, f"Invalid value for '{name}'", name, "invalid_value")
        return value
    return None


def _count(body: dict[str, Any]) -> int:
    """Return how many choices a request asks for."""
    value = body.get("n")
    if value is None:
        return 1
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_CHOICES:
        raise Invalid(400, f"Invalid value for 'n': it must be from 1 to {_MOST_CHOICES}", "n", "invalid_value")
    return value


def _message(reply: Reply, text: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text or None if reply.calls else text}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.calls:
        message["tool_calls"] = [
            {"id": "call_demo", "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in reply.calls
        ]
    return message


def _finish_reason(reply: Reply) -> str:
    if reply.cut_short:
        return "length"
    return "tool_calls" if reply.calls else "stop"


def _usage(prompt_tokens: int, reply: Reply, count: int) -> dict[str, int]:
    completion_tokens = reply.tokens * count
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def _completion_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex[:24]}"


def _error(
    status: int,
    message: str,
    kind: str,
    code: str | None,
    param: str | None = None,
    headers: Headers = (),
) -> Response:
    error = {"message": message, "type": kind, "param": param, "code": code}
    return json_response(status, {"error": error}, headers)
