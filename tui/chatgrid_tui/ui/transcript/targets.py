"""What can be pressed in a transcript: a small value for each kind of target.

Equal values are the same target, however many rows it wraps over and however often it is drawn. Nothing that a bot
wrote becomes an action string: a pressed target is looked up by its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeGuard

Place: TypeAlias = tuple[int, ...]
"""Turn, bubble, piece of its text, and a number within that; the same each time it is drawn."""


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """A link in a text. `named` is a different address in its label, if there is one."""

    url: str
    place: Place
    named: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentTarget:
    """A file of a reply, by its index in the reply."""

    turn: int
    index: int
    url: str
    name: str


@dataclass(frozen=True, slots=True)
class SuggestionTarget:
    """A suggestion, by its index in the reply."""

    turn: int
    index: int


@dataclass(frozen=True, slots=True)
class ButtonTarget:
    """A button under a notice, an error or a queued message."""

    turn: int
    id: str


@dataclass(frozen=True, slots=True)
class ChoiceTarget:
    """A row or button of the first screen, by its index in both together."""

    index: int


@dataclass(frozen=True, slots=True)
class CodeTarget:
    """`Ctrl+Y Copy` on a code block. Its text is looked up when it is copied, since the block may still grow."""

    code: Callable[[], str] = field(compare=False, repr=False)
    place: Place
    language: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """The code so far."""
        return self.code()


@dataclass(frozen=True, slots=True)
class MoreTarget:
    """The rest of a text that is too long to be shown at once: of a piece of a bubble, or of the whole bubble."""

    place: Place


@dataclass(frozen=True, slots=True)
class MoreItemsTarget:
    """The files or the suggestions of a reply that are not shown yet."""

    turn: int
    what: Literal["files", "suggestions"]


@dataclass(frozen=True, slots=True)
class FoldedTarget:
    """A line in place of `reasoning` or calls to `tools`, or the `mark` of the reply. It is pressed like a button,
    but is not in a row of buttons.
    """

    turn: int
    id: str


@dataclass(frozen=True, slots=True)
class TaskTarget:
    """What the mouse can do with a bubble on its name line: `Ctrl+C Copy`, for example."""

    turn: int
    bubble: int
    task: Literal["copy", "quote", "menu"]


Target: TypeAlias = (
    LinkTarget
    | AttachmentTarget
    | SuggestionTarget
    | ButtonTarget
    | ChoiceTarget
    | CodeTarget
    | MoreTarget
    | MoreItemsTarget
    | FoldedTarget
    | TaskTarget
)

Offer: TypeAlias = SuggestionTarget | ButtonTarget | ChoiceTarget | MoreItemsTarget
"""Targets in rows of buttons, between which arrow keys move, and which digits press."""


def is_offer(target: Target | None) -> TypeGuard[Offer]:
    """Return whether arrow keys move from a target to its neighbours and digits press it."""
    match target:
        case SuggestionTarget() | ButtonTarget() | ChoiceTarget() | MoreItemsTarget(what="suggestions"):
            return True
        case _:
            return False
