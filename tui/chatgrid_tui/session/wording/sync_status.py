"""What is said of asking a service for what it has: how far that is, and why it does not go on."""

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
from chatgrid_tui.session.wording.refusals import is_limit, is_long_limit

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

SOON: Final = 0.5
"""Seconds that need no words."""
_WAIT: Final = 20.0
"""Seconds that are waited where a service limits requests and does not say for how long."""
_LEAST_WAIT: Final = 1.0
"""Seconds that are waited where the service says that none are needed, and refuses all the same."""
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


async def retry_after_limit(
    ask: Callable[[], Awaitable[Result]],
    say: Callable[[Said], None],
    wanted: Callable[[], bool],
    sleep: Callable[[float], Awaitable[None]],
) -> Result:
    """Ask, and ask again as soon as may be where the service limits requests, as long as the answer is `wanted`.

    Raises:
        ChatgridError: what `ask` raises besides, and a limit that lasts too long to be waited for.
    """
    while True:
        try:
            return await ask()
        except ServiceProblem as problem:
            if not is_limit(problem.failure) or is_long_limit(problem.failure):
                raise
            seconds = problem.failure.retry_after
            wait = _WAIT if seconds is None else max(_LEAST_WAIT, seconds)
            logger.info("Requests are limited, next try in %g s", wait)
            for left in range(math.ceil(wait), 0, -1):
                if not wanted():
                    raise
                say(Said(f"The service is limiting requests. Next try in {left:,} s.", "waiting"))
                await sleep(1.0)


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
