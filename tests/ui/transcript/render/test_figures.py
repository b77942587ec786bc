"""The figures of a reply, its earlier tries, and the lines between days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.figures import figures, try_line
from chatgrid_tui.ui.transcript.targets import FoldedTarget
from ui.transcript.plain_notices import explain_plainly
from ui.transcript.support import NOON, frame, reply, turn
from ui.transcript.test_turns import shown

OPENAI: JsonObject = {"prompt_tokens": 245, "completion_tokens": 312, "total_tokens": 557}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "< 1 ms"),
        (0.0004, "< 1 ms"),
        (0.0012, "1 ms"),
        (0.038, "38 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (12.0, "12.0 s"),
        (1234.0, "1,234 s"),
    ],
)
def test_short_spans_are_in_milliseconds(value: float, text: str) -> None:
    assert formats.seconds(value) == text


@pytest.mark.parametrize("state", ["finished", "stopped", "truncated", "failed", "interrupted"])
def test_figures_stay_however_a_reply_ended(state: ReplyState) -> None:
    made = reply("Some text", state=state)
    made.first_token, made.duration, made.deltas = 0.038, 2.038, 124
    expected = ["first token 38 ms", "2.0 s", "62 chunks/s", "124 chunks"]
    assert figures(made) == figures(Reply.restored(made.saved())) == expected


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (OPENAI, ["156 tokens/s", "245 tokens in, 312 out"]),
        ({"input_tokens": 7, "output_tokens": 10, "cost": 0.1}, ["4 tokens/s", "7 tokens in, 10 out"]),
        ({"total_tokens": 1557}, ["1,557 tokens"]),
        ({"completion_tokens": 20}, ["10 tokens/s", "20 tokens"]),
        ({"total_tokens": "many", "completion_tokens": True, "prompt_tokens": -1}, ["62 chunks/s", "124 chunks"]),
        ({"total_tokens": 10**40}, ["62 chunks/s", "124 chunks"]),
    ],
)
def test_usage_counts_where_the_service_reports_it(usage: JsonObject, expected: list[str]) -> None:
    made = reply("Some text")
    made.first_token, made.duration, made.deltas, made.usage = 0.5, 2.5, 124, usage
    assert figures(made) == ["first token 500 ms", "2.5 s", *expected]


def test_unmeasured_figures_are_not_shown() -> None:
    assert figures(reply("From elsewhere")) == []
    quick = reply("Quick")
    quick.first_token, quick.duration, quick.deltas = 0.0001, 0.0002, 1
    assert figures(quick) == ["first token < 1 ms", "< 1 ms", "1 chunk"], "no rate of almost no time"


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Failure("http", status=429), "429"),
        (Failure("http", code="rate_limit\x1b[31m", status=429), "429 rate_limit\ufffd[31m"),
        (Failure("http", code="503", status=503), "503"),
        (Failure("stream", code="overloaded"), "overloaded"),
        (Failure("stream"), "Error of the service"),
        (Failure("network", "dropped"), "Connection lost"),
        (Failure("network", "unknown host"), "Unknown host"),
        (Failure("timeout", "silence"), "Silence"),
        (Failure("protocol", "page"), "Not a reply"),
    ],
)
def test_a_try_that_failed_says_why_and_what_followed(failure: Failure, words: str) -> None:
    first, second = reply(state="failed", failure=failure), reply("At last")
    first.duration, second.started_at = 0.2, first.started_at + timedelta(seconds=12.2)
    assert try_line(first, second) == f"{words} after 200 ms, tried again after 12.0 s"


def test_earlier_tries_stay_above_the_reply() -> None:
    limited = reply(state="failed", failure=Failure("http", status=429))
    cut, whole = reply("Half an", state="truncated"), reply("The whole answer")
    limited.duration, cut.duration = 0.2, 1.5
    cut.started_at = NOON + timedelta(seconds=12.2)
    whole.started_at = cut.started_at + timedelta(seconds=4.5)
    held = turn("Hello")
    held.replies = [limited, cut, whole]
    document = Document(explain_plainly)
    document.show([held], frame(90))
    rows = shown(document)
    assert rows[2:5] == [
        "  ! 429 after 200 ms, tried again after 12.0 s · Details",
        "  ! No end mark after 1.5 s and 7 characters, tried again after 3.0 s · Details",
        "   S  support-bot · HH:MM",
    ]
    targets = [spot.target for placed in document.rows(0, len(rows)) for spot in placed.row.spots]
    pressed = [target.id for target in targets if isinstance(target, FoldedTarget)]
    assert pressed == ["try 0", "try 1", "previous_variant", "compare_variants"]


def test_the_selected_reply_is_shown_with_its_number() -> None:
    held = turn("Hello")
    held.replies = [reply("The first answer"), reply("The second answer"), reply("The third answer")]
    document = Document(explain_plainly)
    document.show([held], frame(90))
    assert any("The third answer" in row for row in shown(document))
    assert "← 3 of 3 →   Compare" in [row.strip() for row in shown(document)]
    held.replies[1].edited_message = "Hello there"
    held.selected = 1
    document.stale(0)
    document.draw(0)
    rows = shown(document)
    assert [row.strip(" │") for row in rows if "answer" in row] == ["The second answer"]
    assert any("Hello there" in row for row in rows)
    assert "← 2 of 3 →   Compare   · to an edited message" in [row.strip() for row in rows]
    held.selected = 0
    document.stale(0)
    document.draw(0)
    rows = shown(document)
    assert not any("Hello there" in row or "sent again" in row for row in rows)
    targets = {spot.target for placed in document.rows(0, len(rows)) for spot in placed.row.spots}
    assert {target.id for target in targets if isinstance(target, FoldedTarget)} == {
        "next_variant",
        "compare_variants",
    }


def at(day: int, hour: int = 12, *, month: int = 11, year: int = 2026) -> datetime:
    """Return a time of day in the local time zone."""
    return datetime(year, month, day, hour).astimezone().astimezone(UTC)


def days(moments: list[datetime], today: date | None = date(2026, 11, 29), width: int = 60) -> list[str]:
    """Return the day lines of turns of these moments, with the text of the row behind the blank one."""
    document = Document(explain_plainly)
    document.today = today
    turns = [Turn(number, f"Message {number}", "", moment, [reply("Yes")]) for number, moment in enumerate(moments)]
    document.show(turns, frame(width))
    rows = shown(document)
    lines = [(number, row) for number, row in enumerate(rows) if "───" in row]
    assert all(not rows[number + 1] and (number == 0 or not rows[number - 1]) for number, _ in lines)
    return [row.strip(" ─") for _, row in lines]


def test_a_line_marks_each_new_day() -> None:
    moments = [at(15, month=3), at(15, 23, month=3), at(28, 23), at(29, 0), at(29, 8)]
    assert days(moments) == ["Sunday 15 March", "Yesterday", "Today"]
    assert days([at(31, month=12, year=2025), at(1, month=1)]) == ["Wednesday 31 December 2025", "Thursday 1 January"]
    assert days([at(28), at(29), at(28)]) == ["Yesterday", "Today", "Yesterday"], "as two clocks would have it"


def test_a_conversation_of_today_and_an_empty_one_have_no_line() -> None:
    assert days([]) == []
    assert days([at(29, 8), at(29, 22)]) == []


def test_messages_without_a_time_begin_no_day() -> None:
    unknown = datetime(1970, 1, 1, tzinfo=UTC)
    assert days([unknown, at(28), unknown, at(28), at(29)]) == ["Yesterday", "Today"]
    assert days([unknown]) == []


def test_at_midnight_days_get_other_names() -> None:
    document = Document(explain_plainly)
    document.today = date(2026, 11, 28)
    document.show([turn("One", reply("Yes")), turn("Two", reply("Yes"))], frame(60))
    for held, moment in zip(document.turns, (at(27), at(28)), strict=True):
        held.sent_at = moment
    named = [row.strip(" ─") for row in shown(document) if "───" in row]
    assert document.day_changed(date(2026, 11, 29)) == [0, 1]
    assert [row.strip(" ─") for row in shown(document) if "───" in row] == ["Friday 27 November", "Yesterday"]
    assert named == ["Yesterday", "Today"]


def test_a_day_line_fits_a_narrow_pane() -> None:
    assert days([at(15, month=9)], width=12) == ["Tuesday 15 …"]
