"""A proxy in a thread of its own, so that clients do not wait for what its listener does, such as drawing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine

from chatgrid_tui.engine.exchange import ParsedChunk
from chatgrid_tui.watch.proxy import WatchProxy
from chatgrid_tui.watch.watched_exchange import WatchedExchange, WatchListener


class ThreadedProxy:
    """Runs a proxy in a loop of its own. Its listener is called in the loop in which this was made.

    What a listener gets may still grow in the other thread; recordings can be read meanwhile.
    """

    def __init__(self, make: Callable[[WatchListener], WatchProxy], listener: WatchListener) -> None:
        """`make` returns the proxy for a listener."""
        self._proxy = make(_Relay(listener, asyncio.get_running_loop()))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="watch", daemon=True)

    @property
    def address(self) -> str:
        """The address for clients, in place of that of the service."""
        return self._proxy.address

    async def start(self) -> None:
        """Start accepting requests.

        Raises:
            UsageProblem: the port cannot be used, or the service is this proxy itself.
        """
        self._thread.start()
        try:
            await self._run(self._proxy.start())
        except BaseException:
            await self._end()
            raise

    async def close(self) -> None:
        """End all exchanges, and accept no more requests."""
        await self._run(self._proxy.close())
        await self._end()

    async def _run(self, work: Coroutine[object, object, None]) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()


class _Relay:
    """Passes the calls of a proxy on to a listener in another loop, in their order."""

    def __init__(self, listener: WatchListener, loop: asyncio.AbstractEventLoop) -> None:
        self._listener = listener
        self._loop = loop

    def began(self, exchange: WatchedExchange) -> None:
        self._loop.call_soon_threadsafe(self._listener.began, exchange)

    def read(self, exchange: WatchedExchange, chunk: ParsedChunk) -> None:
        self._loop.call_soon_threadsafe(self._listener.read, exchange, chunk)

    async def ended(self, exchange: WatchedExchange) -> None:
        handled = asyncio.run_coroutine_threadsafe(self._ended(exchange), self._loop)
        await asyncio.shield(asyncio.wrap_future(handled))  # it is handled even if the proxy is closed meanwhile

    async def _ended(self, exchange: WatchedExchange) -> None:
        await self._listener.ended(exchange)

    def refused(self, sentence: str) -> None:
        self._loop.call_soon_threadsafe(self._listener.refused, sentence)
