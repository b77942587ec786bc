"""Properties of what is stored: any reply can be read back, and pieces are joined."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.store import reads, schema, writes
from chatgrid_tui.store.conversion import (
    EARLIEST,
    from_failure,
    from_time,
    one_line,
    to_failure,
    to_json,
    to_object,
    to_objects,
    to_seconds,
    to_time,
)
from chatgrid_tui.store.sqlite_connection import NewIds, connect
from chatgrid_tui.text import mend_surrogates

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(ANY_TEXT, JSON, min_size=1, max_size=3)
several = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = connect(None)
    schema.migrate(connection)
    yield connection
    connection.close()


def new_reply(connection: sqlite3.Connection) -> tuple[int, int]:
    ids = NewIds(connection)
    conversation, turn, reply = next(ids.conversations), next(ids.turns), next(ids.replies)
    writes.create(connection, conversation, "p", "b", "B", "", NOON)
    writes.add_turn(connection, turn, conversation, "q", "q", NOON)
    writes.add_reply(connection, reply, turn, "bot", NOON)
    return conversation, reply


@given(bubbles=st.lists(ANY_TEXT, max_size=4), attachments=st.lists(OBJECT, max_size=2), usage=st.none() | OBJECT)
@several
def test_any_reply_comes_back(
    connection: sqlite3.Connection,
    bubbles: list[str],
    attachments: list[dict[str, object]],
    usage: dict[str, object] | None,
) -> None:
    conversation, reply = new_reply(connection)
    saved = SavedReply(reply, "finished", "bot", NOON, tuple(bubbles), tuple(attachments), usage=usage)  # type: ignore[arg-type]  # JSON of any shape
    writes.save_reply(connection, saved)
    (found,) = reads.turns(connection, conversation)[0].replies
    assert found.bubbles == tuple(map(mend_surrogates, bubbles))
    assert (found.attachments, found.usage) == (tuple(attachments), usage)


@given(steps=st.lists(st.lists(st.tuples(st.integers(0, 3), st.text(max_size=5)), max_size=4), max_size=6))
@several
def test_pieces_are_their_join(connection: sqlite3.Connection, steps: list[list[tuple[int, str]]]) -> None:
    conversation, reply = new_reply(connection)
    wanted: dict[int, str] = {}
    for step in steps:
        writes.append(connection, reply, step)
        for number, text in step:
            wanted[number] = wanted.get(number, "") + text
    (found,) = reads.turns(connection, conversation)[0].replies
    assert found.bubbles == tuple(text for _, text in sorted(wanted.items()))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_times_come_back_to_the_microsecond(at: datetime) -> None:
    assert from_time(to_time(at)) == at


@given(st.integers(), st.floats(), st.sampled_from([timezone.min, timezone.max]))
@example(to_time(datetime.max.replace(tzinfo=UTC)), 2.0**60, timezone.max)
@example(to_time(datetime.min.replace(tzinfo=UTC)), math.inf, timezone.min)
def test_a_damaged_time_can_be_shown(stored: int, measured: float, zone: timezone) -> None:
    ended = from_time(stored) + timedelta(seconds=to_seconds(measured) or 0.0)
    assert ended.astimezone(zone) >= EARLIEST


def test_times_of_other_zones_are_the_same_moment() -> None:
    there = NOON.astimezone(timezone.max)
    assert from_time(to_time(there)) == NOON


def test_what_is_empty_takes_no_room() -> None:
    assert to_json(()) is None
    assert to_json(None) is None
    assert to_json({}) == "{}"


def test_what_is_too_deep_to_be_written_is_left_out() -> None:
    deep: Json = {}
    for _ in range(100_000):  # Python 3.13 writes 5,000 levels
        deep = {"usage": deep}
    assert to_json(deep) is None
    assert to_object("[1]") is None


def test_a_failure_of_a_newer_program_is_read_as_far_as_it_is_known() -> None:
    assert to_failure(from_failure(None)) is None
    assert to_failure('{"kind": "quota", "cause": "moon", "code": 3, "status": "x"}') == Failure("stream", "said")


def test_one_line_is_cut_and_joined() -> None:
    assert one_line(" a\n\n b\tc " + "x" * 500, 8) == "a b c xx"


@given(items=st.lists(OBJECT, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_long_lists_are_written_and_read_in_parts(items: list[Json], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = to_json(items)
    monkeypatch.setattr("chatgrid_tui.store.conversion._ITEMS", 5)
    monkeypatch.setattr("chatgrid_tui.store.conversion._LONG", 10)
    assert to_json(items) == whole
    assert to_objects(whole) == tuple(items)


def test_a_damaged_long_list_is_read_as_far_as_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatgrid_tui.store.conversion._LONG", 10)
    assert to_objects('[{"a":1}, 2, {"b":3}]') == ({"a": 1}, {"b": 3})
    assert to_objects('[{"a":1},{"b":') == ()
