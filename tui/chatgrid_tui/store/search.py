"""Search over all conversations, and the work in the background that keeps its index up to date."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from typing import TYPE_CHECKING, Final

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.store.database import Database
from chatgrid_tui.store.search_index import (
    Entry,
    create_index,
    has_full_text_search,
    read_unindexed,
    recreate_index,
    update_index,
)
from chatgrid_tui.store.sqlite_connection import is_damage

if TYPE_CHECKING:  # loaded for the first search
    from chatgrid_tui.model.search import SearchQuery, SearchResults

logger = logging.getLogger(__name__)

_HITS: Final = 50
_ENTRIES_AT_ONCE: Final = 64
_CHARACTERS_AT_ONCE: Final = 50_000
"""What is indexed in one transaction takes about as long as saving a reply, so that nothing waits for it."""
_PAUSE: Final = 0.01
"""Seconds between two transactions."""
_STEPS_PER_CHECK: Final = 10_000
"""Steps of SQLite's virtual machine after which an abandoned search ends."""


class Search:
    """Searches a history, and indexes it. What is written is found as soon as `keep_indexing` has read it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_damaged = self._was_recreated = False
        self._can_search: bool | None = None

    async def find(self, query: SearchQuery, limit: int = _HITS) -> SearchResults:
        """Return the best hits. A search that is cancelled ends soon, so that the next one can begin.

        Whatever is asked, the answer is results or a `problem` in them.
        """
        from chatgrid_tui.model.search import SearchResults
        from chatgrid_tui.store import search_query

        if query.is_empty or query.problem:
            return SearchResults(query=query, problem=query.problem)
        abandoned = threading.Event()

        def run(connection: sqlite3.Connection) -> SearchResults:
            if self._can_search is None:
                self._can_search = has_full_text_search(connection)
            if not self._can_search:
                return SearchResults(query=query, problem=search_query.NO_MODULE)
            connection.set_progress_handler(abandoned.is_set, _STEPS_PER_CHECK)
            try:
                return search_query.search(connection, query, limit)
            finally:
                connection.set_progress_handler(None, 0)

        try:
            return await self._database.read(run)
        except asyncio.CancelledError:
            abandoned.set()
            raise
        except StorageProblem as problem:
            logger.warning("A search failed", exc_info=True)
            if problem.__cause__ is not None and is_damage(problem.__cause__):
                self._is_damaged = True
                self._database.written.set()
            return SearchResults(query=query, problem=_sentence(problem))

    async def keep_indexing(self) -> None:
        """Index what is not indexed yet, and then what is written, until cancelled. Ends if that is impossible.

        A damaged index is made again, but only once.
        """
        try:
            if self._database.read_only or not await self._database.result_of(create_index):
                return
            try:
                await self._index_all()
            except StorageProblem:
                logger.warning("The search index is made again", exc_info=True)
                self._is_damaged = True
                await self._index_all()
        except StorageProblem:  # the history is closed or damaged, of which it informs the user itself
            logger.warning("The search index is not updated any more", exc_info=True)

    async def catch_up(self) -> None:
        """Index what was written so far, for a program that ends after writing. What fails is left to the app."""
        try:
            if await self._database.result_of(create_index):
                while await self._index_some():
                    pass
        except StorageProblem:
            logger.warning("Not everything was indexed", exc_info=True)

    async def _index_all(self) -> None:
        while True:
            self._database.written.clear()
            if self._is_damaged and not self._was_recreated:
                self._was_recreated = True
                await self._database.result_of(recreate_index)
                self._is_damaged = False
            if await self._index_some():
                await asyncio.sleep(_PAUSE)
            else:
                await self._database.written.wait()

    async def _index_some(self) -> bool:
        """Index a few entries, and return whether there were any."""
        entries = await self._database.read(
            lambda connection: read_unindexed(connection, _ENTRIES_AT_ONCE, _CHARACTERS_AT_ONCE)
        )
        if entries:
            texts = await asyncio.to_thread(_texts_of, entries)
            await self._database.result_of(lambda connection: update_index(connection, texts))
        return bool(entries)


def _texts_of(entries: list[Entry]) -> list[tuple[Entry, str | None]]:
    return [(entry, entry.text()) for entry in entries]


def _sentence(problem: StorageProblem) -> str:
    """Return why a search failed, without the words of SQLite."""
    if problem.fault == "locked":
        return "Another program keeps the history locked, so it cannot be searched now."
    if problem.__cause__ is not None and is_damage(problem.__cause__):
        return "The search index is damaged, and is made again."
    return "The history cannot be searched now. The log has the reason."
