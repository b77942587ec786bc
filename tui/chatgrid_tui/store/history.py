"""The history: conversations, turns and replies, kept on this machine."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.history import LIVE_STATES, ConversationRow, ListedChat, SavedReply, SavedTurn
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.store import reads, remotes, writes
from chatgrid_tui.store.condition import is_damage
from chatgrid_tui.store.opening import Opened, open_files
from chatgrid_tui.store.problems import storage_problem
from chatgrid_tui.store.recovery import Report
from chatgrid_tui.store.writer import Job, Writer

Result = TypeVar("Result")


class History:
    """Everything that was said, in SQLite. Open it with `await History.open(folder)`, and `close` it.

    Reading and writing happen in a thread each, so that neither blocks the event loop nor waits for the other.
    A method that writes returns after its commit. All of them raise StorageProblem, whose text is a sentence;
    the history stays usable after one. A caller that is cancelled does not take back what it had to write.
    """

    def __init__(self, opened: Opened) -> None:
        self.notice = opened.notice
        """What the person should know about this history, a sentence or nothing."""
        self.read_only = opened.read_only
        """Why everything that writes raises StorageProblem, None where it does not; what only this screen cares about
        (drafts, what is unread, what is remembered) is then dropped instead."""
        self.in_memory = opened.file is None
        """Whether it ends with the program."""
        self.listener: Callable[[], None] = lambda: None
        """Called after each commit."""
        self._lock = opened.lock
        self._note = opened.note
        self._writer = None if opened.writer is None else Writer(opened.writer, opened.file, self._note_damage)
        self._reader = opened.reader
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history reader")
        self._closed = False

    @classmethod
    async def open(cls, folder: Path, report: Report = lambda _doing, _done, _of: None) -> Self:
        """Open the history in `folder`, and make both where they are missing.

        Never fails: a damaged file is set aside and what is readable of it carried over, without a folder to write in
        it is kept in memory, and where another window has it, it is read only. `notice` says so. A large file takes
        a while when it has to be checked; `report` is called meanwhile, in another thread.
        """
        abandoned = threading.Event()

        def report_unless_abandoned(doing: str, done: int, of: int) -> None:
            if abandoned.is_set():
                raise StorageProblem("The history is not wanted any more.")
            report(doing, done, of)

        try:
            return cls(await asyncio.to_thread(open_files, folder, report_unless_abandoned))
        except asyncio.CancelledError:
            abandoned.set()  # nobody waits for the thread, but the program does at its end
            raise

    async def conversations(self, limit: int = 200, before: ConversationRow | None = None) -> list[ConversationRow]:
        """Return the newest conversations first, at most `limit`; `before` is the last row of the part before."""
        return await self._read(lambda connection: reads.conversations(connection, limit, before))

    async def count(self) -> int:
        """Return how many conversations there are."""
        return await self._read(reads.count)

    async def conversation(self, conversation_id: int) -> ConversationRow:
        """Return one conversation; StorageProblem where it is not there."""
        return await self._read(lambda connection: reads.conversation(connection, conversation_id))

    async def turns(self, conversation_id: int) -> list[SavedTurn]:
        """Return the turns of a conversation with their replies, oldest first."""
        return await self._read(lambda connection: reads.turns(connection, conversation_id))

    async def options(self, conversation_id: int) -> JsonObject | None:
        """Return what a conversation sends otherwise than its provider says, None where that is nothing."""
        return await self._read(lambda connection: reads.options(connection, conversation_id))

    async def recording(self, reply_id: int) -> bytes | None:
        """Return the recording of a reply, None where none was kept."""
        return await self._read(lambda connection: reads.recording(connection, reply_id))

    async def recall(self, key: str) -> str | None:
        """Return what was remembered under `key`, None where nothing was."""
        return await self._read(lambda connection: reads.recall(connection, key))

    async def create(
        self, provider: str, board: str, board_name: str, title: str = "", at: datetime | None = None
    ) -> int:
        """Begin a conversation and return its id. `at` is aware; now, where it is left out."""
        begun = at or datetime.now(UTC)
        return await self._write(
            lambda connection: writes.create(connection, provider, board, board_name, title, begun)
        )

    async def rename(self, conversation_id: int, title: str, by_service: bool) -> None:
        """Set the title. A title that a person gave is not overruled by the service."""
        await self._write(lambda connection: writes.rename(connection, conversation_id, title, by_service))

    async def name_remote(self, conversation_id: int, remote_id: str) -> list[int]:
        """Set the service's id of the conversation. Return the ids of those that stood for the same one and were
        empty: they are gone.
        """
        return await self._write(lambda connection: writes.name_remote(connection, conversation_id, remote_id))

    async def mark_gone(self, conversation_id: int, gone: bool) -> None:
        """Note whether the service has the conversation no more."""
        await self._write_aside(lambda connection: remotes.mark_gone(connection, conversation_id, gone))

    async def take_chats(
        self, provider: str, board: str, board_name: str, chats: Sequence[ListedChat]
    ) -> list[ConversationRow]:
        """Take in conversations as a service lists them: those that are not known become rows, and the titles of
        the others are taken over. Return the rows that are new or say something else now.
        """
        return await self._write(
            lambda connection: remotes.take_chats(connection, provider, board, board_name, chats)
        )

    async def messages(self, conversation_id: int) -> list[RemoteMessage]:
        """Return what is known of the messages that the service stored of a conversation, oldest first."""
        return await self._read(lambda connection: remotes.messages(connection, conversation_id))

    async def keep_messages(
        self, conversation_id: int, messages: Sequence[RemoteMessage], preview: str, mine: bool
    ) -> None:
        """Keep what the service stored of a conversation, in place of what was kept of that. `preview` is what was
        said last in it, and `mine` whether the person said it.
        """
        await self._write_aside(
            lambda connection: remotes.keep_messages(connection, conversation_id, messages, preview, mine)
        )

    async def delete(self, conversation_id: int) -> None:
        """Delete a conversation with all that was said in it."""
        now = datetime.now(UTC)
        await self._write(lambda connection: writes.delete(connection, conversation_id, now), durable=True)

    async def add_turn(self, conversation_id: int, shown: str, sent: str, at: datetime) -> int:
        """Keep a user's message and return the id of its turn. It survives a power cut once this returns."""
        return await self._write(
            lambda connection: writes.add_turn(connection, conversation_id, shown, sent, at), durable=True
        )

    async def delete_turn(self, turn_id: int) -> None:
        """Delete a turn and its replies."""
        await self._write(lambda connection: writes.delete_turn(connection, turn_id), durable=True)

    async def back_to_draft(self, conversation_id: int, turn_ids: Sequence[int], draft: str) -> None:
        """Delete turns that were never sent, and keep their texts, and what was typed since, as the draft."""

        def take_back(connection: sqlite3.Connection) -> None:
            for turn_id in turn_ids:
                writes.delete_turn(connection, turn_id)
            writes.save_draft(connection, conversation_id, draft)

        await self._write(take_back, durable=True)

    async def add_reply(self, turn_id: int, speaker: str, at: datetime) -> int:
        """Begin a reply, in the state `waiting`, and return its id."""
        return await self._write(lambda connection: writes.add_reply(connection, turn_id, speaker, at))

    async def append(self, reply_id: int, pieces: Sequence[tuple[int, str]]) -> None:
        """Add text to bubbles of a reply that comes in: pairs of the bubble's number and what came."""
        await self._write(lambda connection: writes.append(connection, reply_id, pieces))

    async def save_reply(self, saved: SavedReply) -> None:
        """Keep the whole of a reply, in place of what was kept of it. An ended one survives a power cut."""
        ended = saved.state not in LIVE_STATES
        await self._write(lambda connection: writes.save_reply(connection, saved), durable=ended)

    async def keep_recording(self, reply_id: int, data: bytes) -> None:
        """Keep the recording of a reply."""
        await self._write(lambda connection: writes.keep_recording(connection, reply_id, data))

    async def save_options(self, conversation_id: int, options: JsonObject | None) -> None:
        """Keep what a conversation sends otherwise than its provider says."""
        await self._write(lambda connection: writes.save_options(connection, conversation_id, options))

    async def save_draft(self, conversation_id: int, text: str) -> None:
        """Keep what is typed but not sent."""
        await self._write_aside(lambda connection: writes.save_draft(connection, conversation_id, text))

    async def mark_read(self, conversation_id: int) -> None:
        """Count nothing of the conversation as unread."""
        await self._write_aside(lambda connection: writes.mark_read(connection, conversation_id))

    async def bump_unread(self, conversation_id: int) -> None:
        """Count one more reply of the conversation as unread."""
        await self._write_aside(lambda connection: writes.bump_unread(connection, conversation_id))

    async def remember(self, key: str, value: str) -> None:
        """Remember something for the next start, such as the conversation that is open."""
        await self._write_aside(lambda connection: writes.remember(connection, key, value))

    async def close(self) -> None:
        """Write what is queued, tidy up and close. What is asked after that raises StorageProblem."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._reading.shutdown(wait=True)
        if self._reader is not None:
            self._reader.close()
        if self._writer is not None:
            # After the reader: the last connection to close leaves a single file behind.
            self._writer.close()
        if self._lock is not None:
            self._lock.release()

    async def _write(self, job: Job[Result], *, durable: bool = False) -> Result:
        if self._writer is None:
            raise StorageProblem(self.notice)
        result = await asyncio.wrap_future(self._writer.submit(job, durable=durable))
        self.listener()
        return result

    async def _write_aside(self, job: Job[None]) -> None:
        if not self.read_only:
            await self._write(job)

    async def _read(self, job: Job[Result]) -> Result:
        if self._closed:
            raise StorageProblem("The history is closed.")
        if self._reader is None:
            # In memory there is one connection, and the thread that writes has it.
            return await self._write(job)
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._snapshot, self._reader, job)

    def _snapshot(self, connection: sqlite3.Connection, job: Job[Result]) -> Result:
        """Run a job that reads, and let all its statements see the same state."""
        try:
            connection.execute("BEGIN")
            try:
                return job(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except StorageProblem:
            raise
        except Exception as problem:  # a damaged cell can be anything
            if is_damage(problem):
                self._note_damage()
            raise storage_problem(problem) from problem

    def _note_damage(self) -> None:
        """Let the next start check the whole file. In whatever thread damage was met."""
        if self._note is not None:
            self._note.try_to_write("damaged")
