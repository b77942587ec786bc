"""Wait for a service that limits requests."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from chatgrid_tui.errors import ServiceProblem
from chatgrid_tui.session.wording.refusal_kinds import is_limit, is_long_limit
from chatgrid_tui.session.wording.sync_status import SyncStatus

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_DEFAULT_WAIT: Final = 20.0
"""Seconds to wait if the service does not say for how long."""
_SHORTEST_WAIT: Final = 1.0
"""Seconds to wait if the service names no wait but still refuses."""


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
