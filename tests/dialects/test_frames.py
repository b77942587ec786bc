"""Entries that are known by their frame come to what they come to when each is read with care."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.dialects import reading as reading_module
from chatgrid_tui.dialects.frames import Form, Frame, text_of
from chatgrid_tui.dialects.reading import Reading
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.events import Event, TextDelta
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import KINDS, Kind
from chatgrid_tui.wire.record import LIMIT, Record
from dialects.framed import cut, outcome, read_with_care

CHUNK: dict[str, Json] = {"id": "c1", "object": "chat.completion.chunk", "model": "m", "usage": None}
TEXTS = ["a", " more", "content", "token", "message.delta", ":", ",", "}", "é", "😀", "\n", '"', "\\", "\u2028", ""]
TEXTS += ["data: {}", "\x00", "\x7f", "\u00a0", "m", "c1", "x" * 50, "\ud83d", "\ude00", "a\ud83d", "\ude00b"]
ENDS = {"sse": ["\n\n", "\n\n", "\n\n", "\r\n\r\n", "\n", "\r", ""], "ndjson": ["\n", "\n", "\r\n", " ", ""]}
ODDITIES = [
    *(": ping\n\n", ": ping\n", "id: 7\n", "id: 7\n\n", "id\n\n", "retry: 5\n", "event: error\n", "event: message\n"),
    *("data: [DONE]\n\n", "data: words\n\n", "data: {\n", "data: }\n\n", "\r", "{", '"', "data: ", "[1]\n", "\ufeff"),
    *('data: {"conversationId":"7"}\n\n', 'data: {"responses":["whole"]}\n\n', 'data: {"error":"no"}\n\n', '{"a":'),
    *(
        '{"type":"start","conversationId":"7"}\n',
        '{"type":"done","message":"all"}\n',
        '{"type":"error","code":"c"}\n',
    ),
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    'data: {"event":"message.complete"}\n\n',
    "\n",
]


def entry(kind: Kind, text: str, form: int, ascii_only: bool, end: str) -> bytes:
    """Return an entry with a piece of text, in one of the forms that a kind has."""
    choice: dict[str, Json] = {"index": form, "delta": {"content": text}, "finish_reason": None}
    name, value = "", dict[str, Json]()
    match kind:
        case "chatgrid":
            name = "" if form else "event: message.delta" + ("\r\n" if "\r\n" in end else "\n")
            value = {"event": "message.delta", "content": text} if form else {"content": text}
        case "chatiq":
            value = {"choices": [{"delta": {"content": text}}]}
        case "openai":
            value = {**CHUNK, "choices": [choice]}
        case "widget":
            value = {"type": "token", "token": text} if form else {"token": text, "type": "token"}
    data = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    line = data if DIALECTS[kind].wire == "ndjson" else f"{name}data: {data}"
    return (line + end).encode("utf-8", "replace")


@st.composite
def streams(draw: st.DrawFn) -> tuple[Kind, list[bytes]]:
    """Draw a kind and a stream of it in parts: runs of entries that are alike, and other things between them."""
    kind = draw(st.sampled_from(KINDS))
    parts: list[bytes] = []
    for _ in range(draw(st.integers(1, 4))):
        form, ascii_only = draw(st.integers(0, 1)), draw(st.booleans())
        end = draw(st.sampled_from(ENDS[DIALECTS[kind].wire]))
        texts = draw(st.lists(st.sampled_from(TEXTS) | st.text(max_size=3), max_size=6))
        parts += [entry(kind, text, form, ascii_only, end) for text in texts]
        odd = draw(st.none() | st.sampled_from(ODDITIES).map(str.encode) | st.binary(max_size=3))
        parts += [] if odd is None else [odd]
    return kind, parts


@given(stream=streams(), places=st.lists(st.integers(0, 1500), max_size=30))
@settings(max_examples=1200)
def test_each_piece_says_what_it_says_with_care(stream: tuple[Kind, list[bytes]], places: list[int]) -> None:
    kind, parts = stream
    for pieces in (parts, cut(b"".join(parts), places), [b"".join(parts)]):
        assert outcome(kind, pieces, framed=True) == outcome(kind, pieces, framed=False)


@given(
    stream=streams(),
    places=st.lists(st.integers(0, 1500), max_size=30),
    limit=st.integers(40, 250) | st.just(LIMIT),
    of_reply=st.integers(40, 1000),
)
@settings(max_examples=400)
def test_limits_are_the_same(stream: tuple[Kind, list[bytes]], places: list[int], limit: int, of_reply: int) -> None:
    kind, parts = stream
    with pytest.MonkeyPatch.context() as patch:
        for module in ("wire.lines", "wire.sse", "dialects.reading", "dialects.frames"):
            patch.setattr(f"chatgrid_tui.{module}.LIMIT", limit)
        patch.setattr(reading_module, "REPLY_LIMIT", of_reply)
        for pieces in (parts, cut(b"".join(parts), places)):
            assert outcome(kind, pieces, framed=True) == outcome(kind, pieces, framed=False)


A = entry("chatiq", "a", 0, False, "\n\n")
BETWEEN = {
    "an id": [A, A, b"id: 7\n\n", A, A],
    "no id any more": [b"id: 7\n", A, A, b"id\n\n" + A + A, A],
    "a retry": [b"retry: 7\n" + A, A, b"retry: 8\n", A, A],
    "the beginning of another": [A, A, A[:20], A, A],
    "the beginning of another behind one": [A, A + A[:20], A, A],
    "the beginning of another, and more": [A, A + A[:20], A + A, A],
    "half a line end": [A, A[:-2], b"\r", b"\n\r", b"\n", A],
    "whole bubbles": [A, A + b'data: {"responses":["b"]}\n\n' + A + A, A, A],
    "an error": [A, A + b'data: {"error":"no"}\n\n' + A + A, A],
    "the end mark": [A, A + b"data: [DONE]\n\n" + A + A, A],
    "a name": [A, b"event: error\n", A, A, b"event: error\n" + A + A],
    "a line of another event": [A, b"data: {\n", A, A],
    "half a character": [A, entry("chatiq", "\ud83d", 0, True, "\n\n") + A, A, A],
    "a mark of bytes": [b"\xef", b"\xbb", b"\xbf" + A, A, A],
}


@pytest.mark.parametrize("name", BETWEEN)
def test_what_comes_between(name: str) -> None:
    assert outcome("chatiq", BETWEEN[name], framed=True) == outcome("chatiq", BETWEEN[name], framed=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("form", [0, 1])
def test_at_every_cut(kind: Kind, end: str, form: int) -> None:
    end = end if DIALECTS[kind].wire == "ndjson" else end * 2
    texts = ["One", " two", "\n", " é", " 😀", '"', " six"]
    stream = b"".join(entry(kind, text, form, bool(form), end) for text in texts)
    start = entry(kind, "start", form, bool(form), end)
    for place in range(len(stream)):
        for other in (place + 1, place + 40, len(stream)):
            pieces = [start, start, stream[:place], stream[place:other], stream[other:]]
            assert outcome(kind, pieces, framed=True) == outcome(kind, pieces, framed=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("whole", [True, False])
def test_nearly_all_entries_are_known_by_their_frame(kind: Kind, end: str, whole: bool) -> None:
    end = end if DIALECTS[kind].wire == "ndjson" else end * 2
    entries = [entry(kind, f" {number}\n", 0, False, end) for number in range(400)]
    with_care, records = read_with_care(kind, [b"".join(entries)] if whole else entries)
    assert records == 400
    assert with_care <= (40 if whole else 3)


def test_no_more_is_looked_for_where_every_object_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Record] = []
    around = Frame.around

    def counted(record: Record, events: list[Event], names: list[str], form: Form) -> Frame | None:
        tried.append(record)
        return around(record, events, names, form)

    monkeypatch.setattr(Frame, "around", counted)
    reading = Reading(DIALECTS["openai"])
    for number in range(50):
        other = {**CHUNK, "choices": [{"index": 0, "delta": {"content": "a"}}], f"member {number}": 0}
        reading.feed(f"data: {json.dumps(other)}\n\n".encode())
    assert len(tried) < 12


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('{"content":"a","other":"a"}', "a"),
        ('{"content":"\\u0061","other":"a"}', "a"),
        ('{"content":"\\u0061","a":1}', "a"),
        ('{"content":"content"}', "content"),
        ('{"content":"\\u003a","other":":"}', ":"),
        ('{"content":"a\\u003a","other":"x\\"a:"}', "a:"),
        ('{"content":"a","content":"\\u0061"}', "a"),
        ('{"content":"b","content":"a","other":"b"}', "b"),
        ('{"content":\n"a"}', "a"),
        ('{"content":"' + "x" * 20_000 + '"}', "x" * 20_000),
        ('{"deep":' + "[" * 900 + "]" * 900 + ',"content":"a","more":"a"}', "a"),
        ('{"content":"a"}', "ab"),
        ('{"content":"a","other":"another text"}', "a"),
        ('{"content":"a"}', ""),
    ],
)
def test_no_frame_where_the_text_cannot_be_told_from_the_rest(data: str, text: str) -> None:
    record = Record(data, value=json.loads(data))
    assert Frame.around(record, [TextDelta(0, text)], (), Form(sse=True)) is None


def test_the_frame_of_an_object_with_a_name_of_its_own() -> None:
    record = Record('{"content":"a"}', event="message.delta", id="7", value={"content": "a"})
    frame = Frame.around(record, [TextDelta(0, "a")], (), Form(sse=True))
    assert frame is not None
    assert (frame.opening, frame.closing) == (b'event: message.delta\ndata: {"content":"', b'"}\n\n')
    assert (frame.event, frame.id, frame.bubble) == ("message.delta", "7", 0)


@given(text=st.text(max_size=8))
@settings(max_examples=300)
def test_a_text_is_read_as_json_has_it(text: str) -> None:
    for spelt in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        assert text_of(spelt[1:-1]) == text


@pytest.mark.parametrize("spelt", ['"', "\\", 'a"b', 'a","b":"c', "\n", "\x01", "\\x", "\\ud83d"])
def test_what_is_no_text(spelt: str) -> None:
    for bad in (spelt, "a" + spelt, spelt + "a"):
        assert text_of(bad) == ""
