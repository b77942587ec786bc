"""Findings about clients, from their requests."""

from __future__ import annotations

import pytest

from chatgrid_tui.engine.recording import EndReason, Head
from chatgrid_tui.mock.verdict import Ending, FindingKind, Observation, ending_of, verdict
from chatgrid_tui.model.failure import Failure
from mock.recorded import message, recording, unanswered


def seen(
    number: int, asked_at: float, *, status: int = 200, answered: bool = True, ended_at: float | None = None,
    same: str = "x", retry_after: float | None = None, ending: Ending = "whole", sent: int = 3,
    left_at: float | None = None, end_mark_at: float | None = None, after_end_mark: int = 0,
    unreadable: int | None = None, longest_wait: float = 0.0,
) -> Observation:  # fmt: skip
    """Return what was seen of a request for an answer of three reads."""
    return Observation(
        number, asked_at, "POST", "/chat", same, recording=1, status=status, retry_after=retry_after, ending=ending,
        reads=3, sent=sent, answered_at=asked_at if answered else None, ended_at=ended_at, left_at=left_at,
        end_mark_at=end_mark_at, after_end_mark=after_end_mark, unreadable=unreadable, longest_wait=longest_wait,
    )  # fmt: skip


LIMITED = seen(1, 1.0, status=429, retry_after=2.0, ended_at=1.0)
CUT = seen(1, 1.0, ending="cut", sent=2, ended_at=2.0)


@pytest.mark.parametrize(
    ("requests", "kind", "text"),
    [
        (
            [LIMITED, seen(2, 1.3, ended_at=2.0)],
            "retry_after_ignored",
            "Asked to retry after 2 s; new request after 0.3 s: ignored.",
        ),
        (
            [LIMITED, seen(2, 3.1, ended_at=4.0)],
            "retry_after_respected",
            "Asked to retry after 2 s; new request after 2.1 s: respected.",
        ),
        (
            [LIMITED, seen(2, 1.3, ended_at=2.0, same="another")],
            "retry_after_pending",
            "Asked to retry after 2 s; no new request in the 9 s until the end.",
        ),
        (
            [CUT, seen(2, 2.5, ended_at=3.0)],
            "asked_again_after_cut",
            "The connection was cut after 2 of 3 reads: new request 0.5 s later.",
        ),
        (
            [CUT],
            "not_asked_again_after_cut",
            "The connection was cut after 2 of 3 reads: no new request in the 8 s until the end. "
            "Whether the client noticed cannot be seen from here.",
        ),
        (
            [
                seen(1, 1.0, status=0, answered=False, ending="reset", sent=0, ended_at=1.5),
                seen(2, 4.0, ended_at=4.0),
            ],
            "asked_again_after_cut",
            "The connection was reset without an answer: new request 2.5 s later.",
        ),
        (
            [seen(1, 1.0, ending="silence", ended_at=2.0, left_at=5.5)],
            "gave_up_in_silence",
            "The answer fell silent: the client gave up after 3.5 s.",
        ),
        (
            [seen(1, 1.0, ending="silence", ended_at=2.0)],
            "waited_in_silence",
            "The answer fell silent: the client still waited 8 s later.",
        ),
        ([seen(1, 1.0, sent=2, left_at=2.0)], "closed_early", "The client closed the connection after 2 of 3 reads."),
        (
            [seen(1, 1.0, status=0, answered=False, sent=0, left_at=2.0)],
            "closed_early",
            "The client closed the connection before an answer came.",
        ),
        (
            [seen(1, 1.0, ended_at=4.0, end_mark_at=2.0, after_end_mark=1)],
            "read_past_end_mark",
            "After the end mark, the client stayed connected for 2 s and 1 more read.",
        ),
        (
            [seen(1, 1.0, ended_at=4.0, unreadable=1)],
            "read_past_unreadable",
            "A record that cannot be read was sent: the client stayed connected.",
        ),
        (
            [seen(1, 1.0, left_at=2.0, sent=1, unreadable=0)],
            "left_at_unreadable",
            "A record that cannot be read was sent: the client left after 1 of 3 reads.",
        ),
        ([seen(1, 1.0, ended_at=9.0, longest_wait=3.0)], "slow_reader", "The client did not read for 3 s."),
        (
            [seen(number, 1 + number / 4, ended_at=9.0) for number in range(1, 4)],
            "retry_storm",
            "The same request came 3 times within 0.5 s.",
        ),
    ],
)
def test_a_finding(requests: list[Observation], kind: FindingKind, text: str) -> None:
    assert [(finding.kind, finding.text) for finding in verdict(requests, 10.0)] == [(kind, text)]


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [seen(1, 1.0, ended_at=2.0), seen(2, 2.1, ended_at=3.0)],
        [seen(1, 1.0, ended_at=2.0, end_mark_at=1.9)],
        [seen(1, 1.0, left_at=2.0, end_mark_at=1.9)],
        [seen(1, 1.0)],
        [seen(1, 1.0, ended_at=2.0, unreadable=2)],
        [seen(number, 1 + number / 4, ended_at=9.0, same=str(number)) for number in range(9)],
    ],
    ids=[
        "nothing",
        "two",
        "end mark",
        "left at the end mark",
        "still going on",
        "unreadable at the end",
        "different ones",
    ],
)
def test_what_is_as_it_should_be_is_not_said(requests: list[Observation]) -> None:
    assert verdict(requests, 10.0) == []


def test_findings_of_a_kind_are_one_line() -> None:
    cuts = [
        seen(number, number * 10.0, ending="cut", ended_at=number * 10.0, same=str(number)) for number in range(1, 15)
    ]
    findings = verdict(cuts, 200.0)
    assert len(findings) == 1
    assert findings[0].sentence.endswith("(14 times: requests 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4 more.)")


@pytest.mark.parametrize(
    ("reason", "answered", "unanswered_"),
    [
        ("eof", "whole", "cut"),
        ("end_mark", "whole", "cut"),
        ("stopped", "whole", "cut"),
        ("limit", "whole", "cut"),
        ("reset", "reset", "reset"),
        ("timeout", "silence", "silence"),
        ("unknown", "cut", "cut"),
        (None, "cut", "cut"),
    ],
)
def test_an_answer_ends_as_it_did(reason: EndReason | None, answered: Ending, unanswered_: Ending) -> None:
    assert ending_of(recording(message("openai"), (0.0, b"x"), end=reason)) == answered
    assert ending_of(unanswered(message("openai"), reason)) == unanswered_


def test_what_is_missing_is_a_cut() -> None:
    dropped = recording(message("openai"), (0.0, b"x"))
    dropped.dropped = 1
    assert ending_of(dropped) == "cut"
    too_long = unanswered(message("openai"), None)
    too_long.head = Head(0.0, 200, {})
    too_long.finish(1.0, "limit", Failure("protocol", "too long"))
    assert ending_of(too_long) == "cut"
