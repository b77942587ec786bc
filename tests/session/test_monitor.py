"""A service that was down is noticed when it is back, without sending a message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.changes import UnhandledError
from chatgrid_tui.session.providers.monitor import INTERVAL, ProviderMonitor
from chatgrid_tui.session.tasks import BackgroundTasks
from fakes import FakeAnswer, ManualClock, broken, listing, turns
from quiet import PATIENCE
from session.room import BOT, GRID, MODEL, SITE, Room


class Network:
    """Answers everything that is asked, or nothing, and notes what was, but for the credits."""

    def __init__(self, room: Room) -> None:
        self.asked: list[str] = []
        self.down = True
        room.transport.aside = self.answer

    def answer(self, request: Request) -> FakeAnswer:
        if not request.url.endswith("/usage"):
            self.asked.append(f"{request.method} {request.url.removeprefix('http://127.0.0.1:1')}")
        if self.down:
            raise broken("refused")
        return listing({"data": []})

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await turns(1)


def gone(room: Room, provider: Provider) -> None:
    room.session.clients.health_monitor.failed(provider.name, Failure("network", "refused"))


def state(room: Room, provider: Provider) -> str:
    return room.session.clients.health_monitor.of(provider.name).state


@dataclass
class Watched:
    """A monitor in addition to the session's, with its own clock and tasks."""

    watch: ProviderMonitor
    clock: ManualClock
    close: Callable[[], Awaitable[None]]


def watched(room: Room) -> Watched:
    clock, tasks = ManualClock(), BackgroundTasks(room.session.notify)
    return Watched(ProviderMonitor(room.session.clients, tasks, Clock(clock, sleep=clock.sleep)), clock, tasks.close)


@pytest.mark.parametrize(
    ("provider", "question"),
    [(MODEL, "GET /v1/models"), (BOT, "GET /api/v1/health"), (SITE, "GET /health"), (GRID, "GET /v1/me")],
)
async def test_a_service_that_is_back_is_found(provider: Provider, question: str, room: Room) -> None:
    network = Network(room)
    own = watched(room)
    watch, clock = own.watch, own.clock
    gone(room, provider)
    watch.shown(provider)
    await network.until(lambda: INTERVAL in clock.naps)
    network.asked.clear()
    await clock.advance(INTERVAL)
    await network.until(lambda: bool(network.asked))
    assert (network.asked, state(room, provider)) == ([question], "offline")
    network.down = False
    await network.until(lambda: INTERVAL in clock.naps)
    await clock.advance(INTERVAL)
    await network.until(lambda: state(room, provider) == "reachable")
    assert set(network.asked) == {question}
    await turns()
    assert clock.naps == []
    await own.close()


async def test_nothing_is_asked_of_a_service_that_answers(room: Room) -> None:
    network = Network(room)
    own = watched(room)
    watch, clock = own.watch, own.clock
    for provider in (MODEL, BOT, SITE):
        watch.shown(provider)
        watch.reply_ended(provider)
    await turns()
    assert (clock.naps, network.asked) == ([], [])
    await own.close()


async def test_an_answer_that_came_meanwhile_is_enough(room: Room) -> None:
    network = Network(room)
    own = watched(room)
    watch, clock = own.watch, own.clock
    gone(room, MODEL)
    watch.shown(MODEL)
    await turns()
    room.session.clients.health_monitor.answered("model", FakeAnswer())
    await clock.advance(INTERVAL)
    assert (clock.naps, network.asked) == ([], [])
    await own.close()


async def test_a_removed_provider_is_left_alone(room: Room) -> None:
    network = Network(room)
    own = watched(room)
    watch, clock = own.watch, own.clock
    gone(room, MODEL)
    watch.shown(MODEL)
    await turns()
    room.session.clients.reconfigure(Settings(providers={"bot": BOT}))
    await clock.advance(INTERVAL)
    assert (clock.naps, network.asked) == ([], [])
    await own.close()


async def test_only_the_provider_on_the_screen_is_monitored(room: Room) -> None:
    network = Network(room)
    own = watched(room)
    watch, clock = own.watch, own.clock
    watch.shown(MODEL)
    gone(room, BOT)
    watch.reply_ended(BOT)
    await turns()
    assert (clock.naps, network.asked) == ([], [])
    await own.close()


async def test_closing_the_program_ends_monitoring(room: Room) -> None:
    own = watched(room)
    watch, clock = own.watch, own.clock
    gone(room, MODEL)
    watch.shown(MODEL)
    await turns()
    assert clock.naps == [INTERVAL]
    await own.close()
    assert clock.naps == []
    watch.shown(MODEL)
    await turns()
    assert clock.naps == []


async def test_an_internal_error_is_reported_and_monitoring_continues(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(room)
    own = watched(room)
    gone(room, MODEL)
    error = ZeroDivisionError()

    async def breaks(*_: object, **__: object) -> None:
        raise error

    own.watch.shown(MODEL)
    await network.until(lambda: own.clock.naps == [INTERVAL])
    with monkeypatch.context() as broken_program:
        broken_program.setattr(Client, "ask", breaks)
        await own.clock.advance(INTERVAL)
        await room.session.until(lambda: bool(room.session.changes_seen))
    assert [change.error for change in room.session.changes_seen if isinstance(change, UnhandledError)] == [error]
    own.watch.reply_ended(MODEL)
    await network.until(lambda: own.clock.naps == [INTERVAL])
    network.down = False
    await own.clock.advance(INTERVAL)
    await network.until(lambda: state(room, MODEL) == "reachable")
    await own.close()
