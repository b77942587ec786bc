"""The remaining credits at ChatGrid, fetched in the background."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.provider_health import ProviderHealth
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.changes import UnhandledError
from chatgrid_tui.session.providers.monitor import CREDITS_INTERVAL, CreditMonitor
from chatgrid_tui.session.tasks import BackgroundTasks
from fakes import FakeAnswer, listing, says, turns
from quiet import PATIENCE
from session.room import GRID, MODEL, OpenRoom, Room, with_keys

COMPLETE = {"event": "message.complete", "content": "Hi", "usage": {"total_tokens": 3}}


def complete() -> FakeAnswer:
    return FakeAnswer(b"data: " + json.dumps(COMPLETE).encode() + b"\n\n")


def health(room: Room) -> ProviderHealth:
    return room.session.clients.health_monitor.of("grid")


def watch(room: Room) -> CreditMonitor:
    """A monitor in addition to the session's; nothing else is requested then."""
    return CreditMonitor(
        room.session.clients, BackgroundTasks(room.session.notify), Clock(room.clock, sleep=room.clock.sleep)
    )


class Purse:
    """Answers what is asked of the credits, and notes it."""

    def __init__(self, room: Room, left: int = 412) -> None:
        self.left = left
        self.asked = 0
        self.status = 200
        room.transport.aside = self.answer

    def answer(self, request: Request) -> FakeAnswer | None:
        if request.url.endswith("/chats") or (request.method == "GET" and not request.url.endswith("/me/usage")):
            return listing({"data": {"id": "chat"}})
        if request.method != "GET":
            return None
        self.asked += 1
        if self.status != 200:
            return listing({"code": "internal_error", "message": "No"}, self.status)
        return listing({"object": "usage", "data": {"credits_remaining": self.left}})

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds and all tasks that can run have run."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await turns(1)
        await turns()

    async def until_asked(self, times: int = 1) -> None:
        """Wait until the credits were asked for so often, and nothing more is asked at this moment."""
        await self.until(lambda: self.asked >= times)


async def test_credits_are_fetched_when_a_conversation_is_shown(room: Room) -> None:
    purse = Purse(room)
    await room.session.show(room.begin(GRID))
    await purse.until(lambda: health(room).credits == 412)
    assert purse.asked == 1


async def test_credits_are_fetched_after_a_reply_but_not_too_often(room: Room) -> None:
    purse = Purse(room)
    conversation = room.begin(GRID)
    await room.session.show(conversation)
    await purse.until_asked()
    for _ in range(3):
        purse.left -= 1
        await room.say(conversation, "Hello", complete())
    assert purse.asked == 1
    await room.clock.advance(CREDITS_INTERVAL)
    await purse.until(lambda: health(room).credits == 409)
    await room.clock.advance(10 * CREDITS_INTERVAL)
    assert purse.asked == 2, "nothing was said since"


async def test_other_kinds_and_local_bots_are_not_asked(rooms: OpenRoom) -> None:
    embedded = Provider("demo", "chatgrid", "http://127.0.0.1:1", embedded=True)
    room = await rooms(providers=(MODEL, embedded))
    purse = Purse(room)
    for provider in (MODEL, embedded):
        await room.session.show(room.begin(provider))
    await room.say(room.begin(MODEL), "Hello", says("Hi"))
    assert purse.asked == 0


async def test_a_removed_provider_is_not_asked(room: Room) -> None:
    purse = Purse(room)
    room.session.clients.reconfigure(Settings(providers={"model": MODEL}))
    watch(room).ask(GRID)
    await room.say(room.begin(MODEL), "Hello", says("Hi"))
    assert purse.asked == 0


async def test_credits_are_not_fetched_while_requests_are_limited(room: Room) -> None:
    purse = Purse(room)
    room.session.clients.health_monitor.answered("grid", FakeAnswer(status=429, headers={"retry-after": "60"}))
    watch(room).ask(GRID)
    await room.say(room.begin(MODEL), "Hello", says("Hi"))
    assert purse.asked == 0


async def test_without_a_key_nothing_is_asked(room: Room) -> None:
    purse = Purse(room)
    with_keys(room, "grid")
    watch(room).ask(GRID)
    await purse.until(lambda: health(room).summary == "no key")
    assert purse.asked == 0


async def test_a_key_that_cannot_be_had_is_no_error_here(room: Room) -> None:
    purse = Purse(room)
    with_keys(room, "grid", source=KeySource(command=("/no/such/program",)))
    watch(room).ask(GRID)
    await purse.until(lambda: health(room).summary == "key not usable")
    assert purse.asked == 0
    assert room.session.troubles == []


async def test_failures_only_show_in_the_health(room: Room) -> None:
    purse = Purse(room)
    purse.status = 503
    watch(room).ask(GRID)
    await purse.until(lambda: health(room).summary == "failed (503)")
    assert (purse.asked, health(room).credits) == (1, None)
    assert room.session.troubles == []


async def test_an_internal_error_is_reported_and_polling_continues(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    purse = Purse(room)
    error = ZeroDivisionError()
    monitor = watch(room)

    async def breaks(client: Client) -> int:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(Client, "credits", breaks)
        monitor.ask(GRID)
        await room.session.until(lambda: bool(room.session.changes_seen))
    assert [change.error for change in room.session.changes_seen if isinstance(change, UnhandledError)] == [error]
    monitor.ask(GRID)
    await purse.until(lambda: bool(room.clock.naps))
    await room.clock.advance(CREDITS_INTERVAL)
    await purse.until(lambda: health(room).credits == 412)


async def test_closing_during_a_fetch(room: Room) -> None:
    purse = Purse(room)
    conversation = room.begin(GRID)
    await room.session.show(conversation)
    await purse.until_asked()
    await room.say(conversation, "Hello", complete())
    assert room.clock.naps, "it waits for its time"
    await room.session.close()
    assert purse.asked == 1
