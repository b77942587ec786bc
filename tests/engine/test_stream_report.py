"""The figures of a stream, by their definitions, and its anomalies, each with its place."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.metered_trace import MeteredBody, MeteredTrace, report_of
from chatgrid_tui.engine.recording import EndReason, Head, Recording
from chatgrid_tui.engine.recording_format import read_recordings, write_recording
from chatgrid_tui.engine.stream_report import StreamReport, figures, longest_of_groups, percentile
from chatgrid_tui.engine.trace import ends_within_character
from chatgrid_tui.model.request import Request
from fakes import DONE

SSE = "text/event-stream"


def entry(**members: object) -> bytes:
    return b"data: " + json.dumps(members).encode() + b"\n\n"


def choice(content: str = "", **members: object) -> bytes:
    return entry(choices=[{"index": 0, "delta": {"content": content} if content else {}, **members}])


def recorded(
    *reads: tuple[float, bytes],
    end: float = 2.0,
    reason: EndReason = "eof",
    status: int = 200,
    content_type: str = SSE,
) -> Recording:
    recording = Recording(Request("POST", "http://127.0.0.1:1"), "openai")
    recording.head = Head(0.1, status, {"content-type": content_type} if content_type else {})
    for t, data in reads:
        recording.add_read(t, data)
    recording.finish(end, reason)
    return recording


def report(*recordings: Recording, kind: str = "openai") -> StreamReport:
    measured = report_of(recordings, DIALECTS[kind])
    assert measured is not None
    return measured


def test_each_figure_by_its_definition() -> None:
    role = entry(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}}])
    usage = entry(choices=[], usage={"completion_tokens": 5})
    measured = report(
        recorded(
            (0.2, role),
            (0.3, b": ping\n\n"),
            (0.4, choice("One")),
            (0.5, choice(" two") + choice(" three")),
            (0.8, choice(" four")),
            (1.0, usage + DONE),
            end=1.1,
        )
    )
    assert (measured.ttfb, measured.ttft, measured.ttfo, measured.e2el) == (0.1, 0.4, None, 1.1)
    assert measured.icl is not None
    assert measured.icl.p50 == pytest.approx(0.2)
    assert measured.icl.p95 is None
    assert measured.icl.longest == pytest.approx(0.3)
    assert measured.tpot == pytest.approx(0.1)
    assert measured.tokens_per_second == pytest.approx(10)
    assert measured.chunks_per_second is None
    assert (measured.reads, measured.events, measured.status) == (6, 7, 200)
    assert measured.gaps == pytest.approx((0.1, 0.3))
    assert measured.notices == ()
    assert figures(measured) == [
        "TTFB 100 ms",
        "TTFT 400 ms",
        "ICL 200/-/300 ms",
        "10 tokens/s",
        "E2EL 1.1 s",
        f"6 reads 7 events {measured.size} B",
    ]


def test_one_read_with_one_event_is_counted_in_the_singular() -> None:
    whole = recorded((0.4, DONE))
    assert figures(report(whole))[-1] == f"1 read 1 event {len(DONE)} B"


def test_reasoning_is_the_first_token_and_not_the_first_output() -> None:
    thought = entry(choices=[{"index": 0, "delta": {"reasoning_content": "Hm"}}])
    measured = report(recorded((0.3, thought), (0.9, choice("Yes")), (1.0, DONE)))
    assert (measured.ttft, measured.ttfo) == (0.3, 0.9)
    assert report(recorded((0.9, choice("Yes")), (1.0, DONE))).ttfo is None


def test_without_usage_the_pace_is_in_chunks() -> None:
    measured = report(recorded((0.5, choice("a")), (1.0, choice("b")), (1.5, choice("c") + DONE)))
    assert measured.tpot is None
    assert measured.chunks_per_second == pytest.approx(2)


def test_a_reply_in_a_file_has_no_times() -> None:
    body = MeteredBody(DIALECTS["openai"], {"content-type": SSE})
    assert body.feed(choice("One") + choice("Two") + DONE)
    body.end()
    measured = body.report
    assert (measured.events, measured.size) == (3, len(choice("One") + choice("Two") + DONE))
    times = measured.ttfb, measured.ttft, measured.icl, measured.chunks_per_second, measured.e2el, measured.reads
    assert times == (None,) * 6
    assert (measured.burst, measured.gaps, measured.notices) == (False, (), ())


GREETING = 'data: {"choices":[{"delta":{"content":"Grüße"}}]}\n\n'.encode()
LETTERS = [choice(letter) for letter in "abcdefgh"]
CASES: dict[str, tuple[Recording, str, list[str]]] = {
    "stall": (
        recorded((0.2, choice("Here is your")), (0.3, choice(" order")), (4.5, choice(".") + DONE), end=4.6),
        "openai",
        ["Stall: 4.2 s without text after “Here is your order”."],
    ),
    "pings do not hide a stall": (
        recorded((0.2, choice("One")), (0.9, b": ping\n\n"), (1.6, choice("Two") + DONE)),
        "openai",
        ["Stall: 1.4 s without text after “One”."],
    ),
    "late end": (
        recorded((0.2, choice("One")), (3.3, DONE), end=3.3),
        "openai",
        ["The end came 3.1 s after the last text."],
    ),
    "one read": (
        recorded((1.9, b"".join(LETTERS) + DONE), end=1.95),
        "openai",
        ["All 8 events came in one read: something is buffering."],
    ),
    "nearly one read": (
        recorded(*((1.9 + at / 1000, data) for at, data in enumerate(LETTERS)), (1.95, DONE), end=1.95),
        "openai",
        ["All 8 events came within 7 ms: something is buffering."],
    ),
    "no end mark": (recorded((1.5, choice("Half a"))), "openai", ["No end mark after “Half a”."]),
    "reset": (recorded((1.5, choice("Half a")), reason="reset"), "openai", ["No end mark after “Half a”."]),
    "stopped by the user": (recorded((1.5, choice("Half a")), reason="stopped"), "openai", []),
    "text after the end mark": (
        recorded((1.5, choice("One")), (1.6, DONE + choice(" two")), reason="end_mark"),
        "openai",
        ["Text came after the end mark. It is ignored."],
    ),
    "text after finish_reason": (
        recorded((1.4, choice("One")), (1.5, choice(finish_reason="stop")), (1.6, choice(" two") + DONE)),
        "openai",
        ["Text came after the end mark. It is ignored."],
    ),
    "content type": (
        recorded((1.5, choice("One") + DONE), content_type="text/html; charset=utf-8"),
        "openai",
        ["Declared as text/html, but it is an event stream."],
    ),
    "no content type": (recorded((1.5, choice("One") + DONE), content_type=""), "openai", ["No content type."]),
    "lines of JSON as JSON": (
        recorded((1.5, b'{"type":"token","token":"Hi"}\n{"type":"done"}\n'), content_type="application/json"),
        "widget",
        ["Declared as application/json, but it is a stream of JSON lines."],
    ),
    "one line of JSON as JSON": (
        recorded((1.5, b'{"type":"done","message":"Hi"}\n'), content_type="application/json"),
        "widget",
        [],
    ),
    "a body is JSON": (
        recorded((1.5, b'{"choices":[{"message":{"content":"Hi"}}]}'), content_type="application/json"),
        "openai",
        [],
    ),
    "error inside a 200": (
        recorded((1.5, entry(error={"message": "Over\x1b[31mloaded", "code": "busy"}) + DONE)),
        "openai",
        ["Error inside a 200: busy: Over\ufffd[31mloaded"],
    ),
    "refused": (recorded((0.2, b'{"error":"No"}'), status=400, content_type="application/json"), "openai", []),
    "empty": (recorded((1.5, DONE)), "openai", ["The reply is empty."]),
    "no body": (recorded(), "openai", ["No end mark.", "The reply is empty."]),
    "surrogates": (
        recorded((1.4, choice("\ud83c")), (1.5, choice("\udf5b")), (1.6, choice("\U0001f35b") + DONE)),
        "openai",
        ["2 records hold half of a character; the other half is in the next."],
    ),
    "UTF-8": (
        recorded((1.4, GREETING[: GREETING.index(b"\xbc")]), (1.5, GREETING[GREETING.index(b"\xbc") :] + DONE)),
        "openai",
        ["1 read ends within a character."],
    ),
    "slices": (
        recorded(*((0.2 + at / 5, choice(text)) for at, text in enumerate(["1234"] * 8 + ["12"])), (2.0, DONE)),
        "openai",
        ["All 9 pieces have 4 characters: a finished answer, cut into slices."],
    ),
    "token limit": (
        recorded((1.5, choice("Some") + choice(finish_reason="length") + DONE)),
        "openai",
        ["finish_reason is length."],
    ),
    "not JSON": (
        recorded((1.5, choice("Some") + b"data: {nothing\n\ndata: 7\n\n" + DONE)),
        "openai",
        ["2 pieces could not be read (not JSON)."],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_noticed(case: str) -> None:
    recording, kind, sentences = CASES[case]
    assert [notice.sentence for notice in report(recording, kind=kind).notices] == sentences


def test_a_stall_has_its_place() -> None:
    (stall,) = report(recorded((0.2, choice("a")), (0.3, b": x\n\n"), (2.3, choice("b") + DONE), end=2.4)).notices
    assert (stall.kind, stall.t, stall.record) == ("stall", 2.3, 2)
    assert stall.seconds == pytest.approx(2.1)


def test_a_refused_request_comes_before_the_one_that_was_answered() -> None:
    refused = recorded((0.2, b"{}"), status=400)
    measured = report(refused, recorded((0.5, choice("One") + DONE), end=0.6))
    assert [notice.sentence for notice in measured.notices] == ["The request before was refused with 400."]
    assert measured.ttft == 0.5


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b'data: {"event":"message.delta","content":"Hi"}\n\n', "A"),
        (b'event: message.delta\ndata: {"content":"Hi"}\n\n', "B"),
        (b'data: {"content":"Hi"}\n\n', None),
    ],
)
def test_where_the_names_of_events_are(body: bytes, form: str | None) -> None:
    assert report(recorded((0.2, body)), kind="chatgrid").form == form


def test_bytes_that_are_not_recorded_are_counted() -> None:
    recording = recorded((0.5, choice("One") + DONE), end=0.6)
    recording.dropped = 12_000
    assert [notice.sentence for notice in report(recording).notices] == ["12 kB more came and are not recorded."]


def test_a_recording_without_times_has_the_figures_of_a_file() -> None:
    body = choice("One") + choice(" two") + choice(" thr\u00fc") + b"data: {"
    recording = recorded((0.0, body[:-15]), (0.0, body[-15:]), end=0.0, content_type="")
    recording.head, recording.timed = Head(0.0, 200, {}), False
    of_file = MeteredBody(DIALECTS["openai"], {})
    of_file.feed(body)
    of_file.end()
    assert report(recording) == replace(of_file.report, status=200)


times = st.lists(st.floats(0, 5), min_size=1, max_size=40).map(lambda steps: list(accumulate(steps, initial=0.2)))


@given(times, st.data())
def test_the_report_is_the_same_live_and_stored(at: list[float], data: st.DataObject) -> None:
    body = b"".join([*(choice(f"word {number}") for number in range(data.draw(st.integers(0, 60)))), DONE])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), min_size=len(at), max_size=len(at))))
    whole = recorded(end=at[-1] + 1)
    live = MeteredTrace(recorded(end=at[-1] + 1), DIALECTS["openai"])
    live.recording.end, end = None, live.recording.end
    for t, start, stop in zip(at, [0, *cuts], [*cuts, len(body)], strict=False):
        for recording in (whole, live.recording):
            recording.add_read(t, body[start:stop])
        assert len(list(live.advance())) >= 0
        partial = live.report
        assert partial.e2el is None
        assert partial.reads == live.recording.read_count
    live.recording.end = end
    assert len(list(live.advance())) >= 0
    measured = live.report
    assert measured == report(whole)
    (stored,) = read_recordings(write_recording(whole))
    assert report(stored).events == measured.events
    assert all(0 <= share <= 1 for share in measured.pulse)
    if measured.icl is not None:
        assert 0 <= measured.icl.p50 <= measured.icl.longest
        assert measured.ttft is not None
    assert json.loads(json.dumps(measured.as_object())) == measured.as_object()


@given(st.text(), st.integers(0, 200))
def test_a_read_that_ends_within_a_character_is_one_that_cannot_be_decoded(text: str, end: int) -> None:
    data = text.encode("utf-8", "surrogatepass")[:end]
    whole = data.decode("utf-8", "ignore").encode() if not _surrogates(text) else None
    if whole is not None:
        assert ends_within_character(data) == (whole != data)


def _surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=100))
def test_percentiles_and_groups(values: list[float]) -> None:
    ordered = sorted(values)
    assert percentile(ordered, 0) == ordered[0]
    assert percentile(ordered, 1) == ordered[-1]
    assert ordered[0] <= percentile(ordered, 0.95) <= ordered[-1]
    groups = longest_of_groups(values)
    assert max(groups) == ordered[-1]
    assert len(groups) == min(24, len(values))


def test_a_percentile_is_interpolated() -> None:
    assert percentile([1.0, 2.0, 4.0], 0.75) == 3.0


def test_times_edited_by_hand_break_nothing() -> None:
    measured = report(recorded((5.0, choice("a")), (-3.0, choice("b")), (1e300, choice("c")), (0.0, DONE), end=-1.0))
    assert measured.events == 4
    assert all(0 <= share <= 1 for share in measured.pulse)
    assert figures(measured)


def test_a_reply_of_many_reads_is_measured_with_little_work() -> None:
    measured = report(recorded(*((number / 1000, choice("a")) for number in range(30_000)), (30.0, DONE), end=30.0))
    assert measured.icl is not None
    assert measured.icl.p50 == pytest.approx(0.001)
    assert measured.icl.longest == pytest.approx(0.001, abs=1e-6)
    assert len(measured.gaps) == 24
    assert min(measured.pulse) > 0.9
