"""What is said of asking a service for what it has: how far that is, and why it does not go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.errors import ChatgridError, ConnectionProblem, ServiceProblem
from chatgrid_tui.model.failure import FailureCause
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.session.wording.failures import asked_wait, explain
from chatgrid_tui.session.wording.refusals import is_long_limit

SOON: Final = 0.5
"""Seconds that need no words."""
_OFFLINE: Final[frozenset[FailureCause]] = frozenset(
    {
        "refused",
        "unreachable",
        "unknown host",
        "name lookup failed",
        "dropped",
        "no connection in time",
        "no answer in time",
        "silence",
    }
)
OFFLINE: Final = "Offline. Shown from this machine."

AskTone: TypeAlias = Literal["quiet", "live", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class Said:
    """Words about it; empty where nothing is to be said. The tone is one of the interface's."""

    words: str = ""
    tone: AskTone = "quiet"


def why(problem: ChatgridError, key: KeyStatus) -> Said:
    """Put into words why a service does not tell what it has."""
    match problem:
        case ConnectionProblem(failure=failure) if failure.cause in _OFFLINE:
            return Said(OFFLINE, "waiting")
        case ServiceProblem(failure=failure) if failure.status == 403:
            code = f" {failure.code}" if failure.code else ""
            return Said(f"The key may not read this (403{code}).", "failed")
        case ConnectionProblem(failure=failure) | ServiceProblem(failure=failure):
            headline = explain(failure, key, "safe").headline
            return Said(f"{headline} {asked_wait(failure)}" if is_long_limit(failure) else headline, "failed")
        case _:
            return Said(str(problem), "failed")


def is_gone(problem: ChatgridError) -> bool:
    """Whether the service says that it has no such conversation any more."""
    return isinstance(problem, ServiceProblem) and problem.failure.status == 404
