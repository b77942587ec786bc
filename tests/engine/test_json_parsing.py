"""Large answers are parsed without blocking other tasks, with the same result as small ones."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from dataclasses import replace
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects import chatgrid
from chatgrid_tui.dialects.registry import DIALECTS, registered
from chatgrid_tui.engine import json_parsing
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.json_parsing import DEEPEST, LARGE, apart, parsed
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Chat, Page, Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.wire.record import MALFORMED
from fakes import FakeAnswer, FakeTransport, listing

URL = "http://127.0.0.1:1"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def service_with(*answers: FakeAnswer) -> Client:
    async def no_key() -> Secret | None:
        return None

    return Client(Provider("acme", "chatgrid", URL), FakeTransport(*answers), no_key)


@given(VALUES)
async def test_a_large_body_holds_what_a_small_one_would(value: Json) -> None:
    small = json.dumps(value).encode()
    large = small + b" " * LARGE
    assert await parsed(small) == await parsed(large) == value
    cut = small[:-1] if small[:-1].strip() else b"["
    assert (await parsed(cut) is MALFORMED) == (await parsed(b" " * LARGE + cut) is MALFORMED)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff\xfe\xff", b"[" * 200_000, b"1" * 200_000])
async def test_invalid_json_is_malformed_at_any_size(body: bytes) -> None:
    assert await parsed(body) is MALFORMED
    assert await parsed(body + b" " * LARGE) is MALFORMED


async def test_only_what_is_large_is_read_in_a_thread() -> None:
    def where(_: None) -> int:
        return threading.get_ident()

    assert await apart(LARGE - 1, where, None) == threading.get_ident()
    assert await apart(LARGE, where, None) != threading.get_ident()


async def test_what_the_work_raises_is_raised() -> None:
    def fails(_: None) -> None:
        raise LookupError

    for size in (0, LARGE):
        with pytest.raises(LookupError):
            await apart(size, fails, None)


def test_other_tasks_run_between_the_values_of_a_large_body() -> None:
    """A call into C lets no other task run: a large body must not be parsed in one."""
    body = b"[" + b",".join([b"[]"] * 1_000) + b"]"
    steps = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal steps
        steps += event == "call"

    sys.setprofile(count)
    try:
        json_parsing._parsed_large(body, json_parsing._CooperativeDecoder())
    finally:
        sys.setprofile(None)
    assert steps >= 1_000


@pytest.mark.parametrize("blanks", [0, LARGE])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"in":', "}")])
async def test_small_and_large_bodies_may_be_as_deep(blanks: int, opening: str, closing: str) -> None:
    for depth in (DEEPEST, DEEPEST + 1, 900, 100_000):
        body = opening * depth + "1" + " " * blanks + closing * depth
        assert (await parsed(body.encode()) is MALFORMED) == (depth > DEEPEST)


async def test_an_abandoned_reading_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    begun, stopped = threading.Event(), threading.Event()

    class Watched(json_parsing._CooperativeDecoder):
        def _value(self, text: str, at: int) -> tuple[Json, int]:
            nonlocal read
            read += 1
            if read == 10:
                begun.set()
                assert stopped.wait(10)
            return super()._value(text, at)

    monkeypatch.setattr(json_parsing, "_CooperativeDecoder", Watched)
    reading = asyncio.create_task(parsed(b"[" + b",".join([b"[]"] * (LARGE // 2)) + b"]"))
    await asyncio.to_thread(begun.wait, 10)
    reading.cancel()
    await asyncio.wait([reading])
    stopped.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert reading.cancelled()
    assert read == 10


async def test_a_listing_of_many_is_read_apart_and_whole() -> None:
    threads = []
    dialect = DIALECTS["chatgrid"]
    assert dialect.remote_chats is not None

    def read(payload: Json) -> Page[Chat]:
        threads.append(threading.get_ident())
        return chatgrid.read_chats(payload)

    rows: list[Json] = [{"id": f"c{number}", "title": "Title " * 10} for number in range(2_000)]
    client = service_with(listing({"data": rows}), listing({"data": rows[:3]}))
    with registered(replace(dialect, remote_chats=replace(dialect.remote_chats, read_list=read))):
        chats = [chat.id for chat in (await client.chats("b")).items]
        few = (await client.chats("b")).items
    assert chats == [f"c{number}" for number in range(2_000)]
    assert len(few) == 3
    assert [one == threading.get_ident() for one in threads] == [False, True]


async def test_a_large_answer_that_is_no_listing() -> None:
    page = FakeAnswer(b"<html>" + b"x" * LARGE, headers={"content-type": "text/html"})
    client = service_with(page, page)
    with pytest.raises(ConnectionProblem):
        await client.boards()
    asked = await client.ask(Request("GET", f"{URL}/boards"))
    assert (asked.payload, asked.size) == (MALFORMED, LARGE + 6)
