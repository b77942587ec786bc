"""Opens the app on a recording file, or on the exchanges of other clients with a service, instead of the history."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.startup import Opening, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from tempfile import TemporaryDirectory

    from chatgrid_tui.cli.recording_log import RecordingLog
    from chatgrid_tui.cli.watch import WatchOptions
    from chatgrid_tui.session.watch_session import WatchedTurns
    from chatgrid_tui.watch.threaded_proxy import ThreadedProxy
_NOTICEABLE: Final = 0.3
"""Seconds after which the app shows that it is reading the file."""


class RecordingOpener:
    """Opens a session on a file, in a private folder that is deleted at the end."""

    def __init__(self, file: str, kind: str, replay: Pace | None, notices: Sequence[str], clock: Clock) -> None:
        """`kind` is that of the service, if the file does not name it; `replay` starts a replay at once; `notices`
        are shown with those on the file.
        """
        self._file = file
        self._kind = kind
        self._replay = replay
        self._notices = notices
        self._clock = clock
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def open(self, progress: Callable[[str], None]) -> Opening:
        """Read the file, and open a session on its recordings.

        Raises:
            UsageProblem: it cannot be read, or contains no recording.
        """
        from chatgrid_tui.cli.recorded_file import read_recorded_file
        from chatgrid_tui.session.recording_session import open_recording

        reading = asyncio.ensure_future(asyncio.to_thread(read_recorded_file, self._file, self._kind))
        await asyncio.wait([reading], timeout=_NOTICEABLE)
        if not reading.done():
            progress(f"Reading {self._file}")
        recorded = await reading
        self._folder = await asyncio.to_thread(private_folder)
        session, conversation = await open_recording(
            recorded.turns,
            recorded.name,
            Path(self._folder.name),
            self._clock,
            lambda share: progress(f"Reading {recorded.name}, {share:.0%}"),
        )
        return Opening(session, conversation, notices=(*self._notices, *recorded.notes), replay=self._replay)

    async def close(self) -> None:
        """Delete the folder."""
        if self._folder is not None:
            await asyncio.to_thread(self._folder.cleanup)


def private_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a new folder that only its owner can read.

    Raises:
        UsageProblem: it cannot be created.
    """
    try:
        return tempfile.TemporaryDirectory(prefix="chatgrid-tui-", ignore_cleanup_errors=True)
    except OSError as problem:
        raise UsageProblem(f"No temporary folder can be made: {problem.strerror}.") from problem


class WatchOpener:
    """Starts a proxy, and opens a session on its reports, in a private folder that is deleted at the end."""

    def __init__(self, options: WatchOptions, notices: Sequence[str], clock: Clock) -> None:
        self._options = options
        self._notices = notices
        self._clock = clock
        self._folder: TemporaryDirectory[str] | None = None
        self._log: RecordingLog | None = None

    async def open(self, progress: Callable[[str], None]) -> Opening:
        """Start the proxy, and open a session.

        Raises:
            UsageProblem: the service cannot be watched with these options.
        """
        for module in ("chatgrid_tui.session.watch_session", "chatgrid_tui.cli.watch"):
            await asyncio.to_thread(import_module, module)  # in a thread, so that keys are not delayed
        from chatgrid_tui.cli.recording_log import RecordingLog
        from chatgrid_tui.cli.watch import proxy_for
        from chatgrid_tui.session.tasks import report_error
        from chatgrid_tui.session.user_files import path_of
        from chatgrid_tui.session.watch_session import open_watch
        from chatgrid_tui.watch.threaded_proxy import ThreadedProxy
        from chatgrid_tui.watch.upstream import upstream_at

        options = self._options
        upstream = upstream_at(options.upstream, allow_http=options.allow_http)
        self._log = RecordingLog(path_of(options.record)) if options.record else None
        self._folder = await asyncio.to_thread(private_folder)
        keep = None if self._log is None else self._log.add
        session, conversation, turns = await open_watch(
            upstream, options.kind, Path(self._folder.name), keep, self._clock
        )
        try:
            proxy = ThreadedProxy(lambda listener: proxy_for(options, upstream, listener, self._clock), turns)
            await proxy.start()
        except BaseException:
            await session.close()
            raise
        saving = asyncio.create_task(turns.save())
        saving.add_done_callback(lambda saving: report_error(saving, session.notify))
        session.sources.append(partial(_stop, proxy, turns, saving))
        address = proxy.address
        return Opening(
            session,
            conversation,
            notices=tuple(self._notices),
            composer_text=f"Point the client at {address}",
            welcome=f"No request has arrived yet. Point a client at {address} instead of {upstream.address}. "
            "Its requests and the replies appear here.",
        )

    async def close(self) -> None:
        """Delete the folder."""
        if self._log is not None:
            self._log.close()
        if self._folder is not None:
            await asyncio.to_thread(self._folder.cleanup)


async def _stop(proxy: ThreadedProxy, turns: WatchedTurns, saving: asyncio.Task[None]) -> None:
    """Abort the exchanges in progress, and wait until they are saved."""
    await proxy.close()
    turns.close()
    await asyncio.wait([saving])
