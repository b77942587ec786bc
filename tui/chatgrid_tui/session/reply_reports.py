"""Reports on how replies streamed, computed from their recordings on request.

Reports are not saved with replies: they can be computed from the recording, and most replies are never viewed on a
screen that is wide enough to show them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.session.changes import Change, TurnChanged
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import BackgroundTasks
from chatgrid_tui.store.history import History

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.engine.recording import Recording
    from chatgrid_tui.engine.stream_report import StreamReport

_KEPT: Final = 200
"""The number of reports that are cached."""
_MOST_WAITING: Final = 30
"""The number of replies that wait for their report: more than any screen shows."""
_LARGEST: Final = 2_000_000
"""The maximum bytes of recordings that are read for a report. Reading more takes seconds."""


class ReplyReports:
    """The reports of completed replies. The latest request is computed first."""

    def __init__(
        self,
        history: History,
        recordings_of: Callable[[Reply], Sequence[Recording]],
        notify: Callable[[Change], None],
    ) -> None:
        """`recordings_of` returns the recordings of a reply that are not in the history yet."""
        self._history = history
        self._recordings_of = recordings_of
        self._notify = notify
        self._tasks = BackgroundTasks(notify)
        self._reports: OrderedDict[Reply, StreamReport | None] = OrderedDict()
        self._waiting: OrderedDict[Reply, tuple[Conversation, Turn]] = OrderedDict()
        self._is_busy = False

    def get(self, conversation: Conversation, turn: Turn, reply: Reply) -> StreamReport | None:
        """Return the report of a reply. If it is not available yet, compute it in the background, and report the turn
        as changed.
        """
        if reply in self._reports:
            self._reports.move_to_end(reply)
            return self._reports[reply]
        if reply.live or turn.remote:
            return None
        self._waiting[reply] = conversation, turn
        self._waiting.move_to_end(reply)
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popitem(last=False)
        if not self._is_busy:
            self._is_busy = True
            self._tasks.start(self._work())
        return None

    async def close(self) -> None:
        """Stop computing reports."""
        await self._tasks.close()

    async def _work(self) -> None:
        try:
            while self._waiting:
                reply, (conversation, turn) = self._waiting.popitem()
                report = self._reports[reply] = await self._report(conversation, reply)
                if len(self._reports) > _KEPT:
                    self._reports.popitem(last=False)
                if report is not None:
                    self._notify(TurnChanged(conversation, turn))
        finally:
            self._is_busy = False

    async def _report(self, conversation: Conversation, reply: Reply) -> StreamReport | None:
        snapshots = [recording.snapshot() for recording in self._recordings_of(reply)]
        try:
            stored = await self._history.recordings(reply.id) if reply.id and not snapshots else []
        except StorageProblem:
            return None
        if max(sum(map(len, stored)), sum(recording.size for recording in snapshots)) > _LARGEST:
            return None
        return await asyncio.to_thread(_read, stored, snapshots, conversation.provider.kind)


def _read(stored: Sequence[bytes], unsaved: Sequence[Recording], kind: str) -> StreamReport | None:
    from chatgrid_tui.engine.metered_trace import report_of
    from chatgrid_tui.engine.recording_format import NotARecording, read_recordings

    try:
        recordings = [*unsaved, *(recording for lines in stored for recording in read_recordings(lines))]
    except NotARecording:
        return None
    dialect = DIALECTS.get(recordings[-1].kind or kind) if recordings else None
    return None if dialect is None else report_of(recordings, dialect)
