"""Formulas: they are shown as written, and their characters are not Markdown.

They are `$a_b$`, `$$...$$`, `\\(...\\)` and `\\[...\\]`; the last three may span several lines. A formula on separate
lines ends at a blank line at the latest, so that an unclosed one does not swallow the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_LONGEST = 1_000
_CLOSING = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}
# A dollar next to whitespace is a price, and so is one before a digit at the end.
_IN_DOLLARS = re.compile(r"\$(?=[^\s$])(?:[^$\\\n]|\\.){0,200}?(?<=[^\s\\$])\$(?!\d)")


def add_to(parser: MarkdownIt) -> None:
    """Add rules for formulas to a parser."""
    parser.inline.ruler.before("escape", "math", _inline)
    parser.block.ruler.before("code", "math", _block, {"alt": ["paragraph", "blockquote", "list"]})


def _inline(state: StateInline, silent: bool) -> bool:
    text, at = state.src, state.pos
    if text[at] not in "$\\":
        return False
    closing = _CLOSING.get(text[at : at + 2])
    if closing is not None:
        end = text.find(closing, at + 2, at + _LONGEST)
        end = end + 2 if end > at + 2 else -1
    else:
        found = _IN_DOLLARS.match(text, at)
        end = found.end() if found is not None else -1
    if end < 0 or end > state.posMax:
        return False
    if not silent:
        state.push("text_special", "", 0).content = text[at:end]
    state.pos = end
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    closing = {"$$": "$$", "\\[": "\\]"}.get(_line(state, start))
    if closing is None:
        return False
    if silent:
        return True
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
        if _line(state, line - 1).endswith(closing):
            break
    token = state.push("math_block", "", 0)
    token.content = state.getLines(start, line, state.blkIndent, False)
    token.map = [start, line]
    state.line = line
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()
