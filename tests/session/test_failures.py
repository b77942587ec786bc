"""Failures as text: whole sentences, with the service's own error text cleaned, and nothing left out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import get_args

import pytest

from chatgrid_tui.dialects.error_payloads import STATUSES
from chatgrid_tui.model.events import (
    AttachmentsArrived,
    BodyEnded,
    Finished,
    ReasoningDelta,
    Skipped,
    SuggestionsArrived,
    TextDelta,
    ToolCallDelta,
)
from chatgrid_tui.model.failure import Failure, FailureCause, FailureKind
from chatgrid_tui.model.provider import Resend
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.failures import (
    Explanation,
    KeyStatus,
    asked_wait,
    explain,
    explain_end,
    in_brief,
    silence_of,
)
from chatgrid_tui.session.wording.refusal_kinds import is_limit, is_used_up, status_of

NO_KEY = KeyStatus(missing="No key is set for acme. It is looked for in ACME_KEY.")
KEY = KeyStatus("…6789", "ACME_KEY")
HOSTILE = "\x1b[31mred\x1b[0m\n[bold]\u202e"
RESENDS: tuple[Resend, ...] = get_args(Resend)

EVERYTHING = [
    Failure(kind, cause, code, message, status, wait, place)
    for kind in get_args(FailureKind)
    for cause in get_args(FailureCause)
    for status in ((401, 403, 404, 413, 429, 500) if kind == "http" else (None,))
    for code, message, wait, place in ((None, None, None, ""), (HOSTILE, HOSTILE, 0.5, HOSTILE))
]


def a_reply(state: ReplyState, text: str = "") -> Reply:
    """Return a reply in a state, with some text."""
    reply = Reply(1, "bot", datetime(2026, 3, 15, tzinfo=UTC))
    if text:
        reply.apply(TextDelta(0, text))
    reply.state = state
    return reply


def sentences_of(explanation: Explanation) -> str:
    return f"{explanation.headline} {explanation.details}".strip()


@pytest.mark.parametrize("resend", RESENDS)
@pytest.mark.parametrize("characters", [0, 1, 12_345])
def test_every_failure_has_clean_sentences(resend: Resend, characters: int) -> None:
    for failure in EVERYTHING:
        for key in (KEY, NO_KEY, KeyStatus()):
            words = sentences_of(explain(failure, key, resend, characters))
            assert words
            assert words[-1] in ".!?…", words
            assert words.isprintable(), words
            assert "\x1b" not in words
            assert "\u202e" not in words
            assert re.search(r"\bNone\b|  |\(\)", words) is None, words


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (
            Failure("http", "said", "rate_limit_exceeded", "Slow down", 429, 19.2),
            "The service is limiting requests (429). It says: “Slow down”. It asks to wait 20 seconds. "
            "Your message is kept; it was not accepted, so trying again cannot store it twice.",
        ),
        (
            Failure("http", "moved", status=308, place="new.example"),
            "The service moved to new.example. It was not followed, since the key would go along. Change the "
            "address if you trust it. Your message is kept.",
        ),
        (
            Failure("network", "dropped", place="bots.example"),
            "The connection was lost after 102 characters. The text is kept. Your message may be stored twice if "
            "you send it again.",
        ),
        (Failure("network", "refused", place="b.example"), "Nothing answers at b.example. Your message is kept."),
        (
            Failure("network", "no TLS", place="b.example"),
            "No encrypted connection to b.example can be made. Nothing was sent. If the service uses plain http, "
            "its address begins with http://. Your message is kept.",
        ),
        (
            Failure("network", "insecure", place="bots.example"),
            "bots.example would be reached without encryption. Nothing was sent. Use https, or set "
            "allow_http = true for this provider. Your message is kept.",
        ),
        (
            Failure("protocol", "page", place="200, text/html"),
            "This address answers with a web page, not with a reply (200, text/html). Check the address of the "
            "provider. Your message is kept.",
        ),
        (
            Failure("stream", "said", "stream_error", "Upstream model failed"),
            "The service stopped with an error (stream_error). It says: “Upstream model failed”. The text that "
            "arrived is kept. Your message may be stored twice if you send it again.",
        ),
        (
            Failure("http", "said", "model_not_found", None, 404),
            "The service has no such board (404 model_not_found). Your message is kept.",
        ),
    ],
)
def test_the_words(failure: Failure, words: str) -> None:
    assert sentences_of(explain(failure, KEY, "unknown", 102)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "It asks to wait 0 seconds."),
        (0.4, "It asks to wait 1 second."),
        (60.0, "It asks to wait 60 seconds."),
        (300.0, "It asks to wait 5 minutes."),
        (3_600.0, "It asks to wait 60 minutes."),
        (7_201.0, "It asks to wait 3 hours."),
        (86_400.0, "It asks to wait 24 hours."),
        (86_401.0, "It asks to wait for more than a day."),
        (999_999_999.0, "It asks to wait for more than a day."),
    ],
)
def test_how_long_a_service_asks_to_wait(seconds: float | None, words: str) -> None:
    assert asked_wait(Failure("http", status=429, retry_after=seconds)) == words


def test_what_a_proxy_refuses_is_no_refusal_of_the_service() -> None:
    for status in (401, 403, 404, 429):
        failure = Failure("network", "proxy refused", status=status, place="p:3128 (HTTPS_PROXY)")
        assert status_of(failure) is None
        assert not is_limit(failure)


def test_a_refused_key_says_which_key_it_was() -> None:
    refused = Failure("http", "said", "unauthorized", "Invalid API key", 401)
    with_key = sentences_of(explain(refused, KEY, "safe"))
    assert with_key.startswith("The service refused the key (401 unauthorized). The key …6789 comes from ACME_KEY.")
    without = sentences_of(explain(refused, NO_KEY, "safe"))
    assert without.startswith("The service requires a key (401 unauthorized). No key is set for acme.")


@pytest.mark.parametrize(
    ("state", "characters", "words"),
    [
        ("stopped", 102, "You stopped this reply after 102 characters. The text is kept."),
        ("truncated", 5, "The stream ended without its end mark. This may not be the whole reply."),
        ("interrupted", 7, "The program ended while this reply was being written. 7 characters are kept."),
        ("stopped", 0, "You stopped this reply before any text arrived. Your message is kept."),
        ("interrupted", 0, "The program ended before a reply arrived. Your message is kept."),
        ("finished", 0, "The reply is empty."),
        ("finished", 1, None),
        ("writing", 0, None),
    ],
)
def test_endings_without_a_failure(state: ReplyState, characters: int, words: str | None) -> None:
    explanation = explain_end(a_reply(state, "x" * characters))
    assert (None if explanation is None else sentences_of(explanation)) == words


@pytest.mark.parametrize(
    ("reason", "text", "words"),
    [
        ("length", "Some", "Cut at the token limit."),
        ("max_tokens", "Some", "Cut at the token limit."),
        ("MAX_TOKENS", "", "Cut at the token limit before any text arrived."),
        ("content_filter", "", "Ended by the service's content filter (content_filter)."),
        ("SAFETY", "Some", "Ended by the service's content filter (SAFETY)."),
        ("abort\x1b[1m", "Some", "The service ended the reply for another reason: abort\ufffd[1m."),
        ("stop", "Some", None),
        ("tool_calls", "Some", None),
        ("", "Some", None),
    ],
)
def test_why_the_model_stopped_writing(reason: str, text: str, words: str | None) -> None:
    reply = a_reply("finished", text)
    reply.finish_reason = reason
    explanation = explain_end(reply)
    assert (None if explanation is None else sentences_of(explanation)) == words


def test_what_is_no_empty_reply() -> None:
    for event in (
        ToolCallDelta(0, 0, "c1", "look_up", "{}"),
        ReasoningDelta(0, "Hm"),
        AttachmentsArrived(({"url": "https://example.com/a.png"},)),
        SuggestionsArrived(({"label": "Menu"},)),
    ):
        reply = a_reply("waiting")
        for each in (event, Finished(), BodyEnded()):
            reply.apply(each)
        assert explain_end(reply, "chatiq") is None


def test_if_a_person_may_have_taken_over() -> None:
    explanation = explain_end(a_reply("finished"), "A person may have taken over.")
    assert explanation is not None
    assert sentences_of(explanation) == "The reply is empty. A person may have taken over."


@pytest.mark.parametrize(
    ("failure", "limit", "used_up"),
    [
        (Failure("http", status=429), True, False),
        (Failure("http", status=429, retry_after=1.0, code="rate_limit_exceeded"), True, False),
        (
            Failure("stream", code="RATE_LIMIT_EXCEEDED", message="Daily chat limit reached. Please upgrade."),
            True,
            False,
        ),
        (Failure("stream", code="rate_limit_error"), True, False),
        (Failure("stream", code="429"), True, False),
        (Failure("http", status=503), False, False),
        (Failure("http", status=429, message="You exceeded your current quota. Please retry in 32.5s."), True, False),
        (Failure("http", status=429, code="insufficient_quota", retry_after=1.0), False, True),
        (Failure("http", status=429, message="You exceeded your current quota, please check your plan"), False, True),
        (Failure("http", status=429, code="billing_hard_limit_reached"), False, True),
        (Failure("http", status=429, code="exceeded_current_quota_error"), False, True),
        (Failure("http", status=429, code="insufficient_user_quota"), False, True),
        (Failure("http", status=402, message="Insufficient Balance"), False, True),
        (Failure("http", status=402, code="QUOTA_EXCEEDED"), False, True),
        (Failure("stream", code="QUOTA_EXCEEDED"), False, True),
        (Failure("stream", code="1008", message="insufficient balance"), False, True),
        (Failure("stream", code="insufficient_quota"), False, True),
        (
            Failure("http", status=400, code="invalid_request_error", message="Your credit balance is too low"),
            False,
            True,
        ),
        (Failure("http", status=400, code="400", message="Budget has been exceeded! Current cost: 2"), False, True),
        (Failure("http", status=400, code="Arrearage"), False, True),
        (Failure("http", status=403, code="billing_not_active"), False, True),
        (Failure("http", status=500, message="billing service down"), False, False),
        (Failure("http", status=400, code="context_length_exceeded", message="too long"), False, False),
        (Failure("network", "dropped"), False, False),
    ],
)
def test_failures_that_waiting_helps(failure: Failure, limit: bool, used_up: bool) -> None:
    assert (is_limit(failure), is_used_up(failure)) == (limit, used_up)
    words = sentences_of(explain(failure, NO_KEY, "unknown"))
    assert ("is limiting requests" in words) == limit
    assert ("is used up" in words) == used_up
    assert not (used_up and "It asks to wait" in words)


def test_a_refusal_in_a_stream_reads_like_one_over_http() -> None:
    """ChatIQ answers 200 and reports in an event what others report by status. Nothing was stored then."""
    for code, status in STATUSES.items():
        streamed = explain(Failure("stream", code=code, message="Words of its own."), KEY, "unknown")
        over_http = explain(Failure("http", "said", code, "Words of its own.", status), KEY, "unknown")
        assert sentences_of(streamed).replace(code, "") == (
            sentences_of(over_http).replace(f"{status} {code}", "").replace(f"({status})", "()")
        )
        assert ("stored twice" in streamed.again) == (status >= 500)
    after_text = explain(Failure("stream", code="QUOTA_EXCEEDED"), KEY, "unknown", 5)
    assert after_text.headline == "The service stopped with an error (QUOTA_EXCEEDED)."


@pytest.mark.parametrize(
    ("message", "field", "words"),
    [
        ("Slow down", "", "It says: “Slow down”."),
        ("Slow down!", "", "It says: “Slow down!”"),
        ("Not permitted", "stream_options", "It says: “Not permitted” (stream_options)."),
        ("stream_options: not permitted", "stream_options", "It says: “stream_options: not permitted”."),
        (None, "top_k", "It names top_k."),
        (None, "", ""),
    ],
)
def test_texts_of_a_service_are_quoted(message: str | None, field: str, words: str) -> None:
    failure = Failure("http", message=message, status=422, field=field)
    assert explain(failure, KEY, "safe").text == words


def test_an_answer_is_called_by_its_number() -> None:
    for cause in ("page", "not a reply", "other kind"):
        words = explain(Failure("protocol", cause, place="202, text/html"), KEY, "safe").headline
        assert "(202, text/html)" in words


def test_a_connection_that_is_alive_is_told_from_a_silent_one() -> None:
    reply = a_reply("waiting")
    reply.bytes_came(0.5)
    reply.apply(TextDelta(0, "Half"), 0.5)
    assert silence_of(reply, 5.5) == "No data for 5 s"
    reply.bytes_came(35.0)
    assert silence_of(reply, 40.5) == "Alive, no text for 40 s"
    assert silence_of(reply, 65.0) == "No data for 30 s"
    reply.bytes_came(70.0)
    reply.apply(ReasoningDelta(0, "Hm"), 70.0)
    assert silence_of(reply, 73.0) == "No data for 3 s"


def test_a_broken_body_is_not_called_a_stream() -> None:
    reply = a_reply("waiting")
    for event in (Skipped("unfinished"), BodyEnded()):
        reply.apply(event)
    explanation = explain_end(reply)
    assert explanation is not None
    assert explanation.headline == "The answer cannot be read or is cut off, and contains no reply."


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Failure("network", "dropped"), "The connection was lost."),
        (Failure("timeout", "silence"), "No more data arrived, and the reply was given up."),
        (Failure("timeout", "no text"), "Only heartbeats arrived; the reply was given up."),
        (Failure("network", "refused", place="127.0.0.1:9"), "Nothing answers at 127.0.0.1:9."),
        (Failure("http", status=401), "The service refused the key (401)."),
    ],
)
def test_in_brief_the_text_before_a_failure_is_left_out(failure: Failure, sentence: str) -> None:
    assert in_brief(failure, KEY) == sentence
