"""Any Markdown is drawn: rows within the width, every word shown, independent of chunks."""

from __future__ import annotations

import re
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from chatgrid_tui.ui.transcript.render.wrap import cells
from ui.transcript.layout.test_segmenter import MARKDOWN, look, streamed
from ui.transcript.support import bubble_rows, frame

_ALL_KINDS = """# |## |- |* |1. |7) |> |>> |```|```py|~~~|~~|**|*|_|`|``|[|](https://e.example/|)|![|](x)|<b>|</b>|<!--|-->
|\\||\\(|\\)|\\[|\\]|$|$$|$a_b$|[^1]|[^1]: |[m]|[m]: https://e.example/m|<https://e.example>|<me@e.example>
|https://e.example/a_b|---|===|***|- [x] |- [ ] |&amp;|\\*|\\|:-:|--:|   |    |日本|👩\u200d👩\u200d👧|🇩🇪|e\u0301
|שלום|السلام|한글|ｗｉｄｅ"""
WORDS = st.integers(0, 99).map("word{}x".format)
_SPACES = ["|", "|-|-|\n", " ", "\n", "\n\n", "\n  ", "\t"]
PARTS = st.one_of(WORDS, st.sampled_from([*_ALL_KINDS.replace("\n", "").split("|"), *_SPACES]))
ANY = st.lists(PARTS, max_size=60).map("".join)
ROWS = st.lists(st.lists(st.one_of(WORDS, st.just("日本")), min_size=2, max_size=4).map("|".join), max_size=90)
LONG_TABLE = st.builds(lambda head, rows: "\n".join([head, "-|-|-", *rows, ""]), st.just("a|b|c"), ROWS)
LONG_CODE = st.builds(
    lambda mark, lines, end: "\n".join([mark, *lines, end, ""]),
    st.sampled_from(["```py", "~~~", "  ```", "````js"]),
    st.lists(st.sampled_from(["x = 1", "", "    'a' # b", "\tif", "```", "word " * 40, "日本" * 30]), max_size=150),
    st.sampled_from(["```", "~~~", "````", ""]),
)
LONG = st.lists(st.one_of(LONG_TABLE, LONG_CODE, ANY, MARKDOWN), max_size=4).map("\n".join)


@settings(max_examples=200)
@given(ANY, st.sampled_from([8, 13, 24, 60]))
def test_rows_are_as_wide_as_the_pane_and_hold_every_word(text: str, width: int) -> None:
    rows = bubble_rows(text, width)
    grid = frame(width).grid
    for row in rows:
        assert sum(cells(segment.text) for segment in row.strip) == grid.width
        assert cells(row.text) <= grid.text, "nothing stands beyond the text's right edge"
    said = "".join(re.sub(r"[\s│•]", "", row.text) for row in rows)
    defined = set(re.findall(r"^ {0,3}\[[^^\n]*\]:.*$", text, re.MULTILINE))
    for word in re.findall(r"word\d+x", text):
        hidden = any(word in line for line in defined)
        short = re.search(rf"(?:\]\(|<|https:|[`~]{{3}}[^\n]*)\S*{word}", text)  # addresses, and names of languages
        assert hidden or short or word in said, f"{word} is not in {said!r}"


@settings(max_examples=60)
@given(LONG, st.data())
def test_long_blocks_look_the_same_however_they_arrived(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
    assert look(streamed(text, cuts)) == look(streamed(text, ()))


def test_the_parser_is_not_loaded_before_there_is_something_to_draw() -> None:
    code = "import sys, chatgrid_tui.ui.transcript.transcript; print({'markdown_it', 'pygments'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
