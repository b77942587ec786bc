"""Cuts Markdown into chunks: the smallest parts that can be finished while the text behind them still grows.

A chunk is a top-level block, or one item of a top-level list: an item is drawn the same whatever follows it,
so a list of a thousand items costs no more to extend than one of two.
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

if TYPE_CHECKING:  # it takes longer to load than a frame to draw
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

FENCE_OPENING = re.compile(r"^( {0,3})(`{3,}(?=[^`\n]*$)|~{3,})[ \t]*([^\n]*)$", re.MULTILINE)
_DEFINITION = re.compile(
    r"^ {0,3}\[((?!\^)[^\[\]\n]{1,200})\]:[ \t]*(<https?://[^\s<>]+>|https?://[^\s<>]+)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$",
    re.MULTILINE,
)
"""A line that defines a link. Footnotes look alike and are none."""
_DEFINITIONS = 500
_REFERENCE = re.compile(r"\[((?!\^)[^\[\]]{1,200})\](?!\()")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_BRACKET = re.compile(r"[][]")
GOES_ON = "\x02"
"""Stands in a lead for what an item of a list says before the place where it was cut in two; in no cleaned text."""
_MARKER = re.compile(r"[ >]*(?:[-+*]|\d{1,9}[.)]) {1,4}(?! )")
_DEEPEST = 60
"""Levels of quotes and lists; what is nested deeper markdown-it leaves out, and is then shown as it was written."""
_OPEN_BRACKETS = 50
_LAST_ORDINAL = 999_999_998
"""The last number that one more can follow: a marker has nine digits at most."""
_TASKS = {"[ ] ": "[ ]", "[x] ": "[x]", "[X] ": "[x]"}
_LISTS = ("bullet_list_open", "ordered_list_open")

References = dict[str, Any]
"""The link definitions of a whole text, as markdown-it keeps them."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens of one part of a text, and the lines it covers, counted from 0; `end` is behind the last."""

    tokens: list[Token]
    start: int
    end: int
    ordinal: int | None = None
    """The number of an item of an ordered list."""
    lead: str = ""
    """A line to stand before it where it is parsed alone: an item that goes on a list is not read as one that
    begins it."""
    head: str = ""
    """The first two lines of a table: the lead of its second half, where it is cut in two."""

    @property
    def columns(self) -> int:
        """How many columns a table has; 1 for all else."""
        return sum(token.type == "th_open" for token in self.tokens) or 1

    @property
    def fence(self) -> bool:
        """Whether it is a block of code between fences."""
        return self.tokens[0].type == "fence"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The chunks of a text and the lines they count in, of which the first may be a `lead`."""

    chunks: list[Chunk]
    lines: list[str]
    lead: int
    """Characters of the lead, which are not the text's."""

    @property
    def offsets(self) -> list[int]:
        """The place of each line's first character in the text, and of the end."""
        return list(accumulate((len(line) + 1 for line in self.lines), initial=-self.lead))


def load() -> None:
    """Load the parser, which any thread may do before there is something to draw."""
    _parser(definitions=False, inline=True)


def definitions(text: str) -> References | None:
    """Return the links that a whole text defines (`[1]: https://...`) and refers to, None where there are none."""
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
    """Return the chunks of a text, behind the `lead` that the chunk before it asked for.

    Without `references`, which are known only once a text is whole, definitions of links are plain text.
    """
    known = {} if references is None else {"references": references["references"]}
    # Brackets that are never closed take markdown-it quadratic time: such a text is drawn as written.
    inline = source.count("[") < _OPEN_BRACKETS or _open_brackets(source) < _OPEN_BRACKETS
    tokens = _parser(definitions=references is not None, inline=inline).parse(lead + source, known)
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
    # A lead is a chunk by itself, but for the head of a table, and for the items that a text goes on in.
    if lead and chunks and chunks[0].head != lead and GOES_ON not in lead:
        del chunks[0]
    return Parsed(chunks, lines, len(lead))


def lead_into(parsed: Parsed, line: int, *, within: bool) -> str:
    """Return the lead for what begins at a line: the items of lists that go on there, `within` the line or before it.

    Empty where there are none.
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
        if token.type == "fence":  # the rest of its code is drawn as another block
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
    """Return the number that an ordered list begins with."""
    start = opening.attrGet("start")
    return 1 if start is None else int(start)


def blocks_of(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the blocks in a flat sequence of tokens, each with all that is in it."""
    start = depth = 0
    for at, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : at + 1]
            start = at + 1


def take_task(tokens: list[Token]) -> str:
    """Remove the box of a task (`[x]` or `[ ]`) from the first line of a list item, and return it; empty if none."""
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
    """Return the index of the token that closes `tokens[at]`: itself where it opens nothing."""
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
    """Pass over the definition of a link that is referred to. What only looks like one, such as a footnote, is text,
    and so is one that nothing refers to.
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
    """Return how many brackets are never closed."""
    depth = 0
    for found in _BRACKET.finditer(source):
        depth = depth + 1 if found.group() == "[" else max(0, depth - 1)
    return depth


def _as_written(url: str) -> str:
    return url


def _any_link(url: str) -> bool:
    return True
