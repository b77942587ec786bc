"""Which exchange of a service matches which local turn."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.align import align, exchanges, missing_answers
from chatgrid_tui.session.tasks import run_now

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def turn(text: str, answer: str, remote_id: str = "", state: ReplyState = "finished") -> Turn:
    bubbles = {0: Bubble(answer)} if answer else {}
    return Turn(1, text, text, NOON, [Reply(1, "Bot", NOON, state, bubbles, remote_id=remote_id)])


def stored(number: int, text: str, answer: str) -> list[RemoteMessage]:
    at = (NOON + timedelta(minutes=number)).isoformat()
    return [
        RemoteMessage(f"u{number}", "user", text, "", at),
        RemoteMessage(f"a{number}", "assistant", answer, "", at),
    ]


def aligned(turns: list[Turn], *messages: list[RemoteMessage]) -> dict[int, int]:
    return run_now(align(turns, list(exchanges([message for some in messages for message in some]))))


SAID = st.lists(st.sampled_from(["Hi", "Bye", "Go on"]), max_size=6)


@given(SAID, SAID)
def test_as_many_of_the_same_texts_as_possible_are_paired_in_order(here: list[str], there: list[str]) -> None:
    turns = [turn(text, f"re {text}") for text in here]
    pairs = aligned(turns, *(stored(number, text, f"re {text}") for number, text in enumerate(there)))
    assert [pairs[place] for place in sorted(pairs)] == sorted(set(pairs.values()))
    assert all(here[one] == there[other] for one, other in pairs.items())
    most = max(
        count
        for count in range(len(here) + 1)
        if set(combinations(here, count)) & set(combinations(there, count)) or not count
    )
    assert len(pairs) == most


def test_equal_prompts_are_told_apart_by_their_answers() -> None:
    turns = [turn("Hi", f"re {number}") for number in range(30)]
    messages = [stored(number, "Hi", f"re {number}") for number in range(10, 40)]
    assert aligned(turns, *messages) == {number: number - 10 for number in range(10, 30)}


def test_ids_decide_before_texts_do() -> None:
    turns = [turn("Hi", "Hello", "a2"), turn("Go on", "", state="stopped"), turn("Hi", "Hello", "a4")]
    messages = [stored(number, "Hi", "Hello") for number in range(5)]
    assert aligned(turns, *messages) == {0: 2, 2: 4}
    assert aligned([turn("Hi", "Hello", "elsewhere")], stored(1, "Hi", "Other")) == {}


def test_of_equal_exchanges_the_newest_are_taken() -> None:
    """The newest page of a long conversation is fetched first."""
    turns = [turn("Hi", "Hello") for _ in range(30)]
    messages = [stored(number, "Hi", "Hello") for number in range(10)]
    assert aligned(turns, *messages) == {number: number - 20 for number in range(20, 30)}


def test_a_reply_that_was_stopped_is_found_by_its_question() -> None:
    turns = [turn("One", "1"), turn("Two", "", state="stopped"), turn("Three", "3")]
    messages = [stored(1, "One", "1"), stored(2, "Elsewhere", "x"), stored(3, "Two", "2"), stored(4, "Three", "3")]
    assert aligned(turns, *messages) == {0: 0, 1: 2, 2: 3}


def test_whitespace_does_not_tell_answers_apart() -> None:
    (exchange,) = exchanges(stored(0, "Hi", "One two"))
    assert missing_answers(turn("Hi", "One  two\n").reply, exchange) == ()
    assert len(missing_answers(turn("Hi", "One").reply, exchange)) == 1
    assert len(missing_answers(None, exchange)) == 1


@pytest.mark.parametrize("answer", ["Hello", "{number}"])
@pytest.mark.parametrize("count", [1_000])
def test_a_long_conversation_of_equal_prompts_is_aligned_quickly(count: int, answer: str) -> None:
    turns = [turn("Hi", answer.format(number=number)) for number in range(count)]
    messages = [stored(number, "Hi", answer.format(number=number)) for number in range(count)]
    for number in range(0, count, 50):
        messages.insert(number, stored(count + number, "Hi", "From elsewhere"))
    begun = time.process_time()
    steps = align(turns, list(exchanges([message for some in messages for message in some])))
    pairs = run_now(steps)
    assert time.process_time() - begun < 2
    assert len(pairs) == count


def test_many_equal_messages_are_aligned_in_small_steps() -> None:
    """The messages are indistinguishable, and too many to compare all with all."""
    turns = [turn("Hi", "Hello" if number % 3 else "Hey") for number in range(1_000)]
    messages = [stored(number, "Hi", "Hello" if number % 4 else "Hey") for number in range(1_000)]
    stored_exchanges = list(exchanges([message for some in messages for message in some]))
    steps = align(turns, stored_exchanges)
    longest = 0.0
    while True:
        begun = time.process_time()
        try:
            next(steps)
        except StopIteration as end:
            pairs = end.value
            break
        longest = max(longest, time.process_time() - begun)
    assert longest < 0.1
    assert [pairs[place] for place in sorted(pairs)] == sorted(set(pairs.values()))
    assert len(pairs) > 700
