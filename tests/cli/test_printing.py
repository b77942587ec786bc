"""The text of a reply on standard output while it grows."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from chatgrid_tui.cli.printing import TextPrinter
from chatgrid_tui.model.events import BubbleText, TextDelta
from chatgrid_tui.session.reply import Reply


def printer(*, side_by_side: bool = False) -> tuple[Reply, TextPrinter, io.StringIO]:
    """Return a reply, its printer, and the output."""
    reply, out = Reply(1, "bot", datetime.now(UTC)), io.StringIO()
    return reply, TextPrinter(reply, side_by_side=side_by_side, out=out), out


@pytest.mark.timeout(10)
def test_a_long_reply_in_small_pieces_takes_linear_time() -> None:
    """4 MB in 100,000 pieces: were all of it looked at for each, that would be 200 GB."""
    reply, printing, out = printer()
    for _ in range(100_000):
        reply.apply(TextDelta(0, "x" * 40))
        printing.grow()
    printing.finish()
    assert out.getvalue() == "x" * 4_000_000 + "\n"


def test_a_whole_text_that_goes_on_where_the_pieces_ended_is_printed_from_there() -> None:
    reply, printing, out = printer()
    for event in (TextDelta(0, "One"), BubbleText(0, "One two"), TextDelta(0, " three")):
        reply.apply(event)
        printing.grow()
    printing.finish()
    assert out.getvalue() == "One two three\n"


def test_of_bubbles_that_grow_side_by_side_the_first_is_printed_first() -> None:
    reply, printing, out = printer(side_by_side=True)
    for event in (TextDelta(1, "b"), TextDelta(0, "a"), TextDelta(1, "B"), TextDelta(0, "A\n")):
        reply.apply(event)
        if 0 in reply.numbered:
            printing.grow()
    printing.finish()
    assert out.getvalue() == "aA\n\nbB\n"
