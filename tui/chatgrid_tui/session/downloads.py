"""Files that replies name, fetched when the user asks for one: saved to a file, or loaded into memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import ConnectionProblem, ServiceProblem, UsageProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.changes import SessionListener
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.wording.connection_failures import explain_connection
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import size as data_size

if TYPE_CHECKING:  # loaded with the first download
    from chatgrid_tui.engine.download import RemoteFile

SAVED_AT_MOST: Final = 100_000_000
LOADED_AT_MOST: Final = 20_000_000
_WRITTEN_AT_ONCE: Final = 256 * 1024

Result = TypeVar("Result")


class Download(Generic[Result]):
    """A file on its way. It does not depend on who waits for it."""

    def __init__(self, work: Callable[[Download[Result]], Coroutine[object, object, Result]]) -> None:
        self.received = 0
        """Bytes so far."""
        self.size: int | None = None
        """Bytes of the whole file, once the server has said so."""
        self._is_whole = False
        self._task = asyncio.create_task(work(self))
        self._task.add_done_callback(_retrieved)

    @property
    def progress(self) -> str:
        """How much has arrived: `1.2 MB of 3.4 MB`."""
        return data_size(self.received) + (f" of {data_size(self.size)}" if self.size is not None else "")

    def arrived(self) -> None:
        """Record that everything has arrived, so that it is too late to cancel."""
        self._is_whole = True

    def cancel(self) -> None:
        """Stop it, unless everything has arrived."""
        if not self._is_whole:
            self._task.cancel()

    def when_done(self, callback: Callable[[], object]) -> None:
        """Call `callback` when it has ended in any way."""
        self._task.add_done_callback(lambda _: callback())

    async def result(self) -> Result:
        """Wait for the end, and return the result.

        Raises:
            UsageProblem: it was canceled.
            ChatgridError: it failed.
        """
        await asyncio.wait((self._task,))
        if self._task.cancelled():
            raise UsageProblem("Canceled.")
        return self._task.result()


AnyDownload: TypeAlias = Download[int] | Download[bytes]


class Downloads:
    """Starts downloads, and cancels them when the session is closed."""

    def __init__(self, session: SessionListener, clients: Clients, clock: Clock) -> None:
        self._session = session
        self._clients = clients
        self._clock = clock
        self._running: set[AnyDownload] = set()

    def save(self, file: RemoteFile, path: Path) -> Download[int]:
        """Save a file completely or not at all, and never over another one. The result is its size in bytes.

        Raises:
            UsageProblem: nothing can be fetched here, or nothing can be written there.
        """
        from chatgrid_tui.session.user_files import check_new_file

        self._check()
        check_new_file(path)
        download = Download[int](lambda download: self._saved(download, file, path))
        self._keep(download)
        return download

    def load(self, file: RemoteFile) -> Download[bytes]:
        """Load a file into memory.

        Raises:
            UsageProblem: nothing can be fetched here.
        """
        self._check()
        download = Download[bytes](lambda download: self._loaded(download, file))
        self._keep(download)
        return download

    async def close(self) -> None:
        """Cancel all downloads, and wait until their files are gone."""
        running = list(self._running)
        for download in running:
            download.cancel()
        await asyncio.gather(*(download.result() for download in running), return_exceptions=True)

    def _keep(self, download: AnyDownload) -> None:
        self._running.add(download)
        download.when_done(lambda: self._running.discard(download))

    def _check(self) -> None:
        if self._session.read_only in ("recording", "watching"):
            raise UsageProblem("Nothing is requested here. The file can be opened in the browser.")

    async def _saved(self, download: Download[int], file: RemoteFile, path: Path) -> int:
        from chatgrid_tui.session.user_files import NewUserFile

        buffer = bytearray()
        async with aclosing(self._pieces(download, file, SAVED_AT_MOST)) as pieces:
            await anext(pieces)  # the head: nothing is written if there is no such file
            with NewUserFile(path) as saved:
                async for piece in pieces:
                    buffer += piece
                    if len(buffer) >= _WRITTEN_AT_ONCE:
                        await _to_the_end(asyncio.to_thread(saved.write, bytes(buffer)))
                        buffer.clear()
                await _to_the_end(asyncio.to_thread(saved.write, bytes(buffer)))
                download.arrived()
                await asyncio.to_thread(saved.finish)
        return saved.size

    async def _loaded(self, download: Download[bytes], file: RemoteFile) -> bytes:
        async with aclosing(self._pieces(download, file, LOADED_AT_MOST)) as pieces:
            return b"".join([piece async for piece in pieces])

    async def _pieces(self, download: AnyDownload, file: RemoteFile, limit: int) -> AsyncGenerator[bytes, None]:
        """Yield nothing once the head of a file has arrived, then its content. Failures become sentences."""
        from chatgrid_tui.engine.download import open_file

        try:
            async with open_file(await self._clients.transport(), file, limit, self._clock) as incoming:
                download.size = incoming.size
                yield b""
                async with aclosing(incoming.pieces()) as pieces:
                    async for piece in pieces:
                        download.received += len(piece)
                        yield piece
        except (ConnectionProblem, ServiceProblem) as problem:
            raise UsageProblem(why_not_fetched(problem.failure)) from problem


async def _to_the_end(work: Awaitable[None]) -> None:
    """Await work in a thread to its end, also if this is canceled, so that nothing else uses its file meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise


def _retrieved(task: asyncio.Task[Result]) -> None:
    """Do not report an error that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


def why_not_fetched(failure: Failure) -> str:
    """Return why a file could not be fetched."""
    place = clean_line(failure.place) or "The server"
    match failure.cause:
        case "said" if failure.status in (401, 403):
            return f"{place} does not give this file to everyone ({failure.status}). No key was sent."
        case "said" if failure.status in (404, 410):
            return f"{place} does not have this file ({failure.status})."
        case "said":
            return f"{place} answered with status {failure.status}."
        case "silence":
            return f"{place} stopped sending."
        case "no answer in time":
            return f"{place} did not answer in time."
        case "dropped" | "broken chunks":
            return f"The connection to {place} was lost before the file was complete."
        case "compressed" | "broken compression" | "too long":
            return "The file was sent compressed, and cannot be decompressed."
        case "insecure":
            return f"{place} would be reached without encryption, and was not asked."
        case _:
            return explain_connection(failure, None).headline
