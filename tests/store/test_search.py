"""Everything that is shown is found, by any text, soon after it is written, and not after it is deleted."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.reply_mark import ReplyMark
from chatgrid_tui.model.saved_conversation import ListedChat, ReplyState, SavedReply
from chatgrid_tui.model.search import Hit, SearchQuery, SearchResults
from chatgrid_tui.store import schema, search_index, search_query
from chatgrid_tui.store.history import History
from chatgrid_tui.store.inspection import inspect_history
from chatgrid_tui.store.portable import rows_of
from indexing import index
from quiet import PATIENCE

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Talk:
    """A history that is being indexed."""

    def __init__(self, history: History) -> None:
        self.history = history

    async def says(
        self,
        message: str,
        *bubbles: str,
        at: datetime = NOON,
        bot: str = "Support bot",
        failure: Failure | None = None,
    ) -> int:
        """Save a conversation of one turn, and return its id."""
        conversation = await self.history.create("acme", bot.lower(), bot, at=at)
        turn = await self.history.add_turn(conversation, message, message, at)
        reply = await self.history.add_reply(turn, bot, at)
        state: ReplyState = "finished" if failure is None else "failed"
        await self.history.save_reply(SavedReply(reply, state, bot, at, bubbles, failure=failure))
        return conversation

    async def finds(self, typed: str) -> SearchResults:
        """Search when everything is indexed."""
        results = await self.history.search.find(SearchQuery.of(typed))
        while results.unindexed:
            await asyncio.sleep(0)
            results = await self.history.search.find(SearchQuery.of(typed))
        assert results.problem == ""
        return results

    async def found(self, typed: str) -> list[tuple[str, str]]:
        """Return the kinds and texts of what is found."""
        return [(hit.kind, text_of(hit)) for hit in (await self.finds(typed)).hits]


def text_of(hit: Hit) -> str:
    return "".join(text for text, _ in hit.snippet)


@pytest.fixture
async def talk(history: History) -> AsyncIterator[Talk]:
    indexing = asyncio.create_task(history.search.keep_indexing())
    yield Talk(history)
    indexing.cancel()


async def test_messages_replies_and_titles_are_found_as_they_are_shown(talk: Talk) -> None:
    conversation = await talk.says("Where is my **parcel**?", "It is *on its way*, see [the map](https://a.example).")
    assert await talk.found("parcel") == [("message", "Where is my **parcel**?")]
    assert await talk.found("way the map") == [("reply", "It is on its way, see the map (a.example).")]
    await talk.history.rename(conversation, "Lost things", by_service=False)
    assert await talk.found("thing") == [("title", "Lost things")]
    (hit,) = (await talk.finds("WAY")).hits
    assert hit.lit == "way"
    assert (hit.conversation, hit.title, hit.board_name, hit.side, hit.at) == (
        conversation,
        "Lost things",
        "Support bot",
        "bot",
        NOON,
    )


async def test_of_a_long_reply_the_source_is_indexed_since_parsing_it_would_delay_keys(talk: Talk) -> None:
    await talk.says("Question", "word " * 5_000, "a **needle**, and [straw](https://hay.example)")
    [(kind, text)] = await talk.found("needle straw hay.example")
    assert kind == "reply"
    assert "**needle**" in text


async def test_an_edited_message_is_found_as_well(talk: Talk) -> None:
    conversation = await talk.says("Where is my parcel?", "There")
    (turn,) = await talk.history.turns(conversation)
    assert not await talk.found("umbrella")
    await talk.history.add_reply(turn.id, "bot", NOON, "Where is my umbrella?")
    assert [kind for kind, _ in await talk.found("umbrella")] == ["message"]


async def test_what_is_imported_is_found(talk: Talk, tmp_path: Path) -> None:
    elsewhere = await History.open(tmp_path / "elsewhere")
    exported = await elsewhere.whole(
        await Talk(elsewhere).says("Where is it?", "Under the bridge", at=NOON + timedelta(1))
    )
    await elsewhere.close()
    await talk.says("Another", "message")
    await talk.finds("message")  # all is indexed, and nothing more is expected
    await talk.history.imports.add([rows_of(exported, "it")])
    async with asyncio.timeout(PATIENCE):
        assert await talk.found("bridge") == [("reply", "Under the bridge")]


async def test_a_chat_that_a_service_lists_is_found_at_once(talk: Talk) -> None:
    await talk.says("Another", "message")
    for _ in range(5):  # until all is indexed, and nothing more is expected
        await talk.finds("message")
    await talk.history.save_chats("acme", "b", "B", [ListedChat("c1", "Umbrella", NOON)])
    async with asyncio.timeout(PATIENCE):
        assert await talk.found("umbrella") == [("title", "Umbrella")]


async def test_what_is_deleted_or_taken_back_is_not_found(talk: Talk) -> None:
    conversation = await talk.says("unique", "answer")
    turn = (await talk.history.turns(conversation))[0]
    await talk.finds("unique")
    await talk.history.delete_turn(turn.id)
    assert await talk.found("unique") == await talk.found("answer") == []
    await talk.history.rename(conversation, "unique", by_service=False)
    assert await talk.found("unique") == [("title", "unique")]
    await talk.history.delete(conversation)
    assert await talk.found("unique") == []
    with contextlib.closing(sqlite3.connect(talk.history.folder / "history.db")) as connection:
        assert connection.execute("SELECT count(*) FROM search").fetchone() == (0,)


async def test_a_reply_is_found_once_it_has_ended(talk: Talk) -> None:
    conversation = await talk.history.create("acme", "b", "B", at=NOON)
    turn = await talk.history.add_turn(conversation, "Hello", "Hello", NOON)
    reply = await talk.history.add_reply(turn, "B", NOON)
    await talk.history.append(reply, [(0, "first draft")])
    assert await talk.found("draft") == []
    await talk.history.save_reply(SavedReply(reply, "finished", "B", NOON, ("final text",)))
    assert await talk.found("final") == [("reply", "final text")]
    assert await talk.found("draft") == []


async def test_messages_from_a_service_are_found_but_not_twice(talk: Talk) -> None:
    conversation = await talk.says("Where is it?", "On its way.")
    messages = [
        RemoteMessage("m1", "user", "Where is it?"),
        RemoteMessage("m2", "assistant", "On its way."),
        RemoteMessage("m3", "assistant", "A person **answers** here.", created_at="2026-03-02T10:00:00Z"),
    ]
    await talk.history.save_messages(conversation, messages, "", mine=False)
    assert [kind for kind, _ in await talk.found("where")] == ["message"]
    assert [kind for kind, _ in await talk.found("way")] == ["reply"]
    (hit,) = (await talk.finds("answers from:bot after:2026-03-02")).hits
    assert (hit.kind, hit.remote_id, text_of(hit)) == ("remote", "m3", "A person answers here.")


async def test_filters_narrow_what_is_found(talk: Talk) -> None:
    day = timedelta(days=1)
    await talk.says("late refund", "refund done", at=NOON)
    await talk.says("refund again", "", bot="Sales", at=NOON + day, failure=Failure("http", message="refund limit"))
    assert {text for _, text in await talk.found("refund from:me")} == {"late refund", "refund again"}
    assert await talk.found("refund from:bot bot:support") == [("reply", "refund done")]
    assert await talk.found("has:error") == [("reply", "refund limit")]
    assert await talk.found("from:me after:2026-03-02") == [("message", "refund again")]
    assert await talk.found("from:me before:2026-03-02") == [("message", "late refund")]
    assert await talk.found("refund provider:nobody") == []


async def test_notes_and_verdicts_are_found(talk: Talk) -> None:
    await talk.says("Hello", "The answer")
    await talk.says("Hello", "Another answer")
    await talk.finds("answer")
    await talk.history.save_mark(1, "wrong", "It invented the price")
    assert await talk.found("price") == [("reply", "The answer It invented the price")]
    assert await talk.found("answer has:note") == [("reply", "The answer It invented the price")]
    (hit,) = (await talk.finds("verdict:wrong")).hits
    assert (text_of(hit), hit.mark) == ("It invented the price", ReplyMark("wrong", "It invented the price"))
    assert await talk.found("verdict:slow") == []


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("明天的天气怎么样？", "天气"),
        ("iPhone手机坏了", "iphone"),
        ("ช่วยตรวจสอบคำสั่งซื้อของฉัน", "ตรวจสอบ"),
        ("내일날씨가어때", "날씨"),
        ("Das Café öffnet", "cafe offnet"),
        ("code ECONN_RESET-42 in chat_7f3a9c", "econn_reset-42 chat_7f3"),
        ('he said "stop" twice', '"said stop"'),
    ],
)
async def test_text_in_any_script_is_found(talk: Talk, text: str, typed: str) -> None:
    await talk.says("Hello", text)
    ((kind, found),) = await talk.found(typed)
    assert (kind, found) == ("reply", text)


async def test_the_best_comes_first_and_of_equals_the_newest(talk: Talk) -> None:
    await talk.says("kettle", at=NOON)
    await talk.says("My kettle and a great many other things that are of no importance here", at=NOON)
    last = await talk.says("kettle", at=NOON)
    hits = (await talk.finds("kettle from:me")).hits
    assert hits[0].conversation == last
    assert [len(text_of(hit)) > 10 for hit in hits] == [False, False, True]


@given(st.text(max_size=40))
async def test_any_query_is_answered(text: str) -> None:
    history = await History.open(Path("/dev/null/none"))
    await history.search._database.result_of(search_index.create_index)
    results = await history.search.find(SearchQuery.of(text))
    assert results.hits == ()
    assert "fts5" not in results.problem
    await history.close()


async def test_an_older_history_is_indexed_after_the_start_and_after_a_quit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = await History.open(folder)
    for number in range(70):
        await Talk(history).says(f"message {number}", "reply")
    results = await history.search.find(SearchQuery.of("message"))
    assert (results.hits, results.unindexed, results.messages) == ((), 210, 210)
    assert results.progress == "Still indexing older messages: 0 % can be searched."
    await history.search._database.result_of(search_index.create_index)
    assert await history.search._index_some()
    await history.close()
    history = await History.open(folder)
    results = await history.search.find(SearchQuery.of("message 69 from:me"))
    assert [text_of(hit) for hit in results.hits] == ["message 69"]
    assert results.unindexed == 210 - 64
    indexing = asyncio.create_task(history.search.keep_indexing())
    assert len((await Talk(history).finds("reply")).hits) == 50
    indexing.cancel()
    await history.close()


async def test_a_search_that_is_given_up_ends(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def endless(connection: sqlite3.Connection, query: SearchQuery, limit: int) -> SearchResults:
        loop.call_soon_threadsafe(began.set)
        connection.execute("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT count(*) FROM n")
        raise AssertionError("it was not given up")

    with monkeypatch.context() as patched:
        patched.setattr(search_query, "search", endless)
        search = asyncio.create_task(history.search.find(SearchQuery.of("old")))
        await began.wait()
        search.cancel()
        await asyncio.wait([search])
    await index(history)
    assert (await history.search.find(SearchQuery.of("new"))).problem == ""


async def test_without_fts5_search_says_so_and_everything_else_works(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "MODULE", "fts0")
    await history.search.keep_indexing()  # it ends
    conversation = await Talk(history).says("Hello", "reply")
    await history.delete(conversation)
    results = await history.search.find(SearchQuery.of("hello"))
    assert results.problem == "This SQLite was built without full-text search (FTS5), so nothing can be searched."


async def test_a_history_with_an_index_opens_where_there_is_no_fts5(folder: Path) -> None:
    history = await History.open(folder)
    indexing = asyncio.create_task(history.search.keep_indexing())
    conversation = await Talk(history).says("Hello", "reply")
    await Talk(history).finds("hello")
    indexing.cancel()
    await history.close()
    with contextlib.closing(sqlite3.connect(folder / "history.db")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'fts5', 'fts0') WHERE name = 'search'")
        connection.commit()
    assert inspect_history(folder).state == "sound"
    history = await History.open(folder)
    assert (history.notice, history.in_memory) == ("", False)
    assert (await history.search.find(SearchQuery.of("hello"))).problem
    await history.delete(conversation)
    assert await history.conversations() == []
    await history.close()


async def test_a_damaged_index_costs_no_message_and_is_made_again(talk: Talk) -> None:
    await talk.says("Hello", "reply")
    await talk.finds("hello")
    with contextlib.closing(sqlite3.connect(talk.history.folder / "history.db")) as connection:
        connection.execute("UPDATE search_data SET block = x'ff00ff00'")
        connection.commit()
    conversation = await talk.says("Still saved", "yes")
    assert [turn.shown for turn in await talk.history.turns(conversation)] == ["Still saved"]
    assert len((await talk.finds("saved from:me")).hits) == 1
    assert len((await talk.finds("hello from:me")).hits) == 1


async def test_the_step_notes_everything_that_was_written_before(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as connection:
        schema.migrate(connection, schema.STEPS.index(schema._SEARCH))
        connection.execute(
            "INSERT INTO conversations (id, provider, board, board_name, created_at, updated_at) "
            "VALUES (3, 'p', 'b', 'B', 0, 0)"
        )
        connection.execute("INSERT INTO turns VALUES (5, 3, 'a', 'a', 0, NULL)")
        schema.migrate(connection)
        items = [item for (item,) in connection.execute("SELECT item FROM unindexed ORDER BY item")]
    assert items == [4 * 3, 4 * 5 + 1]
