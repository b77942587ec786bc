"""`list` and `search` read the history without the app, and beside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.saved_conversation import ReplyState, SavedReply
from chatgrid_tui.store.history import History
from cli.running import Ran, run
from indexing import index

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A folder with two conversations, the newer one of which failed; all is indexed."""
    history = await History.open(tmp_path)
    failure = Failure("http", message="limit reached\x1b[2J")
    for minute, text, failed in ((0, "Where is my 荷物?", None), (1, "A refund, please", failure)):
        at = NOON.replace(minute=minute)
        conversation = await history.create("acme", "support", "Support bot", at=at)
        turn = await history.add_turn(conversation, text, text, at)
        reply = await history.add_reply(turn, "Support bot", at)
        state: ReplyState = "finished" if failed is None else "failed"
        await history.save_reply(SavedReply(reply, state, "Support bot", at, ("It is **late**.",), failure=failed))
    await index(history)
    await history.close()
    return tmp_path


async def ran(folder: Path, *arguments: str) -> Ran:
    return await run("--data-dir", str(folder), *arguments)


def array(result: Ran) -> list[dict[str, object]]:
    """Return the array on standard output."""
    assert result.code == 0, result.err
    assert result.stdout.isascii()
    value = json.loads(result.stdout)
    assert isinstance(value, list)
    return value


async def test_a_list_is_aligned_and_clean(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = await History.open(folder)
    await history.rename(1, "荷物\x1b[31m red", by_service=False)
    result = await ran(folder, "list")
    await history.close()
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert len({line.index("Support bot") for line in lines}) == 1
    assert "\x1b" not in result.out
    assert lines[0].endswith("A refund, please")


async def test_what_is_special_about_a_conversation_or_a_hit_is_printed(folder: Path) -> None:
    assert "  failed  A refund, please" in (await ran(folder, "list")).out
    history = await History.open(folder)
    await history.pin([1], True)
    await history.archive([2], True)
    await history.save_mark(1, "wrong", "It is not late")
    await index(history)
    await history.close()
    refund, parcel = (await ran(folder, "list")).out.splitlines()
    assert "  archived, failed  A refund" in refund
    assert "  pinned, wrong     Where is" in parcel
    (line,) = (await ran(folder, "search", "has:note")).out.splitlines()
    assert line.endswith("  [wrong] It is not late")
    (hit,) = array(await ran(folder, "search", "--json", "has:note"))
    assert (hit["verdict"], hit["note"], hit["snippet"]) == ("wrong", "It is not late", "It is not late")


async def test_a_list_as_json(folder: Path) -> None:
    newest, oldest = array(await ran(folder, "list", "--json"))
    assert newest == {
        "id": 2,
        "title": "A refund, please",
        "provider": "acme",
        "board": "support",
        "board_name": "Support bot",
        "remote_id": "",
        "updated_at": "2026-03-01T12:01:00.000Z",
        "preview": "It is **late**.",
        "preview_from": "bot",
        "state": "failed",
        "unread": 0,
        "error": "limit reached\x1b[2J",
        "gone": False,
        "verdict": None,
        "pinned": False,
        "archived": False,
    }
    assert (oldest["id"], oldest["error"]) == (1, None)
    described = (await run("list", "--help")).out
    assert all(name in described for name in newest)


async def test_a_search_as_text_and_as_json(folder: Path) -> None:
    result = await ran(folder, "search", "late", "has:error")
    assert (result.code, result.err) == (0, "")
    shown = "bot Support bot A refund, please It is late. limit reached\N{REPLACEMENT CHARACTER}[2J"
    assert " ".join(result.out.split()[3:]) == shown
    (hit,) = array(await ran(folder, "search", "--json", "late has:error"))
    assert hit == {
        "conversation": 2,
        "title": "A refund, please",
        "provider": "acme",
        "board": "support",
        "board_name": "Support bot",
        "kind": "reply",
        "id": 2,
        "from": "bot",
        "at": "2026-03-01T12:01:00.000Z",
        "failed": True,
        "verdict": None,
        "note": "",
        "snippet": "It is late. limit reached\N{REPLACEMENT CHARACTER}[2J",
        "matches": [[6, 10]],
    }
    described = (await run("search", "--help")).out
    assert all(name in described for name in hit)
    result = await ran(folder, "search", "--limit", "1", "late")
    assert len(result.out.splitlines()) == 1
    assert "--limit 2" in result.err


@pytest.mark.parametrize("query", ["nothing", "NEAR(", '"', "*", "late AND (", "x" * 10_000, "荷", "a\x00b"])
async def test_any_query_is_answered(folder: Path, query: str) -> None:
    result = await ran(folder, "search", "--json", query.replace("\x00", "\x01"))
    assert "SQL" not in result.err
    assert "fts5" not in result.err
    if any(map(str.isalnum, query)):
        assert len(array(result)) == (query == "荷")
    else:
        assert (result.code, result.out) == (2, "")


async def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    assert array(await ran(tmp_path / "none", "list", "--json")) == []
    assert array(await ran(tmp_path / "none", "search", "--json", "a")) == []
    assert list(tmp_path.iterdir()) == []


async def test_both_run_beside_an_app_and_change_nothing(folder: Path) -> None:
    history = await History.open(folder)
    conversation = await history.create("acme", "support", "Support bot", "Just now")
    assert array(await ran(folder, "list", "--json"))[0]["title"] == "Just now"
    result = await ran(folder, "search", "late")
    assert len(result.out.splitlines()) == 2
    assert "Still indexing older messages" in result.err
    await history.delete(conversation)
    await history.close()
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    array(await ran(folder, "list", "--json"))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize("damage", [b"not a database", b"SQLite format 3\x00" + bytes(4_000)])
async def test_a_history_that_cannot_be_read(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "history.db").write_bytes(damage)
    for arguments in (("list",), ("search", "a")):
        result = await ran(tmp_path, *arguments)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith("chatgrid-tui: The history")
