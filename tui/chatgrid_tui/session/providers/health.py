"""The health of each provider, as far as its answers, or their absence, show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chatgrid_tui.dialects.error_payloads import retry_after
from chatgrid_tui.dialects.rate_limit_headers import read_allowance
from chatgrid_tui.engine.transport import Answer
from chatgrid_tui.model.failure import Failure, FailureCause
from chatgrid_tui.model.provider_health import Allowance, State, shortly
from chatgrid_tui.model.provider_health import ProviderHealth as ProviderHealth
from chatgrid_tui.session.wording.refusal_kinds import is_key_refused, is_limit, is_used_up
from chatgrid_tui.text import clean_line

if TYPE_CHECKING:
    from chatgrid_tui.engine.chain import Observer

_LONGEST_LIMIT: Final = timedelta(days=2)
"""A longer wait is not believed; the next answer updates the health."""

_PAGE: Final = "answers with a web page"
_UNANSWERED: Final[dict[FailureCause, str]] = {
    "refused": "nothing answers",
    "unreachable": "unreachable",
    "unknown host": "unknown host",
    "name lookup failed": "lookup failed",
    "certificate": "certificate not trusted",
    "certificate name": "certificate not trusted",
    "certificate expired": "certificate expired",
    "certificate not yet valid": "certificate not valid yet",
    "certificate issuer": "certificate not trusted",
    "certificate self-signed": "certificate not trusted",
    "no TLS": "no TLS",
    "TLS refused": "no common encryption",
    "client certificate": "certificate required",
    "TLS not answered": "no TLS",
    "TLS expected": "encryption expected",
    "insecure": "not encrypted",
    "unusable address": "address not usable",
    "no connection in time": "no answer in time",
    "no answer in time": "no answer in time",
    "not HTTP": "no HTTP",
    "headers too long": "no usable answer",
    "transfer coding": "no usable answer",
    "certificates unreadable": "no certificates",
    "no certificates": "no certificates",
    "key log": "SSLKEYLOGFILE not usable",
    "no SOCKS": "proxy not usable",
    "unknown proxy kind": "proxy not usable",
    "unusable proxy address": "proxy not usable",
    "proxy not reached": "proxy does not answer",
    "unknown proxy host": "unknown proxy",
    "proxy silent": "proxy does not answer",
    "proxy not trusted": "proxy not trusted",
    "proxy refused": "proxy refused",
    "not a proxy": "proxy not usable",
}
"""Summaries by the reason why there was no answer."""


class HealthMonitor:
    """Keeps the health of every provider, by its name. All requests report their outcome here."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """`now` returns the current time, aware."""
        self._now = now
        self._known: dict[str, ProviderHealth] = {}

    def of(self, provider: str) -> ProviderHealth:
        """Return the health of a provider now. A limit ends at its time, and its summary counts down."""
        health = self._known.get(provider, ProviderHealth())
        if health.until is None:
            return health
        left = (health.until - self._now()).total_seconds()
        if left <= 0:
            health = self._known[provider] = replace(health, state="reachable", summary="", until=None)
            return health
        return replace(health, summary=f"limited, {shortly(left)}")

    def forget(self, provider: str) -> None:
        """Forget a provider that was removed or changed."""
        self._known.pop(provider, None)

    def answered(self, provider: str, answer: Answer) -> None:
        """Record the head of an answer."""
        now, headers = self._now(), answer.headers
        allowance = read_allowance(headers, now)
        if allowance is not None:
            self._change(provider, allowance=allowance)
        match answer.status:
            case 401 | 403:
                self._change(provider, "refused", f"refused ({answer.status})")
            case 429:
                self._limited(provider, retry_after(headers, now), allowance)
            case status if status >= 500:
                self._change(provider, "reachable", f"failed ({status})")
            case status if 300 <= status < 400:
                self._change(provider, "reachable", f"moved ({status})")
            case status if status < 300 and "text/html" in headers.get("content-type", "").lower():
                self._change(provider, "reachable", _PAGE)
            case _:
                self._change(provider, "reachable")

    def failed(self, provider: str, failure: Failure) -> None:
        """Record that a request got no answer or an unusable one, or an error in a stream."""
        match failure.kind:
            case "network" | "timeout":
                self._unanswered(provider, failure)
            case "protocol" if failure.cause == "page":
                self._change(provider, "reachable", _PAGE)
            case "protocol":
                self._change(provider, "reachable", "no usable answer")
            case "stream" | "http" if is_used_up(failure):
                self._change(provider, "refused", "quota used up")
            case "stream" if is_limit(failure):
                self._limited(provider, failure.retry_after, self.of(provider).allowance)
            case "stream" if is_key_refused(failure):
                self._change(provider, "refused", f"refused ({clean_line(failure.code or '', 40)})")
            case "stream" | "http":  # the head of the answer was recorded, with its status
                return

    def no_key(self, provider: str, summary: str = "no key") -> None:
        """Record that no usable key was found. An answer to a request without a key changes that."""
        if self.of(provider).state in ("unknown", "key missing"):
            self._change(provider, "key missing", summary)

    def key_found(self, provider: str) -> None:
        """Record that there is a key now."""
        if self.of(provider).state == "key missing":
            self._change(provider, "unknown")

    def set_credits(self, provider: str, credits: int | None) -> None:  # noqa: A002  # their name at the service
        """Record the remaining credits."""
        if credits is not None:
            self._change(provider, credits=credits)

    def observer(self, provider: str, on_key_refused: Callable[[], None]) -> Observer:
        """Return an observer that reports the answers of a provider here. `on_key_refused` is called on a 401."""
        return _ProviderObserver(self, provider, on_key_refused)

    def _unanswered(self, provider: str, failure: Failure) -> None:
        if failure.cause == "key":
            self._change(provider, "key missing", "key not usable")
        elif failure.cause not in ("silence", "no text"):  # after which it had answered
            self._change(provider, "offline", _UNANSWERED.get(failure.cause, "connection lost"))

    def _limited(self, provider: str, seconds: float | None, allowance: Allowance | None) -> None:
        """Record a limit: until the time that the service names, else the end of its window, else its next answer."""
        now = self._now()
        until = allowance.resets_at if allowance is not None else None
        if seconds is not None:
            until = now + timedelta(seconds=seconds) if seconds <= _LONGEST_LIMIT.total_seconds() else None
        if until is not None and not now < until <= now + _LONGEST_LIMIT:
            until = None
        self._change(provider, "limited", "limited", until)

    def _change(
        self,
        provider: str,
        state: State | None = None,
        summary: str = "",
        until: datetime | None = None,
        *,
        allowance: Allowance | None = None,
        credits: int | None = None,  # noqa: A002  # their name at the service
    ) -> None:
        health = self._known.get(provider, ProviderHealth())
        if state is not None:
            health = replace(health, state=state, summary=summary, until=until)
        if allowance is not None:
            health = replace(health, allowance=allowance)
        if credits is not None:
            health = replace(health, credits=credits)
        self._known[provider] = health


class _ProviderObserver:
    """Reports the answers of one provider to the monitor."""

    def __init__(self, health_monitor: HealthMonitor, provider: str, on_key_refused: Callable[[], None]) -> None:
        self._health_monitor = health_monitor
        self._provider = provider
        self._on_key_refused = on_key_refused

    def answered(self, answer: Answer) -> None:
        """Record the head of an answer."""
        self._health_monitor.answered(self._provider, answer)
        if answer.status == 401:
            self._on_key_refused()

    def unanswered(self, failure: Failure) -> None:
        """Record why there was no answer."""
        self._health_monitor.failed(self._provider, failure)
