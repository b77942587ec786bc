"""What a refusal is about, whether it arrived as an HTTP status or within a stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, get_args

from chatgrid_tui.dialects.error_payloads import STATUSES
from chatgrid_tui.model.failure import AnswerCause, Failure

if TYPE_CHECKING:
    from chatgrid_tui.session.reply import Reply

LONGEST_WAIT: Final = 300.0
"""The longest wait in seconds for an automatic retry. A longer one is for the user to decide on."""
_KEY_CODE: Final = re.compile(
    "(invalid|incorrect|missing|no)_?api_?key|unauthori[sz]ed|(invalid_)?authentication(_?error)?", re.IGNORECASE
)
_LIMIT_CODES: Final = frozenset({"rate_limit", "rate_limit_exceeded", "rate_limit_error"})
_NO_BOARD: Final = re.compile("(model|board|bot)_not_found", re.IGNORECASE)
_STATUS: Final = re.compile("[45][0-9][0-9]")

_USED_UP_STATUSES: Final = frozenset({None, 400, 403, 429})
_USED_UP_CODE: Final = re.compile(
    r"(insufficient|exceeded|exhausted|out_?of|no)_?(\w+_)?(quota|balance|credit|fund|budget)"
    r"|(quota|balance|credit|fund|budget)s?_?(exceeded|exhausted|depleted|insufficient|too_low|used_up)"
    r"|billing|payment_?required|arrear|overdue",
    re.IGNORECASE,
)
"""OpenAI `insufficient_quota`, `billing_hard_limit_reached`; Anthropic `billing_error`; Moonshot
`exceeded_current_quota_error`; litellm `budget_exceeded`; DashScope `Arrearage`; ChatIQ `QUOTA_EXCEEDED`."""
_USED_UP_MESSAGE: Final = re.compile(
    r"exceeded your current quota|check your plan and billing|insufficient (account )?(balance|credits?|funds|quota)"
    r"|balance is too low|out of credits|not enough credits|budget has been exceeded|account .{0,20}arrears",
    re.IGNORECASE,
)
"""The same for services whose codes say less: DeepSeek "Insufficient Balance", Anthropic "Your credit balance is too
low".
"""
_PASSES: Final = re.compile(r"\b(re)?try (again )?in\b", re.IGNORECASE)
"""In messages that mention a quota but mean a limit per minute (Gemini)."""
_READ: Final = 2_000
"""How many characters of a message are examined."""
_SERVER_FAULT: Final = 500


def status_of(failure: Failure) -> int | None:
    """Return the HTTP status of a failure, or the one that its code within a stream corresponds to, or None."""
    if failure.kind not in ("http", "stream"):
        return None  # a proxy's status says nothing about the service
    if failure.status is not None:
        return failure.status
    code = failure.code or ""
    return int(code) if _STATUS.fullmatch(code) else STATUSES.get(code)


def is_key_refused(failure: Failure) -> bool:
    """Return whether the service refuses the key, or requires one."""
    return status_of(failure) == 401 or _KEY_CODE.fullmatch(failure.code or "") is not None


def is_no_board(failure: Failure) -> bool:
    """Return whether the service has no such board, bot or model."""
    return status_of(failure) == 404 and _NO_BOARD.search(failure.code or "") is not None


def is_used_up(failure: Failure) -> bool:
    """Return whether a quota, a budget or a credit is used up. Waiting does not help then."""
    status, message = status_of(failure), (failure.message or "")[:_READ]
    if failure.kind not in ("http", "stream"):
        return False
    if status == 402:
        return True
    if status not in _USED_UP_STATUSES:
        return False
    if _USED_UP_CODE.search(failure.code or ""):
        return True
    return _USED_UP_MESSAGE.search(message) is not None and _PASSES.search(message) is None


def is_limit(failure: Failure) -> bool:
    """Return whether the service limits requests, so that waiting helps."""
    limited = status_of(failure) == 429 or (failure.code or "").lower() in _LIMIT_CODES
    return limited and not is_used_up(failure)


def is_long_limit(failure: Failure) -> bool:
    """Return whether a limit lasts longer than an automatic retry waits."""
    return is_limit(failure) and failure.retry_after is not None and failure.retry_after > LONGEST_WAIT


def not_sent(reply: Reply) -> bool:
    """Return whether a reply failed in a way that shows that the service does not have the message."""
    failure = reply.failure
    if failure is None or reply.characters:
        return False
    if (status := status_of(failure)) is not None:
        return status < _SERVER_FAULT
    return failure.kind in ("network", "timeout") and failure.cause not in get_args(AnswerCause)


def may_be_stored(reply: Reply) -> bool:
    """Return whether a service may have stored something of a reply that ended."""
    failure = reply.failure
    if reply.live or not_sent(reply):
        return False
    return (
        failure is None
        or bool(reply.characters)
        or failure.kind == "stream"
        or failure.cause in ("dropped", "silence")
    )
