"""The details of a reply as text: outcome, times, ids, headers, requests, and unreadable parts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import EndReason, Head, Recording
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.model.events import (
    BodyEnded,
    ConversationNamed,
    Finished,
    FinishReasonReported,
    ModelNamed,
    ReplyNamed,
    TextDelta,
    UsageReported,
)
from chatgrid_tui.model.failure import Failure, FailureKind
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.details import as_text, details
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.truth.checker import TextDiff
from chatgrid_tui.session.wire_facts import WireFacts, wire_facts
from chatgrid_tui.session.wording.failures import KeyStatus
from fakes import DONE, FakeAnswer, delta
from session.room import MODEL, Room

SENT = datetime(2026, 3, 15, 12, 45, 0, 250_000, tzinfo=UTC)
BAD = b'data: {"choices":[{"delta":{"content":\x1b[31mnot JSON}}]}\n\n'
FACTS = WireFacts()


def a_reply(state: ReplyState = "finished", failure: Failure | None = None) -> Reply:
    reply = Reply(7, "bot", SENT)
    reply.apply(TextDelta(0, "Hello"), 0.041)
    reply.apply(ModelNamed("gpt-9"))
    reply.apply(ReplyNamed("msg_1"))
    reply.state, reply.failure, reply.duration = state, failure, 2.041
    return reply


def known(reply: Reply, facts: WireFacts | None = FACTS, kind: str = "openai", *others: Reply) -> str:
    """Return the details of a reply as text."""
    provider = Provider("acme", kind, "https://user:pass@bots.example/v1?api_key=s3cret&version=2")
    conversation = Conversation(provider, Board("b-1", "Support"), remote_id="chat_1")
    turn = Turn(1, "Hi", "Hi", SENT, [*others, reply])
    conversation.turns.append(turn)
    return as_text(details(conversation, turn, reply, KeyStatus(), facts))


def recorded(
    *pieces: bytes,
    status: int = 200,
    end: EndReason = "eof",
    after: float = 0.0,
    headers: dict[str, str] | None = None,
) -> Recording:
    recording = Recording(Request("POST", "https://bots.example/v1/chat"), "openai", SENT + timedelta(seconds=after))
    given = {"content-type": "text/event-stream"} | (headers or {})
    recording.head = Head(0.038, status, given)
    for number, piece in enumerate(pieces, 1):
        recording.add_read(0.05 * number, piece)
    recording.finish(1.5, end)
    return recording


def facts_of(*recordings: Recording) -> WireFacts:
    return wire_facts(map(write_recording, recordings), "openai", 1_000)


def value(text: str, label: str) -> str:
    """Return the text after a label."""
    lines = [line.strip() for line in text.split("\n")]
    return next(line.removeprefix(label).strip() for line in lines if line.startswith(f"{label} "))


@pytest.mark.parametrize("kind", DIALECTS)
def test_each_outcome_begins_with_a_sentence(kind: str) -> None:
    for state, failing in product(get_args(ReplyState), (None, *get_args(FailureKind))):
        failure = None if failing is None else Failure(failing, "said", "over", "Too much", 503, 2.5, "bots.example")
        text = known(a_reply(state, failure), kind=kind)
        outcome = text.split("\n")[0]
        assert outcome.endswith("."), outcome
        assert outcome[0].isupper()
        assert f"Provider         acme ({kind})" in text
        if failure is not None:
            assert value(text, "Code") == "over"
            assert value(text, "Message") == "Too much"
            assert value(text, "Retry after") == "2.5 s"


def test_times_are_milliseconds_below_a_second() -> None:
    text = known(a_reply(), facts_of(recorded(delta("Hello"), DONE)))
    assert value(text, "Sent").startswith("20")
    assert ".250" in value(text, "Sent")
    assert value(text, "First byte") == "after 38 ms"
    assert value(text, "First text") == "after 41 ms"
    assert value(text, "End") == "after 2.0 s"


def test_model_usage_speed_reason_and_ids() -> None:
    reply = Reply(7, "bot", SENT)
    reply.apply(TextDelta(0, "Hello"), 0.5)
    usage: JsonObject = {"prompt_tokens": 12, "completion_tokens": 100, "details": {"cached_tokens": 3}}
    for event in (
        ConversationNamed("conv_2"),
        ReplyNamed("msg_1"),
        ModelNamed("gpt-9"),
        UsageReported(usage),
        FinishReasonReported("stop"),
        Finished(),
        BodyEnded(),
    ):
        reply.apply(event, 2.5)
    text = known(reply)
    assert value(text, "Model") == "gpt-9"
    assert value(text, "Usage") == "prompt_tokens 12"
    assert "details.cached_tokens 3" in text
    assert value(text, "Speed") == "50 tokens/s"
    assert value(text, "Finish reason") == "stop"
    assert value(text, "Conversation") == "chat_1"
    assert value(text, "Message") == "msg_1"


def test_without_usage_there_is_no_speed() -> None:
    assert "tokens/s" not in known(a_reply())


def test_headers_that_matter_are_shown_and_no_cookie() -> None:
    headers = {
        "x-request-id": "req_1",
        "cf-ray": "8f",
        "x-ratelimit-remaining-requests": "59",
        "retry-after": "2",
        "server": "nginx",
        "set-cookie": "session=s3cret",
        "x-frame-options": "DENY",
    }
    text = known(a_reply(), facts_of(recorded(DONE, headers=headers)))
    for name in ("x-request-id", "cf-ray", "x-ratelimit-remaining-requests", "retry-after", "server"):
        assert value(text, name) == headers[name]
    assert "content-type" in text
    assert "s3cret" not in text
    assert "x-frame-options" not in text


def test_no_address_shows_a_key_or_a_password() -> None:
    text = known(a_reply())
    assert value(text, "Address") == "https://bots.example/v1?api_key=…&version=2"


def test_each_request_is_shown_also_the_one_that_was_refused() -> None:
    refused = recorded(b'{"error":{"message":"no stream_options"}}', status=400)
    text = known(a_reply(), facts_of(refused, recorded(delta("Hello"), DONE, end="end_mark", after=1.0)))
    assert "Request 1 of 2" in text
    assert "400, after 38 ms" in text
    assert "Request 2 of 2" in text
    assert "1.0 s after the first" in text
    assert value(text, "First byte") == "after 1.0 s"
    assert "Closed after the end mark." in text


def test_a_piece_that_could_not_be_read_is_shown_cleaned_with_its_place() -> None:
    reply = a_reply()
    reply.warnings = 2
    text = known(reply, facts_of(recorded(delta("Hello"), BAD, b"data: [1, 2]\n\n", DONE)))
    assert text.startswith("Finished. 2 pieces of the reply could not be read.")
    start = len(delta("Hello"))
    assert f"Bytes {start:,} to {start + len(BAD):,}, after 100 ms. It is not JSON." in text
    assert 'data: {"choices":[{"delta":{"content":\N{REPLACEMENT CHARACTER}[31mnot JSON}}]}' in text
    assert "It is JSON, but not an object." in text
    assert "data: [1, 2]" in text


def test_a_huge_piece_and_many_pieces_are_cut() -> None:
    reply = a_reply()
    reply.warnings = 1_000
    text = known(reply, facts_of(recorded(b"data: {" + b"x" * 100_000 + b"\n\n", *[b"data: {nope\n\n"] * 999)))
    assert len(text) < 5_000
    assert "980 more pieces." in text


def test_loading_recordings_is_reported() -> None:
    assert "Reading the recording." in known(a_reply(), None)


def test_without_a_recording_the_reason_is_given() -> None:
    assert "There is no recording of this reply." in known(a_reply())
    assert "No request was made." in known(a_reply("failed", Failure("network", "key", place="Set ACME_KEY.")))
    assert "Nothing has been sent yet." in known(Reply(0, "bot", SENT))
    conversation, reply = Conversation(MODEL, Board("b", "b")), a_reply()
    turn = Turn(0, "Hi", "Hi", SENT, [reply], remote=("msg_0", "msg_1"))
    assert "the service's own history" in as_text(details(conversation, turn, reply, KeyStatus(), FACTS))


def test_a_damaged_recording_is_named() -> None:
    assert "damaged" in known(a_reply(), wire_facts([b"no recording"], "openai", 0))


def test_a_wrongly_typed_usage_and_hostile_names_are_harmless() -> None:
    reply = a_reply()
    reply.usage = {"a\x1b[31m\nb": 1, "deep": {"er": {"and": {"more": {"still": 1}}}}, "list": [1], "none": None}
    text = known(reply)
    assert "\x1b" not in text
    assert "still" not in text


def test_other_tries_of_the_message_are_listed() -> None:
    failed = a_reply("failed", Failure("http", "said", "rate_limited", status=429, retry_after=1))
    text = known(a_reply(), FACTS, "openai", failed)
    assert "Failed, 429 rate_limited, after 2.0 s" in text
    assert "2 (this one)" in text


async def test_a_reply_of_the_history_has_its_requests(room: Room) -> None:
    conversation = room.begin(MODEL)
    reply = await room.say(conversation, "Hi", FakeAnswer(delta("Hello"), BAD, DONE))
    facts = await room.session.wire_facts(conversation, reply)
    assert [recording.status for recording in facts.recordings] == [200]
    assert [piece.why for piece in facts.pieces] == ["not JSON"]


async def test_a_reply_that_is_being_written_has_its_request(room: Room) -> None:
    conversation = room.begin(MODEL)
    held = asyncio.Event()
    answer = FakeAnswer(delta("Hello"), held, DONE)
    room.script(answer)
    await room.session.outbox.send(conversation, "Hi")
    await answer.opened.wait()
    reply = conversation.live
    assert reply is not None
    await room.session.until(lambda: reply.characters > 0)
    facts = await room.session.wire_facts(conversation, reply)
    assert [recording.status for recording in facts.recordings] == [200]
    assert facts.recordings[0].end is None
    held.set()
    await room.session.until_ended()


def test_what_is_stored_is_compared_and_what_differs_is_shown() -> None:
    reply = a_reply()
    turn = Turn(1, "Hi", "Hi", SENT, [reply])
    provider = Provider("acme", "chatiq", "https://bots.example")
    conversation = Conversation(provider, Board("b-1", "Support"), turns=[turn])

    def section(*diffs: TextDiff) -> str:
        text = as_text(details(conversation, turn, reply, KeyStatus(), FACTS, diffs))
        return text.partition("Stored at the service\n")[2].partition("\n\n")[0]

    assert section() == "  The conversation has no id at the service, so it cannot be read back."
    conversation.remote_id = "c-1"
    assert section() == "  Not asked."
    reply.truth_problem = "Offline."
    assert section() == "  Offline."
    reply.truth_problem = ""
    reply.truth = TruthCheck("differs", 1, 1, 1, 5, None, 4, 2.04)
    diff = TextDiff(("streamed", "stored"), "One [-two-]{+\x1b[31mthree+}\nand more")
    assert section(diff).split("\n") == [
        "  sent 1 · stored 1 · streamed 5 · stored 4: differs",
        "  Asked            2.0 s after it ended",
        "  [-only streamed-] {+only stored+}",
        "  One [-two-]{+�[31mthree+}",
        "  and more",
    ]
    many = TextDiff(("final", "stored"), "\n".join(map(str, range(100))))
    assert section(many).endswith("\n  59\n  40 more lines.")
    conversation.provider = MODEL
    reply.truth = None
    assert section() == "  Services of this kind do not show what they stored."
    turn.remote = ("m-1",)
    assert section() == ""


def test_what_the_user_says_of_it_comes_first() -> None:
    reply = a_reply()
    assert "Your mark" not in known(reply)
    reply.verdict, reply.note = "format", "It is a table,\x1b[2J not a list."
    lines = known(reply).splitlines()
    assert lines[2:5] == [
        "Your mark",
        "  Verdict          format",
        "  Note             It is a table,\N{REPLACEMENT CHARACTER}[2J not a list.",
    ]


def test_the_times_of_all_replies_are_spread() -> None:
    def timed(first: float, end: float, state: ReplyState = "finished") -> Reply:
        reply = Reply(0, "bot", SENT, state)
        reply.first_token, reply.duration = first, end
        return reply

    alone = timed(0.1, 1.0)
    assert "p50" not in known(alone)
    some = [timed(0.2, 2.0), timed(0.4, 30.0, "stopped")]
    text = known(alone, FACTS, "openai", *some)
    assert "To first text" in text
    assert "p50 200 ms, longest 400 ms, of 3 replies" in text
    assert "p50 1.5 s, longest 2.0 s, of 2 replies" in text
    text = known(alone, FACTS, "openai", *(timed(number / 100, number) for number in range(1, 101)))
    assert "p50 500 ms, p95 950 ms, longest 1.0 s, of 101 replies" in text
