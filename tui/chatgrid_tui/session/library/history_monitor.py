"""Alerts while the history cannot be written, and taking it over from another window."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.saved_conversation import ReadOnly
from chatgrid_tui.session.alerts import Alerts, Condition
from chatgrid_tui.session.wording.failures import read_only_messages
from chatgrid_tui.store.history import History

_RETRY_AFTER: Final = 2.0


class HistoryMonitor:
    """Keeps the alerts about the history up to date."""

    def __init__(self, history: History, alerts: Alerts, clock: Clock, read_only: ReadOnly | None) -> None:
        self._history = history
        self._alerts = alerts
        self._clock = clock
        self.read_only = read_only or history.read_only
        """Why nothing can be sent or changed. Also set until the changes of another window have been read."""
        history.listen(self._problem_changed, self.storage_failed)

    def show_notice(self) -> None:
        """Show the notice from opening the history."""
        if self._history.read_only:
            self._alerts.begin(Condition("history read only", self._history.notice))
        elif self._history.in_memory:
            self._alerts.begin(Condition("not saved", self._history.notice))
        elif self._history.notice:
            self._alerts.add(self._history.notice)

    def storage_failed(self, problem: StorageProblem) -> None:
        """Show that something cannot be read, or can never be written."""
        if self._history.has_lost:
            self._alerts.begin(Condition("not saved", str(problem)))
        elif problem.fault != "gone" and not self._history.read_only:
            self._alerts.add(str(problem))

    async def take_over(self, reload: Callable[[], Awaitable[None]], resume: Callable[[], Awaitable[None]]) -> None:
        """Try to become the writer until that succeeds. Then `reload` everything, and `resume`."""
        while (reason := self._history.read_only) in ("another window", "not writable"):
            await self._clock.sleep(_RETRY_AFTER)
            if await self._history.take_over():
                await reload()
                self.read_only = None
                self._alerts.end("history read only")
                self._alerts.withdraw(*read_only_messages(reason))
                self.show_notice()
                await resume()

    def _problem_changed(self) -> None:
        if (problem := self._history.problem) is not None:
            text = f"{problem} It is kept in memory, and saved as soon as possible."
            self._alerts.begin(Condition("not saved", text))
        elif not self._history.has_lost and not self._history.in_memory:
            self._alerts.end("not saved")
