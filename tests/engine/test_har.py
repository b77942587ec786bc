"""HAR: the output has everything that Chrome's importer reads, and other files are read as far as possible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.engine.har import write_har
from chatgrid_tui.engine.har_reader import read_har
from chatgrid_tui.engine.recording import End, EndReason, Head, Read, Recording
from chatgrid_tui.engine.recording_files import NO_TIMES, read_recording_file
from chatgrid_tui.engine.recording_format import NotARecording
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from fakes import DONE, delta
from planted import PLANTED

STARTED = datetime(2026, 11, 2, 10, 15, 0, 123456, tzinfo=UTC)
BODY = b": ping\n\nevent: chunk\nid: 4\n" + delta("Grü") + delta("ße") + DONE


def a_recording(*reads: tuple[float, bytes], content_type: str = "text/event-stream") -> Recording:
    request = Request("POST", "https://bots.example/v1/chat?a=1&b=", {"message": "Grüße"}, (("Accept", "*/*"),))
    recording = Recording(request, "openai", STARTED, ("authorization",))
    recording.head = Head(0.125, 200, {"content-type": content_type, "location": "/there"})
    for t, data in reads:
        recording.add_read(t, data)
    recording.finish(2.5, "end_mark")
    return recording


def entries(har: bytes) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(har)["log"]["entries"]
    return listed


def is_date(value: object) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def is_number(value: object) -> bool:
    return isinstance(value, int | float)


PAIRS = [{"name": str, "value": str}]
# What HARFormat.ts of Chrome's developer tools refuses an import without, and what Importer.ts reads of it.
ROOT = {"version": str, "creator": {"name": str, "version": str}, "pages": list, "entries": list}
ENTRY = {
    "startedDateTime": is_date,
    "time": is_number,
    "request": {
        "method": str,
        "url": str,
        "httpVersion": str,
        "cookies": list,
        "headers": PAIRS,
        "queryString": PAIRS,
        "postData": {"mimeType": str, "text": str},
        "headersSize": is_number,
        "bodySize": is_number,
    },
    "response": {
        "status": is_number,
        "statusText": str,
        "httpVersion": str,
        "cookies": list,
        "headers": PAIRS,
        "content": {"size": is_number, "mimeType": str, "text": str},
        "redirectURL": str,
        "headersSize": is_number,
        "bodySize": is_number,
    },
    "cache": dict,
    "timings": dict.fromkeys(("blocked", "dns", "connect", "ssl", "send", "wait", "receive"), is_number),
    "_resourceType": str,
    "_eventSourceMessages": [{"time": is_number, "eventName": str, "eventId": str, "data": str}],
}


def missing(value: object, shape: object, place: str = "") -> list[str]:
    """Return the places at which a value does not have the shape."""
    match shape:
        case Mapping():
            if not isinstance(value, Mapping):
                return [place]
            return [gap for name in shape for gap in missing(value.get(name), shape[name], f"{place}.{name}")]
        case [inner]:
            if not isinstance(value, list) or not value:
                return [place]
            return [gap for item in value for gap in missing(item, inner, f"{place}[]")]
        case type():
            return [] if isinstance(value, shape) else [place]
        case _:
            return [] if (is_date if shape is is_date else is_number)(value) else [place]


def test_it_holds_all_that_the_importer_of_chrome_reads() -> None:
    har = write_har(
        [a_recording((0.5, BODY[:40]), (1.0, BODY[40:]), content_type="Text/Event-Stream; charset=utf-8")]
    )
    assert missing(json.loads(har)["log"], ROOT) == []
    (entry,) = entries(har)
    assert missing(entry, ENTRY) == []
    assert entry["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": ""}]
    assert entry["response"]["content"] == {
        "size": len(BODY),
        "mimeType": "text/event-stream",
        "text": BODY.decode(),
    }
    assert (entry["response"]["statusText"], entry["response"]["redirectURL"]) == ("OK", "/there")
    assert (entry["time"], entry["timings"]["wait"], entry["timings"]["receive"]) == (2500, 125, 2375)
    assert (entry["timings"]["connect"], entry["_resourceType"]) == (-1, "fetch")


def test_the_events_of_a_stream_have_the_times_of_their_reads() -> None:
    (entry,) = entries(write_har([a_recording((0.5, BODY[:40]), (1.0, BODY[40:]))]))
    messages = entry["_eventSourceMessages"]
    assert [(message["eventName"], message["eventId"]) for message in messages] == [
        ("chunk", "4"),
        ("message", "4"),
        ("message", "4"),
    ]
    assert messages[-1]["data"] == "[DONE]"
    assert {message["time"] for message in messages} == {round(STARTED.timestamp() + 1.0, 6)}
    ndjson = a_recording((0.5, b'{"type":"done"}\n'), content_type="application/x-ndjson")
    assert "_eventSourceMessages" not in entries(write_har([ndjson]))[0]


def test_a_request_without_an_answer_is_told_by_its_error() -> None:
    recording = Recording(Request("POST", "https://bots.example"), "widget")
    recording.finish(3.0, "timeout", Failure("timeout", "no connection in time", place="bots.example"))
    har = write_har([recording])
    (entry,) = entries(har)
    assert entry["startedDateTime"].startswith("1970-01-01")
    assert (entry["response"]["status"], entry["response"]["_error"]) == (0, "no connection in time")
    assert read_har(har).recordings == [recording]


def test_no_key_and_no_cookie_is_in_it() -> None:
    recording = a_recording((0.5, b"hello"))
    headers = (("Authorization", f"Bearer {PLANTED}"), ("Cookie", "session=of-this-person"))
    recording.request = Request("POST", f"https://bots.example/?key={PLANTED}", {"message": PLANTED}, headers)
    recording.head = Head(0.1, 200, {"set-cookie": "session=of-this-person"})
    stored = {"log": {"entries": [entries(write_har([recording]))[0] | {"_recording": None}]}}
    stored["log"]["entries"][0]["request"]["headers"] = [{"name": name, "value": value} for name, value in headers]
    stored["log"]["entries"][0]["request"]["postData"]["text"] = json.dumps({"message": PLANTED})
    stored["log"]["entries"][0]["response"]["content"]["text"] = BODY.decode() + PLANTED
    again = read_recording_file(json.dumps(stored).encode(), "openai").recordings
    har = write_har(again)
    assert PLANTED not in har.decode()
    assert b"of-this-person" not in har
    assert PLANTED not in again[0].body.decode()
    assert entries(har)[0]["_recording"]["redacted"] == ["authorization", "cookie"]


REASONS: tuple[EndReason, ...] = ("end_mark", "eof", "stopped", "reset", "timeout", "limit")
TIMES = st.floats(0, 1000).map(lambda t: round(t, 6))


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    times = sorted(draw(st.lists(TIMES, min_size=2, max_size=6)))
    posted = draw(st.none() | st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3))
    started = draw(st.none() | st.just(STARTED))
    recording = Recording(Request("POST", "https://bots.example/?q=1", posted), draw(st.text("ab")), started)
    if draw(st.booleans()):
        content_type = draw(st.sampled_from(["text/event-stream", "application/x-ndjson"]))
        recording.head = Head(times[0], draw(st.integers(100, 599)), {"content-type": content_type})
        for t in times[1:-1]:
            recording.add_read(t, draw(st.binary(min_size=1, max_size=20) | st.sampled_from([BODY, BODY[:33]])))
    if draw(st.booleans()):
        recording.add_line({"type": "note", "t": 1, "text": draw(st.text(max_size=9))})
    if draw(st.booleans()):
        failure = draw(st.none() | st.just(Failure("network", "dropped", place="bots.example")))
        recording.finish(times[-1], draw(st.sampled_from(REASONS)), failure)
    return recording


@given(st.lists(recordings(), min_size=1, max_size=3))
def test_what_is_written_can_be_read_back(written: list[Recording]) -> None:
    assert read_har(write_har(written)).recordings == written


def chrome(*changes: tuple[str, object], body: str | None = None) -> bytes:
    """Return a HAR as Chrome writes it: a page, its picture, and a stream."""
    started = STARTED.timestamp()
    chunks = ['data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n', DONE.decode()]
    stream: dict[str, Any] = {
        "_connectionId": "12",
        "_resourceType": "fetch",
        "startedDateTime": "2026-11-02T10:15:00.123Z",
        "time": 2000.5,
        "request": {
            "method": "POST",
            "url": "https://bots.example/v1/chat?x=1",
            "headers": [],
            "postData": {"text": "{}"},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "text/event-stream"}],
            "content": {"size": 1, "mimeType": "text/event-stream"} | ({} if body is None else {"text": body}),
        },
        "timings": {"blocked": 10, "dns": -1, "connect": -1, "send": 0.5, "wait": 400, "receive": 1590, "ssl": -1},
        "_eventSourceMessages": [
            {"time": started + number, "eventName": "message", "eventId": "", "data": chunk[6:-2]}
            for number, chunk in enumerate(chunks, 1)
        ],
    }
    stream |= changes
    picture = {"request": {"method": "GET", "url": "https://bots.example/a.png"}, "response": {"status": 200}}
    refused = {
        "startedDateTime": "2026-11-02T10:14:00.123Z",
        "request": {"method": "POST", "url": "https://bots.example/v1/chat"},
        "response": {"status": 401, "content": {"text": '{"error":"No"}'}},
    }
    options = {"request": {"method": "OPTIONS", "url": "https://bots.example/v1/chat"}, "response": {"status": 204}}
    log = {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": []}
    return json.dumps({"log": log | {"entries": [picture, options, refused, stream]}}).encode()


@pytest.mark.parametrize(
    "body", [None, 'data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n: x']
)
def test_a_stream_that_chrome_saved_has_its_times(body: str | None) -> None:
    file = read_recording_file(chrome(body=body))
    assert file.notes == ("2 other requests in the file are left out.",)
    refused, recording = file.recordings
    assert (refused.status, refused.reads) == (401, [Read(0.0, b'{"error":"No"}')])
    assert (recording.kind, recording.timed, recording.head and recording.head.t) == ("openai", True, 0.4105)
    assert [read.t for read in recording.reads] == [pytest.approx(1.000456), pytest.approx(2.000456)]
    if body is not None:
        assert recording.body == body.encode()
    assert recording.end == End(2.0005, "eof")


def test_without_data_the_events_only_tell_the_times() -> None:
    body = 'data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n'
    har = json.loads(chrome(body=body))
    for message in har["log"]["entries"][-1]["_eventSourceMessages"]:
        del message["data"]
    recording = read_recording_file(json.dumps(har).encode()).recordings[-1]
    assert [read.t for read in recording.reads] == [pytest.approx(1.000456), pytest.approx(2.000456)]
    del har["log"]["entries"][-1]["response"]["content"]["text"]
    with pytest.raises(NotARecording, match="None of its requests has a reply"):
        read_recording_file(json.dumps(har).encode())


def test_what_other_programs_save_has_a_body_and_no_times() -> None:
    without = ("_eventSourceMessages", None)
    file = read_recording_file(chrome(without, body=DONE.decode()), "chatiq")
    assert NO_TIMES in file.notes
    recording = file.recordings[-1]
    assert (recording.kind, recording.timed, recording.body) == ("chatiq", False, DONE)
    assert (recording.head and recording.head.t, recording.end) == (0.0, End(0.0, "eof"))
    with pytest.raises(NotARecording, match="None of its requests has a reply"):
        read_recording_file(chrome(without, body="<html>"))


def test_how_another_program_says_that_a_stream_broke_off() -> None:
    for error, reason in (("net::ERR_ABORTED", "stopped"), ("net::ERR_CONNECTION_RESET", "reset")):
        response = {"status": 200, "_error": error, "content": {"mimeType": "text/event-stream"}}
        end = read_recording_file(chrome(("response", response))).recordings[-1].end
        assert end is not None
        assert end.reason == reason


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"log":{', "It starts like a HAR file, but is cut off or damaged"),
        (b'{"log":{"entries":[' + b"[" * 100_000, "It starts like a HAR file, but is cut off or damaged"),
        (b'{"log":{"entries":7}}', "It is a HAR file without entries."),
        (b'{"log":{"entries":[7,{}]}}', "None of its requests has a reply"),
        (b'{"log":{"entries":[' + b"{}," * 10_001 + b"{}]}}", "It has 10,002 requests"),
        (b'{"log":{"entries":[' + b"[]," * 2_500_001 + b"{}]}}", "It is too large to read."),
    ],
    ids=["cut", "deep", "no list", "no request", "requests", "values"],
)
def test_a_har_that_cannot_be_read_is_refused_in_words(data: bytes, problem: str) -> None:
    with pytest.raises(NotARecording, match=problem):
        read_recording_file(data)


def test_hostile_values_count_as_missing() -> None:
    hostile = (
        ("time", 10**400),
        ("timings", {"wait": float("inf"), "send": float("nan"), "dns": "x"}),
        ("_chunks", [{"t": -5, "size": 3}, {"t": float("nan"), "size": -1}]),
        ("startedDateTime", "9999-12-31T23:59:59+14:00"),
        (
            "_recording",
            {
                "kind": 7,
                "redacted": {},
                "lines": [7, {"after": -1}],
                "end": {"t": 1e400, "error": {"retry_after": 10**400}},
            },
        ),
        ("request", {"method": "POST", "url": "https://\ud800", "headers": [{"name": "\udfff", "value": "a"}]}),
    )
    (recording,) = read_recording_file(chrome(*hostile, body=BODY.decode())).recordings
    assert recording.body == BODY
    assert recording.started_at is None
    assert all(read == Read(0.0, read.data) for read in recording.reads)
    assert recording.request.url == "https://\N{REPLACEMENT CHARACTER}"
    assert write_har([recording])


def test_a_reply_after_many_pings_is_recognised() -> None:
    recording = a_recording((1.0, b": ping\n\n" * 10_000 + delta("Hello") + DONE))
    recording.kind = ""
    (read,) = read_har(write_har([recording])).recordings
    assert read.kind == "openai"


def test_an_event_after_many_pings_is_one_read() -> None:
    body, pings = delta("Hi").decode(), ": ping\n\n" * 100_000
    _, recording = read_har(chrome(body=f"{body}{pings}{DONE.decode()}")).recordings
    assert [len(read.data) for read in recording.iter_reads()] == [len(body), len(pings) + len(DONE)]
