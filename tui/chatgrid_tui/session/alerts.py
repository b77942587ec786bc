"""Alerts: conditions that hold now, and messages that stay until they are dismissed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.session.changes import AlertsChanged, Change

ConditionKind: TypeAlias = Literal["not saved", "history read only", "settings read only", "open to others"]

_MOST_MESSAGES: Final = 20
"""The oldest messages beyond this number are dropped."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A state that lasts for a while. `text` is a sentence that says what it is and why."""

    kind: ConditionKind
    text: str


class Alerts:
    """Holds what the user must not miss.

    A condition is shown as long as it holds, and cannot be dismissed. A message is shown until it is dismissed.
    """

    def __init__(self, notify: Callable[[Change], None]) -> None:
        """Call `notify` with an `AlertsChanged` for each change."""
        self._notify = notify
        self._conditions: dict[ConditionKind, Condition] = {}
        self._messages: dict[str, None] = {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that hold now, the oldest first."""
        return tuple(self._conditions.values())

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages that were not dismissed, the newest first."""
        return tuple(reversed(self._messages))

    def begin(self, condition: Condition) -> None:
        """Show a condition, in place of any other of its kind."""
        if self._conditions.get(condition.kind) != condition:
            self._conditions[condition.kind] = condition
            self._notify(AlertsChanged())

    def end(self, kind: ConditionKind) -> None:
        """Stop showing a condition that is over."""
        if self._conditions.pop(kind, None) is not None:
            self._notify(AlertsChanged())

    def add(self, text: str) -> None:
        """Show a message until it is dismissed. The same text again becomes the newest."""
        self._messages.pop(text, None)
        self._messages[text] = None
        if len(self._messages) > _MOST_MESSAGES:
            del self._messages[next(iter(self._messages))]
        self._notify(AlertsChanged())

    def withdraw(self, *texts: str) -> None:
        """Stop showing messages that are no longer true."""
        withdrawn = [self._messages.pop(text) for text in texts if text in self._messages]
        if withdrawn:
            self._notify(AlertsChanged())

    def dismiss(self) -> None:
        """Stop showing the messages."""
        if self._messages:
            self._messages.clear()
            self._notify(AlertsChanged())
