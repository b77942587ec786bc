"""The tree of heights compared with plain sums."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.ui.transcript.layout.heights import Heights

SOME = st.lists(st.integers(0, 50), min_size=1, max_size=60)


@given(SOME)
def test_sums(values: list[int]) -> None:
    heights = Heights(values)
    assert heights.total == sum(values)
    assert [heights.before(index) for index in range(len(values) + 1)] == list(accumulate(values, initial=0))


@given(SOME, st.data())
def test_changes_keep_sums_and_places(values: list[int], data: st.DataObject) -> None:
    heights = Heights()
    for value in values:
        heights.append(value)
    for _ in range(5):
        index = data.draw(st.integers(0, len(values) - 1))
        value = data.draw(st.integers(0, 50))
        assert heights.change(index, value) == value - values[index]
        values[index] = value
    assert list(heights) == values
    starts = list(accumulate(values, initial=0))
    for row in range(heights.total):
        index, offset = heights.at(row)
        assert starts[index] + offset == row
        assert offset < values[index]


@given(SOME, SOME)
def test_taking_off_and_adding(values: list[int], others: list[int]) -> None:
    heights = Heights(values)
    while len(heights):
        heights.pop()
    for value in others:
        heights.append(value)
    assert [heights.before(index) for index in range(len(others) + 1)] == list(accumulate(others, initial=0))


def test_rows_outside() -> None:
    heights = Heights([3, 2])
    assert heights.at(-5) == (0, 0)
    assert heights.at(99)[0] == 1
    with pytest.raises(IndexError):
        Heights().at(0)
