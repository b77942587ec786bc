"""What the user has to know beside the conversation: conditions that hold now, and messages to be read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.session.changes import AlertsChanged, Change

ConditionKind: TypeAlias = Literal["not saved", "history read only", "settings read only", "open to others"]

_MOST_MESSAGES: Final = 20
"""Messages kept for reading; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds for a while. `text` says in a sentence what it is and why."""

    kind: ConditionKind
    text: str


class Alerts:
    """The one place for what the user must not miss.

    A condition is shown for as long as it holds, and again whenever it comes back; nobody can dismiss it. A message
    is shown until it is dismissed.
    """

    def __init__(self, notify: Callable[[Change], None]) -> None:
        """`notify` gets an `AlertsChanged` whenever something begins, changes or ends."""
        self._notify = notify
        self._conditions: dict[ConditionKind, Condition] = {}
        self._messages: dict[str, None] = {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that hold now, the one that began first in front."""
        return tuple(self._conditions.values())

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages that nobody has dismissed, the newest first."""
        return tuple(reversed(self._messages))

    def begin(self, condition: Condition) -> None:
        """Show a condition from now on, in place of another of its kind."""
        if self._conditions.get(condition.kind) != condition:
            self._conditions[condition.kind] = condition
            self._notify(AlertsChanged())

    def end(self, kind: ConditionKind) -> None:
        """Stop showing a condition: it is over."""
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
