"""Content made of parts, and halves of characters, come to what they come to when each is read with care."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.model.json import Json, JsonObject
from dialects.framed import cut, outcome, read_with_care

TEXTS = st.sampled_from(["a", " more", "é", "😀", '"', "\\", "", "text", "thinking", "type", "another text", "\n"])
HALVES = st.sampled_from(["\ud83d", "\ude00", "a\ud83d", "\ude00b", "\ufffd", "a\ufffd", "\ufffdb", "😀b", "a", "b"])
SPELT = st.tuples(st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans(), st.sampled_from(["\n\n", "\r\n\r\n"]))


def of_text(text: str) -> JsonObject:
    """Return a part that is text."""
    return {"type": "text", "text": text}


def of_thinking(*texts: str) -> JsonObject:
    """Return a part that is reasoning."""
    return {"type": "thinking", "thinking": [of_text(text) for text in texts]}


MADE: dict[str, Callable[[str], Json]] = {
    "text": lambda text: [of_text(text)],
    "thinking": lambda text: [of_thinking(text)],
    "thinking that goes on": lambda text: [{**of_thinking(text), "closed": False}],
    "thinking and no text": lambda text: [of_thinking(text), of_text("")],
    "text and no thinking": lambda text: [of_thinking(), of_text(text)],
    "thinking and text": lambda text: [of_thinking(text), of_text(text)],
    "text and the same": lambda text: [of_thinking("a"), of_text(text)],
    "two texts": lambda text: [of_text("a"), of_text(text)],
    "two thoughts": lambda text: [of_thinking("a", text)],
    "an image and text": lambda text: [{"type": "image_url", "image_url": text}, of_text(text)],
    "a reference and text": lambda text: [{"type": "reference", "reference_ids": [1]}, of_text(text)],
    "a type that is the text": lambda text: [{"type": text, "text": "a", "thinking": [of_text("b")]}],
    "words": lambda text: text,
    "a list of words": lambda text: [text],
    "nothing": lambda text: [],
}


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Draw a stream whose contents are made in few ways, with a member beside the text that may change."""
    ways = draw(st.lists(st.sampled_from([*MADE]), min_size=1, max_size=2))
    texts = draw(st.sampled_from([TEXTS, TEXTS, HALVES]))
    said_as = draw(st.sampled_from(["content", "content", "content", "reasoning"]))
    place = draw(st.sampled_from(["chunk", "delta", "part"]))
    name = draw(st.sampled_from(["p", "role", "id", "signature", "type", "text", "thinking", "content"]))
    separators, ascii_only, end = draw(SPELT)
    usual = draw(texts)
    entries: list[bytes] = []
    for _ in range(draw(st.integers(2, 9))):
        said: Json = MADE[draw(st.sampled_from(ways))](draw(texts))
        member = {name: usual if draw(st.booleans()) else draw(texts)}
        if place == "part" and isinstance(said, list):
            said = [{**member, **part} if isinstance(part, dict) else part for part in said]
        delta: JsonObject = {**(member if place == "delta" else {}), said_as: said}
        value = {"choices": [{"index": 0, "delta": delta}], **(member if place == "chunk" else {})}
        spelt = json.dumps(value, separators=separators, ensure_ascii=ascii_only)
        entries.append(f"data: {spelt}{end}".encode("utf-8", "replace"))
    return entries


@given(entries=streams(), places=st.lists(st.integers(0, 1500), max_size=20))
@settings(max_examples=1200)
def test_each_piece_says_what_it_says_with_care(entries: list[bytes], places: list[int]) -> None:
    for pieces in (entries, cut(b"".join(entries), places), [b"".join(entries)]):
        assert outcome("openai", pieces, framed=True) == outcome("openai", pieces, framed=False)


@pytest.mark.parametrize("name", ["text", "thinking", "thinking that goes on", "thinking and no text"])
def test_nearly_all_parts_are_known_by_their_frame(name: str) -> None:
    chunks = [{"choices": [{"index": 0, "delta": {"content": MADE[name](f" {number}")}}]} for number in range(200)]
    entries = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks]
    assert read_with_care("openai", entries) <= (4, 200)
    with_care, records = read_with_care("openai", [b"".join(entries)])
    assert records == 200
    assert with_care <= 30
