"""The history: conversations, turns and replies, saved on this machine."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.model.saved_conversation import (
    LIVE_STATES,
    ConversationRow,
    ListedChat,
    ReadOnly,
    SaidMessage,
    SavedReply,
    SavedTurn,
)
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.store import reads, remote_writes, writes
from chatgrid_tui.store.copies import Copies
from chatgrid_tui.store.database import CLOSE_WITHIN, Database
from chatgrid_tui.store.imports import Imports
from chatgrid_tui.store.opening import open_files
from chatgrid_tui.store.recovery import Progress
from chatgrid_tui.store.saved_state import SavedState
from chatgrid_tui.store.search import Search
from chatgrid_tui.store.writer import About


class History:
    """All conversations, in SQLite. Open it with `await History.open(folder)`, and `close` it.

    A method that writes returns after its commit. If the file cannot be written now, it returns after about a second,
    or at once if that is known already (`problem`); the write waits in memory and is done later, in order. Therefore
    ids do not come from the database. A write that fails permanently raises a `StorageProblem`, whose text is a
    sentence; the history can still be used after that. Cancelling a caller does not undo its write.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.saved_state = SavedState(database)
        self.search = Search(database)
        self.copies = Copies(database)
        self.imports = Imports(database)

    @classmethod
    async def open(cls, folder: Path, progress: Progress = lambda _step, _done, _total: None) -> Self:
        """Open the history in `folder`, and create both if they are missing.

        Never fails, and tells in `notice` what happened: a damaged file is set aside, and what can be read of it is
        recovered; without a writable folder, the history is in memory; while another window owns it, it is read-only.
        Checking a large file takes a while; `progress` is called meanwhile, in another thread.
        """
        loop, abandoned = asyncio.get_running_loop(), threading.Event()

        def report_unless_abandoned(step: str, done: int, total: int) -> None:
            if abandoned.is_set():
                raise StorageProblem("The history is no longer needed.")
            progress(step, done, total)

        opening = asyncio.ensure_future(asyncio.to_thread(open_files, folder, report_unless_abandoned))
        try:
            opened = await asyncio.shield(opening)
        except asyncio.CancelledError:
            abandoned.set()
            await asyncio.wait([opening])  # otherwise the thread would use a folder that others delete
            raise
        return cls(Database(folder, opened, loop))

    @property
    def folder(self) -> Path:
        """The folder of the history, even if it is in memory."""
        return self._database.folder

    @property
    def notice(self) -> str:
        """Sentences for the user about the opening of this history, or an empty string."""
        return self._database.notice

    @property
    def read_only(self) -> ReadOnly | None:
        """Why methods that write raise StorageProblem, None if they do not. What only this window needs (drafts,
        unread replies, visits) is then dropped instead.
        """
        return self._database.read_only

    @property
    def in_memory(self) -> bool:
        """Whether the history is lost when the program ends."""
        return self._database.in_memory

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written now and writes wait in memory, None if they do not."""
        return self._database.problem

    @property
    def has_lost(self) -> bool:
        """Whether a write failed for good."""
        return self._database.has_lost

    @property
    def unsaved(self) -> frozenset[About]:
        """What is not in the file, or only in an older state."""
        return self._database.unsaved

    def listen(self, on_change: Callable[[], None], on_failure: Callable[[StorageProblem], None]) -> None:
        """Call `on_change` when `problem` changes, and `on_failure` when a write fails permanently after its caller
        stopped waiting; both in the event loop.
        """
        self._database.on_change, self._database.on_failure = on_change, on_failure

    async def take_over(self) -> bool:
        """Try to become the window that writes, and return whether that succeeded. What was read before may then be
        out of date.
        """
        return await self._database.take_over()

    def hurry(self) -> None:
        """Stop waiting for commits, as `close` will soon wait for all of them."""
        self._database.hurry()

    def stop_saving(self) -> None:
        """Make `close` write nothing more."""
        self._database.stop_saving()

    async def close(self, within: float = CLOSE_WITHIN) -> None:
        """Write what is queued, within some seconds, and close. `unsaved` is then what could not be written. Using
        the history after that raises `StorageProblem`.
        """
        await self._database.close(within)

    async def conversations(self, limit: int = 200, before: ConversationRow | None = None) -> list[ConversationRow]:
        """Return at most `limit` conversations, newest first; with `before`, those that follow it."""
        return await self._database.read(lambda connection: reads.conversations(connection, limit, before))

    async def listed(self, limit: int) -> list[ConversationRow]:
        """Return the first `limit` conversations of the list: pinned ones, then the newest, without archived ones."""
        return await self._database.read(lambda connection: reads.listed(connection, limit))

    async def count(self) -> int:
        """Return how many conversations there are."""
        return await self._database.read(reads.count)

    async def conversation(self, conversation_id: int) -> ConversationRow:
        """Return a conversation; raise StorageProblem if it does not exist."""
        return await self._database.read(lambda connection: reads.conversation(connection, conversation_id))

    async def turns(self, conversation_id: int) -> list[SavedTurn]:
        """Return the turns of a conversation with their replies, oldest first."""
        return await self._database.read(lambda connection: reads.turns(connection, conversation_id))

    async def whole(self, conversation_id: int) -> JsonObject:
        """Return a conversation with all its rows, as JSON for an export."""
        from chatgrid_tui.store import portable

        return await self._database.read(lambda connection: portable.read_conversation(connection, conversation_id))

    async def said(self, not_in: int, limit: int) -> list[SaidMessage]:
        """Return the newest messages of the user in conversations other than `not_in`."""
        return await self._database.read(lambda connection: reads.said(connection, not_in, limit))

    async def message(self, turn_id: int) -> str:
        """Return what was sent in a turn. Raises `StorageProblem` if it does not exist."""
        return await self._database.read(lambda connection: reads.message(connection, turn_id))

    async def options(self, conversation_id: int) -> JsonObject | None:
        """Return the options of a conversation that differ from those of its provider, if any."""
        return await self._database.read(lambda connection: reads.options(connection, conversation_id))

    async def recordings(self, reply_id: int) -> list[bytes]:
        """Return the recordings of a reply, one for each request, in order."""
        return await self._database.read(lambda connection: reads.recordings(connection, reply_id))

    async def create(
        self, provider: str, board: str, board_name: str, title: str = "", at: datetime | None = None
    ) -> int:
        """Create a conversation and return its id. `at` is aware, and now by default."""
        created_at = at or datetime.now(UTC)
        new = next(self._database.new_ids.conversations)
        await self._database.write(
            ("conversation", new),
            lambda connection: writes.create(connection, new, provider, board, board_name, title, created_at),
        )
        return new

    async def rename(self, conversation_id: int, title: str, by_service: bool) -> None:
        """Set the title. The service does not replace one that the user gave."""
        about: About = ("conversation", conversation_id)
        await self._database.write(
            about, lambda connection: writes.rename(connection, conversation_id, title, by_service)
        )

    async def set_remote_id(self, conversation_id: int, remote_id: str) -> list[int]:
        """Set the service's id of a conversation. Return the ids of empty rows of it that are already deleted."""
        deleted: list[int] = []

        def set_id(connection: sqlite3.Connection) -> None:
            deleted[:] = writes.set_remote_id(connection, conversation_id, remote_id)

        await self._database.write(("conversation", conversation_id), set_id)
        return list(deleted)

    async def set_board(self, conversation_id: int, board: str, board_name: str) -> None:
        """Set the board of a conversation that was created without one."""
        await self._database.write_state(
            "board",
            ("conversation", conversation_id),
            lambda connection: writes.set_board(connection, conversation_id, board, board_name),
        )

    async def mark_gone(self, conversation_id: int, gone: bool) -> None:
        """Set whether the service no longer has a conversation."""
        await self._database.write_state(
            "gone",
            ("listed", conversation_id),
            lambda connection: remote_writes.mark_gone(connection, conversation_id, gone),
        )

    async def save_chats(
        self, provider: str, board: str, board_name: str, chats: Sequence[ListedChat]
    ) -> list[ConversationRow]:
        """Save chats as a service lists them: new ones become rows, and the titles of the others are updated. Return
        the rows that are new or changed. Unlike the other methods, it waits as long as the history cannot be written.
        """
        new_ids = self._database.new_ids.conversations
        return await self._database.result_of(
            lambda connection: remote_writes.save_chats(connection, new_ids, provider, board, board_name, chats)
        )

    async def messages(self, conversation_id: int) -> list[RemoteMessage]:
        """Return the saved messages of a conversation at its service, oldest first."""
        return await self._database.read(lambda connection: reads.messages(connection, conversation_id))

    async def save_messages(
        self, conversation_id: int, messages: Sequence[RemoteMessage], preview: str, mine: bool
    ) -> None:
        """Save the messages of a conversation at its service, instead of those that were saved before. `preview` is a
        line of the newest one, and `mine` whether it is the user's.
        """
        await self._database.write_state(
            "messages",
            ("listed", conversation_id),
            lambda connection: remote_writes.save_messages(connection, conversation_id, messages, preview, mine),
        )

    async def delete(self, conversation_id: int) -> None:
        """Delete a conversation with everything in it."""
        now = datetime.now(UTC)
        await self._database.write(
            None, lambda connection: writes.delete(connection, conversation_id, now), durable=True
        )

    async def pin(self, conversation_ids: Sequence[int], pinned: bool) -> None:
        """Put conversations first in the list, or no longer. Those that are archived return to it."""
        await self._database.write(None, lambda connection: writes.pin(connection, conversation_ids, pinned))

    async def archive(self, conversation_ids: Sequence[int], archived: bool) -> None:
        """Take conversations out of the list, where they are no longer pinned, or put them back."""
        await self._database.write(None, lambda connection: writes.archive(connection, conversation_ids, archived))

    async def add_turn(self, conversation_id: int, shown: str, sent: str, at: datetime) -> int:
        """Save a user's message and return the id of its turn. Once committed, it survives a power cut."""
        new = next(self._database.new_ids.turns)
        await self._database.write(
            ("turn", new),
            lambda connection: writes.add_turn(connection, new, conversation_id, shown, sent, at),
            durable=True,
        )
        return new

    async def delete_turn(self, turn_id: int) -> None:
        """Delete a turn and its replies."""
        await self._database.write(None, lambda connection: writes.delete_turn(connection, turn_id), durable=True)

    async def reorder_turns(self, turn_ids: Sequence[int]) -> list[int]:
        """Put turns without replies in this order, after all others, and return their new ids."""
        new = [next(self._database.new_ids.turns) for _ in turn_ids]
        await self._database.write(None, lambda connection: writes.renumber(connection, turn_ids, new), durable=True)
        return new

    async def back_to_draft(self, conversation_id: int, turn_ids: Sequence[int], draft: str) -> None:
        """Delete turns that were never sent, and save `draft`, which contains their texts."""

        def take_back(connection: sqlite3.Connection) -> None:
            for turn_id in turn_ids:
                writes.delete_turn(connection, turn_id)
            writes.save_draft(connection, conversation_id, draft)

        await self._database.write(("conversation", conversation_id), take_back, durable=True)

    async def add_reply(self, turn_id: int, speaker: str, at: datetime, edited_message: str | None = None) -> int:
        """Add a reply in the state `waiting`, and return its id. An `edited_message`, which it answers instead of the
        turn's, survives a power cut once committed.
        """
        new = next(self._database.new_ids.replies)
        await self._database.write(
            ("reply", new),
            lambda connection: writes.add_reply(connection, new, turn_id, speaker, at, edited_message),
            durable=edited_message is not None,
        )
        return new

    async def append(self, reply_id: int, pieces: Sequence[tuple[int, str]]) -> None:
        """Append text to bubbles of a reply: pairs of a bubble's number and a text."""
        await self._database.write(
            ("reply", reply_id), lambda connection: writes.append(connection, reply_id, pieces)
        )

    async def save_reply(self, saved: SavedReply) -> None:
        """Save the whole of a reply. One that has ended survives a power cut."""
        await self._database.write_state(
            "reply",
            ("reply", saved.id),
            lambda connection: writes.save_reply(connection, saved),
            durable=saved.state not in LIVE_STATES,
        )

    async def save_truth(self, reply_id: int, truth: TruthCheck) -> None:
        """Save how a reply compares with what its service stored."""
        about: About = ("reply", reply_id)
        await self._database.write(
            about, lambda connection: writes.save_truth(connection, reply_id, truth), optional=True
        )

    async def save_mark(self, reply_id: int, verdict: ReplyVerdict | None, note: str) -> None:
        """Save what the user says of a reply, instead of what was saved before."""
        await self._database.write_state(
            "mark", ("reply", reply_id), lambda connection: writes.save_mark(connection, reply_id, verdict, note)
        )

    async def save_recordings(self, reply_id: int, recordings: Sequence[bytes]) -> None:
        """Save the recordings of a reply, one for each request. They are dropped if they cannot be written now."""
        about: About = ("recording", reply_id)
        compressed = await asyncio.to_thread(lambda: [*map(zlib.compress, recordings)])
        await self._database.write(
            about, lambda connection: writes.save_recordings(connection, reply_id, compressed), optional=True
        )

    async def delete_old_recordings(self, most: int) -> None:
        """Delete the oldest recordings that are not kept, a few at a time, until all take at most `most` bytes.
        Nothing is deleted while the history cannot be written.
        """
        more = True

        def delete_some(connection: sqlite3.Connection) -> None:
            nonlocal more
            more = writes.delete_old_recordings(connection, most)

        while more:
            more = False
            await self._database.write(None, delete_some, optional=True)

    async def keep_recording(self, reply_id: int, keep: bool) -> None:
        """Set whether the recordings of a reply stay, however much all recordings take."""
        await self._database.write_state(
            "kept", ("recording", reply_id), lambda connection: writes.keep_recording(connection, reply_id, keep)
        )

    async def save_options(self, conversation_id: int, options: JsonObject | None) -> None:
        """Save the options of a conversation that differ from those of its provider."""
        about: About = ("conversation", conversation_id)
        await self._database.write(
            about, lambda connection: writes.save_options(connection, conversation_id, options)
        )

    async def save_draft(self, conversation_id: int, text: str) -> None:
        """Save the draft of a conversation."""
        await self._database.write_state(
            "draft",
            ("conversation", conversation_id),
            lambda connection: writes.save_draft(connection, conversation_id, text),
        )

    async def mark_read(self, conversation_id: int) -> None:
        """Mark all replies of a conversation as read."""
        await self._database.write_state(
            "read", ("listed", conversation_id), lambda connection: writes.mark_read(connection, conversation_id)
        )

    async def bump_unread(self, conversation_id: int) -> None:
        """Count one more reply of a conversation as unread."""
        if not self._database.read_only:
            await self._database.write(None, lambda connection: writes.bump_unread(connection, conversation_id))

    async def select_reply(self, turn_id: int, number: int | None) -> None:
        """Select a reply of a turn by its index; None for the newest."""
        await self._database.write_state(
            "selected", ("turn", turn_id), lambda connection: writes.select_reply(connection, turn_id, number)
        )
