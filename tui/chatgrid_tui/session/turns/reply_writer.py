"""Keeps a growing reply in the history, a fifth of a second behind the screen at most."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Final

from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.events import AttachmentsArrived, BubbleText, Event, SuggestionsArrived, TextDelta
from chatgrid_tui.session.changes import SessionListener
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import report_error
from chatgrid_tui.store.history import History

BEHIND: Final = 0.2
"""Seconds that the disk may be behind the screen; the promise is a quarter of a second."""
_SHARE: Final = 4
"""Writing all of a huge reply is followed by a pause of so many times what it took."""


class ReplyWriter:
    """Writes one reply while it grows. What cannot be written is told, and stays on the screen; an error of the
    program's own is told too.
    """

    def __init__(
        self,
        history: History,
        reply: Reply,
        listener: SessionListener,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._history = history
        self._reply = reply
        self._listener = listener
        self._sleep = sleep
        self._new_conversations: asyncio.Task[None] | None = None
        self._grown: dict[int, list[str]] = {}
        """The pieces of each bubble that are not written yet."""
        self._replaced = False
        """Whether something came that more pieces cannot say: all of the reply is to be written."""
        self._writing: asyncio.Task[None] | None = None
        self._pause = BEHIND

    def begin(self, turn_id: int) -> None:
        """Begin the reply in the history. A message that could not be kept (0) gets none: nothing is kept then."""
        if turn_id:
            self._new_conversations = self._task(self._begin(turn_id))

    async def begun(self) -> None:
        """Wait until the reply has its id. Whoever is stopped while waiting takes nothing back."""
        if self._new_conversations is not None:
            await asyncio.wait([self._new_conversations])

    def on_event(self, event: Event) -> None:
        """Note what an event brought; it is written shortly."""
        match event:
            case TextDelta(number, text):
                self._grown.setdefault(number, []).append(text)
            case BubbleText() | AttachmentsArrived() | SuggestionsArrived():
                self._replaced = True
            case _:
                return
        if self._writing is None:
            self._writing = self._task(self._write_shortly())

    async def close(self, recording: Recording | None) -> None:
        """Write the reply as it ended, and the recording of it."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        await self.begun()
        if not self._reply.id:
            return
        try:
            await self._history.save_reply(self._reply.saved())
            if recording is not None:
                written = await asyncio.to_thread(recording.to_bytes)  # which may be megabytes
                await self._history.keep_recording(self._reply.id, written)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)

    def _task(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(lambda task: report_error(task, self._listener.notify))
        return task

    async def _begin(self, turn_id: int) -> None:
        try:
            self._reply.id = await self._history.add_reply(turn_id, self._reply.speaker, self._reply.started_at)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)

    async def _write_shortly(self) -> None:
        await self._sleep(self._pause)
        await self.begun()
        while self._history.problem is not None:  # the pieces would only queue up: later all of it is written
            self._replaced = True
            await self._sleep(BEHIND)
        pieces = [(number, "".join(texts)) for number, texts in self._grown.items()]
        replaced = self._replaced
        self._grown, self._replaced, self._writing = {}, False, None
        if not self._reply.id:
            return
        try:
            if replaced:
                began = monotonic()
                await self._history.save_reply(self._reply.saved())
                self._pause = max(BEHIND, _SHARE * (monotonic() - began))
            else:
                await self._history.append(self._reply.id, pieces)
        except StorageProblem as problem:
            self._replaced = True  # what was not written would be a hole: the next time all of it is
            self._listener.storage_failed(problem)
