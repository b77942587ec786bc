"""The status of requests for chats and messages: their progress, or why they failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.errors import ChatgridError, ConnectionProblem, ServiceProblem
from chatgrid_tui.model.failure import FailureCause
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.session.wording.failures import asked_wait, explain
from chatgrid_tui.session.wording.refusal_kinds import is_long_limit

STATUS_DELAY: Final = 0.5
"""Seconds that a request may take before a status is shown."""
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

SyncTone: TypeAlias = Literal["quiet", "live", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """A sentence to show, or empty for none, and its tone in the interface."""

    text: str = ""
    tone: SyncTone = "quiet"


def status_of_error(problem: ChatgridError, key: KeyStatus) -> SyncStatus:
    """Return the status that says why a request failed."""
    match problem:
        case ConnectionProblem(failure=failure) if failure.cause in _OFFLINE:
            return SyncStatus(OFFLINE, "waiting")
        case ServiceProblem(failure=failure) if failure.status == 403:
            code = f" {failure.code}" if failure.code else ""
            return SyncStatus(f"The key does not allow reading this (403{code}).", "failed")
        case ConnectionProblem(failure=failure) | ServiceProblem(failure=failure):
            headline = explain(failure, key, "safe").headline
            return SyncStatus(f"{headline} {asked_wait(failure)}" if is_long_limit(failure) else headline, "failed")
        case _:
            return SyncStatus(str(problem), "failed")


def is_gone(problem: ChatgridError) -> bool:
    """Return whether the service says that it no longer has the conversation."""
    return isinstance(problem, ServiceProblem) and problem.failure.status == 404
