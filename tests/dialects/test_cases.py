"""Streams as data: the expected result of each, however its bytes are split."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.model.failure import Failure, FailureKind
from chatgrid_tui.session.reply import Reply

RECEIVED_AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
OWN_CONTENT_TYPE = {"sse": "text/event-stream", "ndjson": "application/x-ndjson"}
CUT_EVERYWHERE = 1200  # a longer stream is cut at fewer places


@dataclass(frozen=True)
class Case:
    """A stream and its expected result."""

    name: str
    kind: Kind
    wire: bytes
    expected: dict[str, object]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    lost: FailureKind | None = None

    def result(self, chunks: Sequence[bytes]) -> dict[str, object]:
        """Return the result of the chunks."""
        dialect = DIALECTS[self.kind]
        parser = ResponseParser(dialect, status=self.status, headers=self.headers, received_at=RECEIVED_AT)
        reply = Reply(1, "bot", RECEIVED_AT)
        records = [record for chunk in chunks for record in parser.feed(chunk)]
        records += parser.end(Failure(self.lost) if self.lost else None)
        for record in records:
            for event in record.events:
                reply.apply(event)
        failure = reply.failure
        return {
            "bubbles": [bubble.text for bubble in reply.bubbles],
            "conversation": reply.conversation_id,
            "usage": reply.usage,
            "attachments": list(reply.attachments),
            "suggestions": list(reply.suggestions),
            "error": failure and {name: getattr(failure, name) for name in ERROR},
            "finish": reply.state,
            "finish_reason": reply.finish_reason,
            "reasoning": list(reply.thoughts),
            "tool_calls": [[call.call_id, call.name, call.arguments] for call in reply.tool_calls.values()],
            "warnings": reply.warnings,
        }


NOTHING: dict[str, object] = {
    "bubbles": [],
    "conversation": None,
    "usage": None,
    "attachments": [],
    "suggestions": [],
    "error": None,
    "finish": "finished",
    "warnings": 0,
}
CHECKED_IF_NAMED = ("finish_reason", "reasoning", "tool_calls")
ERROR: dict[str, object] = {"kind": None, "code": None, "message": None, "status": None, "retry_after": None}


def _wire(table: dict[str, Any]) -> bytes:
    """The bytes of a case: verbatim, or of ASCII with Python's escapes."""
    if "escaped" in table:
        escaped: str = table["escaped"]
        return escaped.encode("ascii").decode("unicode_escape").encode("latin-1")
    wire: str = table["wire"]
    for place, text, times in table.get("repeat", []):
        wire = wire.replace(place, text * times)
    return wire.encode()


def _cases(path: Path) -> Iterator[Case]:
    file = tomllib.loads(path.read_text("utf-8"))
    for table in file["case"]:
        kind: Kind = table.get("kind", file["kind"])
        expected = {name: table.get(name, default) for name, default in NOTHING.items()}
        expected |= {name: table[name] for name in CHECKED_IF_NAMED if name in table}
        if "error" in table:
            expected["error"] = ERROR | table["error"]
        own = table.get("content_type", OWN_CONTENT_TYPE[DIALECTS[kind].wire])
        for content_type in table.get("content_types", [own]):
            for headers in table.get("headers_each", [table.get("headers", {})]):
                heading = {"content-type": content_type} if content_type else {}
                yield Case(
                    name=f"{table['name']} {heading | headers}",
                    kind=kind,
                    wire=_wire(table),
                    expected=expected,
                    status=table.get("status", 200),
                    headers=heading | headers,
                    lost=table.get("lost"),
                )


FILES = {path.stem: list(_cases(path)) for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))}


@pytest.mark.parametrize("file", FILES)
def test_each_stream_gives_the_expected_result(file: str) -> None:
    results = {case.name: (case.result([case.wire]), case.expected) for case in FILES[file]}
    wrong = {
        name: {key: result[key] for key in expected if result[key] != expected[key]}
        for name, (result, expected) in results.items()
    }
    assert {name: parts for name, parts in wrong.items() if parts} == {}


@pytest.mark.parametrize("file", FILES)
def test_the_result_does_not_depend_on_chunks(file: str) -> None:
    for case in FILES[file]:
        whole = case.result([case.wire])
        size = len(case.wire)
        step = 1 if size <= CUT_EVERYWHERE else size // 40
        for place in range(0, size, step):
            assert case.result([case.wire[:place], case.wire[place:]]) == whole, (case.name, place)
        pieces = 1 if size <= CUT_EVERYWHERE else 997
        chunks = [case.wire[place : place + pieces] for place in range(0, size, pieces)]
        assert case.result(chunks) == whole, case.name


def test_names_are_unique() -> None:
    for file, cases in FILES.items():
        assert len({case.name for case in cases}) == len(cases), file
