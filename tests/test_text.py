"""Cleaning untrusted text: what remains, and that it never depends on where a text was split."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatgrid_tui.text import MARK, Cleaner, clean, clean_line, mend_surrogates, utf16_units

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
JOINERS = "\u200c\u200d\ufe0e\ufe0f"

any_text = st.text(st.characters(exclude_categories=[]), max_size=40)
hostile = st.text(
    st.sampled_from(
        "\x1b[0m]\x07\x9b\x90\r\n\t\x7f\u2028\x85aé\u0301\ud83d\ude00\U0001f3f4\U000e0067\U000e007f\u200b\ufeff"
        "\u3099\ua8e1\u20dd\u115f\u3164\u2800\U000e0100\u845b\u1161\u180b\U0001f468\U0001f3fd" + BIDI + JOINERS
    ),
    max_size=40,
)


def forbidden(character: str) -> bool:
    """Return whether a character must never reach a terminal, defined independently of the cleaning."""
    code = ord(character)
    return (
        (unicodedata.category(character) == "Cc" and character not in "\t\n")
        or unicodedata.category(character) in ("Cs", "Zl", "Zp")
        or character in BIDI
        or 0xE0000 <= code <= 0xE0FFF
    )


@given(any_text | hostile)
@example("a\x1b]0;title\x07")
@settings(max_examples=500)
def test_nothing_forbidden_is_left(text: str) -> None:
    cleaned = clean(text).replace(ENGLAND, "")
    left = [character for character in cleaned if forbidden(character)]
    tags = [character for character in left if 0xE0000 <= ord(character) <= 0xE007F]
    assert left == tags, "only a flag may be spelt with tags"
    if tags:
        assert "\U0001f3f4" in cleaned
    cleaned.encode()


@given(any_text | hostile)
@settings(max_examples=500)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_between_marks_do_not_let_a_tower_grow(joiner: str) -> None:
    tower = "a" + ("\u0301" * 8 + joiner) * 1000
    assert clean(tower) == "a" + "\u0301" * 8
    assert clean(f"x{tower}x") == "xa" + "\u0301" * 8 + "x"


def context_free(text: str) -> bool:
    """Whether no rule that looks at neighbours can touch the text: joiners, marks, flags, CR before LF."""
    marks = any(unicodedata.category(character) in ("Mn", "Me") for character in text)
    joiners = any(character in JOINERS for character in text) or any(
        "\u1160" <= letter <= "\u11ff" for letter in text
    )
    return not marks and not joiners and "\r\n" not in text and "\U0001f3f4" not in text


@given(any_text | hostile)
@settings(max_examples=500)
def test_characters_are_looked_at_one_by_one(text: str) -> None:
    if context_free(text):
        assert "".join(map(clean, text)) == clean(text)


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_control_characters(code: int) -> None:
    kept = {0x09: "\t", 0x0A: "\n", 0x0D: "\n", 0x85: "\n"}
    assert clean(f"a{chr(code)}b") == f"a{kept.get(code, MARK)}b"


@pytest.mark.parametrize(
    "text",
    [
        "plain\ttext\nand more",
        "👨‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 🏴‍☠️",  # families, skin, joined flags
        "🇩🇪🇫🇷 1️⃣ ❤️ ☎︎",  # regional indicators, keycaps, variation selectors
        ENGLAND,
        "مرحبا بالعالم، كَيْفَ حَالُكَ؟ لا\u200cشيء",  # vowel signs and a non-joiner
        "שָׁלוֹם עוֹלָם",
        "नमस्ते दुनिया क्ष्म क्\u200dष",
        "สวัสดีชาวโลก น้ำ ที่",
        "Tiếng Việt, e\u0301\u0323\u0302, Å",
        "日本語 が カ\u3099 한국어 中文",
        "ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ",
        "می\u200cخواهم، نیم\u200cفاصله",
        "\u1112\u1161\u11ab\u1100\u1173\u11af",  # Hangul as macOS writes the names of files
        "葛\U000e0100城 ᠠ\u180b",  # one variant of an ideograph, and of a Mongolian letter
        "👩🏽‍❤️‍💋‍👨🏿 👁️‍🗨️",
        "∑ √ → ✓ ░▒▓ │ ┌ ﬁ ½ №",
        MARK,
    ],
)
def test_writing_survives(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", f"{MARK}[31mred{MARK}[0m"),
        ("\x9b31m", f"{MARK}31m"),
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("pay\u202etxt.exe", f"pay{MARK}txt.exe"),
        ("a\ufeffb\u200bc\u00add", f"a{MARK}b{MARK}c{MARK}d"),
        ("\U000e0041\U000e0042", MARK * 2),
        ("\U0001f3f4\U000e0067\U000e0062", f"\U0001f3f4{MARK}{MARK}"),  # no end: no flag
        ("\U0001f3f4" + "\U000e0061" * 20 + "\U000e007f", "\U0001f3f4" + MARK * 21),  # a message, not a flag
        ("a" + "\u200d" * 50 + "b", "a\u200db"),
        ("\ud83d\ude00", MARK * 2),
        ("a\u115fb\u1160c\u3164d\uffa0e", f"a{MARK}b{MARK}c{MARK}d{MARK}e"),  # fillers
        ("\u3164\u3164", MARK * 2),
        ("\u2800\u28ff", "\xa0\u28ff"),  # a blank of Braille is a blank
        ("a\u034fb\u17b4\u17b5\U0001d159", f"a{MARK}b{MARK * 3}"),
        ("\u0301a\n\u0301\u0301b\t\u20dd", f"{MARK}a\n{MARK}\u0301b\t{MARK}"),  # marks without a base
        ("\u1161\u1161", f"{MARK}\u1161"),
        ("\ufe0f\n\u200d\u200d", f"{MARK}\n{MARK}"),
        ("a \u200db", "a b"),
        ("a\ufe0f\ufe0f\ufe0fb", "a\ufe0fb"),
        ("a\U000e0100\U000e0101b", "ab"),  # data hidden in selectors
        ("葛\U000e0100\U000e0101b", "葛\U000e0100b"),
        ("👩\u200d" * 9 + "👩", "👩\u200d" * 7 + f"👩{MARK}👩\u200d👩"),
    ],
)
def test_what_becomes_of_the_rest(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "mark", ["\u0301", "\u20dd", "\u0489", "\u3099", "\u302a", "\ua8e1", "\ua66f", "\ufe20", "\U0001e8d0"]
)
def test_towers_of_marks_are_cut_fast(mark: str) -> None:
    assert clean("a" + mark * 200_000 + "b") == "a" + mark * 8 + "b"
    assert len(clean(("a" + mark * 9) * 20_000)) == 9 * 20_000


def test_every_mark_can_be_cut() -> None:
    """No block of combining marks is left out of the count."""
    marks = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Mn", "Me")]
    seen = [mark for mark in marks if clean("a" + mark) == "a" + mark]
    assert len(seen) > 1_000
    assert [mark for mark in seen if len(clean("a" + mark * 12)) > 9] == []


@given(any_text | hostile, st.lists(st.integers(0, 40), max_size=6))
@example("e\u0301", [1])
@example("a\r\n\u0301", [2])
@example("🏴" + "\U000e0067" * 3 + "\U000e007f", [1, 3])
@example("👩\u200d" * 30, list(range(0, 60, 7)))
@settings(max_examples=400)
def test_pieces_are_cleaned_as_the_whole(text: str, cuts: list[int]) -> None:
    cleaner, pieces, at = Cleaner(), [], 0
    for cut in (*sorted(cuts), len(text)):
        pieces.append(cleaner.feed(text[at:cut]))
        at = max(at, cut)
        assert "".join(pieces) + cleaner.rest == clean(text[:at])
    assert "".join(pieces) + cleaner.rest == clean(text)


@pytest.mark.parametrize(
    "one", ["\u0301", "\u200d", "\u200b", "👩\u200d", "\r", "\U000e0061", "\u1161", "ก", "\t", "\x01"]
)
def test_no_tail_grows_without_end(one: str) -> None:
    cleaner, text = Cleaner(), "a" + one * 2_000
    cleaned = "".join(cleaner.feed(text[at : at + 7]) for at in range(0, len(text), 7)) + cleaner.rest
    assert cleaned == clean(text)
    assert len(cleaner._tail) < 300


def test_a_line() -> None:
    assert clean_line("  a\r\n\tb\u2028c  ") == "a b c"
    assert clean_line("x" * 10, 5) == "xxxx…"
    assert clean_line("x" * 5, 5) == "xxxxx"
    assert clean_line("\x1b\x1b") == MARK * 2
    assert clean_line("") == ""
    assert len(clean_line("é " * 10_000_000, 50)) <= 50


@given(any_text)
def test_a_line_is_one_line(text: str) -> None:
    line = clean_line(text, 10)
    assert len(line) <= 10
    assert "\n" not in line
    assert "\t" not in line


def test_units_are_counted_as_javascript_does() -> None:
    assert [utf16_units(text) for text in ("", "abc", "é", "😀", "\ud83d", "😀\ud83d")] == [0, 3, 1, 2, 1, 3]


@given(any_text)
def test_mended_text_can_be_stored(text: str) -> None:
    mended = mend_surrogates(text)
    mended.encode()
    assert mend_surrogates(mended) == mended


def test_halves_are_joined() -> None:
    assert mend_surrogates("a\ud83d\ude00b") == "a😀b"
    assert mend_surrogates("\ude00\ud83d") == "\ufffd\ufffd"
    assert mend_surrogates("\ud83d\ud83d\ude00x\ud83d") == "\ufffd😀x\ufffd"
