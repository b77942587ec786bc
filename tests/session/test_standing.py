"""How a provider stands, by what its answers said and by their absence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chatgrid_tui.engine.transport import no_connection
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure, FailureCause, FailureKind
from chatgrid_tui.model.limits import Allowance
from chatgrid_tui.model.request import Request
from chatgrid_tui.model.standing import shortly
from chatgrid_tui.session.standing import Standing, Standings
from fakes import FakeAnswer, FakeTransport

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Time:
    """A wall clock that stands still until it is moved."""

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
def standings(time: Time) -> Standings:
    return Standings(time)


def answer(status: int = 200, **headers: str) -> FakeAnswer:
    return FakeAnswer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_nothing_is_known_before_the_first_answer(standings: Standings) -> None:
    assert standings.of("acme") == Standing("unknown")


def test_an_answer_clears_what_was_wrong(standings: Standings) -> None:
    for trouble in (answer(401), answer(503), answer(302), answer(429), answer(429, retry_after="9")):
        standings.answered("acme", trouble)
        assert standings.of("acme").words
        standings.answered("acme", answer())
        assert standings.of("acme") == Standing("reachable")


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
def test_what_a_status_says(status: int, state: str, words: str, standings: Standings) -> None:
    standings.answered("acme", answer(status))
    standing = standings.of("acme")
    assert (standing.state, standing.words) == (state, words)


def test_a_web_page_is_an_answer_of_somebody_else(standings: Standings) -> None:
    standings.answered("acme", answer(content_type="text/html; charset=utf-8"))
    assert standings.of("acme") == Standing("reachable", "answers with a web page")


def test_a_limit_counts_down_and_passes_by_itself(standings: Standings, time: Time) -> None:
    standings.answered("acme", answer(429, retry_after="18"))
    assert standings.of("acme") == Standing("limited", "limited, 18 s", NOW + timedelta(seconds=18))
    time.passes(17.5)
    assert standings.of("acme").words == "limited, 1 s"
    time.passes(0.5)
    assert standings.of("acme") == Standing("reachable")


def test_a_limit_without_a_wait_lasts_until_the_requests_are_counted_anew(standings: Standings, time: Time) -> None:
    reset = str(int(NOW.timestamp()) + 40)
    standings.answered(
        "acme", answer(429, x_ratelimit_limit="60", x_ratelimit_remaining="0", x_ratelimit_reset=reset)
    )
    until = NOW + timedelta(seconds=40)
    assert standings.of("acme") == Standing("limited", "limited, 40 s", until, Allowance(60, 0, until))
    time.passes(40)
    assert standings.of("acme").state == "reachable"


@pytest.mark.parametrize("wait", ["999999999", "0"])
def test_a_wait_that_nobody_would_believe(wait: str, standings: Standings, time: Time) -> None:
    standings.answered("acme", answer(429, retry_after=wait))
    assert standings.of("acme") == Standing("limited", "limited")
    time.passes(400 * 86_400)
    assert standings.of("acme").state == "limited"


def test_what_is_left_stays_known_through_trouble(standings: Standings) -> None:
    standings.answered("acme", answer(x_ratelimit_limit="60", x_ratelimit_remaining="58"))
    standings.has_credits("acme", 412)
    standings.answered("acme", answer(500))
    standings.has_credits("acme", None)
    standing = standings.of("acme")
    assert (standing.allowance, standing.credits) == (Allowance(60, 58), 412)


@pytest.mark.parametrize(
    ("kind", "cause", "state", "words"),
    [
        ("network", "refused", "offline", "nothing answers"),
        ("network", "unknown host", "offline", "unknown host"),
        ("network", "certificate", "offline", "certificate not trusted"),
        ("network", "no TLS", "offline", "no encryption there"),
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
    kind: FailureKind, cause: FailureCause, state: str, words: str, standings: Standings
) -> None:
    standings.failed("acme", Failure(kind, cause))
    standing = standings.of("acme")
    assert (standing.state, standing.words) == (state, words)


def test_a_stream_of_success_may_refuse_the_key_or_limit_requests(standings: Standings) -> None:
    standings.failed("acme", Failure("stream", code="INVALID_API_KEY"))
    assert standings.of("acme") == Standing("refused", "refused (INVALID_API_KEY)")
    standings.failed("acme", Failure("stream", code="RATE_LIMIT"))
    assert standings.of("acme").state == "limited"
    standings.failed("acme", Failure("stream", code="else"))
    assert standings.of("acme").state == "limited"


def test_a_missing_key_says_nothing_of_a_provider_that_answers(standings: Standings) -> None:
    standings.no_key("acme")
    assert standings.of("acme") == Standing("key missing", "no key")
    standings.key_found("acme")
    assert standings.of("acme") == Standing("unknown")
    standings.answered("acme", answer())
    standings.no_key("acme")
    assert standings.of("acme") == Standing("reachable")


def test_providers_stand_each_for_itself(standings: Standings) -> None:
    standings.answered("acme", answer(401))
    standings.answered("shop", answer())
    assert (standings.of("acme").state, standings.of("shop").state) == ("refused", "reachable")
    standings.forget("acme")
    assert standings.of("acme") == Standing()


async def test_a_transport_tells_what_comes_back(standings: Standings) -> None:
    refused: list[str] = []
    script = FakeTransport(answer(401), no_connection(Failure("network", "refused")), answer())
    transport = standings.listening("acme", script, lambda: refused.append("acme"))
    request = Request("GET", "http://127.0.0.1:1")
    async with transport.open(request):
        assert standings.of("acme").state == "refused"
    assert refused == ["acme"]
    with pytest.raises(ConnectionProblem):
        async with transport.open(request):
            raise AssertionError("there is no answer")
    assert standings.of("acme").state == "offline"
    with pytest.raises(ConnectionProblem):
        async with transport.open(request):
            raise no_connection(Failure("network", "dropped"))
    assert standings.of("acme").state == "reachable", "what breaks later is not about whether it is there"
    await transport.close()
    assert script.closed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.01, "1 s"), (17.2, "18 s"), (120, "120 s"), (121, "3 min"), (7_200, "120 min"), (7_201, "3 h")],
)
def test_a_wait_in_words(seconds: float, words: str) -> None:
    assert shortly(seconds) == words
