"""The search over 100,000 stored messages, compared with the bare query of FTS5 on the same file."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.outcome import Row, compared
from bench.stage import Stage, progress
from bench.texts import SEED
from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.model.search import SearchQuery
from chatgrid_tui.store import writes
from chatgrid_tui.store.history import History
from chatgrid_tui.store.search_index import create_index
from chatgrid_tui.store.search_text import match_expression

_MESSAGES: Final = 100_000
_TURNS_EACH: Final = 50
_HITS: Final = 50
_RULER: Final = "the bare query of FTS5"
_BARE: Final = "SELECT rowid, rank FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?"
_SYLLABLES: Final = [f"{consonant}{vowel}" for consonant in "bdfghklmnprstvz" for vowel in "aeiou"]


def search(stage: Stage, rounds: int) -> list[Row]:
    """Search for frequent and rare words, beginnings of words, phrases and filters."""
    return asyncio.run(_measure(stage.folder(), rounds))


async def _measure(folder: Path, rounds: int) -> list[Row]:
    words = _vocabulary()
    history = await History.open(folder)
    progress(f"search: write {_MESSAGES:,} messages")
    began = time.perf_counter()
    await history.search._database.result_of(lambda connection: _fill(connection, words))
    written = time.perf_counter()
    progress(f"search: index them; writing took {written - began:.0f} s")
    await history.search._database.result_of(create_index)
    while await history.search._index_some():
        pass
    progress(f"search: indexing took {time.perf_counter() - written:.0f} s")
    queries = {
        "a word in two of five messages": words[5],
        "a word in two of a hundred": words[200],
        "a rare word": words[3_000],
        "two words": f"{words[20]} {words[300]}",
        "the beginnings of words: two letters": words[3][:2],
        "one letter": words[3][:1],
        "a phrase": f'"{words[1]} {words[2]}"',
    }
    ours: dict[str, list[float]] = {name: [] for name in queries}
    floor: dict[str, list[float]] = {name: [] for name in queries}
    with contextlib.closing(sqlite3.connect(folder / "history.db")) as bare:
        for _ in range(rounds + 1):
            for name, typed in queries.items():
                query = SearchQuery.of(typed)
                expression = match_expression(query.words)
                start = time.process_time()
                rows = bare.execute(_BARE, (expression, _HITS)).fetchall()
                middle = time.process_time()
                results = await history.search.find(query, _HITS)
                ours[name].append(time.process_time() - middle)
                floor[name].append(middle - start)
                assert len(results.hits) == len(rows), typed
    await history.close()
    mean = f"a search in {_MESSAGES:,} messages: mean of {len(queries)}"
    return [
        compared(mean, _means(ours), _means(floor), _RULER, 2.0),
        *(compared(f"a search: {name}", ours[name][1:], floor[name][1:], _RULER) for name in queries),
    ]


def _means(seconds: Mapping[str, Sequence[float]]) -> list[float]:
    """Return the mean over all queries for each round but the first."""
    return [statistics.mean(each) for each in zip(*seconds.values(), strict=True)][1:]


def _vocabulary() -> list[str]:
    chance = random.Random(SEED)
    return ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(30_000)]


def _texts(words: list[str]) -> Iterator[str]:
    """Yield messages of words as frequent as in languages."""
    chance = random.Random(SEED)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    while True:
        yield " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(4, 20)))
        yield " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(20, 120)))


def _fill(connection: sqlite3.Connection, words: list[str]) -> None:
    """Write conversations with a message and a reply in each turn."""
    texts, at = _texts(words), datetime.now(UTC) - timedelta(days=300)
    for turn in range(1, _MESSAGES // 2 + 1):
        conversation = 1 + (turn - 1) // _TURNS_EACH
        if turn % _TURNS_EACH == 1:
            writes.create(connection, conversation, "bots", "bot", "Bot", "", at)
        message = next(texts)
        writes.add_turn(connection, turn, conversation, message, message, at)
        writes.add_reply(connection, turn, turn, "Bot", at)
        writes.save_reply(connection, SavedReply(turn, "finished", "Bot", at, (next(texts),)))
        at += timedelta(minutes=5)
