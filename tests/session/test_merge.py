"""Merging local turns with what the service stored."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.key_mask import mask_of
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.sync import merge as merge_module
from chatgrid_tui.session.sync.align import parse_time
from chatgrid_tui.session.sync.merge import MORE, OTHERWISE, UNHEARD, fold
from chatgrid_tui.session.tasks import run_now

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def merge(
    turns: Sequence[Turn], messages: Sequence[RemoteMessage], speaker: str, pinned: Turn | None = None
) -> list[Turn]:
    """Put messages among turns in one go."""
    return run_now(merge_module.merge(turns, messages, speaker, pinned))


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def mine(number: str, text: str, minutes: float = 0.0) -> RemoteMessage:
    return RemoteMessage(f"u{number}", "user", text, created_at=at(minutes).isoformat())


def answer(number: str, text: str, minutes: float = 0.0) -> RemoteMessage:
    return RemoteMessage(f"a{number}", "assistant", text, "demo/echo", at(minutes).isoformat())


def turn(
    text: str, reply: str | None = "", minutes: float = 0.0, *, state: ReplyState = "finished", remote_id: str = ""
) -> Turn:
    said = None
    if reply is not None:
        said = Reply(7, "Echo", at(minutes), state, {0: Bubble(reply)} if reply else {}, remote_id=remote_id)
    return Turn(7, text, text, at(minutes), [] if said is None else [said])


def shown(turns: Sequence[Turn]) -> list[str]:
    """Return the turns as `mine > answer`, those of the service alone in brackets."""
    lines = []
    for one in turns:
        bubbles = [bubble.text for bubble in one.reply.bubbles] if one.reply is not None else []
        line = f"{one.shown} > {'|'.join(bubbles)}".strip()
        lines.append(f"[{line}]" if one.remote else line)
    return lines


def test_messages_only_the_service_has_become_turns() -> None:
    messages = [mine("1", "Hi"), answer("1", "Hello"), mine("2", "Bye", 1)]
    merged = merge([], messages, "Echo")
    assert shown(merged) == ["[Hi > Hello]", "[Bye >]"]
    first, second = merged
    assert (first.id, first.remote, first.sent_at) == (0, ("u1", "a1"), NOON)
    assert first.reply is not None
    assert (first.reply.id, first.reply.state, first.reply.model, first.reply.speaker) == (
        0,
        "finished",
        "demo/echo",
        "Echo",
    )
    assert second.reply is None


def test_a_stream_that_names_another_id_than_the_listing_doubles_nothing() -> None:
    here = [turn("Hi", "Hello", remote_id="stream-1"), turn("Hi", "Hello again", 1, remote_id="stream-2")]
    messages = [mine("1", "Hi"), answer("1", "Hello"), mine("2", "Hi", 1), answer("2", "Hello again", 1)]
    assert merge(here, messages, "Echo") == here


def test_a_message_with_a_key_that_comes_back_masked_is_the_same() -> None:
    key = Secret("sk-typed-into-a-message")
    local = [turn(f"Is {key.reveal()} mine?", "Yes")]
    messages = [mine("1", f"Is {mask_of(key)} mine?"), answer("1", "Yes")]
    assert merge(local, messages, "Echo") == local


def test_local_turns_are_not_duplicated_and_stay_the_same_objects() -> None:
    here = [turn("Hi", "Hello", remote_id="a1"), turn("Bye", "See you", 1)]
    messages = [mine("1", " Hi "), answer("1", "Hello\n"), mine("2", "Bye", 1), answer("2", "See you", 1)]
    assert merge(here, messages, "Echo") == here


def test_messages_sent_elsewhere_are_inserted_in_between() -> None:
    here = [turn("One", "1"), turn("Three", "3", 2)]
    messages = [mine("1", "One"), answer("1", "1"), mine("2", "Two", 1), answer("2", "2", 1)]
    messages += [mine("3", "Three", 2), answer("3", "3", 2)]
    assert shown(merge(here, messages, "Echo")) == ["One > 1", "[Two > 2]", "Three > 3"]


def test_a_message_that_the_service_does_not_have_keeps_its_place() -> None:
    here = [turn("One", "1"), turn("Refused", None, 1), turn("Two", "2", 2)]
    messages = [mine("1", "One"), answer("1", "1"), mine("2", "Two", 2), answer("2", "2", 2), mine("3", "x", 3)]
    assert shown(merge(here, messages, "Echo")) == ["One > 1", "Refused >", "Two > 2", "[x >]"]


def test_equal_messages_are_told_apart_by_their_answers() -> None:
    here = [turn("Hi", "A"), turn("Hi", "B", 1)]
    window = [mine("2", "Hi", 1), answer("2", "B", 1), mine("3", "Hi", 2), answer("3", "C", 2)]
    assert shown(merge(here, window, "Echo")) == ["Hi > A", "Hi > B", "[Hi > C]"]
    by_id = [turn("Hi", "same", remote_id="a1"), turn("Hi", "same", 1, remote_id="a2")]
    window = [mine("2", "Hi", 1), answer("2", "same", 1)]
    assert merge(by_id, window, "Echo") == by_id


@pytest.mark.parametrize(
    ("state", "text", "note"),
    [
        ("stopped", "The long", MORE),
        ("interrupted", "The long", MORE),
        ("failed", "", UNHEARD),
        ("truncated", "", UNHEARD),
    ],
)
def test_a_longer_stored_reply_is_shown(state: ReplyState, text: str, note: str) -> None:
    here = [turn("Tell me", text, state=state)]
    merged = merge(here, [mine("1", "Tell me"), answer("1", "The long and whole story")], "Echo")
    assert merged[0] is here[0]
    assert (merged[1].shown, merged[1].note) == ("", note)
    assert shown(merged)[1] == "[> The long and whole story]"
    assert merge(merged, [mine("1", "Tell me"), answer("1", "The long and whole story")], "Echo") == merged


def test_a_finished_reply_that_the_service_stored_otherwise() -> None:
    merged = merge([turn("Hi", "A")], [mine("1", "Hi"), answer("1", "B")], "Echo")
    assert [one.note for one in merged] == ["", OTHERWISE]
    known = merge([turn("Hi", "A", remote_id="a1")], [mine("1", "Hi"), answer("1", "B")], "Echo")
    assert len(known) == 1


def test_bubbles_of_one_reply_are_covered_by_one_message_or_several() -> None:
    said = turn("Menu")
    assert said.reply is not None
    said.reply.numbered = {0: Bubble("Soup"), 1: Bubble("Fish")}
    assert len(merge([said], [mine("1", "Menu"), answer("1", "Soup\n\nFish")], "Bot")) == 1
    assert len(merge([said], [mine("1", "Menu"), answer("1", "Soup"), answer("2", "Fish")], "Bot")) == 1
    assert shown(merge([], [mine("1", "Menu"), answer("1", "Soup"), answer("2", "Fish", 0.01)], "Bot")) == [
        "[Menu > Soup|Fish]"
    ]


def test_messages_of_a_person_who_took_over_need_no_prompt() -> None:
    here = [turn("Help", "A person comes.")]
    messages = [mine("1", "Help"), answer("1", "A person comes."), answer("2", "Here I am.", 5), answer("3", "?", 9)]
    merged = merge(here, messages, "Bot")
    assert shown(merged) == ["Help > A person comes.", "[> Here I am.]", "[> ?]"]
    assert [one.note for one in merged] == ["", "", ""]
    silent = merge([turn("Help", "")], [mine("1", "Help"), answer("2", "Here I am.", 5)], "Bot")
    assert [(line, one.note) for line, one in zip(shown(silent), silent, strict=True)] == [
        ("Help >", ""),
        ("[> Here I am.]", ""),
    ]


def test_where_the_talk_goes_on_nothing_is_put_behind() -> None:
    live = turn("Now", "So f", 5, state="writing")
    queued = turn("Next", None, 6)
    queued.queued = True
    messages = [mine("1", "Now", 5), mine("2", "Elsewhere", 7), answer("2", "There", 7)]
    assert shown(merge([live, queued], messages, "Echo", live)) == ["[Elsewhere > There]", "Now > So f", "Next >"]


def test_a_reply_with_a_known_id_is_not_shown_twice() -> None:
    tried_again = turn("Hi", "Hello", remote_id="a1")
    tried_again.add_reply(Reply(8, "Echo", at(1), "finished", {0: Bubble("Hello again")}, remote_id="a2"))
    messages = [mine("1", "Hi"), answer("1", "Hello"), mine("2", "Hi", 1), answer("2", "Hello again", 1)]
    assert merge([tried_again], messages, "Echo") == [tried_again]
    nameless = turn("Hi", "Hello")
    nameless.add_reply(Reply(8, "Echo", at(1), "finished", {0: Bubble("Hello again")}))
    assert merge([nameless], messages, "Echo") == [nameless]
    elsewhere = [*messages, mine("3", "Hi", 2), answer("3", "Hello", 2)]
    assert shown(merge([nameless], elsewhere, "Echo")) == ["Hi > Hello again", "[Hi > Hello]"]
    swapped = [turn("Bye", "2", remote_id="a2"), turn("Hi", "1", remote_id="a1")]
    messages = [mine("1", "Hi"), answer("1", "1"), mine("2", "Bye", 1), answer("2", "2", 1)]
    assert merge(swapped, messages, "Echo") == swapped


@pytest.mark.parametrize("months", [-7, 7])
def test_no_message_is_shown_twice_if_the_clock_of_the_service_is_months_off(months: int) -> None:
    off = months * 30 * 24 * 60
    here = [turn("Hi", "Hello"), turn("Go on", "", 1, state="stopped"), turn("Hi", "Hello", 2)]
    messages = [mine("1", "Hi", off), answer("1", "Hello", off), mine("2", "Go on", off + 1)]
    messages += [mine("3", "Hi", off + 2), answer("3", "Hello", off + 2), mine("4", "Bye", off + 3)]
    assert shown(merge(here, messages, "Echo")) == ["Hi > Hello", "Go on >", "Hi > Hello", "[Bye >]"]


def test_times_are_read_in_utc_if_they_name_no_zone() -> None:
    assert parse_time("2026-03-04T12:00:00.000Z") == NOON
    assert parse_time("2026-03-04T12:00:00") == NOON
    assert parse_time("") is None
    assert parse_time("soon") is None


def test_thousands_of_messages_without_ids_are_aligned_in_time() -> None:
    here = [turn(f"m{number % 7}", f"r{number}", number) for number in range(1_500)]
    messages = [
        message
        for number in range(1_600)
        for message in (mine(str(number), f"m{number % 7}", number), answer(str(number), f"r{number}", number))
    ]
    merged = merge(here, messages, "Echo")
    assert [one.reply.bubbles[0].text for one in merged if one.reply] == [f"r{number}" for number in range(1_600)]


# Every history that two sides can have of the same talk


@dataclass(frozen=True)
class Fact:
    """An exchange as it happened, and who knows of it."""

    text: str
    here: bool
    there: bool
    named: bool
    """Whether the reply that came here has the service's id."""


FACTS = st.lists(
    st.builds(Fact, st.sampled_from("abc"), st.booleans(), st.booleans(), st.booleans()).filter(
        lambda fact: fact.here or fact.there
    ),
    max_size=12,
)


def both(facts: Sequence[Fact], *, distinct: bool) -> tuple[list[Turn], list[RemoteMessage], list[str]]:
    """Return the local turns, the remote ones, and the merged result."""
    here, there, truth = [], [], []
    for number, fact in enumerate(facts):
        text = f"{fact.text}{number}" if distinct else fact.text
        name = str(number)
        if fact.here:
            here.append(turn(text, f"re {text}", number, remote_id=f"a{name}" if fact.named and fact.there else ""))
        if fact.there:
            there += [mine(name, text, number), answer(name, f"re {text}", number)]
        truth.append(text)
    return here, there, truth


@given(FACTS)
def test_any_two_sides_merge_in_order(facts: list[Fact]) -> None:
    here, there, truth = both(facts, distinct=True)
    merged = merge(here, there, "Echo")
    assert [one.shown for one in merged] == truth
    assert [one for one in merged if not one.remote] == here
    assert merge(merged, there, "Echo") == merged


@given(FACTS, st.integers(0, 24))
def test_nothing_is_lost_or_duplicated_if_texts_are_equal(facts: list[Fact], begin: int) -> None:
    here, there, _ = both(facts, distinct=False)
    window = there[begin:]
    merged = merge(here, window, "Echo")
    assert [one for one in merged if not one.remote] == here
    stored = Counter(message.content for message in window)
    local = Counter(text for one in here for text in (one.sent, f"re {one.sent}"))
    result = Counter(text for one in merged for text in (one.shown, *texts(one)) if text)
    for text in stored | local:
        assert max(stored[text], local[text]) <= result[text] <= stored[text] + local[text]
    order = [ids for one in merged for ids in one.remote]
    assert order == [message.id for message in window if message.id in order]


def texts(one: Turn) -> list[str]:
    return [bubble.text for bubble in one.reply.bubbles] if one.reply is not None else []


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 7), st.sets(st.integers(0, 29)))
def test_pages_make_up_the_conversation(known_to: int, count: int, size: int, deleted: set[int]) -> None:
    """Whatever was known before, reading all pages from the newest one results in exactly what the service has."""
    everything = [RemoteMessage(str(number), "user", f"m{number}") for number in range(30)]
    known = everything[: min(known_to, count)]
    now = [message for message in everything[:count] if int(message.id) not in deleted]
    before: str | None = None
    end = len(now)
    while True:
        page = now[max(0, end - size) : end]
        first = end - size <= 0
        known = fold(known, page, before, first=first)
        ids = [message.id for message in known]
        assert len(set(ids)) == len(ids)
        assert ids == sorted(ids, key=int)
        if first:
            break
        before, end = page[0].id, end - size
    assert known == now


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "1970-01-01T00:00:00Z"]
)
def test_times_that_no_clock_of_a_zone_can_show_are_none(text: str) -> None:
    assert parse_time(text) is None


def test_a_message_that_is_twice_in_a_page_is_there_once() -> None:
    page = [mine("1", "Hi"), answer("1", "Hello"), mine("1", "Hi")]
    assert [one.id for one in fold([], page, None, first=True)] == ["u1", "a1"]


def test_a_question_repeated_many_times_does_not_block() -> None:
    texts = [f"{'word ' * 2_000}{number}" for number in range(240)]
    turns = [turn("Hi", text, number) for number, text in enumerate(texts)]
    found = [
        one
        for number, text in enumerate(texts)
        for one in (mine(f"{number}", "Hi", number), answer(f"{number}", text, number))
    ]
    begun = time.process_time()
    assert merge(turns, found, "Echo") == turns
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("answered", [True, False])
def test_a_message_that_is_stored_for_each_try_is_shown_once(answered: bool) -> None:
    tried = turn("Hi", "Half of", state="truncated")
    tried.add_reply(Reply(8, "Echo", at(1), "finished", {0: Bubble("Whole")}))
    first = [mine("1", "Hi"), *([answer("1", "Half of")] if answered else [])]
    second = [mine("2", "Hi", 1), answer("2", "Whole", 1)]
    assert shown(merge([tried], [*first, *second], "Echo")) == ["Hi > Whole"]


def test_another_stored_text_needs_no_turn_if_it_is_compared() -> None:
    finished, stopped = turn("Hi", "Hello"), turn("Bye", "So", 1, state="stopped")
    messages = [mine("1", "Hi"), answer("1", "Hello!"), mine("2", "Bye", 1), answer("2", "So long", 1)]
    assert shown(merge([finished, stopped], messages, "Echo")) == [
        "Hi > Hello",
        "[> Hello!]",
        "Bye > So",
        "[> So long]",
    ]
    for one in (finished, stopped):
        one.replies[0].is_compared = True
    assert shown(merge([finished, stopped], messages, "Echo")) == ["Hi > Hello", "Bye > So", "[> So long]"]
