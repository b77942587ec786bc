"""The plain text of a reply, as it is shown: Markdown removed, code kept, links as text.

It is for search and export. The transcript draws the same tokens (`ui.transcript.markdown`); a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from chatgrid_tui.markdown.links import shows_host, web_address
from chatgrid_tui.markdown.parser import Chunk, blocks_of, definitions, first_number, parse, take_task
from chatgrid_tui.text import clean, clean_line

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from markdown_it.token import Token

_LONGEST: Final = 1_000_000
"""Texts longer than this many characters stay as written: parsing takes seconds per million."""
_BULLET: Final = "• "
_MARKS: Final = " │|>•-"
_SHORTEST_WRITTEN: Final = 8
"""How many characters of Markdown without text are shown as written."""


def plain_text(bubbles: Iterable[str]) -> str:
    """Return the plain text of a reply, with a blank line between its bubbles."""
    return "\n\n".join(filter(None, map(bubble_text, bubbles)))


def bubble_text(source: str) -> str:
    """Return the plain text of one bubble."""
    text = clean(source)
    if len(text) > _LONGEST:
        return text.strip()
    parsed = parse(text, definitions(text))
    lines: list[str] = []
    for chunk in parsed.chunks:
        if lines and _is_blank(parsed.lines, chunk.start - 1):
            lines.append("")
        lines += _chunk_lines(chunk, parsed.lines)
    return "\n".join(lines).strip("\n")


def _chunk_lines(chunk: Chunk, source: Sequence[str]) -> list[str]:
    lines = _block(chunk.tokens, source, chunk.ordinal)
    written = "\n".join(source[chunk.start : chunk.end]).rstrip()
    has_code_or_rule = any(token.type in ("fence", "code_block", "hr") for token in chunk.tokens)
    if has_code_or_rule or any(line.strip(_MARKS) for line in lines) or len(written) < _SHORTEST_WRITTEN:
        return lines
    return written.split("\n")  # nested too deeply for the parser


def _block(tokens: Sequence[Token], source: Sequence[str], ordinal: int | None = None) -> list[str]:
    """Return the lines of a block with its contents."""
    opening = tokens[0]
    match opening.type:
        case "paragraph_open" | "heading_open":
            return _inline(tokens[1]).split("\n")
        case "bullet_list_open":
            return _items(tokens[1:-1], source, None)
        case "ordered_list_open":
            return _items(tokens[1:-1], source, first_number(opening))
        case "list_item_open":
            return _item(list(tokens[1:-1]), source, ordinal)
        case "blockquote_open":
            return _blocks(tokens[1:-1], source)
        case "table_open":
            return list(_rows(tokens))
        case "hr":
            return []
        case _:
            return opening.content.removesuffix("\n").split("\n")


def _blocks(tokens: Sequence[Token], source: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for block in blocks_of(tokens):
        if lines and block[0].map and _is_blank(source, block[0].map[0] - 1):
            lines.append("")
        lines += _block(block, source)
    return lines


def _items(tokens: Sequence[Token], source: Sequence[str], number: int | None) -> list[str]:
    lines: list[str] = []
    for index, item in enumerate(blocks_of(tokens)):
        if lines and item[0].map and _is_blank(source, item[0].map[0] - 1):
            lines.append("")
        lines += _item(list(item[1:-1]), source, None if number is None else number + index)
    return lines


def _item(tokens: list[Token], source: Sequence[str], ordinal: int | None) -> list[str]:
    task = take_task(tokens)
    marker = f"{task} " if task else _BULLET if ordinal is None else f"{ordinal}. "
    first, *others = _blocks(tokens, source) or [""]
    return [f"{marker}{first}".rstrip(), *(f"{' ' * len(marker)}{line}".rstrip() for line in others)]


def _rows(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the rows of a table, with two spaces between cells."""
    cells: list[str] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(_inline(token))
        elif token.type == "tr_close":
            yield "  ".join(cells).rstrip()
            cells = []


def _inline(token: Token) -> str:
    parts: list[str] = []
    link_start, href = 0, ""
    for child in token.children or ():
        match child.type:
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "strong_open" | "strong_close" | "em_open" | "em_close":
                pass
            case "s_open" | "s_close":
                parts.append("~")
            case "link_open":
                link_start, href = len(parts), str(child.attrGet("href") or "")
            case "link_close":
                parts.append(_address_after("".join(parts[link_start:]), href))
            case "image":
                parts.append(_picture(child.content, str(child.attrGet("src") or "")))
            case _:
                parts.append(child.content)
    return "".join(parts).replace("\t", "    ")


def _address_after(label: str, href: str) -> str:
    """Return what is shown after the label of a link: where it leads, unless the label says so."""
    address = web_address(href)
    if address is None:
        shown = not href or href.removeprefix("mailto:") == label
        return "" if shown else f" ({clean_line(href, 60)})"
    if not label.strip():
        return address.url
    return "" if shows_host(label, address) else f" ({address.host})"


def _picture(label: str, source: str) -> str:
    name = clean_line(label or source.rsplit("/", 1)[-1] or "picture", 80)
    address = web_address(source)
    return f"{name} ({clean_line(source, 60) if address is None else address.host})"


def _is_blank(source: Sequence[str], line: int) -> bool:
    return 0 <= line < len(source) and not source[line].strip(" \t>")
