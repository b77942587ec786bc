"""Opens the app on a recording file, instead of the history."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.startup import Opening, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
