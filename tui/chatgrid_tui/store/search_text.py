"""The text that is indexed, and the query for it in the language of FTS5.

The tokenizer is `unicode61`, which finds words and their beginnings without case and accents, and ranks by words. It
does not split text that is written without blanks, so a boundary is put between its characters, and a query for them
becomes a phrase. Thus Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are found by any part of a text.

`trigram` would also find the middle of a Latin word, but nothing of fewer than three characters, which most Chinese
words are. For 100,000 messages (27 MB), it took 6.7 s and 111 MB, `unicode61` 2.1 s and 45 MB, and it is slower to
search by half or more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from chatgrid_tui.text import clean

if TYPE_CHECKING:
    from chatgrid_tui.model.search import Word

TOKENIZER: Final = "unicode61 remove_diacritics 2"
LONGEST: Final = 100_000
"""Characters of a message that are searched."""
_PARSED: Final = 20_000
"""Characters up to which Markdown is parsed. Of a longer reply the source is indexed: its signs separate words as
blanks do, and parsing it, even in a thread, made keys wait.
"""
BEGIN, END = "\x02", "\x03"
"""Enclose what matches in a snippet. Clean text contains neither these nor the boundary."""

_BOUNDARY: Final = "\u200b"
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uac00-\ud7a3\uff66-\uff9f\U00020000-\U0003ffff"
)
_HAS_UNSPACED: Final = f"[{_UNSPACED}]"
_BETWEEN: Final = rf"(?<=[{_UNSPACED}])(?=\w)|(?<=\w)(?=[{_UNSPACED}])"
"""Compiled by `re` when they are first used, as that takes milliseconds."""


def of_message(text: str) -> str:
    """Return what is indexed of a title or a user's message."""
    return _split(clean(text[:LONGEST]))


def of_reply(bubbles: Iterable[str]) -> str:
    """Return what is indexed of a reply: the plain text that is shown, or of a long one the source."""
    texts = tuple(bubbles)
    if sum(map(len, texts)) > _PARSED:
        return of_message("\n\n".join(texts))
    from chatgrid_tui.markdown.plain_text import plain_text

    return _split(plain_text(texts))


def match_expression(words: Iterable[Word]) -> str:
    """Return the query that FTS5 accepts, whatever the words are: each is a phrase."""
    phrases = ['"{}"{}'.format(_split(word.text).replace('"', '""'), "" if word.exact else " *") for word in words]
    return " ".join(phrases)


def snippet_of(marked: str) -> tuple[tuple[str, bool], ...]:
    """Return the pieces of a snippet on one line, and whether each of them matches."""
    line = " ".join(marked.replace(_BOUNDARY, "").split())
    line = line.replace(f"{END} {BEGIN}", " ").replace(f"{END}{BEGIN}", "")  # two words in a row are one match
    pieces = line.replace(END, BEGIN).split(BEGIN)  # each second one matches
    return tuple((text, number % 2 == 1) for number, text in enumerate(pieces) if text)


def _split(text: str) -> str:
    return text if text.isascii() or not re.search(_HAS_UNSPACED, text) else re.sub(_BETWEEN, _BOUNDARY, text)
