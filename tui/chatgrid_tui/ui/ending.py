"""Shut the app down: save everything within a deadline, and exit whatever the terminal does."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Final

from textual.app import App
from textual.worker import WorkerError

from chatgrid_tui.ui.background_work import leading
from chatgrid_tui.ui.chat.chat_screen import ChatScreen
from chatgrid_tui.ui.terminal.last_resort import LastResort

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)

TERMINAL_LOST: Final = 129
"""The exit code if the terminal is lost, as after SIGHUP, which may arrive a moment later."""
NOT_SAVED: Final = 1
"""The exit code if something could not be saved."""
_QUIT_WITHIN: Final = 5.0
_SIGNAL_WITHIN: Final = 2.0
_FOR_THE_TERMINAL: Final = 0.7
"""Seconds of these that are reserved for the terminal, and for closing the rest."""
_AT_ONCE: Final = 0.8
_BURST: Final = 0.5
"""Seconds within which several signals count as one: closing a terminal may send two or three."""
_SAID_AFTER: Final = 0.3


class Ending:
    """Shuts the app down. A second request to exit does not wait."""

    def __init__(self, app: App[int], chat: ChatScreen, at_end: Callable[[], Awaitable[None]] | None) -> None:
        self.quit_key = "The quit key"
        self._app = app
        self._chat = chat
        self._at_end = at_end
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last_resort: LastResort | None = None
        self._signalled_at: float | None = None
        self._signal_code = 0
        self.under_way = False
        """Whether the shutdown has started."""

    def catch_signals(self) -> None:
        """Shut down on signals. Call this in the event loop, once there is a terminal."""
        self._loop = asyncio.get_running_loop()
        self._last_resort = LastResort(self._on_signal, self._unblock)
        self._last_resort.watch(_SIGNALS)

    def begin(self, code: int) -> None:
        """Shut down with an exit code. If that has started already, do not wait for saving."""
        if self.under_way:
            self._hurry(code)
        else:
            self.begin_once(code)

    def begin_once(self, code: int) -> None:
        """Shut down with an exit code, unless that has started already."""
        if not self.under_way:
            self._app.run_worker(self.end(code), group="end", exit_on_error=True)

    async def end(self, code: int) -> None:
        """Save pending changes, close everything, and exit."""
        if self.under_way:
            return
        self.under_way = True
        code = self._signal_code or code  # a lost terminal may be noticed before its signal arrives
        within = _SIGNAL_WITHIN if code > 128 else _QUIT_WITHIN
        self._arm(code or NOT_SAVED, within)
        if self._chat.session is None:
            await self._stop_opening()
        session = self._chat.session
        saying = asyncio.create_task(self._say_saving(within - _FOR_THE_TERMINAL)) if code < 128 else None
        try:
            if session is not None:
                await session.close(within - _FOR_THE_TERMINAL, self._chat.panes.drafts)
                if session.not_saved:
                    code = code or NOT_SAVED
                    if self._last_resort is not None:
                        self._last_resort.message = f"chatgrid-tui: {session.not_saved}\n"
            self._arm(code, _FOR_THE_TERMINAL)
            if self._at_end is not None:
                await self._at_end()
            gone = code > 128 and not os.isatty(0)
            if self._last_resort is not None and (gone or self._last_resort.discarded):
                self._arm(code, 0.0)  # Textual would wait forever to write, or has not written everything
        finally:
            if saying is not None:
                saying.cancel()
            self._app.exit(code, return_code=code)

    async def _stop_opening(self) -> None:
        """Stop opening a session, and wait until nothing uses its files."""
        for worker in list(leading(self._app)):
            worker.cancel()
            with contextlib.suppress(WorkerError):
                await worker.wait()

    def _on_signal(self, number: int) -> None:
        """Handle a signal in the thread of the last resort, as the event loop may be blocked."""
        now, code = time.monotonic(), 128 + number
        if self._signalled_at is None:
            self._signalled_at, self._signal_code = now, code
            self._arm(code, _SIGNAL_WITHIN)
        elif now - self._signalled_at < _BURST:
            return
        assert self._loop is not None, "signals are caught in a loop"
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self.begin, code)

    def _unblock(self) -> bool:
        """Unblock the event loop if the terminal blocks it. Return whether that discarded output."""
        unblock = getattr(self._app._driver, "discard_blocked_output", None)
        return unblock is not None and bool(unblock())

    def _hurry(self, code: int) -> None:
        self._arm(code or NOT_SAVED, _AT_ONCE)
        if self._chat.session is not None:
            self._chat.session.stop_saving()

    def _arm(self, code: int, within: float) -> None:
        if self._last_resort is not None:
            self._last_resort.arm(code, within)

    async def _say_saving(self, within: float) -> None:
        until = time.monotonic() + within
        await asyncio.sleep(_SAID_AFTER)
        while (left := until - time.monotonic()) > 0:
            self._chat.notices.show_saving(f"Saving, {math.ceil(left)} s. {self.quit_key} again leaves at once.")
            await asyncio.sleep(min(left, 0.5))
