"""Save a reply in the history while it grows, a fifth of a second behind the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Final

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.events import AttachmentsArrived, BubbleText, Event, SuggestionsArrived, TextDelta
from chatgrid_tui.model.recording_limits import TOTAL
from chatgrid_tui.session.changes import SessionListener
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import report_error
from chatgrid_tui.store.history import History

if TYPE_CHECKING:  # not needed to be at rest
    from chatgrid_tui.engine.recording import Recording

BEHIND: Final = 0.2
"""Seconds that the disk may be behind the screen; the promise is a quarter of a second."""
_PAUSE_FACTOR: Final = 4
"""Saving a whole huge reply is followed by a pause of this many times as long."""


class ReplyWriter:
    """Saves one reply. Errors are reported, and the reply stays on the screen."""

    def __init__(
        self,
        history: History,
        reply: Reply,
        listener: SessionListener,
        clock: Clock,
        *,
        most_recorded: int = TOTAL,
    ) -> None:
        """`most_recorded` is how many bytes all recordings may take."""
        self._history = history
        self._most_recorded = most_recorded
        self._reply = reply
        self._listener = listener
        self._clock = clock
        self._beginning: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None
        self._new_texts: dict[int, list[str]] = {}
        """The pieces of each bubble that are not saved yet."""
        self._save_whole = False
        """Whether the reply changed in other ways than by growing. It is then saved as a whole."""
        self._pause = BEHIND

    def begin(self, turn_id: int) -> None:
        """Add the reply to its turn in the history, unless the turn could not be saved (0)."""
        if turn_id:
            self._beginning = self._task(self._begin(turn_id))

    async def begun(self) -> None:
        """Wait until the reply has its id. Cancelling this does not cancel the saving."""
        if self._beginning is not None:
            await asyncio.wait([self._beginning])

    def on_event(self, event: Event) -> None:
        """Schedule the saving of what an applied event changed."""
        match event:
            case TextDelta(number, text):
                self._new_texts.setdefault(number, []).append(text)
            case BubbleText() | AttachmentsArrived() | SuggestionsArrived():
                self._save_whole = True
            case _:
                return
        if self._saving is None:
            self._saving = self._task(self._save_soon())

    async def close(self, recordings: Sequence[Recording]) -> None:
        """Save the reply as it ended, and its recordings."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.wait([self._saving])
        await self.begun()
        if not self._reply.id:
            return
        try:
            await self._history.save_reply(self._reply.saved())
            if recordings:
                from chatgrid_tui.engine.recording_format import write_recording

                lines = await asyncio.to_thread(lambda: [*map(write_recording, recordings)])  # may be megabytes
                await self._history.save_recordings(self._reply.id, lines)
                await self._history.delete_old_recordings(self._most_recorded)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)

    def _task(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(lambda task: report_error(task, self._listener.notify))
        return task

    async def _begin(self, turn_id: int) -> None:
        try:
            reply = self._reply
            reply.id = await self._history.add_reply(turn_id, reply.speaker, reply.started_at, reply.edited_message)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)

    async def _save_soon(self) -> None:
        await self._clock.sleep(self._pause)
        await self.begun()
        while self._history.problem is not None:  # do not queue up pieces: the whole reply is saved later
            self._save_whole = True
            await self._clock.sleep(BEHIND)
        new_texts = [(number, "".join(texts)) for number, texts in self._new_texts.items()]
        save_whole = self._save_whole
        self._new_texts, self._save_whole, self._saving = {}, False, None
        if not self._reply.id:
            return
        try:
            if save_whole:
                started = self._clock.monotonic()
                await self._history.save_reply(self._reply.saved())
                self._pause = max(BEHIND, _PAUSE_FACTOR * (self._clock.monotonic() - started))
            else:
                await self._history.append(self._reply.id, new_texts)
        except StorageProblem as problem:
            self._save_whole = True  # the next pieces alone would leave a gap
            self._listener.storage_failed(problem)
