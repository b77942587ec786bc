"""Markdown that can be put into another document: it cannot end, hide or run anything there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatgrid_tui.markdown.parser import tokens_of
from chatgrid_tui.text import clean

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from markdown_it.token import Token

_LONGEST: Final = 200_000
"""The number of characters above which a text is not parsed, which takes seconds for each million."""
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])(?!https?://|mailto:)")
_CODE_SPAN: Final = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


def enclosed(source: str) -> str:
    """Return a text, which may be Markdown, without HTML that a reader of Markdown would take over, and with a fence
    that it left open closed. Code stays as it is.
    """
    text = clean(source).strip("\n")
    if len(text) > _LONGEST:
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        return f"{fence}\n{text}\n{fence}"
    if "<" not in text and "```" not in text and "~~~" not in text:
        return text
    lines, tokens = text.split("\n"), tokens_of(text, None)
    parts: list[str] = []
    written = 0
    for token in tokens:
        if token.type in ("fence", "code_block") and token.map is not None:
            first, behind = token.map
            parts += (_without_tags("\n".join(lines[written:first])), *lines[first:behind])
            written = behind
    parts.append(_without_tags("\n".join(lines[written:])))
    whole = "\n".join(parts).strip("\n")
    return f"{whole}\n{tokens[-1].markup}" if tokens and _is_open(tokens[-1]) else whole


def _is_open(token: Token) -> bool:
    """Return whether a token is a fence that lasts until the end of the text."""
    if token.type != "fence" or token.level or token.map is None:
        return False
    first, behind = token.map
    lines = token.content.removesuffix("\n").split("\n") if token.content else []
    return len(lines) == behind - first - 1


def _without_tags(text: str) -> str:
    """Replace what begins a tag outside of code."""
    parts: list[str] = []
    at = 0
    for span in _CODE_SPAN.finditer(text):
        parts += (_TAG.sub("&lt;", text[at : span.start()]), span.group())
        at = span.end()
    return "".join([*parts, _TAG.sub("&lt;", text[at:])])
