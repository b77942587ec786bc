"""Split Markdown into chunks: the smallest parts that can be final while the text after them still grows.

A chunk is a top-level block, or an item of a top-level list. An item looks the same whatever follows it, so a list
of a thousand items is as cheap to extend as a list of two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

from chatgrid_tui.markdown import math

if TYPE_CHECKING:  # loading it takes longer than drawing a frame
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

FENCE_OPENING = re.compile(r"^( {0,3})(`{3,}(?=[^`\n]*$)|~{3,})[ \t]*([^\n]*)$", re.MULTILINE)
_DEFINITION = re.compile(
    r"^ {0,3}\[((?!\^)[^\[\]\n]{1,200})\]:[ \t]*(<https?://[^\s<>]+>|https?://[^\s<>]+)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$",
    re.MULTILINE,
)
"""A line that defines a link. Footnotes look similar but are not definitions."""
_DEFINITIONS = 500
_REFERENCE = re.compile(r"\[((?!\^)[^\[\]]{1,200})\](?!\()")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_BRACKET = re.compile(r"[][]")
GOES_ON = "\x02"
"""In a lead, stands for the text of a list item before the place where it was split. Cleaned text never contains it.
"""
_MARKER = re.compile(r"[ >]*(?:[-+*]|\d{1,9}[.)]) {1,4}(?! )")
_DEEPEST = 60
"""The deepest nesting of quotes and lists. markdown-it drops deeper levels, which are then shown as written."""
_OPEN_BRACKETS = 50
_LAST_ORDINAL = 999_999_998
"""The highest number that can be followed by another: a marker has at most nine digits."""
_TASKS = {"[ ] ": "[ ]", "[x] ": "[x]", "[X] ": "[x]"}
_LISTS = ("bullet_list_open", "ordered_list_open")

References = dict[str, Any]
"""The link definitions of a whole text, in markdown-it's format."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens of one part of a text, and its lines, counted from 0; `end` is exclusive."""

    tokens: list[Token]
    start: int
    end: int
    ordinal: int | None = None
    """The number of an item of an ordered list."""
    lead: str = ""
    """A line to put before it when it is parsed alone: an item that continues a list must not be read as the
    first one."""
    head: str = ""
    """The first two lines of a table, which are the lead of its second half if it is split."""

    @property
    def columns(self) -> int:
        """The number of columns of a table; 1 for anything else."""
        return sum(token.type == "th_open" for token in self.tokens) or 1

    @property
    def fence(self) -> bool:
        """Whether it is a fenced code block."""
        return self.tokens[0].type == "fence"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The chunks of a text, and its lines, the first of which may be a `lead`."""

    chunks: list[Chunk]
    lines: list[str]
    lead: int
    """The number of characters in the lead, which is not part of the text."""

    @property
    def offsets(self) -> list[int]:
        """The offsets of the lines in the text, and of its end."""
        return list(accumulate((len(line) + 1 for line in self.lines), initial=-self.lead))


def load() -> None:
    """Load the parser. May be called in any thread, before there is something to draw."""
    _parser(definitions=False, inline=True)


def definitions(text: str) -> References | None:
    """Return the links that a whole text defines (`[1]: https://...`) and uses, or None."""
    definitions = list(islice(_DEFINITION.finditer(text), _DEFINITIONS)) if "]:" in text else []
    if not definitions:
        return None
    from markdown_it.common.utils import normalizeReference, unescapeAll

    unused = Counter(normalizeReference(definition[1]) for definition in definitions)
    for label, times in Counter(_REFERENCE.findall(_CODE.sub("", text))).items():
        unused[normalizeReference(label)] -= times
    links: dict[str, dict[str, str]] = {}
    for definition in definitions:
        label = normalizeReference(definition[1])
        if unused[label] < 0:
            links.setdefault(label, {"href": unescapeAll(definition[2].strip("<>")), "title": ""})
    return {"references": links} if links else None


def parse(source: str, references: References | None, lead: str = "") -> Parsed:
    """Return the chunks of a text that follows a chunk with this `lead`.

    Without `references`, which are only known once a text is complete, link definitions are plain text.
    """
    tokens = tokens_of(source, references, lead)
    lines = (lead + source).split("\n")
    chunks: list[Chunk] = []
    at = 0
    while at < len(tokens):
        end = _closing(tokens, at)
        opening = tokens[at]
        if opening.type in _LISTS:
            chunks.extend(_items(tokens[at : end + 1], lines))
        else:
            first, last = opening.map or (0, 0)
            head = "\n".join([*lines[first : first + 2], ""]) if opening.type == "table_open" else ""
            chunks.append(Chunk(tokens[at : end + 1], first, last, head=head))
        at = end + 1
    # A lead is a separate chunk, except for the head of a table, and for list items that continue.
    if lead and chunks and chunks[0].head != lead and GOES_ON not in lead:
        del chunks[0]
    return Parsed(chunks, lines, len(lead))


def tokens_of(source: str, references: References | None, lead: str = "") -> list[Token]:
    """Return the tokens of a text, as `parse` cuts them into chunks."""
    known = {} if references is None else {"references": references["references"]}
    # Unclosed brackets take markdown-it quadratic time: such a text is shown as written.
    inline = source.count("[") < _OPEN_BRACKETS or _open_brackets(source) < _OPEN_BRACKETS
    return _parser(definitions=references is not None, inline=inline).parse(lead + source, known)


def lead_into(parsed: Parsed, line: int, *, within: bool) -> str:
    """Return the lead for what starts at a line: the items of lists that continue there. `within` is whether the line
    itself is split. Empty if there are none.
    """
    last = max((number for number, text in enumerate(parsed.lines, 1) if text.strip()), default=0)
    lead: list[str] = []
    begun = -1
    for token in (token for chunk in parsed.chunks for token in chunk.tokens):
        if token.type not in ("list_item_open", "fence") or token.map is None:
            continue
        first, behind = token.map
        if first >= line + within or (behind <= line and behind < last):
            continue
        if token.type == "fence":  # the rest of its code is a separate block
            if lead and first != begun:
                lead.append(f"{parsed.lines[first]}\n")
            continue
        marker = _MARKER.match(parsed.lines[first])
        if marker is None or first == begun:
            return ""
        begun = first
        lead.append(f"{marker.group()}{GOES_ON}\n")
    return "".join(lead)


def first_number(opening: Token) -> int:
    """Return the first number of an ordered list."""
    start = opening.attrGet("start")
    return 1 if start is None else int(start)


def blocks_of(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the blocks in a flat sequence of tokens, each with its contents."""
    start = depth = 0
    for at, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : at + 1]
            start = at + 1


def take_task(tokens: list[Token]) -> str:
    """Remove the checkbox of a task (`[x]` or `[ ]`) from the first line of a list item and return it, if any."""
    if len(tokens) < 2 or tokens[0].type != "paragraph_open" or not tokens[1].children:
        return ""
    children = tokens[1].children
    box = _TASKS.get(children[0].content[:4], "") if children[0].type == "text" else ""
    if box:
        rest = children[0].copy(content=children[0].content[4:])
        tokens[1] = tokens[1].copy(children=[rest, *children[1:]])
    return box


def _items(tokens: list[Token], lines: list[str]) -> list[Chunk]:
    """Return a chunk for each item of a list."""
    ordered = tokens[0].type == "ordered_list_open"
    number = first_number(tokens[0])
    chunks: list[Chunk] = []
    at = 1
    while at < len(tokens) - 1:
        closing = _closing(tokens, at)
        first, last = tokens[at].map or (0, 0)
        lead = ""
        if chunks:
            indent = lines[first][: len(lines[first]) - len(lines[first].lstrip(" "))]
            before = str(min(number - 1, _LAST_ORDINAL)) if ordered else ""
            lead = f"{indent[:3]}{before}{tokens[at].markup} x\n"
        chunks.append(Chunk(tokens[at : closing + 1], first, last, number if ordered else None, lead))
        number += 1
        at = closing + 1
    return chunks


def _closing(tokens: list[Token], at: int) -> int:
    """Return the index of the token that closes `tokens[at]`, or `at` if that opens nothing."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


@lru_cache(maxsize=4)
def _parser(*, definitions: bool, inline: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    from chatgrid_tui.markdown.emphasis import InlineParser

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    rules = parser.inline.ruler.get_active_rules(), parser.inline.ruler2.get_active_rules()
    parser.inline = InlineParser()
    parser.inline.ruler.enableOnly(rules[0])
    parser.inline.ruler2.enableOnly(rules[1])
    parser.enable(["table", "strikethrough"])
    math.add_to(parser)
    if definitions:
        parser.block.ruler.at("reference", _definition)
    else:
        parser.disable("reference")
    if not inline:
        parser.disable("inline")
    # Addresses stay as written: they are checked when drawn, and never decoded.
    parser.normalizeLink = _as_written  # type: ignore[method-assign]
    parser.normalizeLinkText = _as_written  # type: ignore[method-assign, assignment]
    parser.validateLink = _any_link  # type: ignore[method-assign]
    return parser


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Skip a link definition that is used. An unused one, or something that only looks like one, such as a footnote,
    is text.
    """
    from markdown_it.common.utils import normalizeReference

    if silent or state.is_code_block(start):
        return False
    first = state.bMarks[start] + state.tShift[start]
    found = _DEFINITION.fullmatch(state.src[first : state.eMarks[start]])
    if found is None or normalizeReference(found[1]) not in state.env["references"]:
        return False
    state.line = start + 1
    return True


def _open_brackets(source: str) -> int:
    """Return the number of unclosed brackets."""
    depth = 0
    for found in _BRACKET.finditer(source):
        depth = depth + 1 if found.group() == "[" else max(0, depth - 1)
    return depth


def _as_written(url: str) -> str:
    return url


def _any_link(url: str) -> bool:
    return True
