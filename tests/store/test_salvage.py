"""What is recovered from a damaged history: everything readable, and nothing that was deleted."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatgrid_tui.store import schema
from chatgrid_tui.store.salvage import LOST_TEXT, Salvaged, salvage
from chatgrid_tui.store.sqlite_connection import connect
from chatgrid_tui.store.sqlite_file import SqliteFile

_PAGE = 4096
_CONVERSATIONS, _TURNS = 12, 8
_MESSAGES = _CONVERSATIONS * _TURNS * 2
_TABLES = ("conversations", "turns", "replies", "bubble_pieces", "recordings", "new_conversations", "remote_messages")


def fill(connection: sqlite3.Connection) -> None:
    """Put conversations with turns, replies, bubbles and recordings in, some of them longer than a page."""
    texts = random.Random(8)
    connection.execute("BEGIN")
    for conversation in range(1, _CONVERSATIONS + 1):
        connection.execute(
            "INSERT INTO conversations (provider, board, board_name, title, remote_id, created_at, updated_at)"
            " VALUES ('acme', 'support', 'Support bot', ?, ?, ?, ?)",
            (f"Title {conversation} é", f"chat-{conversation}", conversation, conversation),
        )
        for turn in range(_TURNS):
            text = f"Question {turn} " * texts.randrange(1, 20)
            turn_id = connection.execute(
                "INSERT INTO turns (conversation_id, shown, sent, sent_at) VALUES (?, ?, ?, ?)",
                (conversation, text, text, turn),
            ).lastrowid
            reply = connection.execute(
                "INSERT INTO replies (turn_id, state, speaker, started_at, first_token, duration, warnings)"
                " VALUES (?, 'finished', 'bot', ?, 0.25, 2.0, 300)",
                (turn_id, turn),
            ).lastrowid
            for number in range(2):
                answer = f"Answer {turn}.{number} " * texts.randrange(1, 900)
                connection.execute(
                    "INSERT INTO bubble_pieces (reply_id, number, text) VALUES (?, ?, ?)", (reply, number, answer)
                )
            connection.execute(
                "INSERT INTO recordings VALUES (?, 0, ?)", (reply, texts.randbytes(texts.randrange(9000)))
            )
        connection.execute(
            "INSERT INTO remote_messages (conversation_id, remote_id, position, role, content)"
            " VALUES (?, 'm', 0, 'user', 'hi')",
            (conversation,),
        )
    connection.execute(
        "INSERT INTO new_conversations VALUES (0, 'acme', 'support', 'Support', ?, NULL)", ("x" * 9000,)
    )
    connection.execute("INSERT INTO visits VALUES (0, 'acme', 'support', 'Support', 3)")
    connection.execute("INSERT INTO dismissed VALUES ('acme', 'support', 'gone', -5)")
    connection.execute("COMMIT")


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """Return the file of a history that is sound so far."""
    file = tmp_path / "history.db"
    with closing(connect(file)) as connection:
        schema.migrate(connection)
        fill(connection)
    return file


def rows(connection: sqlite3.Connection, table: str) -> set[tuple[object, ...]]:
    return set(connection.execute(f"SELECT rowid, * FROM {table}"))


def rows_of(file: Path) -> dict[str, set[tuple[object, ...]]]:
    with closing(connect(file)) as connection:
        return {table: rows(connection, table) for table in _TABLES}


def roots(file: Path) -> dict[str, int]:
    with closing(connect(file)) as connection:
        return dict(connection.execute("SELECT name, rootpage FROM sqlite_schema"))


def overwrite(file: Path, page: int, content: bytes | bytearray = b"\xa5" * _PAGE) -> None:
    with file.open("r+b") as opened:
        opened.seek((page - 1) * _PAGE)
        opened.write(content)


@pytest.fixture
def recovered(tmp_path: Path) -> Iterator[Callable[[Path], tuple[Salvaged, sqlite3.Connection]]]:
    """Return what salvages a file, and checks that the new history is sound."""
    opened: list[sqlite3.Connection] = []

    def run(file: Path) -> tuple[Salvaged, sqlite3.Connection]:
        connection = connect(None)
        opened.append(connection)
        with SqliteFile(file) as pages:
            salvaged = salvage(pages, connection, lambda _read, _all: None)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert schema.version_of(connection) == schema.VERSION
        return salvaged, connection

    yield run
    for connection in opened:
        connection.close()


Recover = Callable[[Path], tuple[Salvaged, sqlite3.Connection]]


def test_all_of_a_sound_file_is_carried_over(damaged: Path, recovered: Recover) -> None:
    before = rows_of(damaged)
    salvaged, new = recovered(damaged)
    assert salvaged == Salvaged(_CONVERSATIONS, _MESSAGES)
    assert {table: rows(new, table) for table in _TABLES} == before
    assert new.execute("SELECT * FROM dismissed").fetchall() == [("acme", "support", "gone", -5)]
    assert new.execute("SELECT * FROM visits").fetchall() == [(0, "acme", "support", "Support", 3)]


@pytest.mark.parametrize("table", ["sqlite_schema", *_TABLES, "turns_by_conversation", "conversations_by_time"])
def test_a_damaged_root_page_hides_nothing_below_it(table: str, damaged: Path, recovered: Recover) -> None:
    before = rows_of(damaged)
    page = 1 if table == "sqlite_schema" else roots(damaged)[table]
    with SqliteFile(damaged) as pages:
        on_it = {row for row, _ in pages.rows(page)}
    overwrite(damaged, page)
    salvaged, new = recovered(damaged)
    for name in _TABLES:
        expected = {row for row in before[name] if name != table or row[0] not in on_it}
        assert expected <= rows(new, name), name
    if not on_it or page == 1:
        assert (salvaged.messages, salvaged.lost) == (_MESSAGES, 0)


def test_lost_values_are_counted_and_get_placeholders(damaged: Path, recovered: Recover) -> None:
    before = rows_of(damaged)
    with SqliteFile(damaged) as pages:
        turns = pages.tree(roots(damaged)["turns"]).pages[-1]
        gone = {row for row, _ in pages.rows(turns)}
    assert 0 < len(gone) < _MESSAGES / 2
    overwrite(damaged, turns)
    salvaged, new = recovered(damaged)
    assert salvaged == Salvaged(_CONVERSATIONS, _MESSAGES - len(gone), len(gone))
    assert rows(new, "replies") == before["replies"]
    stand_ins = {row for row, text in new.execute("SELECT id, shown FROM turns") if text == LOST_TEXT}
    assert stand_ins == gone


def test_a_broken_chain_loses_one_text(damaged: Path, recovered: Recover) -> None:
    with SqliteFile(damaged) as pages:
        used = {number for root in roots(damaged).values() if root for number in pages.tree(root).pages}
        chain = [n for n in range(1, pages.count + 1) if n not in used and b"Answer" in (pages.page(n) or b"")]
    overwrite(damaged, chain[0])
    salvaged, new = recovered(damaged)
    assert salvaged == Salvaged(_CONVERSATIONS, _MESSAGES - 1, 1)
    assert new.execute("SELECT count(*) FROM bubble_pieces WHERE text = ?", (LOST_TEXT,)).fetchone() == (1,)


def test_an_index_entry_without_values_is_left_out(damaged: Path, recovered: Recover) -> None:
    page = roots(damaged)["turns_by_conversation"]
    content = bytearray(damaged.read_bytes()[(page - 1) * _PAGE : page * _PAGE])
    cell = int.from_bytes(content[8:10], "big")
    content[cell : cell + 2] = b"\x01\x01"  # a record of one byte, which says that it is one byte long
    overwrite(damaged, page, content)
    salvaged, _ = recovered(damaged)
    assert salvaged == Salvaged(_CONVERSATIONS, _MESSAGES)


def test_ids_at_the_maximum_count_as_damage(damaged: Path, recovered: Recover) -> None:
    last = 2**63 - 1
    with closing(connect(damaged)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        turns = "INSERT INTO turns (id, conversation_id, shown, sent, sent_at) VALUES (?, ?, '', '', 0)"
        connection.executemany(turns, [(last, 1), (1000, last)])
        connection.execute("INSERT INTO bubble_pieces (reply_id, number, text) VALUES (?, 0, '')", (last,))
    _, new = recovered(damaged)
    for table, number in new.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
        assert number < last // 2, table


def test_a_file_cut_in_two(damaged: Path, recovered: Recover) -> None:
    before = rows_of(damaged)
    with damaged.open("r+b") as opened:
        opened.truncate(damaged.stat().st_size // 2)
    salvaged, new = recovered(damaged)
    assert 0 < salvaged.messages < _MESSAGES
    assert salvaged.messages + salvaged.lost >= _MESSAGES or salvaged.uncounted
    texts = {row for row in rows(new, "turns") if row[3] != LOST_TEXT}
    assert texts <= before["turns"]


@pytest.mark.parametrize("damage", ["a root", "the first bytes"])
def test_deleted_conversations_do_not_come_back(damage: str, damaged: Path, recovered: Recover) -> None:
    with closing(connect(damaged)) as connection:
        connection.execute("DELETE FROM conversations WHERE id <> 2")
        left = {table: rows(connection, table) for table in _TABLES}
    if damage == "a root":
        overwrite(damaged, roots(damaged)["replies"])
    else:
        overwrite(damaged, 1, bytes(16))
    _, new = recovered(damaged)
    assert {row for row in rows(new, "turns") if row[3] != LOST_TEXT} <= left["turns"]
    assert rows(new, "conversations") == left["conversations"]


def test_the_write_ahead_log_is_read(damaged: Path, recovered: Recover) -> None:
    with closing(connect(damaged)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE turns SET shown = 'from the log' WHERE id = 5")
        salvaged, new = recovered(damaged)
        assert salvaged == Salvaged(_CONVERSATIONS, _MESSAGES)
        assert new.execute("SELECT shown FROM turns WHERE id = 5").fetchone() == ("from the log",)
        damaged.write_bytes(b"")  # nothing but the log is left: that has the pages that were written last
        _, new = recovered(damaged)
        assert ("from the log",) in new.execute("SELECT shown FROM turns").fetchall()


def test_an_older_version_is_brought_to_the_newest(tmp_path: Path, recovered: Recover) -> None:
    file = tmp_path / "history.db"
    with closing(connect(file)) as connection:
        schema.migrate(connection, 1)
        connection.execute(
            "INSERT INTO conversations (provider, board, board_name, created_at, updated_at)"
            " VALUES ('a', 'b', 'c', 1, 2)"
        )
    salvaged, new = recovered(file)
    assert salvaged == Salvaged(1)
    assert new.execute("SELECT provider, remote_gone, options FROM conversations").fetchall() == [("a", 0, None)]


def test_orphaned_texts_are_not_lost(damaged: Path, recovered: Recover) -> None:
    with closing(connect(damaged)) as connection:
        texts = {text for (text,) in connection.execute("SELECT text FROM bubble_pieces")}
    with SqliteFile(damaged) as pages:
        kept = {
            number for name in ("bubble_pieces", "recordings") for number in pages.tree(roots(damaged)[name]).pages
        }
        others = {number for root in roots(damaged).values() if root for number in pages.tree(root).pages} - kept
    for page in (1, *others):
        overwrite(damaged, page)
    salvaged, new = recovered(damaged)
    assert salvaged == Salvaged(1, _MESSAGES // 2, 0, True)
    assert {text for (text,) in new.execute("SELECT text FROM bubble_pieces")} == texts
    assert new.execute("SELECT count(*) FROM conversations").fetchone() == (1,)


def test_random_damage_never_breaks_it_nor_invents_anything(
    damaged: Path, recovered: Recover, tmp_path: Path
) -> None:
    before = rows_of(damaged)
    sound = damaged.read_bytes()
    chance = random.Random(44)
    for _ in range(25):
        content = bytearray(sound)
        for _ in range(chance.randrange(1, 30)):
            at, size = chance.randrange(len(content)), chance.choice((1, 2, 100, _PAGE))
            content[at : at + size] = chance.choice((bytes(size), b"\xff" * size, chance.randbytes(size)))
        file = tmp_path / "random.db"
        file.write_bytes(content[: chance.choice((len(content), len(content), chance.randrange(len(content))))])
        salvaged, new = recovered(file)
        assert salvaged.messages <= _MESSAGES
        ids = {row[0] for row in before["conversations"]}
        read = {row[0] for row in new.execute("SELECT id FROM conversations WHERE provider = 'acme'")}
        assert len(read - ids) <= 2  # a changed bit in an id cannot be told
        new.close()
