"""Recording files of every format, intact and broken: their content, and the notes for the user."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.har import write_har
from chatgrid_tui.engine.metered_trace import report_of
from chatgrid_tui.engine.recording import End
from chatgrid_tui.engine.recording_files import NO_TIMES, read_recording_file
from chatgrid_tui.engine.recording_format import NotARecording, write_recording, write_recordings
from chatgrid_tui.model.recording_limits import LARGEST_RECORDING
from fakes import DONE, delta
from planted import PLANTED

STREAMS: dict[Kind, bytes] = {
    "chatgrid": b'data: {"event":"message.delta","content":"Hi"}\n\ndata: {"event":"message.complete"}\n\n',
    "chatiq": delta("Hi") + b'data: {"conversationId":"c-1"}\n\n' + DONE,
    "widget": b'{"type":"start","conversationId":"c-1"}\n{"type":"done","message":"Hi"}\n',
    "openai": b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n' + DONE,
}
LINES = (
    b'{"type":"request","version":1,"kind":"openai","method":"POST","url":"https://a.example/v1/chat"}\n'
    b'{"type":"response","t":0.5,"status":200,"headers":[{"name":"content-type","value":"text/event-stream"}]}\n'
    b'{"type":"data","t":1,"text":"data: [DONE]\\n\\n"}\n'
    b'{"type":"end","t":2,"reason":"end_mark","bytes":14}\n'
)


def bundle(name: str, content: bytes) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("note.md", "Slow.")
        file.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        LINES,
        b"\xef\xbb\xbf# by hand\n\n" + LINES,
        LINES.decode().encode("utf-16"),
        gzip.compress(LINES[:100]) + gzip.compress(LINES[100:]),
        bundle("recording.jsonl", LINES),
        LINES.replace(b'"type":"request","version":1,', b'"version":1,"type" : "request",', 1),
    ],
    ids=["lines", "comment", "utf-16", "gzip", "bundle", "order"],
)
def test_a_recording_is_read_however_it_is_packed(data: bytes) -> None:
    file = read_recording_file(data)
    assert file.notes == ()
    (recording,) = file.recordings
    assert (recording.kind, recording.body, recording.timed) == ("openai", DONE, True)
    assert recording.end == End(2.0, "end_mark")


@pytest.mark.parametrize("kind", STREAMS)
def test_a_captured_body_is_of_the_kind_that_recognises_it(kind: Kind) -> None:
    file = read_recording_file(STREAMS[kind])
    assert file.notes == (NO_TIMES,)
    (recording,) = file.recordings
    assert (recording.kind, recording.body, recording.status) == (kind, STREAMS[kind], 200)
    assert (recording.timed, recording.end) == (False, End(0.0, "eof"))


def test_a_captured_head_is_read_and_the_heads_before_it_are_not() -> None:
    body = STREAMS["widget"]
    before = b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 \r\nA: b\r\n\r\n"
    head = before + b"HTTP/2 429\r\nRetry-After: 3\r\n\r\n"
    (recording,) = read_recording_file(head + body).recordings
    assert (recording.status, recording.headers, recording.body) == (429, {"retry-after": "3"}, body)
    compressed = b"HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n" + gzip.compress(body)
    (recording,) = read_recording_file(compressed).recordings
    assert recording.body == body


def test_keys_are_masked_once() -> None:
    keyed = LINES.replace(b"/chat", f"/chat?api_key={PLANTED}".encode()).replace(b"[DONE]", f"a{PLANTED}".encode())
    lines = write_recordings(read_recording_file(keyed).recordings)
    assert PLANTED not in lines.decode()
    assert b"/chat?api_key=[key ...9f3a]" in lines
    assert write_recordings(read_recording_file(lines).recordings) == lines


def test_an_error_is_of_any_kind() -> None:
    (recording,) = read_recording_file(b'HTTP/1.1 401 No\n\n{"error":"No key"}').recordings
    assert (recording.kind in DIALECTS, recording.status) == (True, 401)


def test_a_given_kind_overrides_the_one_in_the_file() -> None:
    assert read_recording_file(LINES, "chatiq").recordings[0].kind == "chatiq"
    (recording,) = read_recording_file(b"Bad Gateway", "widget").recordings
    assert (recording.kind, recording.body) == ("widget", b"Bad Gateway")


def test_an_unknown_kind_is_guessed() -> None:
    written = LINES.replace(b'"openai"', b'"of tomorrow"').replace(
        b"data: [DONE]", b'{\\"type\\":\\"done\\",\\"message\\":\\"a\\"}'
    )
    assert read_recording_file(written).recordings[0].kind == "widget"


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (
            LINES.replace(b'"version":1', b'"version":2'),
            "Written by a later version (2); only the known parts are shown.",
        ),
        (LINES[:-10], "The file was cut in the middle of a line."),
        (
            LINES[: LINES.index(b'{"type":"end"')],
            "The recording has no end: the file was cut off, or the program that wrote it ended early.",
        ),
        (gzip.compress(LINES)[:-9], "The compressed file was cut or is damaged; what comes before that is shown."),
        (LINES.replace(b'"t":2', b'"t":-2'), "One time in the file is invalid; the time before is shown instead."),
        (
            LINES.replace(b'"t":1', b'"t":1e400'),
            "One time in the file is invalid; the time before is shown instead.",
        ),
        (
            LINES.replace(b'"t":0.5', b'"t":9').replace(b'"t":2', b'"t":"2"'),
            "2 times in the file are invalid; the time before is shown instead.",
        ),
    ],
    ids=["version", "line", "end", "gzip", "negative", "infinite", "backwards"],
)
def test_problems_of_a_file_are_reported(data: bytes, note: str) -> None:
    file = read_recording_file(data)
    assert note in file.notes
    (recording,) = file.recordings
    times = [recording.latest, *(read.t for read in recording.iter_reads())]
    assert all(0 <= t <= 9 for t in times)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "It is empty."),
        (b"\xff\x00garbage", "It is not a recording, and nothing in it shows which kind of service wrote it."),
        (LINES[:40], "Line 1: It is not a JSON object."),
        (LINES.partition(b"\n")[2], "Line 1: A recording begins with a request."),
        (LINES + b'{"t":' + b"[" * 100_000 + b"\n", "Line 5: It is not a JSON object."),
        (LINES + b'{"t":' + b"9" * 5_000 + b"}\n", "Line 5: It is not a JSON object."),
        (LINES + b'{"t":[' + b"0," * 200_000 + b"0]}\n", "Line 5: It is not a JSON object."),
        (LINES + b'{"type":"note","text":"' + b"a" * (32 << 20) + b'"}\n', "Line 5: The rest is too large to read."),
        (LINES * 10_001, "Line 40002: The rest is too large to read."),
        (b"\x1f\x8bno gzip", "It is compressed, and damaged from the start."),
        (bundle("other.jsonl", LINES), "There is no recording.jsonl in the zip file."),
        (bundle("recording.jsonl", LINES)[:-30], "The zip file was cut or is damaged."),
    ],
    ids=range(12),
)
def test_unreadable_files_are_refused_with_a_reason(data: bytes, problem: str) -> None:
    with pytest.raises(NotARecording) as refused:
        read_recording_file(data)
    assert str(refused.value).startswith(problem)


def test_what_decompresses_to_too_much_is_refused() -> None:
    zeros = gzip.compress(b"\0" * (1 << 20), 9) * 300
    with pytest.raises(NotARecording, match="256 MiB"):
        read_recording_file(zeros)


def test_a_large_body_is_shown_in_part() -> None:
    body = STREAMS["openai"] + b": " + b"x" * LARGEST_RECORDING
    file = read_recording_file(body)
    assert file.notes == (NO_TIMES, "Only the first 64 MiB are shown.")
    (recording,) = file.recordings
    assert LARGEST_RECORDING - 70_000 < len(recording.body) <= LARGEST_RECORDING
    assert recording.size == len(body)


HAR = write_har(read_recording_file(LINES).recordings)
STRANGE = [10**400, "", "\ud800", "\x1b]0;x\x07", "x"]
KEYS = st.sampled_from(["t", "text", "type", "name"])
WRONG = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(STRANGE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=5,
)
WHOLE = [LINES, HAR, gzip.compress(LINES), bundle("recording.jsonl", LINES), STREAMS["openai"]]


def places(value: object) -> Iterator[tuple[Any, str | int]]:
    """Give the container and the key of each value within a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from places(inner)


def is_read_or_refused(data: bytes) -> None:
    try:
        file = read_recording_file(data)
    except NotARecording:
        return
    for recording in file.recordings:
        assert write_recording(recording)
        assert write_har([recording])
        assert report_of([recording], DIALECTS.get(recording.kind, DIALECTS["openai"])) is not None


@given(st.data())
def test_a_file_with_any_wrong_value_is_read_or_refused(data: st.DataObject) -> None:
    har = json.loads(HAR)
    lines = [json.loads(line) for line in LINES.splitlines()]
    for value in (har, lines):
        container, key = data.draw(st.sampled_from(list(places(value))))
        container[key] = data.draw(WRONG)
    is_read_or_refused(json.dumps(har).encode())
    is_read_or_refused("\n".join(map(json.dumps, lines)).encode())


@given(st.sampled_from(WHOLE), st.data())
def test_a_file_that_was_cut_or_damaged_is_read_or_refused(whole: bytes, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    is_read_or_refused(whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:])
    is_read_or_refused(whole[:end])
