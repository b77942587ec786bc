"""Index a history at once."""

from __future__ import annotations

from chatgrid_tui.store.history import History
from chatgrid_tui.store.search_index import create_index


async def index(history: History) -> None:
    """Index everything that is not indexed yet."""
    await history.search._database.result_of(create_index)
    while await history.search._index_some():
        pass
