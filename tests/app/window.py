"""The whole app as a user at the screen sees it: what is visible, and what can be done."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest import mock

from textual import events
from textual.pilot import Pilot

import quiet
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.session import Session
from chatgrid_tui.ui.app import ChatgridApp


class Window:
    """An open app. What is waited for is always a condition."""

    def __init__(self, app: ChatgridApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.press = pilot.press

    # What is to be seen

    @property
    def lines(self) -> list[str]:
        """The screen, row by row, without blanks at the ends."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The screen as one text. Wrapped words can be found in `words`."""
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """The page without its bars and line breaks, as one line: sentences are found however they wrap."""
        return self._unwrapped(self.lines)

    def _unwrapped(self, lines: list[str]) -> str:
        left = self.app.chat.page.region.x if self.app.screen is self.app.chat else 0
        text = " ".join(line[left:] for line in lines)
        for sign in "│▌▐":
            text = text.replace(sign, " ")
        return " ".join(text.split())

    def find(self, words: str) -> tuple[int, int]:
        """Return the first cell of `words`, of the lowest occurrence if there are several."""
        for y, line in reversed(list(enumerate(self.lines))):
            if words in line:
                return line.index(words), y
        raise AssertionError(f"{words!r} is not on the screen:\n{self.text}")

    @property
    def state(self) -> str:
        """The text at the right end of the status line, without its sign."""
        return self.lines[-2].split("  ")[-1].strip("▌■▲! ")

    # What is behind it

    @property
    def session(self) -> Session:
        """The session, which has begun."""
        session = self.app.chat.session
        assert session is not None
        return session

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        conversation = self.app.chat.controller.conversation
        assert conversation is not None
        return conversation

    @property
    def typed(self) -> str:
        """The text in the composer."""
        return self.app.chat.composer.text

    # Waiting and doing

    async def until(self, done: Callable[[], bool], what: str = "") -> None:
        """Wait for a condition."""

        def done_or_failed() -> bool:
            if self.app._exception is not None:
                raise self.app._exception
            return done()

        await quiet.until(done_or_failed, lambda: f"{what or done}\n{self.text}")

    async def sees(self, *words: str) -> None:
        """Wait until all of `words` are on the screen, wrapped or not."""
        await self.until(lambda: self._shows(*words), " and ".join(words))

    async def sees_no(self, words: str) -> None:
        """Wait until `words` are no longer on the screen."""
        await self.until(lambda: not self._shows(words), f"no {words}")

    def _shows(self, *words: str) -> bool:
        lines = self.lines
        text = "\n".join(lines)
        return all(each in text or each in self._unwrapped(lines) for each in words)

    async def until_titled(self, title: str) -> None:
        """Wait until a conversation with this title is on the screen."""
        await self.until(lambda: self.conversation.title == title, f"the conversation {title!r}")

    async def settled(self) -> None:
        """Wait until no reply is being written, the transcript shows how each ended, and the last frame is out."""
        await self.ended()
        await self.until(self._shows_ends, "the reply in the transcript")
        await self.pilot.pause()

    def _shows_ends(self) -> bool:
        """Return whether the transcript knows that the replies which it has drawn are ended."""
        viewport, turns = self.app.chat.transcript.viewport, self.conversation.turns
        document = viewport.document
        if viewport.dirty or document.count != len(turns):
            return False
        drawn = document._layouts.keys() - document._stale
        states = {index: state.split()[0] for index, (state, *_) in document._status.items()}
        replies = ((index, turns[index].reply) for index in drawn)
        return all(reply is not None and states.get(index) == reply.state for index, reply in replies)

    async def ended(self) -> None:
        """Wait until no reply is being written."""
        await self.until(
            lambda: (
                not self.conversation.queued
                and self.conversation.live is None
                and all(turn.reply is not None for turn in self.conversation.turns)
            ),
            "the end of the reply",
        )

    def hits(self, *keys: str) -> None:
        """Press keys without waiting for the app to be idle, as `press` does: what they do is waited for next."""
        for key in keys:
            self._sends_event(events.Key(key, "\r" if key == "enter" else None))

    def pastes(self, text: str) -> None:
        """Paste into what has the focus."""
        self._sends_event(events.Paste(text))

    def _sends_event(self, event: events.Event) -> None:
        driver = self.app._driver
        assert driver is not None
        event.set_sender(self.app)
        driver.send_message(event)

    async def writes(self, text: str) -> None:
        """Put text into the composer, as pasting does."""
        before = self.typed
        self.app.chat.composer.field.post_message(events.Paste(text))
        await self.until(lambda: self.typed != before, "the text in the composer")

    async def sends(self, text: str) -> None:
        """Write a message and send it; it is in the conversation then."""
        before = len(self.conversation.turns)
        await self.writes(text)
        self.hits("enter")
        await self.until(lambda: len(self.conversation.turns) > before, "the message in the conversation")

    async def sends_nothing(self, text: str, because: str) -> None:
        """Write a message that is refused, and wait until it is in the composer again with the reason."""
        await self.writes(text)
        self.hits("enter")
        await self.sees(because)
        self.hits("escape")
        await self.until(lambda: self.typed == text, "the message in the composer")

    async def begins_new(self) -> None:
        """Begin a new conversation; it is on the screen then."""
        before = self.conversation
        await self.press("ctrl+n")
        await self.until(lambda: self.conversation is not before, "the new conversation")

    async def says(self, text: str) -> None:
        """Send a message and wait for the whole reply."""
        await self.sends(text)
        await self.settled()

    async def clicks(self, words: str) -> None:
        """Click on the first letter of a text with the mouse."""
        await self.sees(words)
        await self.pilot.hover(offset=self.find(words))
        await self.pilot.click(offset=self.find(words))

    async def meets(self, number: int) -> None:
        """Choose a bot of the first screen by its number; the first one is chosen already."""
        before = self.conversation
        await self.press("tab", str(number))
        await self.until(lambda: number == 1 or self.conversation is not before, "another bot")
        await self.until(lambda: self.app.focused is self.app.chat.composer.field, "the focus in the composer")

    async def picture(self) -> str:
        """Return the screen as SVG once it no longer changes."""
        before, svg = "", self._exported()
        while svg != before:
            await self.pilot.pause()
            before, svg = svg, self._exported()
        return svg

    def _exported(self) -> str:
        """Return the current screen, including the page behind a dialog, which Textual does not render again."""
        self.app.screen.refresh()
        return self.app.export_screenshot(title="chatgrid-tui")

    async def resizes(self, width: int, height: int) -> None:
        """Give the screen another size."""
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause()


def hurried() -> Clock:
    """Return a clock that goes eight times as fast, so that silence is soon a long one."""
    begun, at = time.monotonic(), datetime.now(UTC)

    def passed() -> float:
        return 8 * (time.monotonic() - begun)

    return Clock(monotonic=lambda: begun + passed(), utc_now=lambda: at + timedelta(seconds=passed()))


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    size: tuple[int, int] = (120, 40),
    config: str = "",
    wanted: OpeningOptions | None = None,
    pace: float | None = 0,
    clock: Clock = SYSTEM_CLOCK,
) -> AsyncIterator[Window]:
    """Open the app as the command line does, with its configuration and history in `folder`; close it after.

    `config` is written first, unless there is one. `pace` is that of the embedded bots.
    """
    paths = Paths.usual(folder / "config.toml", folder / "data")
    if config and not paths.config_file.exists():
        paths.config_file.write_text(config, encoding="utf-8")
    with mock.patch("chatgrid_tui.demo.server.DemoServer", partial(DemoServer, pace=pace)):
        app = make_app(paths, wanted or OpeningOptions(), clock)
        async with app.run_test(size=size, notifications=True) as pilot:
            window = Window(app, pilot)
            await window.until(lambda: app.chat.controller.conversation is not None, "the first conversation")
            await pilot.pause()
            try:
                yield window
            finally:
                await app.end(0)
