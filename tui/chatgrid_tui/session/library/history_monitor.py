"""How the history does: said for as long as it cannot be written, and taken over if another window had it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.session.alerts import Alerts, Condition
from chatgrid_tui.session.wording.read_only import refusals
from chatgrid_tui.store.history import History

_TRIES_APART: Final = 2.0


class HistoryMonitor:
    """Keeps the conditions of the history up to date."""

    def __init__(self, history: History, alerts: Alerts, clock: Clock) -> None:
        self._history = history
        self._alerts = alerts
        self._clock = clock
        self.read_only = history.read_only
        """Why nothing can be sent or changed; also until what another window changed has been read again."""
        history.listen(self._changed, self.failed)

    def begin(self) -> None:
        """Say what is to be known of the history from its opening on."""
        if self._history.read_only:
            self._alerts.begin(Condition("history read only", self._history.notice))
        elif self._history.in_memory:
            self._alerts.begin(Condition("not saved", self._history.notice))
        elif self._history.notice:
            self._alerts.add(self._history.notice)

    def failed(self, problem: StorageProblem) -> None:
        """Say that something of the history cannot be read, or can never be written."""
        if self._history.has_lost:
            self._alerts.begin(Condition("not saved", str(problem)))
        elif problem.fault != "gone" and not self._history.read_only:
            self._alerts.add(str(problem))

    async def take_over(
        self, read_again: Callable[[], Awaitable[None]], go_on: Callable[[], Awaitable[None]]
    ) -> None:
        """Try to become the one that writes until that works, then read everything again, and go on with it."""
        while (reason := self._history.read_only) in ("another window", "not writable"):
            await self._clock.sleep(_TRIES_APART)
            if await self._history.take_over():
                await read_again()
                self.read_only = None
                self._alerts.end("history read only")
                self._alerts.withdraw(*refusals(reason))
                self.begin()
                await go_on()

    def _changed(self) -> None:
        if (problem := self._history.problem) is not None:
            text = f"{problem} It is kept in memory, and saved as soon as that is possible."
            self._alerts.begin(Condition("not saved", text))
        elif not self._history.has_lost and not self._history.in_memory:
            self._alerts.end("not saved")
