"""Entries that are known by their frame come to what they come to when each is read with care."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.dialects import reading as reading_module
from chatgrid_tui.dialects.frames import Form, Frame, Frames, text_of
from chatgrid_tui.dialects.reading import Reading
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.events import Event, TextDelta
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import KINDS, Kind
from chatgrid_tui.wire.record import LIMIT, Record, Value
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


def of_openai(number: int, **more: Json) -> dict[str, Json]:
    """Return a chunk with a piece of text and further members."""
    return {**CHUNK, "choices": [{"index": 0, "delta": {"content": f" {number}"}}], **more}


def of_a_tool(number: int) -> dict[str, Json]:
    """Return a chunk with a piece of what a tool is called with."""
    call: Json = {"index": 0, "function": {"arguments": f"x{number}"}}
    return {**CHUNK, "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (lambda number: of_openai(number, **{f"member {number}": 0}), 12),
        (lambda number: of_openai(number, p=f"{number % 10}" * 1100), 12),
        (lambda number: of_openai(number, logprobs=[*range(number, number + 600)]), 12),
        (of_a_tool, 0),
    ],
    ids=["another name each", "a long padding", "many numbers", "no text"],
)
def test_no_more_is_looked_for_where_it_is_of_no_use(
    made: Callable[[int], dict[str, Json]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Record] = []
    around, changed = Frame.around, Frames._changed

    def counted(record: Record, events: list[Event], names: list[str], form: Form) -> Frame | None:
        tried.append(record)
        return around(record, events, names, form)

    def compared(frames: Frames, earlier: Value, value: Value) -> Iterator[str]:
        assert most, "nothing is compared"
        return changed(frames, earlier, value)

    monkeypatch.setattr(Frame, "around", counted)
    monkeypatch.setattr(Frames, "_changed", compared)
    reading = Reading(DIALECTS["openai"])
    for number in range(50):
        reading.feed(f"data: {json.dumps(made(number))}\n\n".encode())
    assert len(tried) <= most


def test_a_frame_stays_of_use_where_some_holes_are_too_long() -> None:
    objects = [of_openai(number, p="x" * (1100 if number % 10 < 7 else number % 10)) for number in range(400)]
    with_care, records = read_with_care("openai", [f"data: {json.dumps(each)}\n\n".encode() for each in objects])
    assert records == 400
    assert with_care <= 290


def test_a_frame_stays_where_a_line_end_comes_by_itself() -> None:
    entries = [f"data: {json.dumps(of_openai(number))}\n\n".encode() for number in range(100)]
    start, rest = entries[:9], b"".join(entries[9:])
    length = len(entries[9])
    assert read_with_care("openai", [*start, rest[: length - 1], rest[length - 1 :]])[0] <= 4


def test_a_frame_stays_of_use_while_the_pieces_are_too_small_for_it() -> None:
    entries = [f"data: {json.dumps(of_openai(number))}\n\n".encode() for number in range(400)]
    start = b"".join(entries[:100])
    pieces = cut(start, [*range(0, len(start), 47)])
    assert read_with_care("openai", [*pieces, *entries[100:]])[0] <= 105


@pytest.mark.parametrize("kind", ["chatgrid", "openai"])
@pytest.mark.parametrize("size", [1, 700, 1400])
def test_a_long_entry_in_small_pieces_is_looked_through_once(
    kind: Kind, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_at, looked_at = Frame.cut, 0

    def counted(frame: Frame, data: bytes) -> tuple[list[bytes], bytes]:
        nonlocal looked_at
        looked_at += len(data)
        return cut_at(frame, data)

    monkeypatch.setattr(Frame, "cut", counted)
    reading = Reading(DIALECTS[kind])
    for _ in range(4):
        reading.feed(entry(kind, "a", 0, True, "\n\n"))
    long = entry(kind, "x" * 60_000, 0, True, "\n\n")
    arrivals = [arrival for piece in cut(long, [*range(0, len(long), size)]) for arrival in reading.feed(piece)]
    assert [arrival.events for arrival in arrivals] == [[TextDelta(0, "x" * 60_000)]]
    assert looked_at <= 2 * len(long)


@pytest.mark.parametrize(
    ("rest", "may_begin"),
    [
        (b"", True),
        (b"event: mess", True),
        (b'event: message.delta\ndata: {"content":"', True),
        (b'event: message.delta\ndata: {"content":"half', True),
        (b'event: message.delta\ndata: {"content":"all"}\n', False),
        (b'event: message.delta\ndata: {"content":"all"}\r', False),
        (b": ping", False),
        (b"event: other", False),
    ],
)
def test_what_an_entry_in_the_frame_may_begin_with(rest: bytes, may_begin: bool) -> None:
    record = Record('{"content":"a"}', event="message.delta", value={"content": "a"})
    frame = Frame.around(record, [TextDelta(0, "a")], (), Form(sse=True))
    assert frame is not None
    assert frame.may_begin(rest) is may_begin


@pytest.mark.parametrize("name", ["usage", "p"])
def test_values_deeper_than_python_looks_into_are_in_no_frame(name: str) -> None:
    frames = Frames(frozenset({"usage"}), sse=True)
    for number in range(4):
        deep: Json = number
        for _ in range(3000):
            deep = [deep]
        frames.learn([Record('{"content":"a"}', value={name: deep})], [TextDelta(0, "a")], b"\n")
        assert frames.frame is None


@pytest.mark.parametrize("name", ["usage", "p", "content"])
@pytest.mark.parametrize("depth", [300, 900, 1200, 3000])
def test_deep_values_come_to_what_they_come_to_with_care(name: str, depth: int) -> None:
    usual = '"choices":[{"index":0,"delta":{"content":"a"}}]'
    deep = [f'data: {{"{name}":{"[" * depth}{number}{"]" * depth},{usual}}}\n\n'.encode() for number in range(4)]
    plain = f"data: {{{usual}}}\n\n".encode()
    pieces = [plain, *deep[:2], plain, plain, *deep[2:], plain]
    assert outcome("openai", pieces, framed=True) == outcome("openai", pieces, framed=False)


def with_member(name: str, text: str, other: str, member: str = "role") -> bytes:
    """Return an entry that says something under a name, beside another string."""
    value = {"choices": [{"index": 0, "delta": {"content": "", name: text, member: other}}]}
    return f"data: {json.dumps(value)}\n\n".encode()


HALVES = {
    "held": [("x", "a"), ("a\ud83d", "a"), ("a\ud83d", "b"), ("a\ud83d", "c")],
    "held twice": [("x", "a"), ("a\ud83d", "a"), ("a\ud83d", "a")],
    "alone before a text": [("x\ud83d", "\ufffdb"), ("b", "\ufffdb"), ("b", "c"), ("b", "d")],
    "alone in a text": [("x", "\ufffdb"), ("\ude00b", "\ufffdb"), ("\ude00b", "c"), ("\ude00b", "d")],
    "joined": [("x\ud83d", "😀b"), ("\ude00b", "😀b"), ("\ude00b", "c"), ("b", "d")],
    "joined to a text that stays": [("x\ud83d", "😀"), ("\ude00", "😀"), ("\ude00", "c"), ("\ude00", "d")],
}


@pytest.mark.parametrize("halves", HALVES)
@pytest.mark.parametrize("name", ["content", "reasoning", "reasoning_content"])
@pytest.mark.parametrize("member", ["role", "\ud83d"])
def test_a_text_that_is_said_in_other_words_is_not_looked_for(name: str, halves: str, member: str) -> None:
    entries = [with_member(name, *each, member) for each in HALVES[halves]]
    for pieces in (entries, [b"".join(entries)], [*entries[:1], b"".join(entries[1:])]):
        assert outcome("openai", pieces, framed=True) == outcome("openai", pieces, framed=False)


def test_a_frame_is_found_again_behind_characters_in_halves() -> None:
    texts = [half for number in range(20) for half in (f"{number}\ud83d", "\ude00", *"abcdef")]
    with_care, records = read_with_care("openai", [with_member("content", text, "assistant") for text in texts])
    assert records == 160
    assert with_care <= 65


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
