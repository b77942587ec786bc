"""Emphasis next to Chinese, Japanese and Korean punctuation, and next to a colon or full stop that precedes a word.

CommonMark opens and closes emphasis only next to whitespace or punctuation on the right side, which is missing in
scripts without spaces between words: `これは**「重要」**な点です` would show its asterisks. The rule for these
scripts is that of the "CommonMark CJK-friendly Amendments" (github.com/tats-u/markdown-cjk-friendly).

This loads markdown-it, so it is imported only where a parser is made.
"""

from __future__ import annotations

import unicodedata

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

_CURLY_QUOTES = "\u2018\u2019\u201c\u201d"
_LEFT_JUSTIFIED = "\ufe01"
"""Makes a curly quote full-width."""
_ENDS_WORDS = frozenset(":.,;!?%)]}\u2026")
_BEGINS_WORDS = frozenset("([{")


class InlineParser(ParserInline):
    """Parses the text of a block, with the rule for emphasis above."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Overrides `ParserInline.parse`, which creates its own state."""
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """Return whether the delimiter run at `start` can open and close emphasis."""
        marker, end = self.src[start], start
        while end < self.posMax and self.src[end] == marker:
            end += 1
        before, selector = self._before(start)
        after = self.src[end] if end < self.posMax else " "
        blank_before, blank_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        if blank_before or blank_after:
            return Scanned(not blank_after, not blank_before, end - start)
        sign_before, sign_after = _is_punctuation(before), _is_punctuation(after)
        beside_cjk = _is_cjk(before, selector) or _is_cjk(after)
        opens = not sign_after or sign_before or beside_cjk
        closes = not sign_before or sign_after or beside_cjk
        if canSplitWord:
            if end - start == 2:  # `**Note:**text` and `text**(note)**`, as models write them
                opens = opens or after in _BEGINS_WORDS
                closes = closes or before in _ENDS_WORDS
            return Scanned(opens, closes, end - start)
        return Scanned(opens and (not closes or sign_before), closes and (not opens or sign_after), end - start)

    def _before(self, start: int) -> tuple[str, str]:
        """Return the character before a position, and the variation selector between them, if any."""
        before = self.src[start - 1] if start > 0 else " "
        if "\ufe00" <= before <= "\ufe0e" and start > 1 and not isWhiteSpace(ord(self.src[start - 2])):
            return self.src[start - 2], before
        return before, ""


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


def _is_cjk(character: str, selector: str = "") -> bool:
    """Return whether a character is Chinese, Japanese or Korean, punctuation included."""
    if character < "\u1100":
        return False
    if selector == _LEFT_JUSTIFIED and character in _CURLY_QUOTES:
        return True
    if "\u1100" <= character <= "\u11ff" or "\U000e0100" <= character <= "\U000e01ef":
        return True  # parts of Hangul syllables, and selectors of variants of ideographs
    if "\u231a" <= character < "\u2e80" or "\U0001f000" <= character < "\U0001fb00":
        return False  # emoji, which are wide as well
    return unicodedata.east_asian_width(character) in "WFH"
