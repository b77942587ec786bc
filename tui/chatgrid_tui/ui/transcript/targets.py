"""What can be pressed in a transcript: a small value for each kind.

Equal values are one target, however many rows it wraps over and however often it is drawn. Nothing that a bot wrote
becomes an action string: a press is looked up by its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeGuard

Place: TypeAlias = tuple[int, ...]
"""Turn, bubble, piece of its text, and a number within that: the same each time it is drawn."""


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """A link in a text. `named` is another address in its label."""

    url: str
    place: Place
    named: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentTarget:
    """A file of a reply, counted from 0 within it."""

    turn: int
    index: int
    url: str
    name: str


@dataclass(frozen=True, slots=True)
class SuggestionTarget:
    """A suggestion, counted from 0 within its reply."""

    turn: int
    index: int


@dataclass(frozen=True, slots=True)
class ButtonTarget:
    """A button under a notice, an error or a queued message."""

    turn: int
    id: str


@dataclass(frozen=True, slots=True)
class ChoiceTarget:
    """A row or a button of the first screen, counted from 0 over both."""

    index: int


@dataclass(frozen=True, slots=True)
class CodeTarget:
    """`Ctrl+Y Copy` on a block of code. Its text is looked up when it is copied, as the block may still grow."""

    code: Callable[[], str] = field(compare=False, repr=False)
    place: Place
    language: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """The code so far."""
        return self.code()


@dataclass(frozen=True, slots=True)
class MoreTarget:
    """The rest of a text too long to be shown at once: of a piece of a bubble, or of all of it."""

    place: Place


@dataclass(frozen=True, slots=True)
class MoreItemsTarget:
    """The files or the suggestions of a reply that are not shown yet."""

    turn: int
    what: Literal["files", "suggestions"]


@dataclass(frozen=True, slots=True)
class FoldedTarget:
    """A line in place of `reasoning` or calls to `tools`. It is pressed like a button, but is in no row of them."""

    turn: int
    id: str


@dataclass(frozen=True, slots=True)
class CopyTarget:
    """`Ctrl+C Copy` on the name line, for the mouse."""

    turn: int
    bubble: int


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
    | CopyTarget
)

Offer: TypeAlias = SuggestionTarget | ButtonTarget | ChoiceTarget | MoreItemsTarget
"""What is in rows of buttons, where arrows move and digits press."""


def is_offer(target: Target | None) -> TypeGuard[Offer]:
    """Return whether arrows move from a target to its neighbours and digits press it."""
    match target:
        case SuggestionTarget() | ButtonTarget() | ChoiceTarget() | MoreItemsTarget(what="suggestions"):
            return True
        case _:
            return False
