"""Talks to the demo server as a simple client would, over real loopback HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from chatgrid_tui.demo.catalogue import BY_SLUG, KINDS, SHOWCASE, Bot, Kind
from chatgrid_tui.demo.server import DemoServer

__all__ = ["KINDS", "Outcome", "Talker", "entries", "raw_exchange"]


@dataclass
class Outcome:
    """What came back for one message."""

    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    chunks: list[bytes] = field(default_factory=list)
    cut: bool = False

    @property
    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def content_type(self) -> str:
        """The media type."""
        return str(self.headers.get("content-type", "")).partition(";")[0]

    def objects(self) -> list[Any]:
        """Return the JSON payloads of a stream, with the name of the SSE event added if it has one."""
        found = []
        for name, payload in entries(self.body, self.content_type):
            try:
                value = json.loads(payload)
            except ValueError:
                continue
            found.append({"event": name, **value} if name else value)
        return found

    def payloads(self) -> list[str]:
        """The payloads of a stream as they are."""
        return [payload for _, payload in entries(self.body, self.content_type)]

    def bubbles(self) -> list[str]:
        """The texts of a stream, one for each bubble, halves of characters joined."""
        deltas: dict[int, str] = {}
        whole: list[str] = []
        for value in self.objects():
            for choice in value.get("choices", ()):
                index = choice.get("index", 0)
                deltas[index] = deltas.get(index, "") + (choice["delta"].get("content") or "")
            whole += value.get("responses", [])
            if value.get("event") == "message.delta" or value.get("type") == "token":
                deltas[0] = deltas.get(0, "") + (value.get("content") or value.get("token") or "")
        texts = [deltas[index] for index in sorted(deltas) if deltas[index]] + whole
        return [text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") for text in texts]

    def deltas(self) -> int:
        """How many pieces of text a stream had."""
        count = 0
        for value in self.objects():
            count += sum(bool(choice["delta"].get("content")) for choice in value.get("choices", ()))
            count += value.get("event") == "message.delta" or value.get("type") == "token"
        return count

    @property
    def text(self) -> str:
        """All bubbles as one text."""
        return "\n\n".join(self.bubbles())

    @property
    def ended(self) -> bool:
        """Whether the stream had its end mark."""
        values = self.objects()
        marks = any(
            value.get("event") == "message.complete" or value.get("type") in ("done", "error") for value in values
        )
        return marks or "[DONE]" in self.payloads()


def entries(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Cuts a body of well-formed SSE or NDJSON into named payloads."""
    text = body.decode("utf-8", "replace").replace("\r\n", "\n")
    if content_type == "application/x-ndjson":
        return [("", line) for line in text.split("\n") if line]
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "data" in fields:
            found.append((fields.get("event", ""), fields["data"]))
    return found


@dataclass
class Talker:
    """A client of every dialect of one server."""

    server: DemoServer
    client: httpx.AsyncClient
    chats: dict[str, str] = field(default_factory=dict)

    async def say(
        self, kind: Kind, message: str, bot: Bot | str = SHOWCASE, /, *, stream: object = True, **more: object
    ) -> Outcome:
        """Sends one message and reads the whole answer. `more` goes into the body, or replaces what is there."""
        bot = BY_SLUG[bot] if isinstance(bot, str) else bot
        url, body = await self.request(kind, message, bot, stream=stream)
        return await self.post(url, {**body, **more})

    async def request(self, kind: Kind, message: str, bot: Bot, *, stream: object) -> tuple[str, dict[str, Any]]:
        """The address and body for a message."""
        base = self.server.base_url(kind, bot)
        match kind:
            case "chatgrid":
                return await self.chat_url(bot) + "/messages", {"content": message, "stream": stream}
            case "chatiq":
                return f"{base}/chat", {"message": message, "bot_slug": bot.slug, "stream": stream}
            case "widget":
                path = "/v1/chat/stream" if stream else "/v1/chat"
                return base + path, {"sessionId": "session-1", "message": message}
            case _:
                said = [{"role": "user", "content": message}]
                options = {"stream_options": {"include_usage": True}} if stream else {}
                return f"{base}/chat/completions", {
                    "model": bot.slug,
                    "messages": said,
                    "stream": stream,
                    **options,
                }

    async def chat_url(self, bot: Bot = SHOWCASE) -> str:
        """The address of a ChatGrid chat with the bot, made when first asked for."""
        board = f"{self.server.base_url('chatgrid')}/boards/{bot.board_id}"
        if bot.slug not in self.chats:
            made = await self.client.post(f"{board}/chats", json={})
            self.chats[bot.slug] = made.json()["data"]["id"]
        return f"{board}/chats/{self.chats[bot.slug]}"

    async def post(self, url: str, body: object, headers: dict[str, str] | None = None) -> Outcome:
        """Posts a body and reads the answer, chunk by chunk as it came."""
        outcome = Outcome()
        try:
            async with self.client.stream("POST", url, json=body, headers=headers) as response:
                outcome.status, outcome.headers = response.status_code, response.headers
                async for chunk in response.aiter_raw():
                    outcome.chunks.append(chunk)
        except httpx.RemoteProtocolError:
            outcome.cut = True
        outcome.body = b"".join(outcome.chunks)
        return outcome


async def raw_exchange(port: int, request: bytes | Sequence[bytes]) -> bytes:
    """Sends bytes as they are and reads until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in [request] if isinstance(request, bytes) else request:
            writer.write(part)
            await writer.drain()
        return await reader.read()
    finally:
        writer.close()
