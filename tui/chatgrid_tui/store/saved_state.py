"""What the program remembers between runs besides conversations: boards, drafts of new conversations, sessions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from chatgrid_tui.model.hue import HUES, Hue
from chatgrid_tui.model.provider import Board
from chatgrid_tui.model.saved_conversation import NewConversation, Visit
from chatgrid_tui.store.conversion import to_json, to_object, to_text
from chatgrid_tui.store.database import Database
from chatgrid_tui.store.writer import Job

# CAST: a damaged cell can hold bytes instead of text.
_VISITS = """SELECT CAST(provider AS TEXT), CAST(board AS TEXT), CAST(board_name AS TEXT),
    CAST(conversation_id AS INTEGER) FROM visits ORDER BY position"""
_BOARDS = """SELECT CAST(board AS TEXT), CAST(name AS TEXT), CAST(detail AS TEXT) FROM boards
    WHERE provider = ? ORDER BY position"""
_NEW_CONVERSATIONS = """SELECT CAST(provider AS TEXT), CAST(board AS TEXT), CAST(board_name AS TEXT),
    CAST(draft AS TEXT), CAST(options AS TEXT) FROM new_conversations ORDER BY position"""


class SavedState:
    """Boards, their hues, visits, drafts of new conversations, and shared sessions. Saving replaces what was saved
    before, except for hues; in a read-only history, it has no effect.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shared_sessions: dict[tuple[str, str], str] = {}
        """Sessions that may not be in the file yet."""

    async def last_shown(self) -> int:
        """Return the id of the conversation that was on the screen last; 0 if that was a new one."""
        return await self._database.read(_read_last_shown)

    async def save_last_shown(self, conversation_id: int) -> None:
        """Save the id of the conversation that is on the screen; 0 for a new one."""
        await self._save("last shown", lambda connection: _write_last_shown(connection, conversation_id))

    async def visits(self) -> list[Visit]:
        """Return the visits, newest first."""
        return await self._database.read(_read_visits)

    async def save_visits(self, visits: Sequence[Visit]) -> None:
        """Save the visits, newest first."""
        visits = tuple(visits)
        await self._save("visits", lambda connection: _write_visits(connection, visits))

    async def boards(self, provider: str) -> list[Board]:
        """Return the boards that a provider listed, in its order."""
        return await self._database.read(lambda connection: _read_boards(connection, provider))

    async def save_boards(self, provider: str, boards: Sequence[Board]) -> None:
        """Save the boards that a provider listed."""
        boards = tuple(boards)
        await self._save(f"boards {provider}", lambda connection: _write_boards(connection, provider, boards))

    async def gone_boards(self) -> set[tuple[str, str]]:
        """Return the boards that their services no longer have, as pairs of a provider and an id."""
        return await self._database.read(_read_gone_boards)

    async def save_gone_boards(self, boards: Iterable[tuple[str, str]]) -> None:
        """Save which boards their services no longer have."""
        boards = frozenset(boards)
        await self._save("gone boards", lambda connection: _write_gone_boards(connection, boards))

    async def new_conversations(self) -> list[NewConversation]:
        """Return the conversations without a message; the one that was on the screen last comes last."""
        return await self._database.read(_read_new_conversations)

    async def save_new_conversations(self, conversations: Sequence[NewConversation]) -> None:
        """Save the conversations without a message."""
        conversations = tuple(conversations)
        await self._database.write_state(
            "all",
            ("new conversations", 0),
            lambda connection: _write_new_conversations(connection, conversations),
        )

    async def hues(self) -> dict[tuple[str, str], Hue]:
        """Return the hues of boards, by their provider and id."""
        return await self._database.read(_read_hues)

    async def save_hues(self, hues: Mapping[tuple[str, str], Hue]) -> None:
        """Save hues of boards. A board that has one keeps it."""
        hues = dict(hues)
        await self._save("hues", lambda connection: _write_hues(connection, hues))

    async def shared_session(self, provider: str, board: str) -> str:
        """Return the session that all conversations of a board share, empty if there is none yet."""
        if (session := self._shared_sessions.get((provider, board))) is not None:
            return session
        return await self._database.read(lambda connection: _read_shared_session(connection, provider, board))

    async def save_shared_session(self, provider: str, board: str, session: str) -> None:
        """Save the session that all conversations of a board share."""
        self._shared_sessions[provider, board] = session
        await self._save(
            f"session {provider} {board}",
            lambda connection: _write_shared_session(connection, provider, board, session),
        )

    async def forget_shared_session(self, provider: str, board: str) -> None:
        """Let the next conversation of a board start another session for all that follow."""
        await self.save_shared_session(provider, board, "")

    async def _save(self, name: str, job: Job[None]) -> None:
        await self._database.write_state(name, ("state", name), job)


def _read_last_shown(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT CAST(conversation_id AS INTEGER) FROM last_shown").fetchone()
    return 0 if row is None else int(row[0])


def _write_last_shown(connection: sqlite3.Connection, conversation_id: int) -> None:
    connection.execute("INSERT OR REPLACE INTO last_shown (id, conversation_id) VALUES (1, ?)", (conversation_id,))


def _read_visits(connection: sqlite3.Connection) -> list[Visit]:
    return [
        Visit(provider, Board(board, name), conversation_id)
        for provider, board, name, conversation_id in connection.execute(_VISITS)
    ]


def _write_visits(connection: sqlite3.Connection, visits: Sequence[Visit]) -> None:
    connection.execute("DELETE FROM visits")
    connection.executemany(
        "INSERT INTO visits (position, provider, board, board_name, conversation_id) VALUES (?, ?, ?, ?, ?)",
        (
            (position, *map(to_text, (visit.provider, visit.board.id, visit.board.name)), visit.conversation)
            for position, visit in enumerate(visits)
        ),
    )


def _read_boards(connection: sqlite3.Connection, provider: str) -> list[Board]:
    return [Board(*row) for row in connection.execute(_BOARDS, (to_text(provider),))]


def _write_boards(connection: sqlite3.Connection, provider: str, boards: Sequence[Board]) -> None:
    connection.execute("DELETE FROM boards WHERE provider = ?", (to_text(provider),))
    connection.executemany(
        "INSERT OR IGNORE INTO boards (provider, board, position, name, detail) VALUES (?, ?, ?, ?, ?)",
        (
            (to_text(provider), to_text(board.id), position, to_text(board.name), to_text(board.detail))
            for position, board in enumerate(boards)
        ),
    )


def _read_gone_boards(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT CAST(provider AS TEXT), CAST(board AS TEXT) FROM gone_boards"))


def _write_gone_boards(connection: sqlite3.Connection, boards: Iterable[tuple[str, str]]) -> None:
    connection.execute("DELETE FROM gone_boards")
    connection.executemany(
        "INSERT OR IGNORE INTO gone_boards (provider, board) VALUES (?, ?)",
        ((to_text(provider), to_text(board)) for provider, board in boards),
    )


def _read_new_conversations(connection: sqlite3.Connection) -> list[NewConversation]:
    return [
        NewConversation(provider, Board(board, name), draft, to_object(options))
        for provider, board, name, draft, options in connection.execute(_NEW_CONVERSATIONS)
    ]


def _write_new_conversations(connection: sqlite3.Connection, conversations: Sequence[NewConversation]) -> None:
    connection.execute("DELETE FROM new_conversations")
    connection.executemany(
        """INSERT INTO new_conversations (position, provider, board, board_name, draft, options)
        VALUES (?, ?, ?, ?, ?, ?)""",
        (
            (
                position,
                *map(to_text, (new.provider, new.board.id, new.board.name, new.draft)),
                to_json(new.options),
            )
            for position, new in enumerate(conversations)
        ),
    )


def _read_hues(connection: sqlite3.Connection) -> dict[tuple[str, str], Hue]:
    rows = connection.execute("SELECT CAST(provider AS TEXT), CAST(board AS TEXT), CAST(hue AS TEXT) FROM hues")
    return {(provider, board): hue for provider, board, hue in rows if hue in HUES}


def _write_hues(connection: sqlite3.Connection, hues: Mapping[tuple[str, str], Hue]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO hues (provider, board, hue) VALUES (?, ?, ?)",
        ((to_text(provider), to_text(board), hue) for (provider, board), hue in hues.items()),
    )


def _read_shared_session(connection: sqlite3.Connection, provider: str, board: str) -> str:
    key = (to_text(provider), to_text(board))
    row = connection.execute(
        "SELECT CAST(session AS TEXT) FROM shared_sessions WHERE provider = ? AND board = ?", key
    ).fetchone()
    return "" if row is None else str(row[0])


def _write_shared_session(connection: sqlite3.Connection, provider: str, board: str, session: str) -> None:
    values = tuple(map(to_text, (provider, board, session)))
    connection.execute("INSERT OR REPLACE INTO shared_sessions (provider, board, session) VALUES (?, ?, ?)", values)
