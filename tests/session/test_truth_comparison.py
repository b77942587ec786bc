"""The reply that a service stored, compared with the reply it streamed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.key_mask import mask_of
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.events import BodyEnded, BubbleText, Finished, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync.align import plain
from chatgrid_tui.session.tasks import run_now
from chatgrid_tui.session.truth.comparison import (
    compare,
    find_stored,
    joined,
    relation,
    unequal_texts,
)
from chatgrid_tui.session.truth.word_diff import word_diff
from chatgrid_tui.session.wording.refusal_kinds import may_be_stored
from session.grid import NOON


def came(*texts: str, remote_id: str = "", state: ReplyState = "finished") -> Reply:
    """Return a reply with these bubbles."""
    bubbles = {number: Bubble(text) for number, text in enumerate(texts)}
    return Reply(1, "Bot", NOON, state, bubbles, remote_id=remote_id)


def turn(text: str, *tries: Reply) -> Turn:
    return Turn(1, text, text, NOON, list(tries))


def said(*lines: str) -> list[RemoteMessage]:
    """Return stored messages: those that begin with `>` are the user's."""
    roles = ["user" if line.startswith(">") else "assistant" for line in lines]
    return [
        RemoteMessage(f"m{number}", role, line.removeprefix("> "), created_at=NOON.isoformat())
        for number, (role, line) in enumerate(zip(roles, lines, strict=True))
    ]


def checked(turns: list[Turn], messages: list[RemoteMessage], *, at: int = -1, which: int = -1) -> TruthCheck:
    """Compare a try of one of the turns, by default the newest of the newest."""
    own = turns[at]
    reply = own.replies[which]
    stored = run_now(find_stored(turns, own, reply, messages, complete=True))
    assert stored is not None
    return compare(own, reply, stored)


def verdict(reply: Reply, *lines: str) -> str:
    """Compare a reply to "Hi", which is the only one."""
    return checked([turn("Hi", reply)], said(*lines)).verdict


TEXT = st.text(st.sampled_from("ab \n\r😀\ud83d"), max_size=12)
WORDS = st.text(st.sampled_from("ab \n"), min_size=1, max_size=12).filter(str.strip)


@given(TEXT)
def test_a_text_is_stored_as_it_is(text: str) -> None:
    assert verdict(came(text), "> Hi", text) == "same"
    assert verdict(came(text), "> Hi", f" {text}\n") == "same"


@given(WORDS, WORDS)
def test_a_text_that_goes_on_and_one_that_ends_earlier_are_opposites(text: str, more: str) -> None:
    text, longer = f"x{text}x", f"x{text}x{more}x"
    assert verdict(came(text), "> Hi", longer) == "stored longer"
    assert verdict(came(longer), "> Hi", text) == "stored shorter"
    assert verdict(came(longer), "> Hi", "") == "stored shorter"


@given(TEXT, TEXT)
def test_a_relation_is_the_same_only_for_equal_texts(one: str, other: str) -> None:
    opposite = {"stored longer": "stored shorter", "stored shorter": "stored longer"}
    forth, back = relation(one, other), relation(other, one)
    assert (forth == "same") == (one == other)
    assert back == opposite.get(forth, forth)


@given(st.lists(WORDS, max_size=5))
def test_bubbles_may_be_stored_apart_or_as_one(texts: list[str]) -> None:
    assert verdict(came(*texts), "> Hi", *texts) in ("same", "twice")  # two bubbles may say the same
    assert verdict(came(*texts), "> Hi", " ".join(texts)) == "same"


@pytest.mark.parametrize(
    ("reply", "lines", "expected"),
    [
        (came("Yes."), ["> Hi", "No."], "differs"),
        (came("Yes."), [], "not stored"),
        (came("Yes."), ["> Hi"], "not stored"),
        (came("Yes.", remote_id="m0"), ["Yes."], "not stored"),
        (came("Yes."), ["> Hi", "Yes.", "> Hi", "Yes."], "twice"),
        (came("Yes."), ["> Hi", "> Hi", "Yes."], "twice"),
        (came("Yes."), ["> Hi", "Yes.", "Yes."], "twice"),
        (came("One", "Two"), ["> Hi", "One", "Two", "One", "Two"], "twice"),
        (came("Ha", "Ha"), ["> Hi", "Ha", "Ha"], "same"),
        (came("Yes.", remote_id="m1"), ["> Hi there", "Yes."], "differs"),
        (came(), ["> Hi"], "same"),
        (came(), ["> Hi", "A person took over."], "stored longer"),
        (came("Half", state="stopped"), ["> Hi", "Half of it"], "stored longer"),
        (came("Yes.", state="truncated"), ["> Bye", "Yes."], "not stored"),
    ],
)
def test_verdicts(reply: Reply, lines: list[str], expected: str) -> None:
    assert verdict(reply, *lines) == expected


def test_a_sent_key_that_comes_back_masked_is_no_difference() -> None:
    key = Secret("sk-typed-into-a-message")
    sent, stored = f"Is {key.reveal()} mine?", f"Is {mask_of(key)} mine?"
    own = turn(sent, came("Yes"))
    assert checked([own], said(f"> {stored}", "Yes")).verdict == "same"
    found = run_now(find_stored([own], own, own.replies[0], said(f"> {stored}", "Yes"), complete=True))
    assert not unequal_texts(own, own.replies[0], found)


def test_all_three_texts_have_to_be_the_same() -> None:
    reply = Reply(1, "Bot", NOON)
    for event in (TextDelta(0, "One "), TextDelta(0, "two"), BubbleText(0, "One two three"), Finished(), BodyEnded()):
        reply.apply(event)
    for stored, expected in (
        ("One two three", "stored longer"),
        ("One two", "stored shorter"),
        ("One", "stored shorter"),
    ):
        check = checked([turn("Hi", reply)], said("> Hi", stored))
        assert (check.verdict, check.streamed, check.final, check.stored) == (expected, 7, 13, len(stored))
    pairs = unequal_texts(turn("Hi", reply), reply, None)
    assert [(pair.names, pair.before, pair.after) for pair in pairs] == [
        (("streamed", "final"), "One two", "One two three")
    ]


def test_a_final_text_that_was_not_streamed_is_compared_alone() -> None:
    reply = Reply(1, "Bot", NOON)
    reply.apply(BubbleText(0, "One two"))
    check = checked([turn("Hi", reply)], said("> Hi", "One two"))
    assert (check.verdict, check.streamed, check.final) == ("same", 0, 7)


def test_a_retry_may_be_stored_for_each_try() -> None:
    own = turn("Hi", came("Half of", state="truncated"), came("Whole."))
    check = checked([own], said("> Hi", "Half of it", "> Hi", "Whole."))
    assert (check.verdict, check.sent, check.messages, check.replies) == ("twice", 2, 2, 1)
    assert checked([own], said("> Hi", "Whole.")).verdict == "same"
    half = checked([own], said("> Hi", "Half of it", "> Hi", "Whole."), which=0)
    assert (half.sent, half.stored) == (1, 10)
    gone = checked([own], said("> Hi", "Whole."), which=0)
    assert (gone.verdict, gone.messages, gone.replies, gone.stored) == ("not stored", 1, 0, None)


def test_a_try_without_a_connection_was_not_sent() -> None:
    refused = came(state="failed")
    refused.failure = Failure("network", "refused")
    assert checked([turn("Hi", refused, came("Yes."))], said("> Hi", "Yes.")).sent == 1
    assert not may_be_stored(refused)


def test_the_same_message_in_other_turns_does_not_count() -> None:
    turns = [turn("Hi", came("One")), turn("Bye", came("Two")), turn("Hi", came("Three")), turn("Hi", came("Four"))]
    messages = said("> Hi", "One", "> Bye", "Two", "> Hi", "Three", "> Hi", "Four")
    assert [checked(turns, messages, at=number).verdict for number in range(4)] == ["same"] * 4
    assert checked(turns, messages[:-2]).verdict == "not stored"
    assert (
        checked(
            turns, said("> Hi", "From elsewhere", *(m.content for m in messages[:0]), "> Bye", "Two"), at=1
        ).verdict
        == "same"
    )


def test_what_follows_later_belongs_to_the_reply_as_long_as_it_is_not_whole() -> None:
    at = "2026-03-04T12:00:{:02}Z"
    lines = [("user", "Hi", 0), ("assistant", "One", 1), ("assistant", "Two", 9), ("assistant", "A person", 40)]
    messages = [RemoteMessage(text, role, text, "", at.format(second)) for role, text, second in lines]
    assert checked([turn("Hi", came("One", "Two"))], messages).verdict == "same"
    assert checked([turn("Hi", came("One"))], messages).verdict == "same"
    again = [*messages[:2], RemoteMessage("again", "assistant", "One", "", at.format(9))]
    assert checked([turn("Hi", came("One"))], again).verdict == "twice"


def test_without_older_messages_an_old_reply_cannot_be_judged() -> None:
    turns = [turn("Hi", came("One")), turn("Bye", came("Two"))]
    newest = said("> Bye", "Two")
    assert run_now(find_stored(turns, turns[0], turns[0].replies[0], newest, complete=False)) is None
    assert run_now(find_stored(turns, turns[1], turns[1].replies[0], newest, complete=False)) is not None


def test_ten_thousand_messages_and_a_reply_of_megabytes() -> None:
    text = "word " * 2_000_000
    turns = [turn(f"Message {number}", came(f"Reply {number}")) for number in range(5_000)]
    messages = said(*(line for number in range(5_000) for line in (f"> Message {number}", f"Reply {number}")))
    turns.append(turn("Long", came(text)))
    messages += [RemoteMessage("a", "user", "Long"), RemoteMessage("b", "assistant", text[: len(text) // 2])]
    check = checked(turns, messages)
    assert (check.verdict, check.stored) == ("stored shorter", 5_000_000)


NAMES = st.sampled_from(["verdict", "sent", "messages", "replies", "streamed", "stored", "after"])


@given(st.dictionaries(NAMES, st.none() | st.booleans() | st.integers() | st.text() | st.floats()))
def test_what_the_history_holds_is_read_or_ignored(value: dict[str, Json]) -> None:
    read = TruthCheck.from_object(value)
    assert read is None or TruthCheck.from_object(read.as_object()) == read
    check = TruthCheck("twice", 1, 2, 1, 412, None, 412, 2.04)
    assert TruthCheck.from_object(check.as_object()) == check


@given(TEXT, TEXT)
def test_a_word_diff_holds_both_texts(before: str, after: str) -> None:
    before, after = joined([before]), joined([after])
    diff = word_diff(before, after)
    assert (diff == "") == (before == after)


def test_word_diffs_of_short_and_of_huge_texts() -> None:
    assert word_diff("The hte end.", "The the end.") == "The [-hte-]{+the+} end."
    assert word_diff("One two", "One two three") == "One two{+ three+}"
    assert word_diff(plain(" a"), "") == "[-a-]"
    huge = "lorem ipsum " * 800_000
    for before, after in (
        (huge, huge[::-1]),
        (huge, huge[3:]),
        ("x" * 9_000_000, "y" * 9_000_000),
        (huge, "a b " * 9),
    ):
        assert 0 < len(word_diff(before, after)) < 20_000
