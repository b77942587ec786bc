"""Draw chunks of Markdown as lines: headings, paragraphs, lists, quotes, rules; other modules draw code and tables.

A blank row is drawn between two blocks only if the source has a blank line there, so that how a block is drawn never
depends on what follows. There is none after headings and code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatgrid_tui.markdown.parser import GOES_ON, Chunk, References, blocks_of, first_number, parse, take_task
from chatgrid_tui.ui.transcript.markdown import fences, table_lines
from chatgrid_tui.ui.transcript.markdown.inline import PLAIN, Manner, draw_inline
from chatgrid_tui.ui.transcript.render.styles import Colour, Ink
from chatgrid_tui.ui.transcript.render.wrap import STRETCH, Line, Run, cells, wrap

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from markdown_it.token import Token

_NARROWEST = 8
"""The width in cells below which nothing is indented further."""


def draw_source(
    source: str,
    references: References | None,
    ink: Ink,
    width: int,
    *,
    lead: str = "",
    coloured: bool = True,
    at: int = 0,
) -> list[Line]:
    """Return the lines of a part of a text. Code is drawn without colours unless `coloured`; `at` is the size of what
    is before it.
    """
    parsed = parse(source, references, lead)
    return draw_chunks(parsed.chunks, parsed.lines, ink, width, coloured=coloured, at=at)


def draw_chunks(
    chunks: Sequence[Chunk], source: Sequence[str], ink: Ink, width: int, *, coloured: bool = True, at: int = 0
) -> list[Line]:
    """Return the lines of chunks of one source, which is given as lines."""
    drawer = _Drawer(source, ink, coloured, at)
    lines: list[Line] = []
    for number, chunk in enumerate(chunks):
        if number and drawer.blank_before(chunk.start) and not brings_space(chunks[number - 1].tokens):
            lines.append(Line((), at=drawer.seen - 1))
        before = drawer.seen
        drawn = drawer.draw(chunk.tokens, width, chunk.ordinal)
        if not drawn and GOES_ON in "".join(source[chunk.start : chunk.end]):
            continue
        if not _says_something(drawn):
            drawer.seen = before
            drawn = drawer.plain(chunk, width)
        lines.extend(drawn)
    return lines


def draw_rows(
    chunk: Chunk, ink: Ink, width: int, layout: table_lines.Layout | None
) -> tuple[list[Line], table_lines.Layout]:
    """Return the lines of a part of a table, and its layout, which is `layout` if the table continues."""
    return table_lines.draw_table(chunk.tokens, ink, width, layout=layout, roomy=True)


def brings_space(tokens: Sequence[Token]) -> bool:
    """Return whether no blank row is drawn after a block: headings belong to what follows, code has an edge."""
    return tokens[0].type in ("heading_open", "fence", "code_block")


def _says_something(lines: Sequence[Line]) -> bool:
    return any(run.text.strip(" │|>•-") for line in lines for run in line.runs)


class _Drawer:
    def __init__(self, source: Sequence[str], ink: Ink, coloured: bool, at: int) -> None:
        self.source = source
        self.ink = ink
        self.coloured = coloured
        self.seen = at
        """How many characters were drawn so far, except what is repeated or cut to the width: the unit of `Line.at`.
        """

    def blank_before(self, line: int) -> bool:
        return 0 < line <= len(self.source) and not self.source[line - 1].strip(" \t>")

    def draw(self, tokens: Sequence[Token], width: int, ordinal: int | None = None) -> list[Line]:
        """Draw one block with its contents."""
        opening = tokens[0]
        match opening.type:
            case "paragraph_open":
                return self._inline(tokens[1], width, PLAIN)
            case "heading_open":
                return self._heading(opening.tag, tokens[1], width)
            case "bullet_list_open" | "ordered_list_open":
                return self._list(tokens, width)
            case "list_item_open":
                return self._item(tokens, width, ordinal)
            case "blockquote_open":
                bar = [Run(f"{self.ink.signs.rule} ", self.ink(self.ink.speaker.ink), aside=True)]
                return self._within(tokens[1:-1], width, bar, bar)
            case "fence" | "code_block":
                at, self.seen = self.seen, self.seen + len(opening.content) + 4
                return fences.draw_code(opening.content, opening.info, self.ink, width, coloured=self.coloured, at=at)
            case "table_open":
                lines, _ = table_lines.draw_table(tokens, self.ink, width, at=self.seen)
                self.seen = lines[-1].at + 1_000 if lines else self.seen
                return lines
            case "hr":
                self.seen += 2
                return [self._hairline(self.ink.speaker.rail, self.seen - 2)]
            case _:
                return self._wrapped([Run(opening.content, self.ink())], width)

    def plain(self, chunk: Chunk, width: int) -> list[Line]:
        """Draw the source itself, for blocks that are nested too deeply for the parser, and for empty items."""
        lines = self.source[chunk.start : chunk.end]
        source = "\n".join(line for line in lines if GOES_ON not in line).rstrip()
        if len(source) < _NARROWEST:
            return self.draw(chunk.tokens, width, chunk.ordinal)
        return self._wrapped([Run(source.expandtabs(4), self.ink())], width)

    def _heading(self, tag: str, token: Token, width: int) -> list[Line]:
        """Draw a heading. Space and weight show its level, since there is only one text size."""
        ink = self.ink.speaker.ink
        match tag:
            case "h1":
                lines = self._inline(token, width, Manner(ink, bold=True))
                self.seen += 2
                return [*lines, self._hairline(self.ink.speaker.rail, self.seen - 2)]
            case "h2":
                return self._inline(token, width, Manner(ink, bold=True, underline=self.ink.flat))
            case "h3":
                return self._inline(token, width, Manner("strong", bold=True))
            case _:
                return self._inline(token, width, Manner("muted", bold=True))

    def _hairline(self, part: Colour, at: int) -> Line:
        return Line([Run(STRETCH + self.ink.signs.hairline, self.ink(part))], at=at)

    def _inline(self, token: Token, width: int, manner: Manner) -> list[Line]:
        return self._wrapped(draw_inline(token.children or (), self.ink, manner), width)

    def _wrapped(self, runs: list[Run], width: int) -> list[Line]:
        lines = wrap(runs, width, self.seen)
        self.seen += sum(len(run.text) for run in runs) + 2
        return lines

    def _blocks(self, tokens: Sequence[Token], width: int) -> list[Line]:
        lines: list[Line] = []
        before: Sequence[Token] = ()
        for block in blocks_of(tokens):
            if before and not brings_space(before) and block[0].map and self.blank_before(block[0].map[0]):
                lines.append(Line((), at=self.seen - 1))
            lines.extend(self.draw(block, width))
            before = block
        return lines

    def _list(self, tokens: Sequence[Token], width: int) -> list[Line]:
        ordered = tokens[0].type == "ordered_list_open"
        first = first_number(tokens[0])
        lines: list[Line] = []
        for number, item in enumerate(blocks_of(tokens[1:-1])):
            if number and item[0].map and self.blank_before(item[0].map[0]):
                lines.append(Line((), at=self.seen - 1))
            lines.extend(self._item(item, width, first + number if ordered else None))
        return lines

    def _item(self, tokens: Sequence[Token], width: int, ordinal: int | None) -> list[Line]:
        ink, inside = self.ink, list(tokens[1:-1])
        mark = ink(ink.speaker.ink)
        goes_on = _take_lead(inside)
        task = take_task(inside)
        if goes_on:
            marker = Run(" " * cells(f"{ordinal}. " if ordinal is not None else "- "), ink(), aside=True)
        elif task:
            marker = Run(f"{task} ", mark if "x" in task else ink("muted"))
        elif ordinal is not None:
            marker = Run(f"{ordinal}. ", mark)
        else:
            marker = Run(f"{ink.signs.bullet} ", mark)
        hang = Run(" " * cells(marker.text), ink(), aside=True)
        if lines := self._within(inside, width, [marker], [hang]):
            return lines
        if goes_on:
            return []
        self.seen += 2
        return [Line([marker], at=self.seen - 2)]

    def _within(self, tokens: Sequence[Token], width: int, first: list[Run], others: list[Run]) -> list[Line]:
        """Draw blocks after a prefix, unless that leaves too little room."""
        inner = width - sum(cells(run.text) for run in first)
        if inner < _NARROWEST:
            return self._blocks(tokens, width)
        lines = self._blocks(tokens, inner)
        return [
            Line([*(others if number else first), *line.runs], line.joint, line.fill, line.at)
            for number, line in enumerate(lines)
        ]


def _take_lead(inside: list[Token]) -> bool:
    """Remove the lead of an item that was split. Return whether it had one."""
    if len(inside) < 3 or inside[0].type != "paragraph_open" or not inside[1].content.startswith(GOES_ON):
        return False
    children = inside[1].children or []
    rest = children[2:]  # after the lead and the end of its line
    if rest:
        inside[1] = inside[1].copy(children=rest)
    else:
        del inside[:3]
    return True
