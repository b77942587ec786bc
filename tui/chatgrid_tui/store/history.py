"""The history: conversations, turns and replies, kept on this machine."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.history import (
    LIVE_STATES,
    ConversationRow,
    ListedChat,
    NewConversation,
    ReadOnly,
    SavedReply,
    SavedTurn,
    Visit,
)
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import Board, RemoteMessage
from chatgrid_tui.store import reads, remotes, saved_state, writes
from chatgrid_tui.store.access import CLOSE_WITHIN, Access
from chatgrid_tui.store.opening import open_files
from chatgrid_tui.store.recovery import Report
from chatgrid_tui.store.writer import About, Job


class History:
    """Everything that was said, in SQLite. Open it with `await History.open(folder)`, and `close` it.

    A method that writes returns after its commit. If the file cannot be written for now, the method returns after
    about a second, or at once if that is known already (`problem`): the write is kept in memory and done as soon as
    it works, in order. So ids are given here and not by the database. Whatever fails for good raises StorageProblem,
    whose text is a sentence; the history stays usable after one. A caller that is cancelled does not take back what
    it had to write.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._shared_sessions: dict[tuple[str, str], str] = {}
        """Those that may not be in the file yet."""

    @classmethod
    async def open(cls, folder: Path, report: Report = lambda _doing, _done, _of: None) -> Self:
        """Open the history in `folder`, and make both where they are missing.

        Never fails: a damaged file is set aside and what is readable of it carried over, without a folder to write in
        it is kept in memory, and where another window has it, it is read only. `notice` says so. A large file takes
        a while when it has to be checked; `report` is called meanwhile, in another thread.
        """
        loop, abandoned = asyncio.get_running_loop(), threading.Event()

        def report_unless_abandoned(doing: str, done: int, of: int) -> None:
            if abandoned.is_set():
                raise StorageProblem("The history is not wanted any more.")
            report(doing, done, of)

        try:
            opened = await asyncio.to_thread(open_files, folder, report_unless_abandoned)
        except asyncio.CancelledError:
            abandoned.set()  # nobody waits for the thread, but the program does at its end
            raise
        return cls(Access(folder, opened, loop))

    @property
    def folder(self) -> Path:
        """Where it is kept, or was to be kept."""
        return self._access.folder

    @property
    def notice(self) -> str:
        """What the person should know about this history, a sentence or nothing."""
        return self._access.notice

    @property
    def read_only(self) -> ReadOnly | None:
        """Why everything that writes raises StorageProblem, None where it does not; what only this screen cares about
        (drafts, what is unread, what is remembered) is then dropped instead.
        """
        return self._access.read_only

    @property
    def in_memory(self) -> bool:
        """Whether it ends with the program."""
        return self._access.in_memory

    @property
    def problem(self) -> StorageProblem | None:
        """Why nothing can be written for now, and waits in memory; None if it can."""
        return self._access.problem

    @property
    def has_lost(self) -> bool:
        """Whether a write failed for good."""
        return self._access.has_lost

    @property
    def unsaved(self) -> frozenset[About]:
        """What is not in the file, or not as it was written last."""
        return self._access.unsaved

    def listen(self, on_change: Callable[[], None], on_failure: Callable[[StorageProblem], None]) -> None:
        """Call `on_change` when `problem` is another one, and `on_failure` when a write failed for good that its
        caller no longer waits for; both in the event loop.
        """
        self._access.on_change, self._access.on_failure = on_change, on_failure

    async def take_over(self) -> bool:
        """Try to become the one that writes, if this is read only. Return whether that worked: what was read before
        may be out of date.
        """
        return await self._access.take_over()

    def hurry(self) -> None:
        """Wait for no commit any more: the end is near, and `close` waits for all of them."""
        self._access.hurry()

    def stop_saving(self) -> None:
        """Let `close` wait no longer."""
        self._access.stop_saving()

    async def close(self, within: float = CLOSE_WITHIN) -> None:
        """Write what is queued, for so many seconds at most, tidy up and close. What could not be written is in
        `unsaved` then. What is asked after that raises StorageProblem.
        """
        await self._access.close(within)

    async def conversations(self, limit: int = 200, before: ConversationRow | None = None) -> list[ConversationRow]:
        """Return the newest conversations first, at most `limit`; `before` is the last row of the part before."""
        return await self._access.read(lambda connection: reads.conversations(connection, limit, before))

    async def count(self) -> int:
        """Return how many conversations there are."""
        return await self._access.read(reads.count)

    async def conversation(self, conversation_id: int) -> ConversationRow:
        """Return one conversation; StorageProblem where it is not there."""
        return await self._access.read(lambda connection: reads.conversation(connection, conversation_id))

    async def turns(self, conversation_id: int) -> list[SavedTurn]:
        """Return the turns of a conversation with their replies, oldest first."""
        return await self._access.read(lambda connection: reads.turns(connection, conversation_id))

    async def options(self, conversation_id: int) -> JsonObject | None:
        """Return what a conversation sends otherwise than its provider says, None where that is nothing."""
        return await self._access.read(lambda connection: reads.options(connection, conversation_id))

    async def recordings(self, reply_id: int) -> list[bytes]:
        """Return the recordings of a reply, one for each request, in their order."""
        return await self._access.read(lambda connection: reads.recordings(connection, reply_id))

    async def create(
        self, provider: str, board: str, board_name: str, title: str = "", at: datetime | None = None
    ) -> int:
        """Begin a conversation and return its id. `at` is aware; now, where it is left out."""
        begun = at or datetime.now(UTC)
        new = next(self._access.new_ids.conversations)
        await self._access.write(
            ("conversation", new),
            lambda connection: writes.create(connection, new, provider, board, board_name, title, begun),
        )
        return new

    async def rename(self, conversation_id: int, title: str, by_service: bool) -> None:
        """Set the title. A title that a person gave is not overruled by the service."""
        about: About = ("conversation", conversation_id)
        await self._access.write(
            about, lambda connection: writes.rename(connection, conversation_id, title, by_service)
        )

    async def name_remote(self, conversation_id: int, remote_id: str) -> list[int]:
        """Set the service's id of the conversation. Return the ids of those that stood for the same one and were
        empty: they are gone. If the history cannot be written for now, they go later, and none are returned.
        """
        gone: list[int] = []

        def name(connection: sqlite3.Connection) -> None:
            gone[:] = writes.name_remote(connection, conversation_id, remote_id)

        await self._access.write(("conversation", conversation_id), name)
        return list(gone)

    async def set_board(self, conversation_id: int, board: str, board_name: str) -> None:
        """Set the board of a conversation that was begun before one was known."""
        await self._access.write_state(
            "board",
            ("conversation", conversation_id),
            lambda connection: writes.set_board(connection, conversation_id, board, board_name),
        )

    async def mark_gone(self, conversation_id: int, gone: bool) -> None:
        """Note whether the service has the conversation no more."""
        await self._access.write_state(
            "gone",
            ("listed", conversation_id),
            lambda connection: remotes.mark_gone(connection, conversation_id, gone),
        )

    async def take_chats(
        self, provider: str, board: str, board_name: str, chats: Sequence[ListedChat]
    ) -> list[ConversationRow]:
        """Take in conversations as a service lists them: those that are not known become rows, and the titles of
        the others are taken over. Return the rows that are new or say something else now. Unlike the other methods it
        waits for as long as the history cannot be written.
        """
        new_ids = self._access.new_ids.conversations
        return await self._access.result_of(
            lambda connection: remotes.take_chats(connection, new_ids, provider, board, board_name, chats)
        )

    async def messages(self, conversation_id: int) -> list[RemoteMessage]:
        """Return what is known of the messages that the service stored of a conversation, oldest first."""
        return await self._access.read(lambda connection: remotes.messages(connection, conversation_id))

    async def keep_messages(
        self, conversation_id: int, messages: Sequence[RemoteMessage], preview: str, mine: bool
    ) -> None:
        """Keep what the service stored of a conversation, in place of what was kept of that. `preview` is what was
        said last in it, and `mine` whether the person said it.
        """
        await self._access.write_state(
            "messages",
            ("listed", conversation_id),
            lambda connection: remotes.keep_messages(connection, conversation_id, messages, preview, mine),
        )

    async def delete(self, conversation_id: int) -> None:
        """Delete a conversation with all that was said in it."""
        now = datetime.now(UTC)
        await self._access.write(
            None, lambda connection: writes.delete(connection, conversation_id, now), durable=True
        )

    async def add_turn(self, conversation_id: int, shown: str, sent: str, at: datetime) -> int:
        """Keep a user's message and return the id of its turn. It survives a power cut once it is committed."""
        new = next(self._access.new_ids.turns)
        await self._access.write(
            ("turn", new),
            lambda connection: writes.add_turn(connection, new, conversation_id, shown, sent, at),
            durable=True,
        )
        return new

    async def delete_turn(self, turn_id: int) -> None:
        """Delete a turn and its replies."""
        await self._access.write(None, lambda connection: writes.delete_turn(connection, turn_id), durable=True)

    async def back_to_draft(self, conversation_id: int, turn_ids: Sequence[int], draft: str) -> None:
        """Delete turns that were never sent, and keep their texts, and what was typed since, as the draft."""

        def take_back(connection: sqlite3.Connection) -> None:
            for turn_id in turn_ids:
                writes.delete_turn(connection, turn_id)
            writes.save_draft(connection, conversation_id, draft)

        await self._access.write(("conversation", conversation_id), take_back, durable=True)

    async def add_reply(self, turn_id: int, speaker: str, at: datetime) -> int:
        """Begin a reply, in the state `waiting`, and return its id."""
        new = next(self._access.new_ids.replies)
        await self._access.write(
            ("reply", new), lambda connection: writes.add_reply(connection, new, turn_id, speaker, at)
        )
        return new

    async def append(self, reply_id: int, pieces: Sequence[tuple[int, str]]) -> None:
        """Add text to bubbles of a reply that comes in: pairs of the bubble's number and what came."""
        await self._access.write(("reply", reply_id), lambda connection: writes.append(connection, reply_id, pieces))

    async def save_reply(self, saved: SavedReply) -> None:
        """Keep the whole of a reply, in place of what was kept of it. An ended one survives a power cut."""
        await self._access.write_state(
            "reply",
            ("reply", saved.id),
            lambda connection: writes.save_reply(connection, saved),
            durable=saved.state not in LIVE_STATES,
        )

    async def keep_recordings(self, reply_id: int, recordings: Sequence[bytes]) -> None:
        """Keep the recordings of a reply, one for each request. They are given up if they cannot be written now."""
        about: About = ("recording", reply_id)
        compressed = await asyncio.to_thread(lambda: [*map(zlib.compress, recordings)])
        await self._access.write(
            about, lambda connection: writes.keep_recordings(connection, reply_id, compressed), optional=True
        )

    async def save_options(self, conversation_id: int, options: JsonObject | None) -> None:
        """Keep what a conversation sends otherwise than its provider says."""
        about: About = ("conversation", conversation_id)
        await self._access.write(about, lambda connection: writes.save_options(connection, conversation_id, options))

    async def save_draft(self, conversation_id: int, text: str) -> None:
        """Keep what is typed but not sent."""
        await self._access.write_state(
            "draft",
            ("conversation", conversation_id),
            lambda connection: writes.save_draft(connection, conversation_id, text),
        )

    async def mark_read(self, conversation_id: int) -> None:
        """Count nothing of the conversation as unread."""
        await self._access.write_state(
            "read", ("listed", conversation_id), lambda connection: writes.mark_read(connection, conversation_id)
        )

    async def bump_unread(self, conversation_id: int) -> None:
        """Count one more reply of the conversation as unread."""
        if not self._access.read_only:
            await self._access.write(None, lambda connection: writes.bump_unread(connection, conversation_id))

    async def select_reply(self, turn_id: int, number: int | None) -> None:
        """Choose a reply of a turn by its place; None for the newest."""
        await self._access.write_state(
            "selected", ("turn", turn_id), lambda connection: writes.select_reply(connection, turn_id, number)
        )

    async def last_shown(self) -> int:
        """Return the id of the conversation that was on the screen last; 0 if that was a new one."""
        return await self._access.read(saved_state.last_shown)

    async def save_last_shown(self, conversation_id: int) -> None:
        """Save the id of the conversation that is on the screen; 0 for a new one."""
        await self._save("last shown", lambda connection: saved_state.save_last_shown(connection, conversation_id))

    async def visits(self) -> list[Visit]:
        """Return the visits, newest first."""
        return await self._access.read(saved_state.visits)

    async def save_visits(self, visits: Sequence[Visit]) -> None:
        """Save the visits, newest first."""
        visits = tuple(visits)
        await self._save("visits", lambda connection: saved_state.save_visits(connection, visits))

    async def boards(self, provider: str) -> list[Board]:
        """Return the boards that a provider listed, in its order."""
        return await self._access.read(lambda connection: saved_state.boards(connection, provider))

    async def save_boards(self, provider: str, boards: Sequence[Board]) -> None:
        """Save the boards that a provider listed."""
        boards = tuple(boards)
        await self._save(
            f"boards {provider}", lambda connection: saved_state.save_boards(connection, provider, boards)
        )

    async def gone_boards(self) -> set[tuple[str, str]]:
        """Return the boards that their services do not know any more, as pairs of a provider and an id."""
        return await self._access.read(saved_state.gone_boards)

    async def save_gone_boards(self, boards: Iterable[tuple[str, str]]) -> None:
        """Save which boards their services do not know any more."""
        boards = frozenset(boards)
        await self._save("gone boards", lambda connection: saved_state.save_gone_boards(connection, boards))

    async def new_conversations(self) -> list[NewConversation]:
        """Return the conversations without a message; the one that was on the screen last comes last."""
        return await self._access.read(saved_state.new_conversations)

    async def save_new_conversations(self, conversations: Sequence[NewConversation]) -> None:
        """Save the conversations without a message."""
        conversations = tuple(conversations)
        await self._access.write_state(
            "all",
            ("new conversations", 0),
            lambda connection: saved_state.save_new_conversations(connection, conversations),
        )

    async def shared_session(self, provider: str, board: str) -> str:
        """Return the session that all conversations of a board share, empty if there is none yet."""
        if session := self._shared_sessions.get((provider, board)):
            return session
        return await self._access.read(lambda connection: saved_state.shared_session(connection, provider, board))

    async def save_shared_session(self, provider: str, board: str, session: str) -> None:
        """Save the session that all conversations of a board share."""
        self._shared_sessions[provider, board] = session
        await self._save(
            f"session {provider} {board}",
            lambda connection: saved_state.save_shared_session(connection, provider, board, session),
        )

    async def _save(self, name: str, job: Job[None]) -> None:
        await self._access.write_state(name, ("state", name), job)
