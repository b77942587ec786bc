"""What the five bots say."""

from __future__ import annotations

import re
import zlib
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.demo import bots
from chatgrid_tui.demo.bots.longwriter import DEFAULT_SPEED, DEFAULT_TOKENS, read_order
from chatgrid_tui.demo.bots.restaurant import Talk, advance
from chatgrid_tui.demo.catalogue import BOTS, BY_SLUG, ECHO, LONG_WRITER, RESTAURANT, SHOWCASE, Kind
from chatgrid_tui.demo.plan_player import nasty_pieces, plain_steps
from chatgrid_tui.demo.sample_files import menu_pdf, picture
from chatgrid_tui.demo.state import join_halves, utf16_length
from chatgrid_tui.demo.steps import Bubbles, Pace, Piece, Say, Suggest, Suggestion, Turn, pieces
from chatgrid_tui.http_server.messages import dump_json
from demo.talking import KINDS, Talker


def test_the_list_is_the_first_screens() -> None:
    assert [bot.name for bot in BOTS] == ["Showcase", "Restaurant", "Long writer", "Echo", "Trouble"]
    assert len({bot.board_id for bot in BOTS}) == len(BY_SLUG) == 5


@pytest.mark.parametrize("kind", KINDS)
async def test_showcase_has_every_kind_of_markdown(talker: Talker, kind: Kind) -> None:
    text = (await talker.say(kind, "hello", SHOWCASE)).text
    kinds = [
        r"^# ", r"^###### ",
        r"^  - ", r"^    - ", r"^- \[x\] ", r"^- \[ \] ", r"^1\. ", r"^   1\. ", r"^\|:-+\|-+:\|",
        r"^```python", r"^```javascript", r"^> ", r"^> > ", r"^---$", r"\[link\]\(https://", r"`inline code`",
        r"^<details>", r"!\[.+\]\(http://127\.0\.0\.1:\d+/files/terrace\.png", r"\*\*bold\*\*", r"~~",
    ]  # fmt: skip
    assert [kind for kind in kinds if not re.search(kind, text, re.MULTILINE)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "message",
    ["plain", "  spaces  \n\n and\ttabs\r\n", "漢字🙂\u2028\x85\x00\x1b[31m", '"\\u0041" data: [DONE]\n\n', "\ud83d"],
)
async def test_echo_says_it_byte_for_byte(talker: Talker, kind: Kind, message: str) -> None:
    url, body = await talker.request(kind, message, ECHO, stream=True)
    response = await talker.client.post(url, content=dump_json(body), headers={"Content-Type": "application/json"})
    texts = re.findall(rb'"(?:content|token)":(".*?(?<!\\)(?:\\\\)*")[,}]', response.content)
    expected = dump_json(message)[1:-1]
    said = b"".join(text[1:-1] for text in texts)
    assert said in (expected, expected + expected)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("hello", (DEFAULT_TOKENS, DEFAULT_SPEED)),
        ("2000 at 200", (2000, 200.0)),
        ("2,000 tokens at 150.5 please", (2000, 150.5)),
        ("write 500", (500, DEFAULT_SPEED)),
        ("10 100000", (10, 100000.0)),
        ("0", (DEFAULT_TOKENS, DEFAULT_SPEED)),
    ],
)
def test_long_writer_reads_orders(message: str, expected: tuple[int, float]) -> None:
    assert read_order(message) == expected


def test_long_writer_writes_as_much_as_it_says() -> None:
    steps = list(bots.answer(LONG_WRITER, Turn("1234 at 99")).steps)
    assert steps[0] == Pace(99.0)
    assert sum(isinstance(step, Piece) for step in steps) == 1234
    text = "".join(step.text for step in steps if isinstance(step, Piece))
    assert all(mark in text for mark in ("## ", "- ", "| ", "```", "> "))
    assert len(list(bots.answer(LONG_WRITER, Turn("999999999")).steps)) == 200_001


def restaurant(*said: str) -> tuple[list[str], list[Suggestion]]:
    """The bubbles and suggestions after a talk."""
    steps = list(bots.answer(RESTAURANT, Turn(said[-1], said[:-1], "http://x")).steps)
    texts = [text for step in steps if isinstance(step, Bubbles) for text in step.texts]
    chips = [chip for step in steps if isinstance(step, Bubbles) for chip in step.suggestions]
    return texts, chips + [chip for step in steps if isinstance(step, Suggest) for chip in step.items]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["hi"], "Welcome to The Terrace"),
        (["What is on the menu?"], "what we cook"),
        (["tell me about the green curry"], "Green curry"),
        (["how do I find you"], "Riverside 12"),
        (["are you open on Monday"], "Tuesday to Sunday"),
        (["thanks"], "welcome"),
        (["asdf"], "Which would you like"),
        (["cancel"], "Which would you like"),
        (["book a table", "4 people"], "Noted: 4 people."),
        (["book a table", "we are four", "Friday"], "Noted: we are four, Friday."),
        (["book", "4", "tonight", "at 8", "my name is Hi Way"], "under the name Hi Way."),
        (["book", "4", "tonight", "at 8", "Ana"], "A table is reserved: 4, tonight, at 8, under the name Ana."),
        (["book", "see the menu", "4 people"], "Noted: 4 people."),
        (["book", "/help", "4 people"], "Noted: 4 people."),
        (["book", "4", "never mind"], "The booking is cancelled."),
        (["book", "4", "tonight", "at 8", "Ana", "book"], "How many people"),
        (["__item__:booking:book-a-table", "__item__:booking:4-people"], "Noted: 4 people."),
        (["__item__:menu:mango-rice"], "Mango sticky rice"),
        (["__item__"], "Which would you like"),
        (["__item__:"], "Which would you like"),
    ],
)
def test_restaurant_understands(said: list[str], expected: str) -> None:
    assert expected in "\n".join(restaurant(*said)[0])


def test_every_suggestion_leads_on_by_payload_and_by_label() -> None:
    waiting: deque[tuple[str, ...]] = deque([("hello",)])
    scenes: dict[str, tuple[str, ...]] = {}
    while waiting:
        said = waiting.popleft()
        texts, chips = restaurant(*said)
        key = "\n".join(texts)
        if key in scenes or len(said) > 6:
            continue
        scenes[key] = said
        assert chips
        for chip in chips:
            by_payload, by_label = restaurant(*said, chip.payload), restaurant(*said, chip.label)
            assert by_payload == by_label
            assert "Which would you like" not in "".join(by_payload[0])
            waiting.append((*said, chip.payload))
    assert any("A table is reserved" in scene for scene in scenes)
    assert len(scenes) > 30


async def test_restaurant_on_chatiq(talker: Talker) -> None:
    reply = await talker.say("chatiq", "hello", RESTAURANT)
    kinds = [next(iter(value)) for value in reply.objects()]
    assert kinds == ["attachments", "responses", "conversationId"]
    assert len(reply.objects()[1]["responses"]) == 2
    assert reply.objects()[1]["suggestions"][0] == {"label": "See the menu", "payload": "__item__:menu:menu"}
    silent = await talker.say("chatiq", "show me the terrace", RESTAURANT)
    assert silent.bubbles() == []
    assert "attachments" in silent.objects()[0]


@pytest.mark.parametrize("kind", ["chatgrid", "widget", "openai"])
async def test_restaurant_degrades_to_text(talker: Talker, kind: Kind) -> None:
    text = (await talker.say(kind, "hello", RESTAURANT)).text
    assert text.startswith("![terrace.png](http://127.0.0.1")
    assert text.endswith("You can say: `See the menu` · `Book a table` · `How to find us` · `Opening hours`")


def test_plain_steps_leave_text_alone() -> None:
    assert list(plain_steps((Say("a"), Bubbles(("b",))))) == [Say("a"), Say("\n\nb")]


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@given(st.text().map(dump_json))
def test_nasty_pieces_are_the_bytes(data: bytes) -> None:
    assert b"".join(nasty_pieces(data + b"\n")) == data + b"\r\n"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_advances_the_dialogue(text: str) -> None:
    assert advance(advance(Talk(), text), text).scene
    assert utf16_length(join_halves(text)) == utf16_length(text)


def test_files_are_what_they_say() -> None:
    png = picture("terrace.png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png.endswith(zlib.crc32(b"IEND").to_bytes(4, "big"))
    length = int.from_bytes(png[33:37], "big")
    assert len(zlib.decompress(png[41 : 41 + length])) == 200 * (1 + 320 * 3)
    pdf = menu_pdf()
    start = int(pdf.split(b"startxref\n")[1].split(b"\n")[0])
    assert pdf[start:].startswith(b"xref\n0 6\n")
    offset = int(pdf[start:].split(b"\n")[3].split(b" ")[0])
    assert pdf[offset:].startswith(b"1 0 obj")
