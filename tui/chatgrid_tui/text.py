"""Cleaning of untrusted text for display, copying and export.

What a bot, a server or a file name says can hold terminal escapes, text that runs backwards, and invisible
characters. Cleaning looks at single characters, never at "sequences", so that nothing depends on where a
stream was cut. The store and `--json` keep the original.
"""

from __future__ import annotations

import re
import unicodedata

MARK = "\N{REPLACEMENT CHARACTER}"
"""Stands where a character was that must not reach a terminal."""

_MARKS_PER_BASE = 8
"""Marks and joiners kept on one character: real scripts need four; a tower of 200,000 freezes a terminal."""

_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,7}\U000e007f"
"""Flags of regions (England, Texas) are spelt with tag characters: the one place where they are wanted."""

_FORBIDDEN = re.compile(
    f"({_FLAG})"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # soft hyphen, bidi, separators, invisibles
    "\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f\U000e0080-\U000e0fff]"
)
_LINE_ENDS = re.compile("\r\n|\r|\u2028|\u2029|\x85")
_JOINERS = "\u200c\u200d"
_JOINER_RUNS = re.compile("([\u200c\u200d\ufe00-\ufe0f])[\u200c\u200d\ufe00-\ufe0f]{2,}")
_NEEDS_MARK_COUNT = re.compile(  # runs of joiners and of characters from the blocks that hold combining marks
    "[^\x00-\u02ff\u2000-\u200b\u200e-\u206f\u3000-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ud7ff\ue000-\ufaff]{9,}"
)


def clean(text: str) -> str:
    """Return `text` with nothing in it that a terminal would act on or hide.

    Line ends become newlines, every forbidden character becomes `MARK`, and towers of combining marks are
    cut. Cleaning what is clean changes nothing. (tests/test_text.py holds these as properties.)
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub("\n", text)
    text = _FORBIDDEN.sub(lambda found: found[1] or MARK, text)
    if not text.isascii():
        text = _JOINER_RUNS.sub(r"\1", text)
        text = _NEEDS_MARK_COUNT.sub(lambda found: _lower_towers(found[0]), text)
    return text


def clean_line(text: str, limit: int = 200) -> str:
    """Return `text` cleaned and on one line, at most `limit` characters, cut with an ellipsis."""
    line = " ".join(clean(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def utf16_units(text: str) -> int:
    """Count as JavaScript counts, and so the services' limits: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def mend_surrogates(text: str) -> str:
    """Join halves of surrogate pairs; a half left alone becomes U+FFFD.

    A JSON text may hold such halves (`\\ud83d`); no Python string with one can be encoded or stored.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _lower_towers(text: str) -> str:
    kept: list[str] = []
    height = 0
    for character in text:
        stacked = character in _JOINERS or unicodedata.category(character) in ("Mn", "Me")
        height = height + 1 if stacked else 0
        if height <= _MARKS_PER_BASE:
            kept.append(character)
    return "".join(kept)
