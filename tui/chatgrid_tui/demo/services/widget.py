"""Open Chat Widget: NDJSON over POST (its documentation: api/chat-stream, headless/streaming and non-streaming).

The address chooses the bot (`/widget/echo/v1/chat/stream`), or else the start of the session id (`echo.1234`,
with `.`, `:`, `_` or `-` after the slug); otherwise Showcase answers. Unknown routes and unreadable bodies get a web
page, as from Express.
"""

from __future__ import annotations

import re
import secrets
import string

from chatgrid_tui.demo.catalogue import BY_SLUG, SHOWCASE, Bot
from chatgrid_tui.demo.plan_player import Reply, plain_steps
from chatgrid_tui.demo.services.context import Context, damaged, live, sign_in_page, whole
from chatgrid_tui.demo.services.plain_encoder import PlainEncoder
from chatgrid_tui.demo.state import Conversation, Message, utf16_length
from chatgrid_tui.demo.steps import Refusal
from chatgrid_tui.http_server.messages import (
    Answer,
    BadJson,
    Headers,
    Request,
    Response,
    dump_json,
    html_response,
    json_response,
)

MOST_UNITS = 4_000
NOTHING_SAID = "I could not generate a response right now."
_SESSION = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_STREAM: Headers = (
    ("Content-Type", "application/x-ndjson; charset=utf-8"),
    ("Cache-Control", "no-store, no-transform"),
    ("X-Accel-Buffering", "no"),
)
_STREAM_PATHS = ("/v1/chat/stream", "/chat")


class Widget:
    """Answers requests for `/widget/...`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def handle(self, request: Request, path: str) -> Answer:
        """Answer a request; `path` is what follows `/widget`."""
        first, _, rest = path.removeprefix("/").partition("/")
        chosen = BY_SLUG.get(first)
        if chosen is not None:
            path = f"/{rest}"
        if path == "/health" and request.method in ("GET", "HEAD"):
            return json_response(200, {"status": "ok"})
        if request.method != "POST" or path not in (*_STREAM_PATHS, "/v1/chat"):
            return _express(404, f"Cannot {_escaped(request.method)} {_escaped(path)}")
        return await self._chat(request, chosen, stream=path in _STREAM_PATHS)

    async def _chat(self, request: Request, chosen: Bot | None, *, stream: bool) -> Answer:
        if request.too_large:
            return _express(413, "PayloadTooLargeError: request entity too large")
        is_json = request.headers.get("content-type", "").lower().startswith("application/json")
        try:
            body = request.json() if is_json else None
        except BadJson:
            return _express(400, "SyntaxError: the request body is not JSON")
        keys = self._context.keys
        given = request.headers.get("x-api-key") or request.headers.get("x-widget-api-key")
        if keys is not None and given != keys.widget:
            return _error(401, "Unauthorized")
        checked = _read(body)
        if checked is None:
            return _error(400, "Invalid request payload")
        session, message = checked
        return await self._reply(request, chosen or _bot_of(session), session, message, stream=stream)

    async def _reply(self, request: Request, bot: Bot, session: str, message: str, *, stream: bool) -> Answer:
        state = self._context.state
        conversation = state.session(f"{bot.slug} {session}", bot, _convex_id)
        plan = self._context.plan(request, bot, message, conversation.said())
        refused = self._context.refused(plan, ("widget", conversation.id, message))
        if refused is not None:
            return self._refuse(request, *refused)
        # The service stores the message before it has a reply, and keeps it if the reply fails.
        conversation.add(Message("user", message, state.clock.now()))

        def done(reply: Reply) -> None:
            if reply.failed is None:
                conversation.add(Message("assistant", final_text(reply), state.clock.now()))

        encoder = Encoder(conversation)
        steps = plain_steps(plan.steps)
        if stream:
            return live(self._context, _STREAM, encoder, steps, done)
        reply = await whole(steps)
        done(reply)
        if reply.failed is not None:
            return _error(500, "Internal server error")
        said = {"conversationId": conversation.id, "message": final_text(reply)}
        return damaged(json_response(200, said), reply)

    def _refuse(self, request: Request, refusal: Refusal, seconds: int) -> Answer:
        match refusal.kind:
            case "rate":
                limits = (("Retry-After", str(seconds)), ("RateLimit-Limit", "30"), ("RateLimit-Remaining", "0"))
                return json_response(429, {"error": "Too many requests"}, limits)
            case "unauthorized":
                return _error(401, "Unauthorized")
            case "page":
                return sign_in_page()
            case "redirect":
                return self._context.moved(request)
            case _:
                return _error(500, "Internal server error")


class Encoder(PlainEncoder):
    """Encodes one JSON object per line: start, token, done or error."""

    def __init__(self, conversation: Conversation) -> None:
        self._id = conversation.id

    def opening(self) -> bytes:
        return _line({"type": "start", "conversationId": self._id})

    def delta(self, text: str) -> bytes:
        return _line({"type": "token", "token": text})

    def spoilt(self) -> bytes:
        return b'{"type":"token","token":not JSON}\n'

    def failure(self, message: str) -> bytes:
        return _line({"type": "error", "error": "Internal server error"})

    def closing(self, reply: Reply) -> bytes:
        return _line({"type": "done", "message": final_text(reply), "conversationId": self._id})

    def closing_without_mark(self, reply: Reply) -> bytes:
        return b""


def final_text(reply: Reply) -> str:
    """Return the reply as `done` has it: stripped, and never empty."""
    return reply.text.strip() or NOTHING_SAID


def _line(value: object) -> bytes:
    return dump_json(value) + b"\n"


def _read(body: object) -> tuple[str, str] | None:
    if not isinstance(body, dict):
        return None
    session, message = body.get("sessionId"), body.get("message")
    if not isinstance(session, str) or not _SESSION.fullmatch(session):
        return None
    if not isinstance(message, str) or not 1 <= utf16_length(message) <= MOST_UNITS:
        return None
    return session, message


def _bot_of(session: str) -> Bot:
    for slug, bot in BY_SLUG.items():
        if session.startswith(slug) and session[len(slug) :][:1] in (".", ":", "_", "-"):
            return bot
    return SHOWCASE


def _convex_id() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(32))


def _error(status: int, message: str) -> Response:
    return json_response(status, {"error": message})


def _express(status: int, message: str) -> Response:
    return html_response(status, "Error", f"<pre>{message}</pre>")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
