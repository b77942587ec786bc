"""What the user must not miss: conditions as long as they last, messages until they are dismissed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatgrid_tui.session.alerts import Alerts, Condition
from chatgrid_tui.session.changes import AlertsChanged, Change

LOCKED = Condition("not saved", "It is locked.")
FULL = Condition("not saved", "The disk is full.")


@pytest.fixture
def told() -> list[Change]:
    return []


@pytest.fixture
def alerts(told: list[Change]) -> Alerts:
    return Alerts(told.append)


def test_a_condition_reports_its_begin_changes_end_and_return(alerts: Alerts, told: list[Change]) -> None:
    steps: list[tuple[Callable[[], None], tuple[Condition, ...], int]] = [
        (lambda: alerts.begin(LOCKED), (LOCKED,), 1),
        (lambda: alerts.begin(LOCKED), (LOCKED,), 1),  # nothing new
        (lambda: alerts.begin(FULL), (FULL,), 2),
        (lambda: alerts.dismiss(), (FULL,), 2),  # nobody can dismiss it
        (lambda: alerts.end("not saved"), (), 3),
        (lambda: alerts.end("not saved"), (), 3),
        (lambda: alerts.begin(FULL), (FULL,), 4),
    ]
    for step, conditions, changes in steps:
        step()
        assert alerts.conditions == conditions
        assert told == [AlertsChanged()] * changes


def test_messages_are_kept_until_dismissed_the_newest_first_and_each_once(alerts: Alerts, told: list[Change]) -> None:
    for text in ("One.", "Two.", "One."):
        alerts.add(text)
    assert list(alerts.messages) == ["One.", "Two."]
    alerts.dismiss()
    assert list(alerts.messages) == []
    assert len(told) == 4


def test_messages_are_bounded(alerts: Alerts) -> None:
    for number in range(1000):
        alerts.add(str(number))
    assert len(alerts.messages) == 20
    assert alerts.messages[0] == "999"
