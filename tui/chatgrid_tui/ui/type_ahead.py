"""Process keys in the order in which they were typed, each in the place to which the earlier ones lead.

Textual sends a key to the focused widget and processes the next one at once. Over a slow connection keys arrive
together, and those after a Tab, or after the key of the switcher, would go to the widget that had the focus before.
Here, what follows a key that may change the focus or the screen waits until that key was handled and the screen that
it opened is ready. Letters change neither, and do not wait for each other (tests/app/test_typing_ahead.py).

The app passes its events to `TypeAhead.take`, and `Handled` messages to `TypeAhead.handled`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker

from chatgrid_tui.ui.background_work import leading

_IN_ORDER: Final = (
    events.Key,
    events.Paste,
    events.MouseDown,
    events.MouseUp,
    events.MouseScrollUp,
    events.MouseScrollDown,
)
_ROUNDS: Final = 2
"""How often `Handled` is sent: first after the key, then after the messages that widgets posted because of it."""
_LOST_AFTER: Final = 0.2
"""Seconds after which `Handled` counts as lost, because a widget that should pass it on is gone."""
_PATIENCE: Final = 1.0
"""Seconds to wait for work that a key started. It may call a service, which can take long."""
_CHECK_INTERVAL: Final = 0.01


class Handled(Message):
    """Bubbles after a key. When it reaches the app, the key has been handled."""

    def __init__(self, number: int, rounds: int = 1) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds


class TypeAhead:
    """Keeps keys, pastes and clicks in order."""

    def __init__(
        self, app: App[int], hand_on: Callable[[events.Event], Awaitable[None]], *, patience: float = _PATIENCE
    ) -> None:
        """`hand_on` sends an event to the focused widget, or to the one under the mouse. `patience` is the number of
        seconds to wait for work that a key started.
        """
        self._app = app
        self._hand_on = hand_on
        self.patience = patience
        self._waiting: deque[events.Event] = deque()
        self._letters_pending = False
        """Whether letters were passed on that may not have been handled yet."""
        self._key_pending = True
        """Whether a key was passed on that may still change the focus or screen. The start of the app counts as one.
        """
        self._number = 0
        """The number of that key."""
        self._screen: Screen[object] | None = None
        """The screen on which it was typed, or which it opened."""
        self._lost_timer: Timer | None = None
        self._seen_at: WeakKeyDictionary[Worker[object], float] = WeakKeyDictionary()
        """Workers that lead to another place, and when each was first seen."""

    @property
    def waiting(self) -> int:
        """The number of waiting events."""
        return len(self._waiting)

    def begin(self) -> None:
        """Pass on what was typed before the first screen was ready."""
        self._app.call_later(self._go_on_if_ready, self._number)

    async def take(self, event: events.Event) -> None:
        """Pass an event on, now or when its turn comes."""
        if not isinstance(event, _IN_ORDER) or event.is_forwarded:
            await self._hand_on(event)
        elif self._key_pending or self._waiting:
            self._waiting.append(event)
        else:
            await self._go(event)

    def handled(self, message: Handled) -> None:
        """Record that a key was handled."""
        if message.number != self._number:
            return
        if message.rounds < _ROUNDS:
            self._send(Handled(message.number, message.rounds + 1))
        else:  # what the key did to the focus is in the queue of the app already, and comes first
            self._app.call_later(self._go_on_if_ready, message.number)

    async def _go(self, event: events.Event) -> None:
        if not self._app.screen_stack:
            return  # the app has ended
        if self._is_text(event):
            self._letters_pending = True
            await self._hand_on(event)
        elif self._letters_pending:
            self._letters_pending = False
            self._waiting.appendleft(event)
            self._wait()
        elif isinstance(event, events.Key):
            self._screen = self._app.screen
            self._key_pending = True  # also while it is being passed on
            await self._hand_on(event)
            self._wait()
        else:
            await self._hand_on(event)

    def _is_text(self, event: events.Event) -> bool:
        """Return whether an event is text for the focused widget."""
        focused = self._app.focused
        if focused is None or not isinstance(event, (events.Key, events.Paste)):
            return False
        return isinstance(event, events.Paste) or focused.check_consume_key(event.key, event.character)

    def _wait(self) -> None:
        if not self._app.screen_stack:
            return  # the key has ended the app
        self._key_pending = True
        self._number += 1
        self._screen = self._screen or self._app.screen
        self._lost_timer = self._check_after(_LOST_AFTER, self._number)
        self._send(Handled(self._number))

    def _send(self, message: Handled) -> None:
        target = self._app.focused or self._app.screen
        if not target.post_message(message):
            self.handled(message)

    def _check_after(self, seconds: float, number: int) -> Timer:
        return self._app.set_timer(seconds, lambda: self._go_on_if_ready(number))

    async def _go_on_if_ready(self, number: int) -> None:
        """Pass on waiting events when the screen that the key opened is ready."""
        if not self._key_pending or number != self._number or not self._app.screen_stack:
            return  # it was passed on already, or the app has ended
        screen = self._app.screen
        if self._work_is_leading() or not screen.is_mounted:
            self._check_after(_CHECK_INTERVAL, number)
        elif screen is not self._screen:  # it has just opened: its changes of the focus come first
            self._screen = screen
            self._app.call_later(self._go_on_if_ready, number)
        else:
            if self._lost_timer is not None:
                self._lost_timer.stop()
            self._key_pending, self._screen = False, None
            while self._waiting and not self._key_pending:
                await self._go(self._waiting.popleft())

    def _work_is_leading(self) -> bool:
        now = time.monotonic()
        elapsed = [now - self._seen_at.setdefault(worker, now) for worker in leading(self._app)]
        return any(seconds < self.patience for seconds in elapsed)
