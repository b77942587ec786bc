"""The lines of a part of a text: Markdown, rows of a table that continues, or a piece of code."""

from __future__ import annotations

from chatgrid_tui.markdown.parser import parse
from chatgrid_tui.ui.transcript.layout.long_blocks import LongBlock, LongCode, LongTable, Part
from chatgrid_tui.ui.transcript.layout.segmenter import Segmenter
from chatgrid_tui.ui.transcript.markdown import fences
from chatgrid_tui.ui.transcript.markdown.blocks import draw_chunks, draw_rows, draw_source
from chatgrid_tui.ui.transcript.render.formats import counted
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import Line, Run, wrap
from chatgrid_tui.ui.transcript.targets import CodeTarget, MoreTarget, Place


def part_lines(
    part: Part, text: Segmenter, ink: Ink, width: int, code: CodeTarget | None, *, open_: bool
) -> list[Line]:
    """Return the lines of a part. `code` copies the code block that it starts; `open_`: it is still growing."""
    lines: list[Line] = [Line((), at=-1)] if part.spaced else []
    match part.long:
        case LongCode():
            lines = [] if part.at else [fences.edge(ink, "top", at=-1)]
            rows = part.long.part_lines(text.text, part)
            if not rows and not part.at:
                rows = [""]
            colours = part.long.colours[part.number] if part.number < len(part.long.colours) else None
            head = None if part.at else code
            lines += fences.code_lines(rows, colours, ink, width, language=part.long.info, at=1, head=head)
            if not part.closes and lines and text.text[part.end - 1] != "\n":
                lines[-1] = lines[-1]._replace(joint="")
        case LongTable():
            lines += _table_lines(part, part.long, text, ink, width)
        case LongBlock():
            raise AssertionError("a long block is a table or code")
        case None if part.chunks:
            lines += draw_chunks(part.chunks, part.lines, ink, width, coloured=not open_)
        case None:
            source = text.text[part.start : part.end]
            lines += draw_source(source, text.references, ink, width, lead=part.lead, coloured=not open_)
    return lines


def _table_lines(part: Part, table: LongTable, text: Segmenter, ink: Ink, width: int) -> list[Line]:
    source = text.text[part.start : part.end]
    chunks = part.chunks or parse(source, text.references, part.lead).chunks
    first = part.at == 0
    if not chunks or not chunks[0].head or (table.layout is None and not first):
        return wrap([Run(source.rstrip().expandtabs(4), ink())], width)
    lines, layout = draw_rows(chunks[0], ink, width, None if first else table.layout)
    if first:
        table.layout = layout
    if any(run.text.strip() for line in lines for run in line.runs) or not source.strip():
        return lines
    return wrap([Run(source.rstrip().expandtabs(4), ink())], width)


def more_line(long: LongBlock, hidden: int, ink: Ink, place: Place) -> Line:
    """Return the line that shows more of a long block."""
    target = MoreTarget(place)
    if isinstance(long, LongCode):
        run = _more(hidden, "line", ink)
        fill = ink(on="code")
        return Line([Run(" ", fill), Run(run, ink("accent", on="code"), target)], None, fill, at=1_000_000_000)
    return Line([Run(_more(hidden, "row", ink), ink("accent"), target)], at=1_000_000_000)


def more_text(lines: int, characters: int, ink: Ink, place: Place) -> Line:
    """Return the line that shows more of a text; `lines` and `characters` are hidden."""
    run = _more(lines, "line", ink) if lines > 1 else _more(characters, "character", ink)
    return Line([Run(run, ink("accent"), MoreTarget(place))])


def _more(hidden: int, word: str, ink: Ink) -> str:
    return f"{counted(hidden, f'more {word}')} {ink.signs.dot} Enter shows them"
