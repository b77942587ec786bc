"""Export and import of whole conversations: the same rows, whatever they contain."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.store import portable, schema
from chatgrid_tui.store.history import History
from chatgrid_tui.store.portable import rows_of
from chatgrid_tui.text import mend_surrogates

_TEXT = st.text(st.characters(), max_size=30)  # with NUL, and with lone surrogates, which the history mends
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_OBJECT = st.dictionaries(_TEXT, _JSON, max_size=3)
_TIME = st.datetimes(datetime(1970, 1, 1), datetime(8999, 12, 31), timezones=st.just(UTC)).map(
    lambda at: at.isoformat(timespec="microseconds").replace("+00:00", "Z")
)
_OF_KIND: Mapping[str, st.SearchStrategy[Any]] = {
    "text": _TEXT,
    "number": st.integers(-(2**59), 2**59),
    "fraction": st.floats(-1e15, 1e15),
    "time": _TIME,
    "flag": st.booleans(),
    "object": _OBJECT,
    "list": st.lists(_OBJECT, min_size=1, max_size=3),
}
_ENDED = st.sampled_from(["finished", "truncated", "failed", "stopped", "interrupted"])


def rows(table: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give objects with every column of a table, whichever there are."""
    fields = {
        column.name: _OF_KIND[column.kind] | st.none() if column.nullable else _OF_KIND[column.kind]
        for column in portable.columns(table)
    }
    if "state" in fields:
        fields["state"] = _ENDED
    return st.fixed_dictionaries({**fields, **more})


REPLIES = rows("replies", bubbles=st.lists(_TEXT, max_size=3))
TURNS = rows("turns", replies=st.lists(REPLIES, max_size=3))
CONVERSATIONS = rows(
    "conversations",
    turns=st.lists(TURNS, max_size=3),
    service_messages=st.lists(rows("remote_messages"), max_size=3, unique_by=lambda row: row["remote_id"]),
)


def without_ids(conversation: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in conversation.items() if name != "id"}


async def stored(folder: Path, conversations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Import conversations into the history in `folder`, and return what it then exports, in the same order."""
    history = await History.open(folder)
    added = await history.imports.add([rows_of(one, "it") for one in conversations])
    assert len(added.rows) == len(conversations)
    exported = [await history.whole(row.id) for row in reversed(added.rows)]
    await history.close()
    texts = json.dumps(exported, default=dict)
    return [without_ids(conversation) for conversation in json.loads(texts)]


@settings(max_examples=40)
@given(st.lists(CONVERSATIONS, min_size=1, max_size=2))
def test_an_import_of_an_export_gives_the_same_rows(conversations: Sequence[Mapping[str, Any]]) -> None:
    async def there_and_back() -> None:
        with tempfile.TemporaryDirectory() as folder:
            first = await stored(Path(folder, "first"), conversations)
            assert await stored(Path(folder, "second"), first) == first
            plain = [without_ids(one) for one in json.loads(json.dumps(conversations))]
            whole = json.dumps(plain, ensure_ascii=False)
            if mend_surrogates(whole) == whole:
                assert [json.dumps(one, sort_keys=True) for one in first] == [
                    json.dumps(one, sort_keys=True) for one in map(in_order, plain)
                ]

    asyncio.run(there_and_back())


def in_order(conversation: dict[str, Any]) -> dict[str, Any]:
    conversation["service_messages"].sort(key=lambda message: message["position"])
    return conversation


def test_all_fields_are_documented() -> None:
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
    section = text.partition("### The JSON of an export")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`(\w+)`", section))
    fields = {
        column.name
        for table in ("conversations", "turns", "replies", "remote_messages")
        for column in portable.columns(table)
    }
    assert fields - documented == set()


@pytest.mark.parametrize("table", ["conversations", "turns", "replies", "remote_messages"])
def test_what_is_not_carried(table: str) -> None:
    """Only ids, and what is said of recordings."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        names = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    assert names - {column.name for column in portable.columns(table)} <= {
        *("id", "conversation_id", "turn_id", "recording_size", "recording_kept"),
    }


def test_a_reply_that_is_being_written_is_imported_as_interrupted() -> None:
    at = "2026-03-04T12:00:00Z"
    reply: JsonObject = {"state": "writing", "speaker": "Bot", "started_at": at}
    turn: JsonObject = {"shown": "Hello", "sent": "Hello", "sent_at": at, "replies": [reply]}
    names = {"provider": "acme", "board": "b", "board_name": "B"}
    imported = rows_of({**names, "created_at": at, "updated_at": at, "turns": [turn]}, "it")
    assert imported.turns[0].replies[0].fields["state"] == "interrupted"
