"""Measured values as text."""

from __future__ import annotations

import pytest

from chatgrid_tui.units import per_second


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.42, "0.4 chunks/s"), (0.97, "1 chunk/s"), (1.6, "2 chunks/s"), (1234.5, "1,234 chunks/s")],
)
def test_a_rate_has_a_number_that_fits_its_noun(value: float, shown: str) -> None:
    assert per_second(value, "chunk") == shown
