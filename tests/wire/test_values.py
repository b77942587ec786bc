"""How many values one JSON text may hold, and what does not count as a value."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatgrid_tui.wire import ndjson, sse
from chatgrid_tui.wire.record import MALFORMED, MOST_VALUES, has_too_many_values, json_at, outside_strings

MANY = MOST_VALUES + 10
TOO_MANY = {
    "lists": "[" + "[]," * MANY + "[]]",
    "objects": "[" + "{}," * MANY + "{}]",
    "numbers": "[" + "1," * MANY + "1]",
    "strings": "[" + '"a",' * MANY + '"a"]',
    "keys": "{" + '"a":1,' * MANY + '"a":1}',
    "lists beside a long text": '["' + "a, b [c] " * 50_000 + '",' + "[]," * MANY + "[]]",
}
CODE = json.dumps({"text": 'f(a, [b, {c}], "x\\y")\n' * (MANY // 3)})


@pytest.mark.parametrize("name", TOO_MANY)
def test_too_many_values_are_not_read(name: str) -> None:
    text = TOO_MANY[name]
    assert has_too_many_values(text)
    assert json_at(text) == (MALFORMED, len(text))
    line = ('{"a":' + text + "}").encode()
    for decoder, data in ((ndjson.Decoder(), line + b"\n"), (sse.Decoder(), b"data: " + line + b"\n\n")):
        records = decoder.feed(data) + decoder.close()
        assert not any(isinstance(record.value, dict) for record in records)


def test_values_inside_strings_do_not_count() -> None:
    assert CODE.count(",") > MOST_VALUES
    assert not has_too_many_values(CODE)
    value, _ = json_at(CODE)
    assert value == json.loads(CODE)
    (record,) = sse.Decoder().feed(f'data: {{"event":"x","code":{CODE}}}\n\n'.encode())
    assert isinstance(record.value, dict)


@given(st.text('a"\\\\[],\n', max_size=30))
@example('["' + 'x\\"\\\\' * 50_000 + '"]')
@example('["' + "\\\\" * 100_000)
def test_strings_are_distinguished_from_other_text(text: str) -> None:
    string = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
    assert "".join(outside_strings(text)) == string.sub("", text)


def test_the_maximum_number_of_values_is_read() -> None:
    text = "[" + "[]," * (MOST_VALUES // 2 - 10) + "[]]"
    assert not has_too_many_values(text)
    assert isinstance(json_at(text)[0], list)


def test_each_value_of_a_long_line_may_have_as_many() -> None:
    entries = MANY // 10
    entry = '{"event":"x","list":[1,2,3,4,5,6,7,8,9]}'
    lines = (sse.Decoder(), f"data: {entry}" * entries + "\n\n"), (ndjson.Decoder(), entry * entries + "\n")
    for decoder, line in lines:
        records = decoder.feed(line.encode())
        assert [record.data for record in records] == [entry] * entries
