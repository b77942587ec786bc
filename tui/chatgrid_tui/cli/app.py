"""Put the app together: what is configured, what was saved, and what it opens on."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from chatgrid_tui.cli.configuration import Configuration, read_configuration
from chatgrid_tui.cli.openers import RecordingOpener, WatchOpener
from chatgrid_tui.cli.streams import is_terminal, print_at_end
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.writing import change
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.ui import process_memory
from chatgrid_tui.ui.app import ChatgridApp
from chatgrid_tui.ui.appearance import fitting_themes
from chatgrid_tui.ui.ending import TERMINAL_LOST
from chatgrid_tui.ui.startup import LocalBot, Opening, Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatgrid_tui.cli.watch import WatchOptions
    from chatgrid_tui.config.settings import Settings
    from chatgrid_tui.demo.server import DemoServer
    from chatgrid_tui.engine.transport import Transport
    from chatgrid_tui.session.session import Session
logger = logging.getLogger(__name__)

_AFTER_CRASH: Final = 2.0
"""Seconds that the history has to write pending changes after a crash."""

_SWITCH: Final = 0.001
"""Seconds after which a thread lets another one run. Python's default of 5 ms adds up: a key press passes through
several threads, while another one loads modules or reads a large answer.
"""
_QUIET_SECONDS: Final = 0.3
"""Seconds of work that are not worth a line on the screen."""

_WORK_SECONDS: Final = 0.004
_PAUSE_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True)
class OpeningOptions:
    """What the command line asks the app to open on."""

    provider: str = ""
    board: str = ""
    theme: str = ""
    demo: bool = False
    port: int = 0
    file: str = ""
    """A file of recordings to open on instead of the history."""
    kind: str = ""
    """The kind of the service, if the file does not tell it."""
    replay: Pace | None = None
    """How to play the file at once, if that is asked for."""
    watch: WatchOptions | None = None
    """What to watch instead, if that is asked for."""


def run_app(paths: Paths, options: OpeningOptions) -> int:
    """Run the app until the user quits, and return the exit code.

    Raises:
        ChatgridError: it cannot be opened as requested.
    """
    brings_terminal = bool(os.environ.get("TEXTUAL_DRIVER"))  # as textual-serve's driver does
    if not brings_terminal and not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        instead = "decode" if options.file else "send" if options.watch is None else "watch --print"
        raise UsageProblem(f"The app needs a terminal. `chatgrid-tui {instead}` works without one.")
    process_memory.pause_collection()  # until everything is loaded: the app resumes it
    app = make_app(paths, options)
    sys.setswitchinterval(_SWITCH)
    app.run()
    if app.refusal is not None:
        raise app.refusal
    if (error := app.crash) is not None:
        logger.critical("Unhandled exception", exc_info=error)
        from chatgrid_tui.cli.crash import crash_words, keep_report

        if app.chat.session is not None:
            asyncio.run(app.chat.session.close_history(_AFTER_CRASH))
        message = crash_words(error, keep_report(error, paths.data_folder), _not_saved(app))
    else:
        message = _last_words(app)
    print_at_end(message)
    return app.return_code or 0


def _last_words(app: ChatgridApp) -> str:
    """Return what the user should know after the app has ended, as a line, or an empty string."""
    not_saved = _not_saved(app)
    if app.return_code == TERMINAL_LOST:
        return f"chatgrid-tui: The terminal was closed. {not_saved or 'Your conversations are saved.'}\n"
    return f"chatgrid-tui: {not_saved}\n" if not_saved else ""


def _not_saved(app: ChatgridApp) -> str:
    return app.chat.session.not_saved if app.chat.session is not None else ""


def make_app(paths: Paths, options: OpeningOptions, clock: Clock = SYSTEM_CLOCK) -> ChatgridApp:
    """Return the app, ready to run. A broken configuration does not prevent it from starting.

    Raises:
        ConfigProblem, UsageProblem: it cannot be opened as the command line asks.
    """
    configured = read_configuration(paths, theme=options.theme, provider="" if options.demo else options.provider)
    settings = configured.settings
    opener: _Opener | RecordingOpener | WatchOpener = _Opener(paths, configured, options, clock)
    if options.file:
        opener = RecordingOpener(options.file, options.kind, options.replay, configured.notices, clock)
    elif options.watch is not None:
        opener = WatchOpener(options.watch, configured.notices, clock)
    return ChatgridApp(
        opener.open,
        fitting_themes(configured.themes),
        settings.theme,
        keys=settings.keys,
        ascii_signs=settings.glyphs == "ascii",
        bubbles=settings.bubbles,
        reduced_motion=settings.reduced_motion,
        keep_theme=lambda name: _keep_theme(paths, name),
        at_end=opener.close,
        clock=clock,
    )


class _Opener:
    """Starts the session after the first frame, and closes what it opened."""

    def __init__(self, paths: Paths, configured: Configuration, options: OpeningOptions, clock: Clock) -> None:
        self._paths = paths
        self._configured = configured
        self._settings = configured.settings
        self._options = options
        self._clock = clock
        self._server: DemoServer | None = None
        self._notices = [*configured.notices]

    async def open(self, progress: Callable[[str], None]) -> Opening:
        """Open the history and, if nothing is configured, start the demo bots. `progress` gets slow steps."""
        # Nothing of this is needed for the first frame. Loaded in a thread, it does not block key presses.
        await asyncio.to_thread(import_module, "chatgrid_tui.session.session")
        from chatgrid_tui.session.providers.clients import Clients
        from chatgrid_tui.session.session import Session
        from chatgrid_tui.store.history import History

        bots: tuple[LocalBot, ...] = ()
        settings = self._settings
        if self._options.demo or not settings.providers:
            settings, bots = await self._with_bots(settings)
        clients = Clients(settings, self._paths, lambda: _http_transport(settings))
        history = await History.open(self._paths.data_folder, Progress(progress).report)
        session = Session(clients, history, self._clock)
        try:
            await session.load()
            for condition in self._configured.conditions:
                session.alerts.begin(condition)
            open_on = self._options.provider or self._options.board
            conversation = None if open_on else await session.open_last()
            if conversation is None:
                conversation = session.begin(*await self._place(session, settings, bots))
        except BaseException:
            await session.close()
            raise
        return Opening(session, conversation, bots, tuple(self._notices))

    async def close(self) -> None:
        """Stop the demo bots."""
        if self._server is not None:
            await self._server.close()

    async def _with_bots(self, settings: Settings) -> tuple[Settings, tuple[LocalBot, ...]]:
        from chatgrid_tui.cli.demo import local_bots, with_embedded
        from chatgrid_tui.cli.serving import listen
        from chatgrid_tui.demo.server import DemoServer

        self._server = DemoServer(port=self._options.port)
        await listen(self._server, self._options.port)
        settings = with_embedded(settings, self._server)
        return settings, local_bots(settings)

    async def _place(
        self, session: Session, settings: Settings, bots: tuple[LocalBot, ...]
    ) -> tuple[Provider, Board]:
        """Return the provider and board to start with: the requested ones, else the first."""
        from chatgrid_tui.session.providers.board_choice import starting_board

        provider = settings.provider(self._options.provider)
        assert provider is not None, "with nothing configured the demo bots are"
        if not self._options.board and bots and provider == bots[0].provider:
            return provider, bots[0].board
        board, notices = await starting_board(await session.clients.get(provider), self._options.board)
        self._notices += notices
        return provider, board


def _http_transport(settings: Settings) -> Transport:
    from chatgrid_tui.cli.http_transport import http_transport

    return http_transport(settings.providers.values())


async def _keep_theme(paths: Paths, name: str) -> str:
    """Save the choice of a theme in the configuration, and return a sentence about that, if necessary.

    Raises:
        ConfigProblem: it cannot be saved.
    """
    backup = await asyncio.to_thread(change, paths.config_file, {"theme": name})
    return (
        f"config.toml was rewritten without its comments. The old file is {backup.name}."
        if backup is not None
        else ""
    )


class Progress:
    """Passes progress from a thread to the event loop in which it was created."""

    def __init__(self, show: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._began = clock()
        self._paused = self._began
        self._shown = ""

    def report(self, doing: str, done: int, of: int) -> None:
        """Show the progress. Call this from the working thread, as often as necessary."""
        now = self._clock()
        if now - self._paused >= _WORK_SECONDS:  # Python runs one thread at a time, and key presses must not wait
            time.sleep(_PAUSE_SECONDS)
            self._paused = self._clock()
        text = f"{doing}, {done * 100 // of if of else 0} %"
        if text != self._shown and now - self._began >= _QUIET_SECONDS:
            self._shown = text
            self._loop.call_soon_threadsafe(self._show, text)
