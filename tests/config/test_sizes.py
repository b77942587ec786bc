"""Numbers of bytes as text with a unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.tables import size_in, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8 MiB", 8 << 20),
        ("8mib", 8 << 20),
        ("8M", 8_000_000),
        ("1.5 GB", 1_500_000_000),
        (" 64 KiB ", 64 << 10),
        ("0 B", 0),
        ("12", 12),
        ("1 TiB", 1 << 40),
        ("", None),
        ("MiB", None),
        ("8 iB", None),
        ("-8 MiB", None),
        ("8  MiB", None),
        ("8 miles", None),
        ("1e9 B", None),
        ("9" * 13, None),
        ("٨ MiB", None),
    ],
)
def test_sizes_with_their_units(text: str, size: int | None) -> None:
    assert size_in(text) == size


@given(st.integers(0, 1 << 39))
def test_what_is_written_can_be_read_back(size: int) -> None:
    assert size_in(size_text(size)) == size
