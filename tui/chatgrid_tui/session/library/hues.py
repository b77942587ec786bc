"""The hues of boards. A board gets a hue when it is first shown, and keeps it."""

from __future__ import annotations

from collections.abc import Callable

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.hue import Hue, hue_for
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.tasks import BackgroundTasks, report_storage
from chatgrid_tui.store.history import History


class Hues:
    """The hue of each board."""

    def __init__(
        self,
        clients: Clients,
        history: History,
        tasks: BackgroundTasks,
        on_error: Callable[[StorageProblem], None],
    ) -> None:
        """`on_error` is called if the history cannot read or save the hues."""
        self._clients = clients
        self._history = history
        self._tasks = tasks
        self._on_error = on_error
        self._hues: dict[tuple[str, str], Hue] = {}
        self._loaded = False
        self._saving = False

    async def load(self) -> None:
        """Read the saved hues. Until then, or if they cannot be read, the hue depends only on a hash of the board."""
        try:
            self._hues |= await self._history.saved_state.hues()
            self._loaded = True
        except StorageProblem as problem:
            self._on_error(problem)

    def of(self, provider: str, board: str, board_name: str = "") -> Hue:
        """Return the hue of a board, given its provider's name and its id."""
        configured = self._clients.settings.providers.get(provider)
        if configured is not None and configured.hues:
            by_board = dict(configured.hues)
            if (hue := by_board.get(board) or by_board.get(board_name)) is not None:
                return hue
        if hue := self._hues.get((provider, board)):
            return hue
        if not self._loaded or not board:  # a board without an id has not been found yet
            return hue_for(provider, board)
        hue = self._hues[provider, board] = hue_for(provider, board, self._hues.values())
        if not self._saving:
            self._saving = True
            self._tasks.start(self._save())
        return hue

    async def _save(self) -> None:
        self._saving = False
        await report_storage(self._history.saved_state.save_hues(self._hues), self._on_error)
