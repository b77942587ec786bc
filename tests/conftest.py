"""What every test runs with: no configuration of this machine, and demo bots of its own if it asks for them."""

from __future__ import annotations

import gc
import itertools
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings

from chatgrid_tui.config import secret
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.session.providers import discovery
from fakes import StartDemo
from parsed_styles import styles_parsed_once
from planted import leaks
from quiet import QuietLoop, pilots_wait_for_quiet

gc.disable()  # until all tests are collected

# The same examples in every run, however slow the machine: a change is judged by what it changes. New ones are looked
# for on purpose (CONTRIBUTING.md), and what they find becomes an `@example`.
settings.register_profile("project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, max_examples=5_000)
settings.load_profile("project")

_NOT_OURS = re.compile(
    r"(?i)(.*_proxy|.*_(api_)?key|.*_token|chatgrid_.*|xdg_.*|no_color|force_color|python.*|ssl_cert.*|sslkeylogfile)"
)
_KEPT = frozenset({"PYTHONPATH", "PYTHONHASHSEED"})
_LONGEST_PARAMETER = 14
_LONGEST_NAME = 80


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text among the parameters by its beginning, so that every test id fits on a line."""
    if not isinstance(val, str | bytes) or len(ascii(val)) <= _LONGEST_PARAMETER:
        return None
    return re.sub(r"[^ -~]|[\\\\\[\]]", "_", ascii(val[:_LONGEST_PARAMETER]).strip("b'\""))[:_LONGEST_PARAMETER]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests whose names do not fit on a line."""
    if long := sorted(item.nodeid for item in items if len(item.name) > _LONGEST_NAME):
        raise pytest.UsageError(f"test names over {_LONGEST_NAME} characters:\n" + "\n".join(long))


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], QuietLoop]]:
    """Run every test in a loop that reports when it is idle."""
    return {"quiet": QuietLoop}


@pytest.fixture(autouse=True, scope="session")
def pilots_without_naps() -> Iterator[None]:
    """Let Textual's pilot wait until the loop is idle, rather than sleep twice 20 ms after each key."""
    with pilots_wait_for_quiet():
        yield


@pytest.fixture(autouse=True, scope="session")
def shared_styles() -> Iterator[None]:
    """Parse each style sheet once, and not for every app that a test opens."""
    with styles_parsed_once():
        yield


@pytest.fixture(autouse=True, scope="session")
def indexing_without_pauses() -> Iterator[None]:
    """Index at once what is written: each pause would keep the loop from being quiet."""
    with mock.patch("chatgrid_tui.store.search._PAUSE", 0):
        yield


@pytest.fixture(autouse=True, scope="session")
def nothing_else_frozen() -> Iterator[None]:
    """Let what a test leaves be collected: an app that is open freezes all there is, itself included."""
    with mock.patch("gc.freeze"):
        yield


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give folders for one test after another: `mktemp` would look through all of them each time."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_environment(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Put home, configuration, data and the working folder into an empty place, and drop proxies and keys."""
    home = next(homes)
    home.mkdir(mode=0o700)
    for name in list(os.environ):
        if _NOT_OURS.fullmatch(name) and name not in _KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")  # with fewer colours everything is drawn by signs
    monkeypatch.setenv("COLORTERM", "truecolor")  # and with these alone, by other tints
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):  # made where they are needed, as on a new machine
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
    monkeypatch.chdir(home)
    # As if the package were not installed: the keyring of this machine is nobody's to test with.
    monkeypatch.setitem(sys.modules, "keyring", None)
    # Keys of earlier tests are unknown: a part of a key would be masked as the part of another that begins like it.
    for keys in ("_known", "_seen"):
        monkeypatch.setattr(secret, keys, dict(getattr(secret, keys)))
    # Whatever serves models on this machine is no part of a test.
    monkeypatch.setattr(discovery, "local_presets", lambda: ())


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives as long as the run: the modules and thousands of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(300_000, 5, 5)
    gc.enable()


def pytest_unconfigure() -> None:
    """Collect once what is left. Pytest then does it five times, and the interpreter once more, for seconds each."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the whole run if the planted key is in anything that a test wrote: histories, recordings, reports, the
    output to a pseudo-terminal, screenshots. The folder of the controller contains those of its workers.
    """
    if hasattr(session.config, "workerinput"):
        return
    factory: pytest.TempPathFactory | None = getattr(session.config, "_tmp_path_factory", None)
    written = [factory.getbasetemp()] if factory is not None else []
    pictures = Path(__file__).parent.rglob("__snapshots__")
    if found := leaks([*written, *pictures]):
        pytest.exit(f"The planted key was written to {', '.join(found)}.", returncode=pytest.ExitCode.TESTS_FAILED)


@pytest.fixture
def home() -> Path:
    """The empty home of this test."""
    return Path(os.environ["HOME"])


@pytest.fixture
async def start_demo() -> AsyncIterator[StartDemo]:
    """Start embedded bots as the test wants them; they end with it."""
    async with AsyncExitStack() as servers:

        async def start(server: DemoServer) -> DemoServer:
            return await servers.enter_async_context(server)

        yield start


@pytest.fixture
async def demo(start_demo: StartDemo) -> DemoServer:
    """The embedded bots, unthrottled."""
    return await start_demo(DemoServer(pace=0))
