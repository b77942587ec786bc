"""Recordings as files: what is written can be read back, and unknown values are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import End, Head, Recording
from chatgrid_tui.engine.recording_format import NotARecording, read_recordings, write_recording, write_recordings
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from planted import PLANTED

REQUEST = Request(
    "POST",
    "https://bots.example/v1/chat",
    {"message": "Grüße \x1b[31m\x7f 🍛", "stream": True},
    (("Accept", "text/event-stream"),),
)
STARTED = datetime(2026, 11, 2, 10, 15, 0, 123456, tzinfo=UTC)


def a_recording(*reads: tuple[float, bytes]) -> Recording:
    recording = Recording(REQUEST, "openai", STARTED, ("authorization",))
    recording.head = Head(0.125, 200, {"content-type": "text/event-stream"})
    for t, data in reads:
        recording.add_read(t, data)
    return recording


def objects(stored: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in stored.splitlines()]


@given(
    st.lists(
        st.tuples(st.floats(0.125, 1e6).map(lambda t: round(t, 6)), st.binary(max_size=200) | st.just(b"data: \xc3"))
    )
)
def test_a_recording_comes_back(reads: list[tuple[float, bytes]]) -> None:
    recording = a_recording(*sorted(reads))
    recording.finish(2e6, "reset", Failure("network", "dropped", place="bots.example"))
    assert read_recordings(write_recording(recording)) == [recording]


def test_the_lines_are_those_of_the_format() -> None:
    recording = a_recording((0.409117, b"data: Hel\n\n"), (0.447002, b"data: \xc3"))
    recording.finish(6.802113, "end_mark")
    request, response, text, base64, end = objects(write_recording(recording))
    assert request["type"] == "request"
    assert request["startedDateTime"] == "2026-11-02T10:15:00.123456Z"
    assert request["headers"] == [{"name": "Accept", "value": "text/event-stream"}]
    assert request["redacted"] == ["authorization"]
    assert request["postData"] == {
        "mimeType": "application/json",
        "text": '{"message":"Grüße \\u001b[31m\x7f 🍛","stream":true}',
    }
    assert (response["t"], response["status"]) == (0.125, 200)
    assert text == {"type": "data", "t": 0.409117, "text": "data: Hel\n\n"}
    assert base64 == {"type": "data", "t": 0.447002, "text": "ZGF0YTogww==", "encoding": "base64"}
    assert end == {"type": "end", "t": 6.802113, "reason": "end_mark", "bytes": 18, "dropped": 0, "error": None}


def test_the_file_is_ascii() -> None:
    stored = write_recording(a_recording((0.5, b"\x1b]0;x\x07\x7f"), (0.6, "🍛\x85".encode())))
    assert all(32 <= byte < 127 or byte == 10 for byte in stored)


def test_bytes_that_were_dropped_are_counted() -> None:
    recording = a_recording(*((float(second), b"x" * 1_000_000) for second in range(70)))
    recording.finish(70.0, "eof")
    (again,) = read_recordings(write_recording(recording))
    assert (again.size, again.dropped) == (70_000_000, recording.dropped)
    assert len(again.body) == 67_000_000


def test_secret_headers_are_recorded_by_name_only() -> None:
    request = Request("GET", "https://bots.example", None, (("X-Gateway-Key", PLANTED), ("Accept", "*/*")))
    recording = Recording(request, redacted=("authorization",))
    recording.head = Head(0.0, 200, {"set-cookie": "session=of-this-person", "server": "bots"})
    stored = write_recording(recording)
    assert PLANTED not in stored.decode()
    assert b"of-this-person" not in stored
    request_line, response_line = objects(stored)
    assert request_line["redacted"] == ["authorization", "x-gateway-key"]
    assert response_line["redacted"] == ["set-cookie"]


def test_a_key_in_the_message_is_masked() -> None:
    request = Request("POST", "https://bots.example", {"message": f"my key is {PLANTED}"})
    stored = write_recording(Recording(request, mask=KeyMask([Secret(PLANTED)])))
    assert PLANTED not in stored.decode()
    assert "my key is [key ...9f3a]" in stored.decode()


FOREIGN = b"""# a comment
{"type":"request","version":7,"creator":{"name":"other","version":"2"},"method":"GET","url":"https://a.example",\
"httpVersion":"HTTP/2","postData":{"mimeType":"text/plain","text":"not JSON"}}
{"type":"response","t":0.5,"status":200,"statusText":"OK","headers":[{"name":"A","value":"1"},{"name":"a","value":"2"}]}
{"type":"data","t":1,"text":"one","colour":"red"}
{"type":"fault","t":1.5,"name":"stall","seed":7,"index":1,"attributes":{"timeout":4000}}
{"type":"hologram","t":1.6,"depth":3}
{"type":"data","t":2,"text":"two"}
{"type":"note","t":3,"text":"looks cut here"}
{"type":"end","t":4,"reason":"evaporated","bytes":6,"dropped":0,"error":"net::ERR_FAILED","place":"here"}
"""


def test_unknown_values_are_kept() -> None:
    (recording,) = read_recordings(FOREIGN)
    assert recording.headers == {"a": "1, 2"}
    assert [read.data for read in recording.reads] == [b"one", b"two"]
    assert [(line.after, line.content["type"]) for line in recording.lines] == [
        (1, "fault"),
        (1, "hologram"),
        (2, "note"),
    ]
    assert recording.end == End(4.0, "unknown")
    written = objects(write_recording(recording))
    expected = objects(FOREIGN.split(b"\n", 1)[1])
    expected[1]["headers"] = [{"name": "a", "value": "1, 2"}]
    assert written == expected


def test_several_recordings_follow_one_another() -> None:
    recordings = [a_recording((1.0, b"one")), a_recording((2.0, b"two"))]
    assert [again.body for again in read_recordings(write_recordings(recordings))] == [b"one", b"two"]


def test_a_file_that_was_cut_is_read_as_far_as_it_goes() -> None:
    recording = a_recording(*((float(number), b"data %d" % number) for number in range(3)))
    recording.finish(3.0, "eof")
    stored = write_recording(recording)
    first = stored.index(b"\n") + 1
    for cut in range(first, len(stored) - 1):
        (again,) = read_recordings(stored[:cut])
        assert again.end is None
        assert recording.body.startswith(again.body)


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"not JSON",
        b'{"type":"data","t":1,"text":"before the request"}\n',
        b'{"type":"request","method":"BREW","url":"u"}\n',
        b'{"type":"request","method":"GET","url":"u"}\nnot JSON\n{"type":"end"}',
        b'{"type":"request","method":"GET","url":"u"}\n{"type":"data","t":NaN}\n',
        b'{"type":"request","method":"GET","url":"u"}\n{"type":"data","text":"!","encoding":"base64"}\n',
        b'{"type":"request","method":"GET","url":"u"}\n{"type":"data","text":"x","encoding":"rot13"}\n',
        b'{"type":"request","method":"GET","url":"u"}\n' + b"[" * 100_000 + b"\n",
    ],
    ids=range(12),
)
def test_files_that_are_no_recordings_are_refused(stored: bytes) -> None:
    with pytest.raises(NotARecording):
        read_recordings(stored)


def test_wrong_values_are_no_error() -> None:
    (recording,) = read_recordings(
        b'{"type":"request","method":"GET","url":"u","headers":7,"redacted":"x","startedDateTime":"2026-01-01"}\n'
        b'{"type":"response","t":"x","status":1e999999,"headers":[7,{"name":"a"}]}\n'.replace(
            b"1e999999", b"1" + b"0" * 400
        )
        + b'{"type":"end","error":7,"bytes":-1}\n'
    )
    assert (recording.started_at, recording.status, recording.headers) == (None, 0, {})
