"""The health of a provider, from its answers and from missing ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chatgrid_tui.engine.chain import ObservingTransport
from chatgrid_tui.engine.transport import no_connection
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure, FailureCause, FailureKind
from chatgrid_tui.model.provider_health import Allowance, shortly
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.providers.health import HealthMonitor, ProviderHealth
from fakes import FakeAnswer, FakeTransport

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Time:
    """A wall clock that only moves if the test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def health_monitor(time: Time) -> HealthMonitor:
    return HealthMonitor(time)


def answer(status: int = 200, **headers: str) -> FakeAnswer:
    return FakeAnswer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_nothing_is_known_before_the_first_answer(health_monitor: HealthMonitor) -> None:
    assert health_monitor.of("acme") == ProviderHealth("unknown")


def test_an_answer_clears_what_was_wrong(health_monitor: HealthMonitor) -> None:
    for trouble in (answer(401), answer(503), answer(302), answer(429), answer(429, retry_after="9")):
        health_monitor.answered("acme", trouble)
        assert health_monitor.of("acme").summary
        health_monitor.answered("acme", answer())
        assert health_monitor.of("acme") == ProviderHealth("reachable")


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (200, "reachable", ""),
        (404, "reachable", ""),
        (400, "reachable", ""),
        (401, "refused", "refused (401)"),
        (403, "refused", "refused (403)"),
        (308, "reachable", "moved (308)"),
        (503, "reachable", "failed (503)"),
        (429, "limited", "limited"),
    ],
)
def test_what_a_status_says(status: int, state: str, words: str, health_monitor: HealthMonitor) -> None:
    health_monitor.answered("acme", answer(status))
    health = health_monitor.of("acme")
    assert (health.state, health.summary) == (state, words)


def test_a_web_page_is_an_answer_of_somebody_else(health_monitor: HealthMonitor) -> None:
    health_monitor.answered("acme", answer(content_type="text/html; charset=utf-8"))
    assert health_monitor.of("acme") == ProviderHealth("reachable", "answers with a web page")


def test_a_limit_counts_down_and_passes_by_itself(health_monitor: HealthMonitor, time: Time) -> None:
    health_monitor.answered("acme", answer(429, retry_after="18"))
    assert health_monitor.of("acme") == ProviderHealth("limited", "limited, 18 s", NOW + timedelta(seconds=18))
    time.passes(17.5)
    assert health_monitor.of("acme").summary == "limited, 1 s"
    time.passes(0.5)
    assert health_monitor.of("acme") == ProviderHealth("reachable")


def test_a_limit_without_a_wait_lasts_until_the_quota_resets(health_monitor: HealthMonitor, time: Time) -> None:
    reset = str(int(NOW.timestamp()) + 40)
    health_monitor.answered(
        "acme", answer(429, x_ratelimit_limit="60", x_ratelimit_remaining="0", x_ratelimit_reset=reset)
    )
    until = NOW + timedelta(seconds=40)
    assert health_monitor.of("acme") == ProviderHealth("limited", "limited, 40 s", until, Allowance(60, 0, until))
    time.passes(40)
    assert health_monitor.of("acme").state == "reachable"


@pytest.mark.parametrize("wait", ["999999999", "0"])
def test_an_absurdly_long_wait(wait: str, health_monitor: HealthMonitor, time: Time) -> None:
    health_monitor.answered("acme", answer(429, retry_after=wait))
    assert health_monitor.of("acme") == ProviderHealth("limited", "limited")
    time.passes(400 * 86_400)
    assert health_monitor.of("acme").state == "limited"


def test_remaining_requests_stay_known_after_failures(health_monitor: HealthMonitor) -> None:
    health_monitor.answered("acme", answer(x_ratelimit_limit="60", x_ratelimit_remaining="58"))
    health_monitor.set_credits("acme", 412)
    health_monitor.answered("acme", answer(500))
    health_monitor.set_credits("acme", None)
    health = health_monitor.of("acme")
    assert (health.allowance, health.credits) == (Allowance(60, 58), 412)


@pytest.mark.parametrize(
    ("kind", "cause", "state", "words"),
    [
        ("network", "refused", "offline", "nothing answers"),
        ("network", "unknown host", "offline", "unknown host"),
        ("network", "certificate", "offline", "certificate not trusted"),
        ("network", "no TLS", "offline", "no TLS"),
        ("network", "insecure", "offline", "not encrypted"),
        ("network", "unusable address", "offline", "address not usable"),
        ("network", "dropped", "offline", "connection lost"),
        ("network", "key", "key missing", "key not usable"),
        ("timeout", "no connection in time", "offline", "no answer in time"),
        ("timeout", "no answer in time", "offline", "no answer in time"),
        ("timeout", "silence", "unknown", ""),
        ("timeout", "no text", "unknown", ""),
        ("protocol", "page", "reachable", "answers with a web page"),
        ("protocol", "not a reply", "reachable", "no usable answer"),
        ("stream", "said", "unknown", ""),
    ],
)
def test_what_a_failure_says(
    kind: FailureKind, cause: FailureCause, state: str, words: str, health_monitor: HealthMonitor
) -> None:
    health_monitor.failed("acme", Failure(kind, cause))
    health = health_monitor.of("acme")
    assert (health.state, health.summary) == (state, words)


def test_a_stream_of_success_may_refuse_the_key_or_limit_requests(health_monitor: HealthMonitor) -> None:
    health_monitor.failed("acme", Failure("stream", code="INVALID_API_KEY"))
    assert health_monitor.of("acme") == ProviderHealth("refused", "refused (INVALID_API_KEY)")
    health_monitor.failed("acme", Failure("stream", code="RATE_LIMIT"))
    assert health_monitor.of("acme").state == "limited"
    health_monitor.failed("acme", Failure("stream", code="else"))
    assert health_monitor.of("acme").state == "limited"


def test_a_missing_key_says_nothing_of_a_provider_that_answers(health_monitor: HealthMonitor) -> None:
    health_monitor.no_key("acme")
    assert health_monitor.of("acme") == ProviderHealth("key missing", "no key")
    health_monitor.key_found("acme")
    assert health_monitor.of("acme") == ProviderHealth("unknown")
    health_monitor.answered("acme", answer())
    health_monitor.no_key("acme")
    assert health_monitor.of("acme") == ProviderHealth("reachable")


def test_each_provider_has_its_own_health(health_monitor: HealthMonitor) -> None:
    health_monitor.answered("acme", answer(401))
    health_monitor.answered("shop", answer())
    assert (health_monitor.of("acme").state, health_monitor.of("shop").state) == ("refused", "reachable")
    health_monitor.forget("acme")
    assert health_monitor.of("acme") == ProviderHealth()


async def test_a_transport_reports_answers_and_failures(health_monitor: HealthMonitor) -> None:
    refused: list[str] = []
    script = FakeTransport(answer(401), no_connection(Failure("network", "refused")), answer())
    observer = health_monitor.observer("acme", lambda: refused.append("acme"))
    transport = ObservingTransport(script, observer)
    request = Request("GET", "http://127.0.0.1:1")
    async with transport.open(request):
        assert health_monitor.of("acme").state == "refused"
    assert refused == ["acme"]
    with pytest.raises(ConnectionProblem):
        async with transport.open(request):
            raise AssertionError("there is no answer")
    assert health_monitor.of("acme").state == "offline"
    with pytest.raises(ConnectionProblem):
        async with transport.open(request):
            raise no_connection(Failure("network", "dropped"))
    assert health_monitor.of("acme").state == "reachable", "what breaks later is not about whether it is there"
    await transport.close()
    assert script.closed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.01, "1 s"), (17.2, "18 s"), (120, "120 s"), (121, "3 min"), (7_200, "120 min"), (7_201, "3 h")],
)
def test_a_wait_in_words(seconds: float, words: str) -> None:
    assert shortly(seconds) == words
