"""Which turn is which exchange: the best there is for few, good enough and at linear cost for many."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.history import ReplyState
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.session.reply import Bubble, Reply
from chatgrid_tui.session.sync import align as align_module
from chatgrid_tui.session.sync.align import Comparison, align, exchanges
from chatgrid_tui.session.sync.merge import merge
from chatgrid_tui.session.tasks import run_now
from chatgrid_tui.session.turn import Turn

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def turn(minutes: float, text: str, answer: str, remote_id: str = "", state: ReplyState = "finished") -> Turn:
    at = NOON + timedelta(minutes=minutes)
    bubbles = {0: Bubble(answer)} if answer else {}
    return Turn(1, text, text, at, [Reply(1, "Bot", at, state, bubbles, remote_id=remote_id)])


def stored(number: int, text: str, answer: str, minutes: float | None = None) -> list[RemoteMessage]:
    at = "" if minutes is None else (NOON + timedelta(minutes=minutes)).isoformat()
    return [
        RemoteMessage(f"u{number}", "user", text, "", at),
        RemoteMessage(f"a{number}", "assistant", answer, "", at),
    ]


def compared(turns: list[Turn], *messages: list[RemoteMessage]) -> Comparison:
    return Comparison(turns, list(exchanges([message for some in messages for message in some])))


SAID = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab"), st.sampled_from("xyz")), max_size=5)


@given(SAID, SAID, st.booleans())
def test_the_pairs_of_few_are_the_best_there_are(here: list[Any], there: list[Any], timed: bool) -> None:
    turns = [turn(minutes, text, answer) for minutes, text, answer in sorted(here)]
    messages = [
        stored(number, text, answer, minutes if timed else None)
        for number, (minutes, text, answer) in enumerate(sorted(there))
    ]
    both = compared(turns, *messages)
    pairs = run_now(align(both))
    assert list(pairs.values()) == [pairs[here] for here in sorted(pairs)] == sorted(set(pairs.values()))
    assert sum(both.score(here, there) for here, there in pairs.items()) == best(both)


def best(both: Comparison) -> int:
    """Return the highest sum of scores there is, found by trying everything."""
    scores = []
    turns, found = range(len(both.turns)), range(len(both.found))
    for count in range(min(len(turns), len(found)) + 1):
        for some in combinations(turns, count):
            for others in combinations(found, count):
                pairs = list(zip(some, others, strict=True))
                if all(both.turns[one].sent == said(both, other) for one, other in pairs):
                    scores.append(sum(both.score(*pair) for pair in pairs))
    return max(scores)


def said(both: Comparison, there: int) -> str:
    asked = both.found[there].asked
    return "" if asked is None else asked.content


# Where the same was said too often for everything to be compared


@pytest.fixture(params=["all is compared", "the likeliest are compared"])
def much(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "the likeliest are compared":
        monkeypatch.setattr(align_module, "_PAIRS", 0)


@pytest.mark.usefixtures("much")
@pytest.mark.parametrize("late", [0.0, 45.0, -45.0])
def test_equal_prompts_are_told_apart_by_their_answers(late: float) -> None:
    turns = [turn(number, "Hi", f"re {number}") for number in range(30)]
    there = [stored(number, "Hi", f"re {number}", number + late) for number in range(10, 40)]
    assert run_now(align(compared(turns, *there))) == {number: number - 10 for number in range(10, 30)}


@pytest.mark.usefixtures("much")
def test_equal_talk_is_told_apart_by_its_time() -> None:
    turns = [turn(number, "Hi", "Hello") for number in range(30)]
    there = [stored(number, "Hi", "Hello", number + 0.1) for number in range(20, 30)]
    assert run_now(align(compared(turns, *there))) == {number: number - 20 for number in range(20, 30)}


@pytest.mark.usefixtures("much")
@pytest.mark.parametrize("late", [300.0, None])
def test_equal_talk_of_other_clocks_or_none_goes_by_its_order(late: float | None) -> None:
    turns = [turn(number, "Hi", "Hello") for number in range(30)]
    there = [stored(number, "Hi", "Hello", None if late is None else number + late) for number in range(30)]
    assert run_now(align(compared(turns, *there))) == {number: number for number in range(30)}


@pytest.mark.usefixtures("much")
def test_clocks_that_are_days_apart_make_no_pair() -> None:
    turns = [turn(number, "Hi", "Hello") for number in range(5)]
    assert run_now(align(compared(turns, *(stored(number, "Hi", "Hello", 9_000) for number in range(5))))) == {}


# Which exchange is which, where the same was asked again and again and others asked it too


def pages(count: int, late: float | None, *, answers: str, foreign: str) -> tuple[Comparison, dict[int, int]]:
    """Return turns of equal prompts, about a minute apart, with their exchanges by a clock that is `late` minutes
    ahead, or with no times; five exchanges in the middle are another machine's. And which are which.
    """
    turns: list[Turn] = []
    messages: list[list[RemoteMessage]] = []
    truth: dict[int, int] = {}
    others = {count // 4, count // 3, count // 2, count // 2 + 1, count // 2 + 2}
    for number in range(count):
        text, minutes = answers[number % len(answers)], number + number * number % 11 / 12
        turns.append(turn(minutes, "Go on", text))
        truth[number] = len(messages)
        messages.append(stored(number, "Go on", text, None if late is None else minutes + late))
        if number in others:
            elsewhere = None if late is None else minutes + late + 0.4
            messages.append(stored(number + count, "Go on", foreign, elsewhere))
    return compared(turns, *messages), truth


COUNTS = [20, 100, 230]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("late", [0.0, 0.02, 7.0, 120.0, -120.0, 120.3])
@pytest.mark.parametrize("answers", ["a", "abc"])
def test_exchanges_of_others_are_told_apart_by_their_times(count: int, late: float, answers: str) -> None:
    both, truth = pages(count, late, answers=answers, foreign="a")
    assert run_now(align(both)) == truth


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("late", [0.0, 120.0, -120.0, None])
@pytest.mark.parametrize("answers", ["a", "abc"])
def test_exchanges_of_others_are_told_apart_by_their_answers(count: int, late: float | None, answers: str) -> None:
    both, truth = pages(count, late, answers=answers, foreign="other")
    assert run_now(align(both)) == truth


@pytest.mark.parametrize("count", COUNTS)
def test_where_nothing_tells_them_apart_the_first_ones_are_taken(count: int) -> None:
    both, _ = pages(count, None, answers="a", foreign="a")
    assert run_now(align(both)) == {number: number for number in range(count)}


@pytest.mark.parametrize("late", [0, 120, None])
def test_what_was_asked_again_from_elsewhere_is_not_what_was_asked_here(late: int | None) -> None:
    here = [turn(0, "Hi", "", state="interrupted")]
    there = [stored(number, "Hi", "Hello", None if late is None else number * 10 + late) for number in range(2)]
    assert run_now(align(compared(here, *there))) == {0: 0}


@pytest.mark.parametrize("late", [0, 120, -120])
def test_another_clock_is_known_by_what_was_asked_only_once(late: int) -> None:
    """The one answer of equal prompts that came is the one of the last turn, by the clock of the other prompts."""
    here = [turn(number, f"Hi {number}", "Hello") for number in range(3)]
    here += [turn(number * 10, "Go on", "", state="interrupted") for number in range(1, 4)]
    there = [stored(number, f"Hi {number}", "Hello", number + late) for number in range(3)]
    there.append(stored(3, "Go on", "Well", 30 + late))
    assert run_now(align(compared(here, *there))) == {0: 0, 1: 1, 2: 2, 5: 3}


@pytest.mark.parametrize("late", [0, 120, -120])
def test_another_clock_is_known_by_the_ids_of_replies(late: int) -> None:
    here = [turn(number, "Go on", "Hello", f"a{number}") for number in range(3)]
    here += [turn(number * 10, "Go on", "", state="interrupted") for number in range(1, 4)]
    there = [stored(number, "Go on", "Hello", number + late) for number in range(3)]
    there.append(stored(3, "Go on", "Well", 30 + late))
    assert run_now(align(compared(here, *there))) == {0: 0, 1: 1, 2: 2, 5: 3}


def test_one_message_that_was_not_stored_moves_no_others() -> None:
    """As many pairs could be made of all of them, each a minute off: that the clocks agree is likelier."""
    here = [turn(number, "Go on", "Well") for number in range(230)]
    there = [stored(number, "Go on", "Well", number) for number in range(1, 231)]
    assert run_now(align(compared(here, *there))) == {number: number - 1 for number in range(1, 230)}


# What it costs

CASES: dict[str, Callable[[int], tuple[list[Turn], list[RemoteMessage]]]] = {
    "all equal": lambda count: (
        [turn(number, "Hi", "Hello") for number in range(count)],
        [one for number in range(count) for one in stored(number, "Hi", "Hello", number)],
    ),
    "all equal, of no time": lambda count: (
        [turn(number, "Hi", "Hello") for number in range(count)],
        [one for number in range(count) for one in stored(number, "Hi", "Hello")],
    ),
    "equal prompts": lambda count: (
        [turn(number, "Hi", f"re {number}") for number in range(count)],
        [one for number in range(count) for one in stored(number, "Hi", f"re {number}", number)],
    ),
    "equal prompts, and other answers": lambda count: (
        [turn(number, "Hi", f"re {number}", f"r{number}") for number in range(count)],
        [one for number in range(count) for one in stored(number, "Hi", f"other {number}", number)],
    ),
    "all different": lambda count: (
        [turn(number, f"Hi {number}", f"re {number}") for number in range(count)],
        [one for number in range(count) for one in stored(number, f"Hi {number}", f"re {number}", number)],
    ),
    "nothing in common": lambda count: (
        [turn(number, f"Hi {number}", f"re {number}") for number in range(count)],
        [one for number in range(count) for one in stored(number, f"Ho {number}", f"re {number}", number)],
    ),
    "known by ids": lambda count: (
        [turn(number, "Hi", "Hello", f"a{number}") for number in range(count)],
        [one for number in range(count) for one in stored(number, "Hi", "Hello", number)],
    ),
    "stopped": lambda count: (
        [turn(number, "Hi", "He", state="stopped") for number in range(count)],
        [one for number in range(count) for one in stored(number, "Hi", "Hello", number)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_twice_as_much_is_twice_the_work(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is counted in instructions of the interpreter, so that no other process has a say in it."""
    monkeypatch.setattr(align_module, "_PAIRS", 500)
    once, twice = (instructions(*CASES[case](count)) for count in (150, 300))
    assert twice < 2.4 * once


@pytest.mark.parametrize("case", CASES)
def test_no_step_is_a_large_part_of_the_work(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align_module, "_PAIRS", 500)
    assert 12 * longest_step(*CASES[case](300)) < instructions(*CASES[case](300))


@pytest.mark.parametrize(("length", "others"), [(100, 40), (100_000, 25)])
def test_long_answers_are_compared_with_fewer(length: int, others: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_through = 0
    covers = align_module._Heard.covers

    def counting(heard: align_module._Heard, stored: align_module._Words) -> bool:
        nonlocal looked_through
        looked_through += len(heard.plain)
        return covers(heard, stored)

    monkeypatch.setattr(align_module._Heard, "covers", counting)
    texts = [f"{number} " + "a " * (length // 2) for number in range(40)]
    here = [turn(number, "Hi", text) for number, text in enumerate(texts)]
    there = [stored(number, "Hi", text + "more", number) for number, text in enumerate(texts)]
    assert run_now(align(compared(here, *there))) == {number: number for number in range(40)}
    assert looked_through <= others * sum(map(len, texts))


def test_of_very_long_answers_the_blanks_are_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    both = compared([turn(0, "Hi", "One  two")], stored(0, "Hi", "One two", 0))
    assert both.missing(0, 0) == ()
    monkeypatch.setattr(align_module, "_LONG", 5)
    both = compared([turn(0, "Hi", "One  two, three")], stored(0, "Hi", "One two", 0), stored(1, "Hi", "e  t", 1))
    assert (len(both.missing(0, 0)), both.missing(0, 1)) == (1, ())


def longest_step(turns: list[Turn], messages: list[RemoteMessage]) -> int:
    """Return how many instructions the longest step of a merge takes."""
    steps = merge(turns, messages, "Bot")
    longest = 0
    ended = False

    def step() -> None:
        nonlocal ended
        ended = next(steps, steps) is steps

    while not ended:
        longest = max(longest, counted(step))
    return longest


def instructions(turns: list[Turn], messages: list[RemoteMessage]) -> int:
    """Return how many instructions a merge takes."""
    return counted(lambda: run_now(merge(turns, messages, "Bot")))


def counted(work: Callable[[], object]) -> int:
    """Return how many instructions of the interpreter some work takes."""
    _traced(lambda: None)  # Python 3.12 reports no opcodes to the first function that is set for a process
    return _traced(work)


def _traced(work: Callable[[], object]) -> int:
    count = 0

    def follow(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
