"""Objects that differ in more than their text come to what they come to when each is read with care."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.dialects.frames import Form, Frame
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import KINDS, Kind
from chatgrid_tui.wire.record import Record
from dialects.framed import cut, outcome, read_with_care

Members = list[tuple[str, Json]]
"""The members of an object in their order; a name may come twice."""

TEXTS = [
    "a",
    " more",
    "é",
    "😀",
    "\n",
    '"',
    "\\",
    "",
    "\ud83d",
    "\ude00b",
    '"}',
    '","p":"',
    "p",
    "another text",
    "}\n\n",
]
NAMES = [
    "obfuscation",
    "p",
    "id",
    "created",
    "system_fingerprint",
    "timings",
    "logprobs",
    "service_tier",
    "role",
    "é",
]
ASKED = [
    "usage",
    "model",
    "object",
    "event",
    "error",
    "message",
    "code",
    "type",
    "detail",
    "finish_reason",
    "content",
]
ASKED += ["delta", "index", "choices", "token", "conversationId", "responses", "reasoning", "tool_calls", "metadata"]
ODD_NAMES = ["", 'a"p', "p\\", "another text", "completion_tokens"]
LOOKS_LIKE = [
    '"},"finish_reason":null}],"p":"',
    '{"index":0,"delta":{"content":"b"}}',
    'x","choices":[{"index":0,"delta":{"content":"b"}}],"q":"',
    'data: {"choices":[{"delta":{"content":"b"}}]}\n\n',
    "}\n\ndata: [DONE]\n\n",
    "another text",
    '\\"',
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([*TEXTS, *LOOKS_LIKE]) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*NAMES, *ASKED]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
ENDS = st.sampled_from(["\n\n", "\n\n", "\r\n\r\n", "\n"])


def spelt(value: Json | Members, separators: tuple[str, str], ascii_only: bool) -> str:
    """Return a value as JSON; an object may be given by its members."""
    if isinstance(value, list) and value and all(isinstance(member, tuple) for member in value):
        inner = [f"{json.dumps(n)}{separators[1]}{spelt(v, separators, ascii_only)}" for n, v in value]
        return "{" + separators[0].join(inner) + "}"
    if isinstance(value, list):
        return "[" + separators[0].join(spelt(inner, separators, ascii_only) for inner in value) + "]"
    return json.dumps(value, separators=separators, ensure_ascii=ascii_only)


def members(kind: Kind, text: str, more: dict[str, Members], order: list[int], said_as: str) -> Members:
    """Return an object with a piece of text, further members at each depth, and each depth in some order."""

    def ordered(inner: Members) -> Members:
        return [member for _, member in sorted(zip(order, inner, strict=False), key=lambda pair: pair[0])]

    match kind:
        case "chatgrid":
            top: Members = [("event", "message.delta"), ("content", text)]
        case "widget":
            top = [("type", "token"), ("token", text)]
        case "chatiq" | "openai":
            delta = ordered([(said_as, text), *more["delta"]])
            choice = ordered([("index", 0), ("delta", delta), *more["choice"]])
            top = [("object", "chat.completion.chunk"), ("choices", [choice])]
    return ordered([*top, *more["top"]])


@st.composite
def streams(draw: st.DrawFn) -> tuple[Kind, list[bytes]]:
    """Draw a stream whose objects have the same members around their texts, some of them with another value each."""
    kind = draw(st.sampled_from(["openai", "openai", "openai", *KINDS]))
    said_as = draw(st.sampled_from(["content", "content", "reasoning_content", "reasoning"]))
    names = st.sampled_from(NAMES) | st.sampled_from([*NAMES, *ASKED, *ODD_NAMES])
    further = draw(st.lists(st.tuples(st.sampled_from(["top", "top", "choice", "delta"]), names), max_size=4))
    usual = [draw(st.none() | VALUES) for _ in further]
    changes = [draw(st.sampled_from(["never", "always", "sometimes"])) for _ in further]
    order, end, ascii_only = draw(st.permutations(range(9))), draw(ENDS), draw(st.booleans())
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]))
    before = "" if DIALECTS[kind].wire == "ndjson" else draw(st.sampled_from(["data: ", "data: ", "data:"]))
    alike: st.SearchStrategy[Json] = draw(st.sampled_from([st.text("xyz1", max_size=4), st.integers(0, 99), VALUES]))
    parts: list[bytes] = []
    for _ in range(draw(st.integers(2, 7))):
        more: dict[str, Members] = {"top": [], "choice": [], "delta": []}
        for (place, name), value, change in zip(further, usual, changes, strict=True):
            other = change == "always" or (change == "sometimes" and draw(st.booleans()))
            more[place].append((name, draw(alike) if other else value))
        text = draw(st.sampled_from(TEXTS) | st.text(max_size=3))
        value = members(kind, text, more, order, said_as)
        parts.append(f"{before}{spelt(value, separators, ascii_only)}{end}".encode("utf-8", "replace"))
    return kind, parts


@given(stream=streams(), places=st.lists(st.integers(0, 1500), max_size=20))
@settings(max_examples=1500)
def test_each_piece_says_what_it_says_with_care(stream: tuple[Kind, list[bytes]], places: list[int]) -> None:
    kind, parts = stream
    for pieces in (parts, cut(b"".join(parts), places), [b"".join(parts)]):
        assert outcome(kind, pieces, framed=True) == outcome(kind, pieces, framed=False)


def chunk(hole: str, name: str = "p") -> bytes:
    """Return an entry in which something stands in the place of a member."""
    choice = '{"index":0,"delta":{"content":"a"},"finish_reason":null}'
    return f'data: {{"choices":[{choice}],"{name}":{hole}}}\n\n'.encode()


HOLES = {
    "strings": ['"x"', '""', '"xyz"'],
    "escapes": ['"\\""', '"\\\\"', '"\\u0022"', '"\\ud83d"', '"\\ud83d\\ude00"', '"\\n"'],
    "what looks like a text": ['"\\"delta\\":{\\"content\\":\\"b\\"}"', '{"delta":{"content":"b"}}', '["a"]', '"a"'],
    "what ends the object": ['"x"}', '"x"}}', '"x","q":"y"', '"x","p":"y"', '"x",'],
    "another text": ['"x","choices":[{"index":0,"delta":{"content":"b"}}],"q":"y"', '"x","choices":[]'],
    "an error": ['"x","error":{"message":"no"}', '"x","error":null', '{"error":{"message":"no"}}'],
    "what it cost": ['"x","usage":{"total_tokens":1}', '"x","usage":{}', '{"usage":{"total_tokens":1}}'],
    "another model": ['"x","model":"m"', '"x","model":"n"'],
    "no JSON": ["", "x", '"x', 'x"', "NaN", "-Infinity", "01", "1.", "+1", "nul", "'x'", '"\\x"', '"a" "b"', "1 2"],
    "blanks": [' "x"', '"x" ', "\t1", "1\r", "[1,\n2]", "\n1"],
    "depth": ["[" * 300 + "]" * 300, "[" * 500 + "]" * 500, "[" * 3000 + "]" * 3000],
    "numbers": ["1", "-0", "1e5", "1E400", "9" * 400, "9" * 5000],
    "characters": ['"\u2028"', '"\x7f"', '"\x00"', '"\u00a0"', '"\ufeff"', '"😀"'],
    "lengths": ['"' + "x" * 1022 + '"', '"' + "x" * 1023 + '"', '"' + "x" * 20_000 + '"'],
    "kinds": ["null", "true", "{}", "[]", '{"p":"x"}', '{"p":{"p":1}}'],
}


@pytest.mark.parametrize("name", HOLES)
def test_what_stands_in_a_hole(name: str) -> None:
    for member, usual in (("p", '"{}"'), ("usage", '{{"total_tokens":{}}}')):
        for hole in HOLES[name]:
            holes = [*map(usual.format, "1234"), hole, usual.format(5), hole, hole, usual.format(6)]
            entries = [chunk(each, member) for each in holes]
            for pieces in (entries, [b"".join(entries)], cut(b"".join(entries), [*range(0, 3000, 130)])):
                assert outcome("openai", pieces, framed=True) == outcome("openai", pieces, framed=False)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xe2\x80", b"\xed\xa0\xbd", b"\xc3\xa9"])
def test_bytes_that_are_no_characters(bad: bytes) -> None:
    for place in (b'"4"', b'"content":"a"'):
        entries = [chunk(hole) for hole in ('"1"', '"2"', '"3"', '"4"', '"5"')]
        entries[3] = entries[3].replace(place, place[:-1] + bad + place[-1:])
        for pieces in (entries, [b"".join(entries)]):
            assert outcome("openai", pieces, framed=True) == outcome("openai", pieces, framed=False)


REPEATED = {
    "a padding": '"p":"{0}",{1},"p":"{0}"',
    "a padding that is always the same": '"p":"{0}",{1},"p":"x"',
    "a padding at another depth": '"p":"{0}","choices":[{{"index":0,"p":"{0}","delta":{{"content":"a"}}}}]',
    "a padding in a text": '"choices":[{{"index":0,"delta":{{"content":"\\"p\\":\\"{0}\\""}}}}],"p":"{0}"',
    "a padding that is a text": '"choices":[{{"index":0,"delta":{{"content":"{0}"}}}}],"p":"{0}"',
    "a padding before a text": '"p":"{0}","choices":[{{"index":0,"delta":{{"content":"{0}"}}}}]',
    "choices": '"choices":[],"p":"{0}",{1}',
    "choices that count": '{1},"p":"{0}","choices":[]',
    "a text": '"choices":[{{"index":0,"delta":{{"content":"b","content":"a"}}}}],"p":"{0}"',
    "a text that is a padding": '"choices":[{{"index":0,"delta":{{"content":"{0}","content":"a"}}}}],"p":"{0}"',
    "a name": '"\\u0070":"{0}",{1},"p":"{0}"',
    "a name with a quote": '"x\\"p":"{0}",{1},"p":"{0}"',
    "what it cost": '"usage":{{"n":"{0}"}},{1},"usage":{{"n":"{0}"}}',
    "what it cost, by another name": '"x\\"usage":{{"m":"{0}"}},{1},"usage":{{"n":"{0}"}}',
    "what it cost, within": '{1},"usage":{{"n":"{0}","usage":{{"n":"{0}"}}}}',
    "what it cost, elsewhere": '"x":{{"usage":"{0}"}},{1},"usage":{{"n":"{0}"}}',
}


@pytest.mark.parametrize("name", REPEATED)
def test_what_comes_twice(name: str) -> None:
    said = '"choices":[{"index":0,"delta":{"content":"a"}}]'
    entries = [f"data: {{{REPEATED[name].format(f'x{number}', said)}}}\n\n".encode() for number in range(8)]
    for pieces in (entries, [b"".join(entries)], cut(b"".join(entries), [*range(0, 3000, 70)])):
        assert outcome("openai", pieces, framed=True) == outcome("openai", pieces, framed=False)


SAYS = '"choices":[{"index":0,"delta":{"content":"a"}}]'
PARTS = '{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"a"},%s]}}]}'
DECIDING: dict[str, tuple[Kind, str, list[str]]] = {
    "finish_reason": (
        "openai",
        '{"choices":[{"delta":{"content":"a"},"finish_reason":?}]}',
        ["null", '""', '"stop"'],
    ),
    "index": ("openai", '{"choices":[{"index":?,"delta":{"content":"a"}}]}', ["null", "0", "1"]),
    "tool_calls": (
        "openai",
        '{"choices":[{"delta":{"content":"a","tool_calls":?}}]}',
        ["null", "[]", '[{"id":"c"}]'],
    ),
    "reasoning": ("openai", '{"choices":[{"delta":{"content":"a","reasoning":?}}]}', ["null", '""', '"b"']),
    "reasoning_content": (
        "openai",
        '{"choices":[{"delta":{"content":"a","reasoning_content":?}}]}',
        ["null", '""', '"b"'],
    ),
    "content": ("openai", '{"choices":[{"delta":{"reasoning":"a","content":?}}]}', ["null", '""', '"b"']),
    "type of a part": (
        "openai",
        PARTS % '{"type":?,"text":"b"}',
        ['"image"', '"file"', '"text"'],
    ),
    "text of a part": ("openai", PARTS % '{"type":"text","text":?}', ['""', "null", '"b"']),
    "thinking": (
        "openai",
        PARTS % '{"type":"thinking","thinking":?}',
        ["[]", "null", '[{"type":"text","text":"b"}]'],
    ),
    "usage": ("openai", f'{{{SAYS},"usage":?}}', ["null", "{}", '{"n":1}', "1"]),
    "model": ("openai", f'{{{SAYS},"model":?}}', ["1", "2", '"m"', '""']),
    "error": ("openai", f'{{{SAYS},"error":?}}', ["null", '""', '{"message":"no"}']),
    "object": ("openai", f'{{{SAYS},"object":?}}', ['"x"', '"y"', '"error"']),
    "event": ("openai", f'{{{SAYS},"event":?}}', ["null", '""', '"error"']),
    "code": ("openai", f'{{{SAYS},"message":"no","code":?}}', ["null", "null", "1"]),
    "message": ("openai", f'{{{SAYS},"code":1,"message":?}}', ["1", "2", '"no"']),
    "responses": ("chatiq", f'{{{SAYS},"responses":?}}', ["null", "[]", '["b"]']),
    "attachments": ("chatiq", f'{{{SAYS},"attachments":?}}', ["null", "[]", '[{"type":"image"}]']),
    "suggestions": ("chatiq", f'{{{SAYS},"suggestions":?}}', ["null", "[]", '[{"label":"b"}]']),
    "conversationId": ("chatiq", f'{{{SAYS},"conversationId":?}}', ["null", '""', '"7"']),
    "data": ("chatgrid", '{"content":"a","data":?}', ["1", "2", '{"content":"b"}']),
    "a message within": ("chatgrid", '{"content":"a","message":?}', ["1", "2", '{"content":"b"}']),
    "id": ("chatgrid", '{"content":"a","id":?}', ["null", "null", "1"]),
    "type": ("widget", '{"token":"a","type":?}', ["null", '""', '"token"', '"done"']),
}


@pytest.mark.parametrize("name", DECIDING)
def test_what_decides_gets_no_hole(name: str) -> None:
    kind, data, values = DECIDING[name]
    form = "{}\n" if DIALECTS[kind].wire == "ndjson" else "data: {}\n\n"
    for decided in values[2:]:
        each = [*values[:2] * 3, decided, *values[:2]]
        entries = [form.format(data.replace("?", value)).encode() for value in each]
        for pieces in (entries, [*entries[:6], b"".join(entries[6:])]):
            assert outcome(kind, pieces, framed=True) == outcome(kind, pieces, framed=False)


def test_a_value_that_may_be_too_deep_in_its_place_is_read_with_care() -> None:
    record = Record('{"p":1,"content":"a"}', value={"p": 1, "content": "a"})
    frame = Frame.around(record, [TextDelta(0, "a")], ["p"], Form(sse=True))
    assert frame is not None
    for depth, events in ((400, [TextDelta(0, "b")]), (600, [])):
        assert frame.events("[" * depth + "]" * depth + ',"content":"b') == events


def usual(number: int, **more: Json) -> dict[str, Json]:
    """Return a chunk as OpenAI's own service sends it, without the padding."""
    delta: dict[str, Json] = {"content": f" {number}"}
    choice: dict[str, Json] = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}


def with_choice(number: int, **more: Json) -> dict[str, Json]:
    """Return a chunk whose choice has another member."""
    choice: dict[str, Json] = {"index": 0, "delta": {"role": "assistant", "content": f" {number}"}, **more}
    return {**usual(number), "choices": [choice]}


def thought(number: int) -> dict[str, Json]:
    """Return a chunk with a piece of reasoning, which OpenRouter says twice."""
    details: Json = [{"type": "reasoning.text", "text": f" {number}", "index": 0}]
    delta: Json = {"role": "assistant", "content": "", "reasoning": f" {number}", "reasoning_details": details}
    return {**usual(number), "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


SHAPES = {
    "padded by OpenAI": lambda n: usual(n, service_tier="default", usage=None, obfuscation="x7RqZ"[n % 5 :]),
    "padded by Mistral": lambda n: usual(n, p="abcdefghijklm"[: n % 12]),
    "dated": lambda n: {"created": n, **usual(n)},
    "numbered and dated": lambda n: {**usual(n), "id": f"c{n}", "created": n // 2},
    "with times by llama.cpp": lambda n: usual(n, timings={"predicted_n": n, "predicted_ms": n * 1.5}),
    "with what it cost": lambda n: usual(n, usage={"prompt_tokens": 7, "completion_tokens": n}),
    "with probabilities": lambda n: with_choice(n, logprobs={"content": [{"token": f" {n}", "logprob": -n / 7}]}),
    "with reasoning": thought,
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("form", ["data: {}\n\n", "data:{}\n\n", "data: {}\r\n\r\n", "data:{}\r\n\r\n"])
def test_nearly_all_entries_are_known_by_their_frame(name: str, form: str) -> None:
    entries = [form.format(json.dumps(SHAPES[name](number))).encode() for number in range(200)]
    with_care, records = read_with_care("openai", entries)
    assert records == 200
    assert with_care <= 6
    with_care, records = read_with_care("openai", [b"".join(entries)])
    assert records == 200
    assert with_care <= 30


@pytest.mark.parametrize("name", SHAPES)
def test_at_every_cut(name: str) -> None:
    entries = [f"data: {json.dumps(SHAPES[name](number))}\n\n".encode() for number in range(6)]
    start, stream = entries[:4], b"".join(entries[4:])
    for place in range(len(stream)):
        pieces = [*start, stream[:place], stream[place:]]
        assert outcome("openai", pieces, framed=True) == outcome("openai", pieces, framed=False)
    lines = b"".join(entries).splitlines(keepends=True)  # so that each blank line comes by itself
    assert outcome("openai", lines, framed=True) == outcome("openai", lines, framed=False)


def test_a_name_that_decided_nothing_may_decide_later() -> None:
    before, then, last = (f'data: {{{SAYS},"code":?}}\n\n', f'data: {{{SAYS},"message":"no","code":?}}\n\n', "1")
    data = (
        [before.replace("?", value) for value in "123"] + [then.replace("?", "null")] * 3 + [then.replace("?", last)]
    )
    entries = [entry.encode() for entry in data]
    assert outcome("openai", entries, framed=True) == outcome("openai", entries, framed=False)


def test_another_frame_is_found_where_all_objects_get_another_id_or_event() -> None:
    entries = [f'data: {{"content":" {number}"}}\n\n'.encode() for number in range(100)]
    named = [b"event: message.delta\n" + entry for entry in entries]
    with_care, records = read_with_care("chatgrid", [*entries, b"id: 7\n\n", *entries, *named])
    assert records == 300
    assert with_care <= 9


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_objects_that_name_themselves_need_no_blank_line(end: str) -> None:
    entries = [f'data: {{"event":"message.delta","content":" {number}"}}{end}'.encode() for number in range(200)]
    assert read_with_care("chatgrid", entries) <= (3, 200)
    spaced = [entry + end.encode() * (number % 3) for number, entry in enumerate(entries[:12])]
    for pieces in (entries[:9], [b"".join(entries[:9])], spaced, [b"".join(spaced)]):
        assert outcome("chatgrid", pieces, framed=True) == outcome("chatgrid", pieces, framed=False)
