"""The rows of alerts: a cut text ends in a sign that there is more."""

from __future__ import annotations

import pytest

from chatgrid_tui.ui.widgets.alert_lines import _continued


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("It can only be read.", 30, "It can only be read. …"),
        ("It can only be read.", 21, "It can only be read …"),
        ("It can only be", 30, "It can only be…"),
        ("It can only be", 8, "It can …"),
    ],
)
def test_more_stands_apart_from_a_sentence(text: str, width: int, shown: str) -> None:
    assert _continued(text, width, "…") == shown
