"""The parser of terminal input: pastes whole and in order, answers dropped, keys kept, however it is split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from chatgrid_tui.ui.terminal.input_filter import PASTE_LIMIT, InputFilter, Paste, Token

ANSWERS = (
    "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",  # the colour of the background
    "\x1b]10;rgb:ffff/ffff/ffff\x07",
    "\x9d4;1;rgb:cdcd/0000/0000\x9c",
    "\x1b]52;c;aGVsbG8=\x1b\\",  # what is in the clipboard
    "\x1bP>|XTerm(388)\x1b\\",  # XTVERSION
    "\x90!|00000000\x9c",  # DA3
    "\x1bP1$r0 q\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1b_Gi=1;OK\x1b\\",
    "\x9fGi=1;ENOENT: no such file\x9c",
    "\x1b^private\x1b\\",
    "\x1bXa string, ünd môre\x1b\\",
    "\x1b[>41;354;0c",  # DA2
    "\x9b?62;c",  # DA1, with an empty attribute
    "\x1b[?25;1$y",  # a mode that nobody asked for
    "\x1b[4;2$y",
    "\x1b[24;80R",  # where the cursor is
    "\x1b[?1u",  # the flags of kitty's protocol
    "\x1b[0n",
    "\x1b[?997;1n",
    "\x1b[8;24;80t",
    "\x1b[6;18;9t",
    "\x1b[32;10;10M",  # the mouse as rxvt tells it
    "\x1b[99999999999u",
    "\x1b[201~",
    "\x1b[97;1:3u",  # a key that was released
)
OLD_MOUSE = "\x1b[M #!"
KEYS = (
    "\x1b[A",
    "\x1bOP",
    "\x1b[[A",
    "\x1b[3$",
    "\x1b[5~",
    "\x1b[1;5C",
    "\x1b[13;2u",
    "\x1b[99;5u",
    "\x1b[97;;97u",
    "\x1bx",
    "\x1b\r",
    "\x1b[I",
    "\x1b[O",
    "\x1b[<35;20;10M",
    "\x1b[<0;20;10m",
    "\x1b[<0;-1;10m",
    "\x1b[?2026;2$y",
    "\x1b[?2048;0$y",
    "\x1b[48;24;80;480;800t",
    "\x1b[?64;1;2c",  # DA1
)
TEXTS = ("hello", "c", "4 people", "\r", "\x11", "\x7f", "ünïcödé 👩‍👩‍👧", "[?64;1;2c", "]11;", "\x03")
PASTED = (
    "two\r\nlines",
    "log: \x1b[31merror\x1b[0m",
    "\x1b\x11 and \x1b\r",
    "\x00\x07\x9b31m\x9c",
    "\x1b[200~again",
    "\x1b[201",
    "\x1b[20\x1b[2",
    "\x1b]11;rgb:0/0/0\x1b\\",
    "\x1b",
)

Part: TypeAlias = tuple[str, list[Token]]

parts: st.SearchStrategy[Part] = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: (text, [text])),
    st.sampled_from(KEYS).map(lambda key: (key, [key])),
    st.sampled_from((*ANSWERS, OLD_MOUSE)).map(lambda answer: (answer, [])),
    st.sampled_from(PASTED).map(lambda text: (f"\x1b[200~{text}\x1b[201~", [Paste(text)])),
    st.sampled_from(PASTED).map(lambda text: (f"\x9b200~{text}\x9b201~", [Paste(text)])),
)


def merged(tokens: Iterable[Token]) -> list[Token]:
    """Return tokens with adjacent plain text joined: where it is split has no meaning."""
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else None
        if isinstance(token, str) and isinstance(last, str) and "\x1b" not in (token[0], last[0]):
            joined[-1] = last + token
        else:
            joined.append(token)
    return joined


def fed(chunks: Iterable[str]) -> list[Token]:
    """Return what comes of chunks that come at once."""
    terminal = InputFilter()
    return merged(token for chunk in chunks for token in terminal.feed(chunk, 1.0))


def after(*reads: str | float) -> list[Token]:
    """Return what comes of reads and of pauses between them, in seconds."""
    terminal, now = InputFilter(), 100.0
    tokens: list[Token] = []
    for read in (*reads, 10.0):
        if isinstance(read, str):
            tokens += terminal.feed(read, now)
            continue
        end = now + read
        while (deadline := terminal.deadline) is not None and deadline <= end:
            now = deadline
            tokens += terminal.tick(now)
        now = end
    return merged(tokens)


def cut(text: str, places: Iterable[int]) -> list[str]:
    """Return `text` in pieces."""
    return [text[start:end] for start, end in pairwise([0, *sorted({*places} - {0, len(text)}), len(text)])]


@given(st.lists(parts, max_size=8), st.data())
def test_each_part_comes_to_the_same_however_it_is_cut(several: Sequence[Part], data: st.DataObject) -> None:
    sent = "".join(text for text, _ in several)
    expected = merged(token for _, tokens in several for token in tokens)
    places = data.draw(st.lists(st.integers(0, len(sent)), max_size=6))
    assert fed(cut(sent, places)) == expected
    assert fed(sent) == expected


@given(st.text(st.sampled_from("\x1b[]OPX_^\\200~201~;?<uMtc$y\x07\x9b\x9c\x9d\r a\x00é"), max_size=60), st.data())
def test_whatever_comes_the_cuts_change_nothing(sent: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(sent)), max_size=6))
    assert fed(cut(sent, places)) == fed([sent]) == fed(sent)


def test_every_key_that_textual_knows_is_kept() -> None:
    for key in {*ANSI_SEQUENCES_KEYS} - {"\x1b\x1b", "\x9b"}:  # Esc twice, and the beginning of a sequence
        assert after(key) == [key], repr(key)
    assert after("\x1b\x1b") == ["\x1b", "\x1b"]


@pytest.mark.parametrize("pause", [0.02, 0.09, 0.5, 0.9])
def test_an_answer_in_two_reads_is_dropped_wherever_it_is_cut(pause: float) -> None:
    for answer in ANSWERS:
        for place in range(1, len(answer)):
            tokens = after(answer[:place], pause, answer[place:], "next")
            # Esc or Alt alone is a key after a while. A single character behind it is one as well.
            typed = [token for token in tokens if token not in ("\x1b", answer[:2], "next")]
            allowed = {f"{answer[place:]}next"} if pause > 0.1 and place == len(answer) - 1 < 3 else set()
            assert set(typed) <= allowed, (answer, place, tokens)
            assert tokens[-1] == "next"


def test_an_answer_byte_by_byte_is_dropped() -> None:
    for answer in ANSWERS:
        assert after(*(read for byte in answer for read in (byte, 0.05)), "next") == ["next"], repr(answer)


@pytest.mark.parametrize(
    "begun", ["\x1b]11;rgb:1e1e/1e", "\x1bP>|XTerm", "\x1b_Gi=1", "\x1b[?64;1", "\x9d11", "\x9b"]
)
def test_what_is_typed_after_an_answer_that_never_ends_is_kept(begun: str) -> None:
    assert after(begun, 1.5, "hello") == ["hello"]
    assert after(begun, 1.5, *"hello") == ["hello"]
    assert after(begun, 0.2, "\r") == ["\r"]
    assert after(begun, 0.2, "\x1b[A") == ["\x1b[A"]
    if "[" not in begun and "\x9b" not in begun:
        assert after(begun, *(read for key in "hello" for read in (0.2, key))) == ["hello"]
        assert after(begun, 0.2, "h", 0.2, "i", 0.2, "\r") == ["hi\r"]


def test_esc_and_alt_are_keys_when_nothing_follows() -> None:
    assert after("\x1b") == ["\x1b"]
    assert after("\x1b", 0.2, "a") == ["\x1b", "a"]
    assert after("\x1b", 0.2, "hello") == ["\x1b", "hello"]
    assert after("\x1b", 0.2, "[1] and [2]") == ["\x1b", "[1] and [2]"]
    assert after("\x1b[", 0.2, "a") == ["\x1b[", "a"]
    assert after("\x1b]", 0.2, "a") == ["\x1b]", "a"]
    assert after("\x1bO", 0.2, "a") == ["\x1bO", "a"]
    assert after("\x1bOa") == ["\x1bOa"]
    assert after("\x1bOz") == ["\x1bO", "z"]


@pytest.mark.parametrize("arrow", ["\x1b[A", "\x1bOA"])
def test_an_arrow_right_after_esc_is_one_with_alt(arrow: str) -> None:
    assert after(f"\x1b{arrow}") == after("\x1b", 0.05, arrow) == ["\x1b[1;3A"]
    assert after("\x1b", 0.2, arrow) == ["\x1b", arrow]
    assert after(f"\x1b\x1b{arrow}") == ["\x1b", "\x1b[1;3A"]
    assert after(f"\x1b\x1b[5~{arrow}") == ["\x1b", "\x1b[5~", arrow]
    assert after("\x1b\x1b[200~a\x1b[201~", arrow) == ["\x1b", Paste("a"), arrow]
    assert after("\x1b\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\") == ["\x1b"]


def test_a_key_in_two_reads_is_the_key() -> None:
    assert after("\x1b[1;", 0.5, "5C") == ["\x1b[1;5C"]
    assert after("\x1b", 0.2, "[A") == ["\x1b", "\x1b[A"]


def test_a_paste_that_stops_is_handed_on_and_the_rest_of_it_is_no_key() -> None:
    assert after("\x1b[200~one", 1.0, " two", 5.0, "\x11three\x1b[201~", "x") == [
        Paste("one two"),
        Paste("\x11three"),
        "x",
    ]
    assert after("\x1b[200~one", 5.0, "\x11", "\x1b[A", "x") == [Paste("one"), "\x11", "\x1b[A", "x"], "keys work"
    assert after("\x1b[200~one", 5.0, "x", 5.0, "two\r\x1b[201~") == [Paste("one"), "x", Paste("two\r")]
    assert after("\x1b[200~one\x1b[20", 5.0, "1~", "x") == [Paste("one"), "x"]


def test_a_sequence_without_end_is_dropped() -> None:
    assert after(f"\x1b[{'1;' * 5000}m", "next") == ["next"]


def test_a_very_long_paste_comes_in_several() -> None:
    terminal = InputFilter()
    tokens = terminal.feed("\x1b[200~", 0)
    for _ in range(PASTE_LIMIT // 2**20):
        tokens += terminal.feed("x" * (2**20 + 1), 0)
    tokens += terminal.feed("end\x1b[201~", 0)
    assert [len(token.text) for token in tokens if isinstance(token, Paste)] == [PASTE_LIMIT, 16 + 3]


def test_text_of_several_characters_that_one_key_brings_comes_one_by_one() -> None:
    assert after("\x1b[0;;20320:22909:19990:30028:33:33u") == [
        f"\x1b[0;;{code}u" for code in (20320, 22909, 19990, 30028, 33, 33)
    ]
