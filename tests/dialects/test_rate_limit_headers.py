"""Headers about the remaining requests, in all forms in use, and invalid ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.dialects.rate_limit_headers import read_allowance
from chatgrid_tui.model.provider_health import Allowance

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


SAID = {
    "ChatGrid": (
        {"x-ratelimit-limit": "120", "x-ratelimit-remaining": "118", "x-ratelimit-reset": str(EPOCH + 18)},
        Allowance(120, 118, after(18)),
    ),
    "OpenRouter, in milliseconds": (
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH * 1000 + 30_500)},
        Allowance(50, 0, after(30.5)),
    ),
    "a length in place of a time": (
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "1", "x-ratelimit-reset": "42"},
        Allowance(50, 1, after(42)),
    ),
    "OpenAI, minutes": (
        {
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "59",
            "x-ratelimit-reset-requests": "6m0s",
            "x-ratelimit-limit-tokens": "150000",
            "x-ratelimit-remaining-tokens": "149984",
        },
        Allowance(60, 59, after(360)),
    ),
    "OpenAI, a second": (
        {"x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "1s"},
        Allowance(None, 59, after(1)),
    ),
    "OpenAI, milliseconds": (
        {"x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "20ms"},
        Allowance(None, 59, after(0.02)),
    ),
    "OpenAI, everything": (
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h2m3.5s"},
        Allowance(None, 0, after(3723.5)),
    ),
    "the drafts' three headers": (
        {"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "30"},
        Allowance(100, 50, after(30)),
    ),
    "the drafts' one header": (
        {"ratelimit": '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60'},
        Allowance(100, 50, after(30)),
    ),
    "the drafts' one header, nothing left": ({"ratelimit": '"burst";r=0;t=2'}, Allowance(None, 0, after(2))),
    "the drafts' one header, two policies": (
        {"ratelimit": '"minute";r=5;t=9, "day";r=500;t=70000'},
        Allowance(None, 5, after(9)),
    ),
    "the seventh draft": ({"ratelimit": "limit=100, remaining=50, reset=30"}, Allowance(100, 50, after(30))),
    "no time": ({"x-ratelimit-limit": "120", "x-ratelimit-remaining": "118"}, Allowance(120, 118, None)),
    "a time that has passed": (
        {"x-ratelimit-remaining": "3", "x-ratelimit-reset": str(EPOCH - 5)},
        Allowance(None, 3, after(0)),
    ),
}


@pytest.mark.parametrize(("headers", "allowance"), SAID.values(), ids=SAID)
def test_remaining_requests(headers: dict[str, str], allowance: Allowance) -> None:
    assert read_allowance(headers, NOW) == allowance


def test_a_time_by_the_clock_of_the_service_is_moved_to_ours() -> None:
    headers = {
        "date": "Wed, 04 Mar 2026 11:00:00 GMT",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(EPOCH - 3600 + 18),
    }
    assert read_allowance(headers, NOW) == Allowance(None, 0, after(18))


@pytest.mark.parametrize(
    "value", ["", "-1", "1e999", "nan", "inf", "9" * 40, "many", "1.5", "0x10", "１２", "\x00", "5 apples"]
)
def test_numbers_that_make_no_sense_are_left_out(value: str) -> None:
    assert read_allowance({"x-ratelimit-limit": value, "x-ratelimit-remaining": value}, NOW) is None
    for name in ("ratelimit-remaining", "x-ratelimit-remaining-requests"):
        assert read_allowance({name: value}, NOW) is None


@pytest.mark.parametrize(
    "value", ["", "-5", "never", "nan", "1e9", "9" * 17, "99999d", "1s2", "s", "ms", "1 h", "99999999999999999999"]
)
def test_times_that_make_no_sense_are_left_out(value: str) -> None:
    for family in ("x-ratelimit-{}-requests", "x-ratelimit-{}", "ratelimit-{}"):
        headers = {family.format("remaining"): "7", family.format("reset"): value}
        assert read_allowance(headers, NOW) == Allowance(None, 7, None)


NAMES = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "ratelimit-limit",
    "ratelimit-reset",
    "ratelimit",
    "ratelimit-policy",
    "date",
]
VALUES = st.text(max_size=40) | st.integers().map(str) | st.floats().map(str) | st.from_regex(r"r=\d+;t=\d+")


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_header_does_harm(headers: dict[str, str]) -> None:
    allowance = read_allowance(headers, NOW)
    if allowance is not None:
        assert allowance.limit is None or allowance.limit >= 0
        assert allowance.remaining is None or allowance.remaining >= 0
        assert allowance.resets_at is None or after(0) <= allowance.resets_at <= after(367 * 86_400)
