"""Keys one after the other: each goes where the ones before it led.

Textual hands a key to what has the focus and takes the next one at once. Over a slow line keys come together, and
those behind a Tab, behind the key of the switcher or behind the Enter in it would go to what was there before. So
what comes behind a key that may lead somewhere waits until that one was heard, and until what it opened is there.
Letters lead nowhere, and wait for no letters (tests/app/test_typing_ahead.py).
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

from chatgrid_tui.ui.work import leading

_IN_ORDER: Final = (
    events.Key,
    events.Paste,
    events.MouseDown,
    events.MouseUp,
    events.MouseScrollUp,
    events.MouseScrollDown,
)
_ROUNDS: Final = 2
"""How often word is sent: the first one comes behind the key, the second one behind what the key made widgets say."""
_LOST_AFTER: Final = 0.2
"""Seconds after which word counts as lost: whoever was to hand it on is gone."""
_PATIENCE: Final = 1.0
"""Seconds that are waited for work that a key began: it may also ask a service, and take long."""
_LOOKS_APART: Final = 0.01


class Heard(Message):
    """Follows a key from widget to widget. When it is with the app, so was the key, unless somebody took it."""

    def __init__(self, number: int, rounds: int = 1) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds


class TypeAhead:
    """What is typed and clicked, and has to wait for what was typed before it."""

    def __init__(self, app: App[int], hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        """`hand_on` gives an event to whoever has the focus, or is under the mouse."""
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[events.Event] = deque()
        self._letters_unheard = False
        """Whether letters were handed on of which nobody knows yet that they were heard."""
        self._under_way = True
        """Whether a key is, of which nobody knows yet where it leads. The beginning counts as one."""
        self._number = 0
        """Which key that is."""
        self._screen: Screen[object] | None = None
        """The screen that it was typed on, or has led to."""
        self._lost: Timer | None = None
        self._seen: WeakKeyDictionary[Worker[object], float] = WeakKeyDictionary()
        """Work that leads somewhere, and when it was seen first."""

    def concerns(self, event: events.Event) -> bool:
        """Whether an event is one of those that keep their order."""
        return isinstance(event, _IN_ORDER) and not event.is_forwarded

    def begin(self) -> None:
        """The first screen is there. What was typed before may go."""
        self._app.call_later(self._look_where_it_led, self._number)

    async def take(self, event: events.Event) -> None:
        """Hand an event on, now or when its turn comes."""
        if self._under_way or self._waiting:
            self._waiting.append(event)
        else:
            await self._go(event)

    def heard(self, word: Heard) -> None:
        """Word has come back."""
        if word.number != self._number:
            return
        if word.rounds < _ROUNDS:
            self._send(Heard(word.number, word.rounds + 1))
        else:  # what the key did to the focus is before the app already, and comes first
            self._app.call_later(self._look_where_it_led, word.number)

    async def _go(self, event: events.Event) -> None:
        if self._leads_nowhere(event):
            self._letters_unheard = True
            await self._hand_on(event)
        elif self._letters_unheard:
            self._letters_unheard = False
            self._waiting.appendleft(event)
            self._wait_for_word()
        elif isinstance(event, events.Key):
            self._screen = self._app.screen
            self._under_way = True  # also while it is handed on
            await self._hand_on(event)
            self._wait_for_word()
        else:
            await self._hand_on(event)

    def _leads_nowhere(self, event: events.Event) -> bool:
        """Whether an event is text for what has the focus."""
        focused = self._app.focused
        if focused is None or not isinstance(event, (events.Key, events.Paste)):
            return False
        return isinstance(event, events.Paste) or focused.check_consume_key(event.key, event.character)

    def _wait_for_word(self) -> None:
        self._under_way = True
        self._number += 1
        self._screen = self._screen or self._app.screen
        self._lost = self._look_after(_LOST_AFTER, self._number)
        self._send(Heard(self._number))

    def _send(self, word: Heard) -> None:
        target = self._app.focused or self._app.screen
        if not target.post_message(word):
            self.heard(word)

    def _look_after(self, seconds: float, number: int) -> Timer:
        return self._app.set_timer(seconds, lambda: self._look_where_it_led(number))

    async def _look_where_it_led(self, number: int) -> None:
        """Hand on what waits, once what the key before it opened is there to take it."""
        if not self._under_way or number != self._number or not self._app.screen_stack:
            return  # it was handed on already, or the app has ended
        screen = self._app.screen
        if self._still_leads() or not screen.is_mounted:
            self._look_after(_LOOKS_APART, number)
        elif screen is not self._screen:  # it has just come: what it does to the focus comes first
            self._screen = screen
            self._app.call_later(self._look_where_it_led, number)
        else:
            if self._lost is not None:
                self._lost.stop()
            self._under_way, self._screen = False, None
            while self._waiting and not self._under_way:
                await self._go(self._waiting.popleft())

    def _still_leads(self) -> bool:
        now = time.monotonic()
        waits = [now - self._seen.setdefault(worker, now) for worker in leading(self._app)]
        return any(wait < _PATIENCE for wait in waits)
