"""The JSON of ChatGrid's answers: objects, lists, errors and pages; and checks of request fields.

Sources: ChatGrid API, errors, pagination and rate-limits; the objects of boards, chats and messages.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from chatgrid_tui.demo.state import Board, Conversation, Message, iso, utf16_length
from chatgrid_tui.http_server.messages import Headers, Response, json_response


class Problem(Exception):
    """An error of the service, with its status, code and details."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: list[dict[str, str]] | None = None,
        headers: Headers = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers

    def response(self) -> Response:
        """Return the error in its envelope."""
        value: dict[str, Any] = {
            "object": "error",
            "status": self.status,
            "code": self.code,
            "message": self.message,
        }
        if self.details:
            value["details"] = self.details
        return json_response(self.status, value, self.headers)


class Invalid:
    """Collects the faults of a request, to report them together."""

    def __init__(self) -> None:
        self.details: list[dict[str, str]] = []

    def note(self, code: str, path: str, message: str) -> None:
        """Add a fault."""
        self.details.append({"code": code, "path": path, "message": message})

    def check(self) -> None:
        """Raise `Problem` if there are faults."""
        if self.details:
            raise Problem(400, "validation_error", "Request validation failed", self.details)

    def text(self, body: dict[str, Any], name: str, most: int, *, required: bool = False) -> str | None:
        """Return a string of 1 to `most` UTF-16 units, or None if it is missing; add a fault if it may not be."""
        value = body.get(name)
        if value is None and not (required or name in body):
            return None
        if not isinstance(value, str):
            self.note("invalid_type", name, "Required" if name not in body else "Expected string")
        elif not value:
            self.note("too_small", name, "String must contain at least 1 character(s)")
        elif utf16_length(value) > most:
            self.note("too_big", name, f"String must contain at most {most} character(s)")
        else:
            return value
        return None

    def number(self, body: dict[str, Any], name: str, least: float, most: float) -> float | None:
        """Return a number within bounds, or None if it is missing."""
        if name not in body:
            return None
        value = body[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.note("invalid_type", name, f"Expected a number from {least:g} to {most:g}")
            return None
        return float(value)


def page(items: Sequence[Any], query: dict[str, str], usual_order: str) -> tuple[list[Any], bool, str | None]:
    """Return the page that a query asks for, of items sorted by age.

    A cursor names the last row of the page before, and is valid until that row is deleted.
    """
    invalid = Invalid()
    limit = query.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= 100):
        invalid.note("invalid_type", "limit", "Expected a number from 1 to 100")
    order = query.get("order", usual_order)
    if order not in ("asc", "desc"):
        invalid.note("invalid_enum_value", "order", "Expected 'asc' | 'desc'")
    invalid.check()
    rows = list(items) if order == "asc" else list(reversed(items))
    start = 0
    if "cursor" in query:
        last = _cursor_id(query["cursor"])
        start = next((index + 1 for index, row in enumerate(rows) if row.id == last), 0)
        if not start:
            raise Problem(400, "invalid_cursor", "The cursor is malformed or no longer valid")
    shown = rows[start : start + int(limit)]
    more = start + int(limit) < len(rows)
    return shown, more, _cursor(shown[-1].id) if more else None


def _cursor(row_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{row_id}".encode()).decode().rstrip("=")


def _cursor_id(cursor: str) -> str | None:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return text.removeprefix("after:") if text.startswith("after:") else None


def single(kind: str, data: dict[str, Any], status: int = 200) -> Response:
    """Return one object."""
    return json_response(status, {"object": kind, "data": data})


def listed(data: list[dict[str, Any]], more: bool, cursor: str | None) -> Response:
    """Return one page of a list."""
    return json_response(200, {"object": "list", "data": data, "has_more": more, "cursor": cursor})


def deleted(kind: str, row_id: str) -> Response:
    """Return the answer to a deletion."""
    return single(kind, {"id": row_id, "deleted": True})


def board_data(board: Board, *, flow: bool = False) -> dict[str, Any]:
    """Return a board; with `flow`, what is on its canvas as well."""
    data: dict[str, Any] = {
        "id": board.id,
        "name": board.name,
        "created_at": iso(board.created_at),
        "updated_at": iso(board.updated_at),
        "is_public": False,
        "public_access_level": None,
        "viewport_x": board.viewport["x"],
        "viewport_y": board.viewport["y"],
        "viewport_zoom": board.viewport["zoom"],
    }
    if flow:
        data["flow_state"] = {
            "viewMode": board.view_mode,
            "nodes": [],
            "edges": [],
            "viewport": dict(board.viewport),
        }
    return data


def chat_data(chat: Conversation, *, memory: bool = False) -> dict[str, Any]:
    """Return a chat thread; with `memory`, as the request for a single one returns it."""
    data: dict[str, Any] = {
        "id": chat.id,
        "title": chat.title,
        "node_id": chat.node_id,
        "created_at": iso(chat.created_at),
        "updated_at": iso(chat.updated_at or chat.created_at),
        "last_message_at": iso(chat.last_message_at) if chat.last_message_at else None,
    }
    return data | {"memory": _memory(chat), "metadata": None} if memory else data


def _memory(chat: Conversation) -> list[str]:
    """Return what the thread remembers: here, what the user asked it to remember."""
    asked = (text.strip() for text in chat.said() if text.strip().lower().startswith("remember "))
    return [text[len("remember ") :].strip() for text in asked]


def message_data(message: Message) -> dict[str, Any]:
    """Return a chat message."""
    return {
        "id": message.id,
        "role": message.role,
        "content": message.content,
        "model": message.model,
        "created_at": iso(message.created_at),
        "metadata": message.metadata,
    }
