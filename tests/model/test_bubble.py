"""The text of a bubble: it grows by pieces, or is replaced."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.bubble import Bubble


def test_an_edition_counts_only_another_text() -> None:
    bubble = Bubble()
    bubble.append("Hel")
    bubble.append("lo")
    bubble.replace("Hello")
    bubble.replace("Hello, world")
    assert (bubble.edition, bubble.size) == (0, 12)
    assert bubble.since(5) == ", world"
    bubble.replace("Hello")
    assert (bubble.edition, bubble.size, bubble.text) == (1, 5, "Hello")


@given(st.lists(st.text(max_size=4), max_size=12), st.integers(0, 60), st.booleans())
def test_text_added_since_a_size(pieces: list[str], size: int, joined_before: bool) -> None:
    bubble = Bubble()
    for piece in pieces:
        bubble.append(piece)
        if joined_before:
            assert bubble.text.endswith(piece)
    whole = "".join(pieces)
    assert bubble.since(size) == whole[size:]
    assert (bubble.text, bubble.size) == (whole, len(whole))


def test_a_text_that_grew_in_many_pieces() -> None:
    """Pieces are joined as they become many; nothing of it shows."""
    bubble, pieces = Bubble("start"), [f"{number}," for number in range(1_000)]
    whole = "start"
    for number, piece in enumerate(pieces):
        bubble.append(piece)
        whole += piece
        assert bubble.since(bubble.size - 7) == whole[-7:]
        if number % 300 == 0:
            assert bubble.since(3) == whole[3:]
    assert bubble.size == len(whole)
    assert bubble.since(0) == whole
    assert bubble.text == whole
    bubble.append("end")
    assert bubble.text == whole + "end"


def test_small_pieces_take_no_more_than_their_text() -> None:
    tracemalloc.start()
    try:
        bubble = Bubble()
        for number in range(100_000):
            bubble.append(f"{number % 100:02} ")
        assert tracemalloc.get_traced_memory()[0] < 2 * bubble.size
    finally:
        tracemalloc.stop()
    whole = "".join(f"{number % 100:02} " for number in range(100_000))
    assert (bubble.since(bubble.size - 9), bubble.since(7), bubble.text) == (whole[-9:], whole[7:], whole)
