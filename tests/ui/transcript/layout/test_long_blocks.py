"""Endless blocks: each frame costs the same at any length, and hidden parts are shown on request."""

from __future__ import annotations

import re
import sys
from contextlib import nullcontext
from types import FrameType

import pytest

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.ui.transcript.layout.bubble_layout import BubbleLayout
from chatgrid_tui.ui.transcript.layout.long_blocks import Part
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.render.wrap import Line, cells
from chatgrid_tui.ui.transcript.targets import CodeTarget, MoreTarget
from chatgrid_tui.ui.transcript.transcript_messages import LinkOpened, SourceCopied
from quiet import until
from ui.transcript.support import Shown, drawn, frame, reply, settled, turn

ROW = "|a|b|c|d|\n"
ENDLESS = {
    "code": ("```py\n", "x = 'abc' + 1  # c\n"),
    "one line of code": ("```\n", "x" * 20),
    "a table": (f"{ROW}|-|-|-|-|\n", ROW),
    "a wide table": (f"|{'a|' * 60}\n|{'-|' * 60}\n", f"|{'b|' * 60}\n"),
    "a list": ("", "- i\n"),
    "a numbered list": ("", "1. **i**\n"),
    "an item": ("- all\n", "  - of it\n"),
    "a paragraph": ("", "word *and* `code` "),
    "a line": ("", "x" * 20),
    "headings": ("", "# h\n"),
    "quotes": ("", "> > q\n"),
    "brackets": ("", "[" * 20),
    "stars": ("", "*a**b " * 3),
    "blocks of code": ("", "```\n```\n"),
    "links": ("", "[a](https://e.example) "),
}


FLOODS = {
    "lines of a heading": "a\n",
    "struck": "~~a",
    "words": "_a ",
    "bold": "**a __b ",
    "comments": "<!-- ",
    "half links": "[a](",
    "autolinks": "<http://a.example> ",
    "dots": "http://..",
    "footnotes": "[^1]: A note.\n",
    "definitions": "[a]: http://x.example\n",
    "brackets": "][",
    "dollars": "$",
    "parens": "\\(",
    "backslashes": "\\",
    "rows without bars": "a|b\n-|-\n",
    "HTML": "<b>x</b>\n",
    "bold CJK": "**「重要」**な",
    "marks": "\u0301",
    "tabs": "\t",
    "deep quotes": "> " * 50 + "q\n",
    "quotes and lists": "> - " * 12 + "x\n",
    "addresses in other letters": "https://b\u00fccher.example/x ",
    "links that name others": "[b\u00fccher.de](https://b\u00fccher.example) ",
    "pictures": "![a](http://b.example/c.png) ",
    "entities": "&lt;&#x41;&nosuch;",
    "families": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "towers": "e" + "\u0301" * 8,
    "Arabic": "\u0645\u0631\u062d\u0628\u0627 ",
    "Thai": "\u0e01\u0e33\u0e25\u0e31\u0e07",
    "cells of emoji": "|a|b|\n|-|-|\n" + "|\U0001f468\u200d\U0001f469|e\u0301|\n" * 40,
    "words of code": "`a``b```c",
}


class Work:
    """Counts calls of functions: a measure of work that no other work on the machine disturbs."""

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> Work:
        sys.settrace(self._note)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def _note(self, frame: FrameType, event: str, given: object) -> None:
        """Count a call; with nothing returned, the lines of the function are not traced."""
        self.calls += 1


def streamed_work(text: str, pieces: int) -> tuple[list[int], list[int]]:
    """Return the work of each frame in the first and the last quarter of a text that arrives in so many pieces."""
    bubble, rows, drawing = Bubble(), BubbleLayout((0, 0), RowCache()), frame(80)
    size = -(-len(text) // pieces)
    first: list[int] = []
    last: list[int] = []
    for at in range(0, len(text), size):
        bubble.append(text[at : at + size])
        costs = first if at < len(text) // 4 else last if at >= len(text) * 3 // 4 else None
        with nullcontext(Work()) if costs is None else Work() as work:
            rows.update(bubble, drawing, live=True, writing=True)
            list(rows.rows(max(0, rows.height - 30), rows.height))
        if costs is not None:
            costs.append(work.calls)
    return first, last


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_frame_costs_no_more_the_longer_the_text(kind: str) -> None:
    head, one = ENDLESS[kind]
    first, last = streamed_work(head + one * (20_000 // len(one)), 80)
    assert sum(last) < 1.6 * sum(first) + 20_000
    assert max(last) < 1.6 * max(first) + 15_000, "frames that cut a part cost more than those that add a line"


@pytest.mark.parametrize("kind", [*ENDLESS, *FLOODS])
def test_a_whole_text_is_drawn_in_steps_of_bounded_work(kind: str) -> None:
    head, one = ENDLESS.get(kind) or ("", FLOODS[kind])
    text = head + one * (8_000 // len(one))
    bubble, rows, drawing = Bubble(text), BubbleLayout((0, 0), RowCache()), frame(80)
    worst = 0
    for _ in range(400):
        with Work() as work:
            rows.update(bubble, drawing, live=False)
        worst = max(worst, work.calls)
        if rows.exact:
            break
    assert rows.exact
    assert worst < 100_000, "about 20 ms"


async def test_a_frame_draws_no_more_than_its_time_allows() -> None:
    app = Shown([turn("Go", reply("a\n" * 3_000 + "End."))], frame_budget=0)
    async with app.run_test(size=(80, 24)) as pilot:
        document = app.pane.document
        assert document.behind == [0]
        await settled(pilot)
        assert app.lines()[-2].endswith("End.")


def test_a_long_table_keeps_its_columns_and_says_what_is_hidden() -> None:
    text = "|name|n|\n|-|-|\n" + "".join(f"|row {number}|{number}|\n" for number in range(500)) + "\nEnd."
    rows = drawn(text, 30)
    assert rows[0].startswith("name")
    assert sum(row.startswith("name") for row in rows) == 1, "its head stands once"
    assert [row.split()[1:] for row in rows[2:202]] == [[str(number)] * 2 for number in range(200)]
    assert len({len(row) for row in rows[2:202]}) == 1, "and numbers stand at the right in all of it"
    assert rows[202:] == ["300 more rows · Enter shows them", "", "End."]


def test_what_is_hidden_is_counted() -> None:
    assert drawn("- i\n" * 50_000)[-1] == "46,000 more lines · Enter shows them"
    assert drawn("x" * 1_000_000, 100)[-1] == "800,000 more characters · Enter shows them"


def test_columns_are_centred_if_the_table_says_so() -> None:
    assert drawn("|a|middle|\n|-|:-:|\n|b|c|", 30)[2] == "b     c"


def test_colours_come_later_to_long_code_and_move_nothing() -> None:
    text = "```python\n" + "x = 'abc' + 1  # c\n" * 400 + "```\nEnd."
    bubble, rows, drawing = Bubble(text), BubbleLayout((0, 0), RowCache(5_000)), frame(40)
    rows.update(bubble, drawing, live=False)
    while rows._text.behind:
        rows.update(bubble, drawing, live=False)
    plain = [row.text for row in rows.rows(0, rows.height)]
    steps = 0
    while not rows.exact:
        rows.update(bubble, drawing, live=False)
        steps += 1
    assert steps > 2
    coloured = list(rows.rows(0, rows.height))
    assert [row.text for row in coloured] == plain
    styles = {segment.style for segment in coloured[200].strip}
    assert drawing.bot("code_string", on="code") in styles
    assert drawing.bot("code_comment", on="code", italic=True) in styles


def test_code_that_has_no_end_yet_can_be_copied() -> None:
    bubble, rows, drawing = Bubble(), BubbleLayout((0, 0), RowCache()), frame(40)
    bubble.append("Look:\n\n```py\nx = 1\ny")
    rows.update(bubble, drawing, live=True, writing=True)

    def target() -> CodeTarget:
        (found,) = [spot.target for row in rows.rows(0, rows.height) for spot in row.spots]
        assert isinstance(found, CodeTarget)
        return found

    early = target()
    assert early.text == "x = 1\ny"
    bubble.append(" = 2\n" + "z = 3\n" * 200)
    rows.update(bubble, drawing, live=True, writing=True)
    assert target() == early, "the keyboard stays on it"
    assert target().text == "x = 1\ny = 2\n" + "\n".join(["z = 3"] * 200)
    bubble.append("```\nThat is all.")
    rows.update(bubble, drawing, live=False)
    assert early.text == target().text


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("```\n" + "".join(f"line{number}\n" for number in range(9_000)), "more lines"),
        ("|a|\n|-|\n" + "".join(f"|line{number}|\n" for number in range(450)), "more rows"),
        ("".join(f"- line{number}\n" for number in range(9_000)), "more lines"),
    ],
    ids=["code", "table", "list"],
)
def test_more_is_shown_in_portions(text: str, more: str, live: bool) -> None:
    bubble, rows, drawing = Bubble(text), BubbleLayout((0, 0), RowCache(100)), frame(60)

    def draw() -> list[Row]:
        rows.update(bubble, drawing, live=live, writing=live)
        while not rows.exact:
            height = rows.height
            rows.update(bubble, drawing, live=live, writing=live)
            assert rows.height - height < 1_000, "not all at once"
        return list(rows.rows(0, rows.height))

    for _ in range(12):
        seen = draw()
        targets = [spot.target for row in seen for spot in row.spots if isinstance(spot.target, MoreTarget)]
        if not targets:
            break
        (told,) = [row.text for row in seen if more in row.text]
        hidden = int(told.split(" more ")[0].replace(",", ""))
        shown = sum(re.search(r"line\d", row.text) is not None for row in seen)
        assert abs(hidden + shown - text.count("line")) <= 1
        assert rows.show_more(targets[-1].place)
    said = "\n".join(row.text for row in seen)
    assert f"line{text.count('line') - 1}" in said
    assert said.count("line") == text.count("line"), "each stands there once"


@pytest.mark.parametrize("way", ["key", "mouse"])
async def test_more_by_key_and_by_mouse(way: str) -> None:
    answer = reply(state="writing")
    answer.apply(TextDelta(0, "|a|\n|-|\n" + "|row|\n" * 320 + "\nEnd."))
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "end")
        await settled(pilot)
        x, y = app.row_with("120 more rows")
        before = app.pane.virtual_size.height
        if way == "mouse":
            await pilot.click(app.pane, offset=(x + 2, y))
        else:
            await pilot.press("up", "tab", "enter")
        await settled(pilot)
        assert app.pane.virtual_size.height == before + 119
        assert not any("more rows" in line for line in app.lines())
        assert not app.heard(LinkOpened)


def test_a_list_goes_on_in_its_place_however_long_its_item() -> None:
    deep = "1. top\n   - middle\n" + "     - deep **down** here and here and here\n" * 300 + "   - middle\n2. end\n"
    rows = drawn(deep, 60)
    assert {row.index("•") for row in rows if "deep" in row} == {5}
    assert [row for row in rows if "deep" not in row] == ["1. top", "   • middle", "   • middle", "2. end"]
    code = "1. top\n   ```py\n" + "   x = [1] # *a*\n" * 500 + "   ```\n   end\n"
    assert all("# *a*" in row for row in drawn(code, 60) if "x = " in row)
    assert drawn(code, 60)[-1] == "   end"


@pytest.mark.parametrize("width", [51, 72, 106])
def test_no_word_of_a_table_is_torn_apart_or_lost(width: int) -> None:
    for columns in range(2, 41):
        cells_of = [[f"{word}{number}x" for number in range(columns)] for word in ("head", "日本", "word")]
        head, *others = [f"|{'|'.join(row)}|" for row in cells_of]
        rows = drawn("\n".join([head, "|-" * columns + "|", *others]), width)
        assert all(cells(row) <= width for row in rows)
        said = " ".join(rows).replace(":", "").split()
        assert set(cells_of[0] + cells_of[2]) <= set(said), columns


def test_formulas_stay_as_they_were_written() -> None:
    for text in ("$a_b$ and $c_d$", r"\(x_1 * y * z\)", r"\[ a_1 \]", "$$f*g*h$$", "It is $5 or *6$"):
        assert drawn(text, 60) == [text]
    block = "So:\n$$\n- a_1\n+ b*c*d\n$$\n*stressed*"
    assert drawn(block, 60) == ["So:", "$$", "- a_1", "+ b*c*d", "$$", "stressed"]
    assert drawn("$$\nnever closed\n\n*stressed*") == ["$$", "never closed", "", "stressed"]
    assert drawn("From $5 to *$6*") == ["From $5 to $6"]


def test_what_looks_like_a_definition_is_shown() -> None:
    assert drawn("A[^1] b[^n].\n\n[^1]: Smith\n[^n]: https://n.example\n[x]: nothing\n", 60) == [
        "A[^1] b[^n].",
        "",
        "[^1]: Smith",
        "[^n]: https://n.example",
        "[x]: nothing",
    ]


def test_addresses_of_people_are_said_once() -> None:
    assert drawn("<me@e.example>") == ["me@e.example"]


async def test_keys_in_a_long_reply_draw_only_what_is_in_view(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"Paragraph **{number}** with [a link](https://l.example/{number}).\n\n" for number in range(900))
    app = Shown([turn("Go", reply(text))])
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        drawn: list[int] = []
        lines_of = BubbleLayout._lines

        def counted(rows: BubbleLayout, part: Part, drawing: Frame, *, open_: bool = False) -> list[Line]:
            drawn.append(part.start)
            return lines_of(rows, part, drawing, open_=open_)

        monkeypatch.setattr(BubbleLayout, "_lines", counted)
        for key in ("shift+tab", "up", "tab", "tab", "down", "ctrl+a"):
            await pilot.press(key)
        assert app.pane.selection.copy()
        await until(lambda: len(app.heard(SourceCopied)) > 0)
        (copied,) = app.heard(SourceCopied)
        assert isinstance(copied, SourceCopied)
        assert copied.text == text.rstrip("\n")
        assert len(drawn) < 150, "of 900 paragraphs"
