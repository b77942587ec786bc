"""What the program remembers between runs besides conversations: boards, drafts of new conversations, sessions.

Each function runs within a transaction that its caller opens. Those that write replace the whole of what they save,
and may run twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from chatgrid_tui.model.history import NewConversation, Visit
from chatgrid_tui.model.provider import Board
from chatgrid_tui.store.conversion import to_json, to_object, to_text

# CAST: a damaged cell can hold bytes instead of text.
_VISITS = """SELECT CAST(provider AS TEXT), CAST(board AS TEXT), CAST(board_name AS TEXT),
    CAST(conversation_id AS INTEGER) FROM visits ORDER BY position"""
_BOARDS = """SELECT CAST(board AS TEXT), CAST(name AS TEXT), CAST(detail AS TEXT) FROM boards
    WHERE provider = ? ORDER BY position"""
_NEW_CONVERSATIONS = """SELECT CAST(provider AS TEXT), CAST(board AS TEXT), CAST(board_name AS TEXT),
    CAST(draft AS TEXT), options FROM new_conversations ORDER BY position"""


def last_shown(connection: sqlite3.Connection) -> int:
    """Return the id of the conversation that was on the screen last; 0 if that was a new one."""
    row = connection.execute("SELECT CAST(conversation_id AS INTEGER) FROM last_shown").fetchone()
    return 0 if row is None else int(row[0])


def save_last_shown(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Save the id of the conversation that is on the screen."""
    connection.execute("INSERT OR REPLACE INTO last_shown (id, conversation_id) VALUES (1, ?)", (conversation_id,))


def visits(connection: sqlite3.Connection) -> list[Visit]:
    """Return the visits, newest first."""
    return [
        Visit(provider, Board(board, name), conversation_id)
        for provider, board, name, conversation_id in connection.execute(_VISITS)
    ]


def save_visits(connection: sqlite3.Connection, visits: Sequence[Visit]) -> None:
    """Save the visits, newest first."""
    connection.execute("DELETE FROM visits")
    connection.executemany(
        "INSERT INTO visits (position, provider, board, board_name, conversation_id) VALUES (?, ?, ?, ?, ?)",
        (
            (position, *map(to_text, (visit.provider, visit.board.id, visit.board.name)), visit.conversation)
            for position, visit in enumerate(visits)
        ),
    )


def boards(connection: sqlite3.Connection, provider: str) -> list[Board]:
    """Return the boards that a provider listed, in its order."""
    return [Board(*row) for row in connection.execute(_BOARDS, (to_text(provider),))]


def save_boards(connection: sqlite3.Connection, provider: str, boards: Sequence[Board]) -> None:
    """Save the boards that a provider listed."""
    connection.execute("DELETE FROM boards WHERE provider = ?", (to_text(provider),))
    connection.executemany(
        "INSERT OR IGNORE INTO boards (provider, board, position, name, detail) VALUES (?, ?, ?, ?, ?)",
        (
            (to_text(provider), to_text(board.id), position, to_text(board.name), to_text(board.detail))
            for position, board in enumerate(boards)
        ),
    )


def gone_boards(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the boards that their services do not know any more, as pairs of a provider and an id."""
    return set(connection.execute("SELECT CAST(provider AS TEXT), CAST(board AS TEXT) FROM gone_boards"))


def save_gone_boards(connection: sqlite3.Connection, boards: Iterable[tuple[str, str]]) -> None:
    """Save which boards their services do not know any more."""
    connection.execute("DELETE FROM gone_boards")
    connection.executemany(
        "INSERT OR IGNORE INTO gone_boards (provider, board) VALUES (?, ?)",
        ((to_text(provider), to_text(board)) for provider, board in boards),
    )


def new_conversations(connection: sqlite3.Connection) -> list[NewConversation]:
    """Return the conversations without a message; the one that was on the screen last comes last."""
    return [
        NewConversation(provider, Board(board, name), draft, to_object(options))
        for provider, board, name, draft, options in connection.execute(_NEW_CONVERSATIONS)
    ]


def save_new_conversations(connection: sqlite3.Connection, conversations: Sequence[NewConversation]) -> None:
    """Save the conversations without a message."""
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


def shared_session(connection: sqlite3.Connection, provider: str, board: str) -> str:
    """Return the session that all conversations of a board share, empty if there is none yet."""
    key = (to_text(provider), to_text(board))
    row = connection.execute(
        "SELECT CAST(session AS TEXT) FROM shared_sessions WHERE provider = ? AND board = ?", key
    ).fetchone()
    return "" if row is None else str(row[0])


def save_shared_session(connection: sqlite3.Connection, provider: str, board: str, session: str) -> None:
    """Save the session that all conversations of a board share."""
    values = tuple(map(to_text, (provider, board, session)))
    connection.execute("INSERT OR REPLACE INTO shared_sessions (provider, board, session) VALUES (?, ?, ?)", values)
