"""Keys one after the other: each goes where the ones before it led.

Textual hands a key to what has the focus and takes the next one at once. Over a slow line keys come together, and
those behind a Tab, behind the key of the switcher or behind the Enter in it would go to what was there before. So a
key waits until the one before it was heard, and until what that one opened is there (test_typing_ahead).
"""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from typing import Final, TypeAlias

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen

from chatgrid_tui.ui.work import leads_on

Typed: TypeAlias = events.Key | events.Paste

_ROUNDS: Final = 2
"""How often word is sent: the first one comes behind the key, the second one behind what the key made widgets say."""
_LOST_AFTER: Final = 0.2
"""Seconds after which word counts as lost: whoever was to hand it on is gone."""
_PATIENCE: Final = 1.0
"""Seconds that are waited for what a key began: that may also ask a service, and take long."""
_LOOKS_APART: Final = 0.01


class Heard(Message):
    """Follows a key from widget to widget. When it is with the app, so was the key, unless somebody took it."""

    def __init__(self, number: int, rounds: int) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds


class TypeAhead:
    """What is typed, and has to wait for what was typed before it."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._waiting: deque[Typed] = deque()
        self._under_way = False
        self._number = 0
        """Which key is under way, counted from the first one."""
        self._screen: Screen[object] | None = None
        """The screen that it was typed on, or has led to."""
        self._leads_since: float | None = None
        """Since when what was typed leads somewhere else; None where it has led there."""

    def may_go(self, typed: Typed) -> bool:
        """Whether something typed may be handed on now; else it is kept until then."""
        if self._under_way:
            self._waiting.append(typed)
            if len(self._waiting) == 1:
                self._wait_no_longer_than(_LOST_AFTER)
            return False
        self._under_way = True
        self._number += 1
        self._screen = self._app.screen
        return True

    def went(self) -> None:
        """It was handed on: send word after it."""
        self._send_word(Heard(self._number, 1))
        if self._waiting:
            self._wait_no_longer_than(_LOST_AFTER)

    def heard(self, word: Heard) -> None:
        """Word has come back."""
        if word.rounds < _ROUNDS:
            self._send_word(Heard(word.number, word.rounds + 1))
        else:  # what the key did to the focus is before the app already, and comes first
            self._app.call_later(self._look_where_it_led, word.number)

    def _send_word(self, word: Heard) -> None:
        target = self._app.focused or self._app.screen
        if not target.post_message(word):
            self.heard(word)

    def _wait_no_longer_than(self, seconds: float) -> None:
        self._app.set_timer(seconds, partial(self._look_where_it_led, self._number))

    async def _look_where_it_led(self, number: int) -> None:
        """Hand on what was typed next, once what the key before it opened is there to take it."""
        if not self._under_way or number != self._number:
            return
        screen = self._app.screen
        if self._still_leads() or not screen.is_mounted:
            self._wait_no_longer_than(_LOOKS_APART)
        elif screen is not self._screen:  # it has just come: what it does to the focus comes first
            self._screen = screen
            self._app.call_later(self._look_where_it_led, number)
        else:
            self._under_way = False
            if self._waiting:
                await self._app.on_event(self._waiting.popleft())

    def _still_leads(self) -> bool:
        if not leads_on(self._app):
            self._leads_since = None
            return False
        now = time.monotonic()
        self._leads_since = self._leads_since or now
        return now - self._leads_since < _PATIENCE
