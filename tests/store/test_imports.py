"""Importing beside everything else that is written."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.saved_conversation import ListedChat
from chatgrid_tui.store import imports
from chatgrid_tui.store.history import History
from chatgrid_tui.store.portable import ConversationRows, rows_of
from quiet import PATIENCE
from store.conftest import NOON

AT = NOON.isoformat()


def conversations(count: int) -> list[ConversationRows]:
    names = {"provider": "acme", "board": "b", "board_name": "B"}
    return [rows_of({**names, "created_at": AT, "updated_at": AT}, "it")] * count


async def test_what_the_list_shows_is_derived_if_it_is_absent(history: History) -> None:
    reply: JsonObject = {"state": "finished", "speaker": "B", "started_at": AT, "bubbles": ["Hi"], "verdict": "wrong"}
    turn: JsonObject = {"shown": "Hello", "sent": "Hello", "sent_at": AT, "replies": [reply]}
    names = {"provider": "acme", "board": "b", "board_name": "B"}
    one = rows_of({**names, "created_at": AT, "updated_at": AT, "turns": [turn]}, "it")
    (row,) = (await history.imports.add([one])).rows
    assert (row.preview, row.state, row.verdict) == ("Hi", "finished", "wrong")


async def test_a_backup_fills_a_conversation_that_its_service_has_listed_since(history: History) -> None:
    listed = ListedChat("r-1", "Listed", NOON)
    await history.save_chats("acme", "b", "B", [listed, replace(listed, remote_id="r-2")])
    turn: JsonObject = {"shown": "Hello", "sent": "Hello", "sent_at": AT, "replies": []}
    earlier = (NOON - timedelta(days=1)).isoformat()
    names: JsonObject = {"provider": "acme", "board": "b", "board_name": "B", "title": "Mine", "turns": [turn]}
    names = {**names, "created_at": earlier, "updated_at": earlier}
    backup = [rows_of({**names, "remote_id": remote_id}, "it") for remote_id in ("r-1", "r-2")]
    opened = next(row.id for row in await history.conversations(limit=9) if row.remote_id == "r-2")
    added = await history.imports.add(backup, (opened,))
    (row,) = added.rows
    assert (row.remote_id, row.title, row.updated_at, added.known) == ("r-1", "Mine", NOON, 1)
    assert [saved.shown for saved in await history.turns(row.id)] == ["Hello"]
    again = await history.imports.add(backup)
    assert ([row.id for row in again.rows], again.known) == ([opened], 1)
    assert await history.count() == 2


@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_what_is_to_be_saved_at_the_end_does_not_wait_for_an_import(
    how: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = await History.open(folder)
    talk = await history.create("other", "b", "B", at=NOON)
    insert, begun, is_given_up = imports._insert_conversation, threading.Event(), threading.Event()

    def insert_until_given_up(*arguments: object) -> int:
        begun.set()
        is_given_up.wait(PATIENCE)
        return insert(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(imports, "_insert_conversation", insert_until_given_up)
    adding = asyncio.create_task(history.imports.add(conversations(100_000)))
    await asyncio.to_thread(begun.wait, PATIENCE)
    if how == "cancel":
        adding.cancel()
    history.hurry()
    await history.save_draft(talk, "Not sent")
    closing = asyncio.create_task(history.close(within=1.0))
    await asyncio.sleep(0)
    is_given_up.set()
    await closing
    assert history.unsaved == frozenset()
    with pytest.raises((StorageProblem, asyncio.CancelledError)):
        await adding
    again = await History.open(folder)
    (row,) = await again.conversations()
    assert row.draft == "Not sent"
    await again.close()
