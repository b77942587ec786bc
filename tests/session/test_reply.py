"""The reducer: applies events to the state of one reply."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chatgrid_tui.model.events import (
    AttachmentsArrived,
    BodyEnded,
    BubbleText,
    ConversationNamed,
    Event,
    Finished,
    ModelNamed,
    ReasoningDelta,
    ReplyNamed,
    Skipped,
    StreamFailed,
    SuggestionsArrived,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.reply import Reply

SAID = Failure("stream", message="first")
LATER = Failure("stream", message="second")
DROPPED = Failure("network", "dropped")
SILENT = Failure("timeout", "silence")


def reply_of(*events: Event) -> Reply:
    """Return a reply that took the events, one a second."""
    reply = Reply(1, "bot", datetime(2026, 3, 15, tzinfo=UTC))
    for second, event in enumerate(events, start=1):
        reply.apply(event, float(second))
    return reply


def texts(reply: Reply) -> list[str]:
    """Return the texts of the bubbles."""
    return [bubble.text for bubble in reply.bubbles]


def test_text_grows_and_bubbles_stand_in_their_order() -> None:
    reply = reply_of(TextDelta(1, "b"), TextDelta(0, "a"), TextDelta(1, "B"), TextDelta(7, "c"))
    assert texts(reply) == ["a", "bB", "c"]
    assert (reply.state, reply.deltas, reply.characters, reply.first_token) == ("writing", 4, 4, 1.0)


def test_a_whole_text_replaces_the_pieces() -> None:
    reply = reply_of(TextDelta(0, "Hel"), TextDelta(0, "lo"), BubbleText(0, "Goodbye"), TextDelta(0, "!"))
    assert texts(reply) == ["Goodbye!"]
    assert reply.bubbles[0].edition == 1


def test_everything_else_is_kept() -> None:
    reply = reply_of(
        AttachmentsArrived(({"url": "a"},)),
        SuggestionsArrived(({"label": "l"},)),
        AttachmentsArrived(({"url": "b"},)),
        ConversationNamed("c"),
        ReplyNamed("m1"),
        ModelNamed("m"),
        UsageReported({"total_tokens": 1}),
        UsageReported({"total_tokens": 2}),
        Skipped("not JSON"),
        Skipped("wrong type"),
        ReasoningDelta(0, "h"),
        ReasoningDelta(0, "m"),
        ToolCallDelta(0, 1, "id", "f", '{"a"'),
        ToolCallDelta(0, 0, "", "g", ""),
        ToolCallDelta(0, 1, "other", "other", ":1}"),
    )
    assert (reply.attachments, reply.suggestions) == ([{"url": "a"}, {"url": "b"}], [{"label": "l"}])
    assert (reply.conversation_id, reply.remote_id, reply.model) == ("c", "m1", "m")
    assert (reply.usage, reply.warnings) == ({"total_tokens": 2}, 2)
    assert reply.reasoning[0].text == "hm"
    calls = {place: (call.call_id, call.name, call.arguments) for place, call in reply.tool_calls.items()}
    assert calls == {(0, 1): ("id", "f", '{"a":1}'), (0, 0): ("", "g", "")}
    assert (reply.state, reply.first_token, texts(reply)) == ("waiting", None, [])
    assert reply.last_data == 15.0


@pytest.mark.parametrize(
    ("events", "state", "failure"),
    [
        ([Finished(), BodyEnded()], "finished", None),
        ([Finished(), BodyEnded(DROPPED)], "finished", None),
        ([BodyEnded()], "truncated", None),
        ([BodyEnded(DROPPED)], "truncated", DROPPED),
        ([BodyEnded(SILENT)], "truncated", SILENT),
        ([StreamFailed(SAID), BodyEnded()], "failed", SAID),
        ([StreamFailed(SAID), StreamFailed(LATER), Finished(), BodyEnded()], "failed", SAID),
        ([StreamFailed(SAID), BodyEnded(DROPPED)], "failed", SAID),
        ([Finished(), StreamFailed(SAID), BodyEnded()], "failed", SAID),
    ],
)
@pytest.mark.parametrize("before", [[], [TextDelta(0, "kept")]])
def test_outcomes(before: list[Event], events: list[Event], state: ReplyState, failure: Failure | None) -> None:
    reply = reply_of(*before, *events)
    assert (reply.state, reply.failure, reply.live) == (state, failure, False)
    assert reply.duration == len(before) + len(events)
    assert texts(reply) == ["kept"] * len(before)


LATE: list[Event] = [
    TextDelta(0, "late"),
    BubbleText(0, "late"),
    ReasoningDelta(0, "late"),
    ToolCallDelta(0, 0),
    AttachmentsArrived(({},)),
    SuggestionsArrived(({},)),
    ConversationNamed("late"),
    ReplyNamed("late"),
    ModelNamed("late"),
    UsageReported({}),
    StreamFailed(SAID),
    Finished(),
    Skipped("not JSON"),
    BodyEnded(DROPPED),
]


@pytest.mark.parametrize("late", LATE, ids=lambda event: type(event).__name__)
def test_what_comes_after_a_stop_changes_nothing(late: Event) -> None:
    reply = reply_of(TextDelta(0, "kept"))
    reply.stop(2.5)
    before = reply.saved()
    reply.apply(late, 9.0)
    assert reply.saved() == before
    assert (reply.state, reply.duration, texts(reply)) == ("stopped", 2.5, ["kept"])
    assert (reply.reasoning, reply.tool_calls, reply.conversation_id, reply.end_mark_seen) == ({}, {}, None, False)


@pytest.mark.parametrize("late", LATE, ids=lambda event: type(event).__name__)
def test_what_comes_after_the_end_changes_nothing(late: Event) -> None:
    reply = reply_of(TextDelta(0, "kept"), Finished(), BodyEnded())
    before = reply.saved()
    reply.apply(late, 9.0)
    reply.stop(10.0)
    assert reply.saved() == before


def test_a_reply_comes_back_as_it_was_stored() -> None:
    reply = reply_of(
        TextDelta(0, "a"),
        TextDelta(3, "b"),
        SuggestionsArrived(({"label": "l"},)),
        UsageReported({"total_tokens": 2}),
        Skipped("not JSON"),
        BodyEnded(DROPPED),
    )
    assert Reply.restored(reply.saved()).saved() == reply.saved()
    assert texts(Reply.restored(reply.saved())) == ["a", "b"]
