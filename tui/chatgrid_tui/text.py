"""Clean untrusted text for display, copying and export.

Text from bots, servers and file names may contain terminal escapes, bidirectional controls, and invisible characters.
Cleaning looks at single characters, never at sequences, so the result does not depend on how a stream was chunked.
The store and `--json` keep the original.
"""

from __future__ import annotations

import re
import unicodedata

MARK = "\N{REPLACEMENT CHARACTER}"
"""Replaces a character that must not reach a terminal."""

_MARKS_PER_BASE = 8
"""The most marks and joiners per character: real scripts need four, while a tower of 200,000 freezes a terminal."""
_JOINED = 7
"""The most joiners in one emoji sequence: the longest meaningful ones have three."""

_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,7}\U000e007f"
"""Flags of regions (England, Texas) are spelled with tag characters, which are allowed only there."""

_FORBIDDEN = re.compile(
    f"({_FLAG})"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\xad\u034f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # soft hyphen, bidi, separators
    "\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters that take up space but show nothing
    "\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff"
    "\U00013430-\U0001345f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029", "\x85")
_BRAILLE_BLANK = "\u2800"
_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_RIDERS = re.compile(f"([^{_SELECTORS}{_JOINERS}]?)([{_SELECTORS}{_JOINERS}]+)")
"""Joiners and variation selectors, which are invisible themselves, and what they follow."""
_USUAL_RIDERS = re.compile(
    f"(?<=[^ \n\t{_SELECTORS}{_JOINERS}])(?:[\ufe00-\ufe0f][{_JOINERS}]?|[{_JOINERS}])(?![{_SELECTORS}{_JOINERS}])"
)
"""What emoji consist of, which is not changed."""
_RIDDEN = re.compile(f"([{_SELECTORS}]?)[{_SELECTORS}]*([{_JOINERS}]?)")
_MAY_BE_MARK = (
    "[^\x00-\u02ff\u2000-\u200b\u200e-\u206f\u3000-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ud7a3\ue000-\ufaff]"
)
"""A joiner, or a character from blocks with combining marks."""
_NEEDS_MARK_COUNT = f"{_MAY_BE_MARK}{{9,}}"
_NEEDS_BASE = rf"(?:\A|(?<=[\n\t])){_MAY_BE_MARK}"
"""Compiled by `re` when they are first used: large classes take milliseconds, and few texts need them."""
_CHAIN = re.compile(f"(?:[\u203c-\u3299\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*\u200d){{{_JOINED + 1}}}")
_CHAINED = "\u200d"
_SHORT = 4_096
"""The length from which a search for a tower is faster than counting the marks on each character."""
_LONGEST_TAIL = 256
_LONGEST_FLAG = 16


class CleanText(str):
    """Text that is clean already, and so long that it should not be cleaned again."""

    __slots__ = ()


def clean(text: str) -> str:
    """Return `text` without anything that a terminal would act on or hide.

    Line ends become newlines. Every forbidden character becomes `MARK`, and so does a mark, a joiner or a selector
    without a base character. Excess ones on the same character are removed. Cleaning clean text changes nothing.
    (tests/test_text.py tests these as properties.)
    """
    if isinstance(text, CleanText) or (text.isascii() and text.isprintable()):
        return text
    characters = set(text)
    distinct = "".join(characters)  # few, even for a megabyte: they tell at once which steps are unnecessary
    for end in _LINE_ENDS:
        text, distinct = text.replace(end, "\n"), distinct.replace(end, "")
    if _FORBIDDEN.search(distinct):
        text = _FORBIDDEN.sub(lambda found: found[1] or MARK, text)
    if distinct.isascii():
        return text
    text = text.replace(_BRAILLE_BLANK, "\xa0")
    if _RIDERS.search(distinct) and _RIDERS.search(_USUAL_RIDERS.sub("", text)):
        text = _RIDERS.sub(_kept_riders, text)
    if marks := "".join(sorted(filter(_is_stacked, characters))):
        text = re.sub(_NEEDS_BASE, lambda found: MARK if _is_mark(found[0]) else found[0], text)
        if len(text) < _SHORT or re.search(f"[{re.escape(marks)}]{{{_MARKS_PER_BASE + 1}}}", text):
            text = re.sub(_NEEDS_MARK_COUNT, lambda found: _lower_towers(found[0]), text)
    return _CHAIN.sub(lambda found: found[0][:-1] + MARK, text) if _CHAINED in characters else text


class Cleaner:
    """Cleans a text that arrives in pieces. The result does not depend on where it was cut."""

    __slots__ = ("_given", "_tail")

    def __init__(self) -> None:
        self._tail = ""
        """The text that the next piece may affect."""
        self._given = 0
        """How many characters of the tail were returned already: one that cannot change any more, or none."""

    @property
    def rest(self) -> str:
        """The text that the next piece may still change, cleaned as if nothing followed."""
        return clean(self._tail)[self._given :]

    def feed(self, piece: str) -> str:
        """Return what is final now, cleaned; `rest` follows it."""
        text = self._tail + piece
        at = next((at for at in range(len(text) - 1, -1, -1) if _is_independent(text, at)), 0)
        settled = ""
        if at:
            settled = clean(text[:at])[self._given :]
            self._given = 0
        self._tail = text[at:]
        if len(self._tail) > _LONGEST_TAIL:  # most of it will be dropped, whatever follows
            self._tail = clean(self._tail[:-_LONGEST_FLAG]) + self._tail[-_LONGEST_FLAG:]
        if not self._given and len(self._tail) == 1 and (" " <= self._tail <= "~" or self._tail == "\n"):
            settled, self._given = settled + self._tail, 1
        return settled


def clean_line(text: str, limit: int = 200) -> str:
    """Return `text` cleaned and on one line, at most `limit` characters, cut with an ellipsis."""
    line = " ".join(clean(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def utf16_units(text: str) -> int:
    """Return the number of UTF-16 code units, which is how JavaScript, and so the services, count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def mend_surrogates(text: str) -> str:
    """Join halves of surrogate pairs. A single half becomes U+FFFD.

    JSON text may contain such halves (`\\ud83d`), but a Python string with one cannot be encoded or stored.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _kept_riders(found: re.Match[str]) -> str:
    """Return at most one selector and one joiner after a visible character."""
    base, riders = found[1], found[2]
    if not base or base in "\n\t":
        return base + MARK
    if base == " ":
        return base
    kept = _RIDDEN.match(riders)
    assert kept is not None, "nothing is asked of the riders"
    return base + (kept[1] if _takes_selector(base, kept[1]) else "") + kept[2]


def _takes_selector(base: str, selector: str) -> bool:
    """Return whether a variation selector has a meaning after a character."""
    if selector >= "\U000e0100":
        return "\u3400" <= base <= "\u9fff" or "\uf900" <= base <= "\ufaff" or base >= "\U00020000"
    if "\u180b" <= selector <= "\u180f":
        return "\u1820" <= base <= "\u18aa"
    return True


def _is_mark(character: str) -> bool:
    """Return whether a character is drawn on the one before it: marks, and vowels and finals of Hangul syllables."""
    if "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7fb":
        return True
    return unicodedata.category(character) in ("Mn", "Me")


def _is_stacked(character: str) -> bool:
    return character in _JOINERS or _is_mark(character)


def _is_independent(text: str, at: int) -> bool:
    """Return whether a character is independent of what comes before, so that it can be cleaned separately."""
    character, before = text[at], text[at - 1 : at]
    if character in "\n\t":
        return before != "\r"
    return before != "\u200d" and not _is_mark(character) and unicodedata.category(character) not in ("Cf", "Cc")


def _lower_towers(text: str) -> str:
    kept: list[str] = []
    height = 0
    for character in text:
        height = height + 1 if _is_stacked(character) else 0
        if height <= _MARKS_PER_BASE:
            kept.append(character)
    return "".join(kept)
