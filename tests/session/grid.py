"""A ChatGrid service with lists, for sessions that read what is stored there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from chatgrid_tui.model.json import Json
from chatgrid_tui.model.request import Request
from fakes import FakeAnswer, listing
from session.room import Room

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
PAGE = 100


def chat(number: int, title: str = "", *, hours: float | None = None) -> dict[str, Json]:
    """Return a chat; the higher its number, the newer it is."""
    begun = NOON + timedelta(hours=number if hours is None else hours)
    return {"id": f"chat-{number}", "title": title or f"Chat {number}", "created_at": begun.isoformat()}


def said(number: int, role: str = "user", content: str = "") -> dict[str, Json]:
    """Return a message; the higher its number, the newer it is."""
    at = NOON + timedelta(minutes=number)
    return {"id": f"m-{number}", "role": role, "content": content or f"Said {number}", "created_at": at.isoformat()}


def refused(status: int, code: str, **headers: str) -> FakeAnswer:
    """Return an error in the service's envelope."""
    return listing({"object": "error", "status": status, "code": code, "message": "No"}, status, **headers)


@dataclass
class Grid:
    """Chats of the one board, newest first, and the messages of each, oldest first."""

    chats: list[dict[str, Json]] = field(default_factory=list)
    messages: dict[str, list[dict[str, Json]]] = field(default_factory=dict)
    memory: list[Json] = field(default_factory=list)
    trouble: list[FakeAnswer] = field(default_factory=list)
    """What is answered in place of the next pages."""
    read_only: bool = False
    """Whether the key may only read."""
    asked: list[str] = field(default_factory=list)
    """The requests that came, as `GET chats after chat-3`."""

    def serve(self, room: Room) -> Grid:
        """Answer what is asked of a room's network, besides messages that are sent."""
        room.transport.aside = self.answer
        return self

    def answer(self, request: Request) -> FakeAnswer | None:
        """Answer one request; None for what the script answers."""
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/v1/boards/").split("/")[1:]
        if request.method == "POST" and path[-1] == "messages":
            return None
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        after = query.get("cursor", "")
        self.asked.append(f"{request.method} {'/'.join(path)}{f' after {after}' if after else ''}")
        if self.trouble:
            return self.trouble.pop(0)
        if self.read_only and request.method != "GET":
            return refused(403, "forbidden")
        match request.method, path:
            case "GET", ["chats"]:
                return _page(self.chats, after)
            case "GET", ["chats", name, "messages"] if name in self.messages:
                return _page(self.messages[name][::-1], after)
            case "GET", ["chats", name] if self._named(name):
                return listing({"data": {**self._named(name)[0], "memory": self.memory}})
            case "PATCH", ["chats", name] if self._named(name):
                self._named(name)[0].update(request.body or {})
                return listing({"data": self._named(name)[0]})
            case "DELETE", ["chats", name] if self._named(name):
                self.chats = [one for one in self.chats if one["id"] != name]
                return listing({"data": {"id": name, "deleted": True}})
            case "POST", ["chats"]:
                made = chat(9_000 + len(self.chats), "New chat")
                self.chats.insert(0, made)
                self.messages[str(made["id"])] = []
                return listing({"data": made}, 201)
        return refused(404, "not_found")

    def _named(self, name: str) -> list[dict[str, Json]]:
        return [one for one in self.chats if one["id"] == name]


def _page(rows: Sequence[dict[str, Json]], after: str) -> FakeAnswer:
    ids = [str(row["id"]) for row in rows]
    if after and after not in ids:
        return refused(400, "invalid_cursor")
    start = ids.index(after) + 1 if after else 0
    found = rows[start : start + PAGE]
    more = start + PAGE < len(rows)
    return listing({"data": list(found), "has_more": more, "cursor": str(found[-1]["id"]) if more else None})
