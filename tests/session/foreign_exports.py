"""Small exports of other programs, in the forms that they have."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NOON = 1_772_625_600.25
"""2026-03-04 12:00:00.25 UTC"""


def node(
    node_id: str,
    parent: str | None,
    *children: str,
    role: str = "user",
    content: Mapping[str, Any] | str = "",
    at: float | None = None,
    **more: object,
) -> tuple[str, dict[str, Any]]:
    """Return a node of ChatGPT's tree."""
    given = {"content_type": "text", "parts": [content]} if isinstance(content, str) else content
    message = {"id": node_id, "author": {"role": role}, "content": given, "create_time": at, "metadata": {}, **more}
    return node_id, {"id": node_id, "message": message, "parent": parent, "children": list(children)}


def chatgpt() -> list[dict[str, Any]]:
    """Return a conversation with an edited message, another answer, a tool, reasoning and a picture."""
    slug = {"model_slug": "gpt-5"}
    mapping = dict(
        [
            ("root", {"id": "root", "message": None, "parent": None, "children": ["hidden"]}),
            node("hidden", "root", "asked", "asked-before", role="system", content="Instructions"),
            node("asked-before", "hidden", "gone", content="A typo", at=NOON),
            node("gone", "asked-before", "lost", role="assistant", content="An answer to the typo", at=NOON),
            node("lost", "gone", content="A question after it", at=NOON),
            node("asked", "hidden", "first", "thoughts", content="A question", at=NOON),
            node("first", "asked", role="assistant", content="The first answer", at=NOON + 1, metadata=slug),
            node(
                *("thoughts", "asked", "call"),
                role="assistant",
                content={"content_type": "thoughts", "thoughts": [{"summary": "Hm", "content": "I think"}]},
                at=NOON + 2,
                metadata=slug,
            ),
            node(
                *("call", "thoughts", "result"),
                role="assistant",
                content={"content_type": "code", "language": "unknown", "text": "1 + 1"},
                recipient="python",
                at=NOON + 3,
            ),
            node(
                *("result", "call", "second"),
                role="tool",
                content={"content_type": "execution_output", "text": "2"},
                at=NOON + 4,
            ),
            node("second", "result", "again", role="assistant", content="Two", at=NOON + 5, metadata=slug),
            node(
                *("again", "second", "last"),
                content={
                    "content_type": "multimodal_text",
                    "parts": [{"asset_pointer": "file-service://p.png"}, "See"],
                },
                at=NOON + 60,
            ),
            node("last", "again", role="assistant", content="Seen", at=NOON + 61, metadata=slug),
        ]
    )
    return [
        {"title": "Sums", "create_time": NOON, "update_time": NOON + 61, "mapping": mapping,
         "current_node": "last", "conversation_id": "c-1", "default_model_slug": "gpt-5"},
        {"title": "Empty", "create_time": NOON, "mapping": {}},
    ]  # fmt: skip


def claude() -> list[dict[str, Any]]:
    """Return a conversation with a file, thoughts and a tool."""
    messages = [
        {"uuid": "m1", "sender": "human", "text": "Read this", "created_at": "2026-03-04T12:00:00.123456Z",
         "attachments": [{"file_name": "notes.txt", "extracted_content": "x"}], "files": []},
        {"uuid": "m2", "sender": "assistant", "text": "Done", "created_at": "2026-03-04T12:00:02+00:00", "content": [
            {"type": "thinking", "thinking": "Let me see"},
            {"type": "tool_use", "id": "t1", "name": "search", "input": {"q": "x"}},
            {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "found"}]},
            {"type": "text", "text": "Done"},
        ]},
        {"uuid": "m3", "sender": "human", "text": "Thanks", "created_at": "2026-03-04T12:01:00Z"},
    ]  # fmt: skip
    return [{"uuid": "c-2", "name": "Notes", "created_at": "2026-03-04T12:00:00Z", "chat_messages": messages}]


def write_llm_logs(file: Path, *, newer: bool) -> None:
    """Write a log of llm with the tables of an older or a newer version."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        statements: Sequence[str] = _NEWER if newer else _OLDER
        for statement in statements:
            connection.execute(statement)


_OLDER = (
    "CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT)",
    """CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT,
        options_json TEXT, response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER,
        datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER)""",
    "CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB)",
    'CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER)',
    "CREATE TABLE tool_calls (id INTEGER, response_id TEXT, name TEXT, arguments TEXT, tool_call_id TEXT)",
    "CREATE TABLE tool_results (id INTEGER, response_id TEXT, name TEXT, output TEXT, tool_call_id TEXT)",
    "INSERT INTO conversations VALUES ('c-3', 'Pelicans', 'm')",
    """INSERT INTO responses VALUES ('r1', 'm', 'A pelican', 'Be brief', NULL, NULL, 'Percy', NULL, 'c-3', 1500,
        '2026-03-04T12:00:00.123456', 3, 4)""",
    """INSERT INTO responses VALUES ('r2', 'm', 'Another', NULL, NULL, NULL, 'Wallace', NULL, 'c-3', NULL,
        '2026-03-04T12:01:00+00:00', NULL, NULL)""",
    """INSERT INTO responses VALUES ('r3', 'm2', 'Alone', NULL, NULL, NULL, 'Yes', NULL, NULL, 10,
        '2026-03-04T13:00:00', NULL, NULL)""",
    "INSERT INTO attachments VALUES ('a', 'image/png', NULL, 'https://x.example/p.png', NULL)",
    "INSERT INTO prompt_attachments VALUES ('r1', 'a', 0)",
    "INSERT INTO tool_calls VALUES (1, 'r2', 'search', '{}', 't1')",
    "INSERT INTO tool_results VALUES (1, 'r2', 'search', 'found', 't1')",
)
_NEWER = (
    "CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT)",
    """CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT,
        model TEXT, resolved_model TEXT, input_tokens INTEGER, output_tokens INTEGER, duration_ms INTEGER,
        datetime_utc TEXT)""",
    "CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT)",
    """CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, tool_name TEXT,
        text TEXT, payload TEXT)""",
    "CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT)",
    "INSERT INTO fragments VALUES (7, 'h', 'A long text', NULL, NULL)",
    "INSERT INTO threads VALUES ('c-4', 'Walruses', 'b4', NULL)",
    """INSERT INTO messages VALUES ('b0', NULL, 'system', NULL), ('b1', 'b0', 'user', NULL),
        ('b2', 'b1', 'assistant', NULL), ('b3', 'b2', 'user', NULL), ('b4', 'b3', 'assistant', NULL)""",
    """INSERT INTO parts (message_hash, position, type, tool_name, text, payload) VALUES
        ('b0', 0, 'text', NULL, 'Be brief', NULL),
        ('b1', 0, 'text', NULL, NULL, '{"text_ref": [{"fragment": 7}, {"literal": "\\nabout it"}]}'),
        ('b2', 0, 'reasoning', NULL, 'Hm', NULL), ('b2', 1, 'text', NULL, 'Percy', NULL),
        ('b2', 2, 'tool_call', 'search', NULL, '{"name": "search", "arguments": {"q": 1}, "tool_call_id": "t1"}'),
        ('b3', 0, 'text', NULL, 'Another', NULL), ('b4', 0, 'text', NULL, 'Wallace', NULL)""",
    """INSERT INTO turns VALUES ('u1', 'c-4', 'b1', 'b2', 'm', NULL, 3, 4, 1500, '2026-03-04T12:00:00+00:00'),
        ('u2', 'c-4', 'b3', 'b4', 'm', NULL, NULL, NULL, NULL, '2026-03-04T12:01:00+00:00')""",
)
