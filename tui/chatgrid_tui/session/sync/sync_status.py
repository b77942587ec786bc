"""The status of requests for chats and messages: their progress, why they failed, and waiting for a limit to end."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar

from chatgrid_tui.errors import ChatgridError, ConnectionProblem, ServiceProblem
from chatgrid_tui.model.failure import FailureCause
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.session.wording.failures import asked_wait, explain
from chatgrid_tui.session.wording.refusal_kinds import is_limit, is_long_limit

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
logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_DEFAULT_WAIT: Final = 20.0
"""Seconds to wait if the service does not say for how long."""
_SHORTEST_WAIT: Final = 1.0
"""Seconds to wait if the service names no wait but still refuses."""


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


async def retry_after_limit(
    request: Callable[[], Awaitable[Result]],
    show: Callable[[SyncStatus], None],
    still_needed: Callable[[], bool],
    sleep: Callable[[float], Awaitable[object]],
) -> Result:
    """Return the result of `request`. If a limit refuses it, show a countdown and repeat the request, as long as the
    result is `still_needed`.

    Raises:
        ChatgridError: any other error of `request`, or a limit that lasts too long to wait for.
    """
    while True:
        try:
            return await request()
        except ServiceProblem as problem:
            if not is_limit(problem.failure) or is_long_limit(problem.failure):
                raise
            retry_after = problem.failure.retry_after
            wait = _DEFAULT_WAIT if retry_after is None else max(_SHORTEST_WAIT, retry_after)
            logger.info("Requests are limited, next try in %g s", wait)
            for seconds in range(math.ceil(wait), 0, -1):
                if not still_needed():
                    raise
                show(SyncStatus(f"The service is limiting requests. Next try in {seconds:,} s.", "waiting"))
                await sleep(1.0)
