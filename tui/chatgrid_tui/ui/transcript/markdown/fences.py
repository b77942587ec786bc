"""Blocks of code: a row with the language and `Ctrl+Y Copy`, then the code on its own surface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from rich.style import Style

from chatgrid_tui.ui.appearance import Part
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import Line, Run, cells, fold
from chatgrid_tui.ui.transcript.targets import CodeTarget

if TYPE_CHECKING:
    from pygments.lexer import Lexer

COLOURED = 20_000
"""Characters of code beyond which it is drawn without colours."""
AT_ONCE = 1_500
"""Characters of code that are coloured with the rest of a text; more of it is coloured in steps."""
_LONGEST_LINE = 2_000
_ROOM_FOR_KEY = 24
"""Cells from which the row of the language names the key that copies."""

Piece: TypeAlias = tuple[int, str]
"""Characters of code that look alike, and how: a key of `_MANNERS`."""
_MANNERS: dict[str, tuple[Part, bool, bool]] = {
    "": ("text", False, False),
    "comment": ("code_comment", False, True),
    "keyword": ("code_keyword", False, False),
    "string": ("code_string", False, False),
    "number": ("code_number", False, False),
    "name": ("text", True, False),
}
"""The colour of code by what it is, and whether it is bold or italic."""

_NAMES = """
bash c c++ clojure console cpp cs csharp css dart diff docker dockerfile elixir elm erlang fish go golang
graphql haskell html http ini java javascript js json jsonc jsx julia kotlin kt less lua make makefile
nginx nix objective-c ocaml perl php powershell proto protobuf ps1 py python python3 r rb rs ruby rust
sass scala scss sh shell sql swift terraform toml ts tsx typescript vue xml yaml yml zig zsh
"""
_LANGUAGES = frozenset(_NAMES.split())
"""Languages that are coloured. A name a bot makes up must not load any module it likes."""


def draw_code(code: str, language: str, ink: Ink, width: int, *, coloured: bool = True, at: int = 0) -> list[Line]:
    """Return the lines of a block of code, its head first. `at` is what stands before it."""
    code = code.removesuffix("\n")
    lines = [head(language, ink, width, CodeTarget(lambda: code, ink.next_place(), language), at)]
    rows = code.split("\n")
    colours = None
    if coloured and len(code) <= AT_ONCE and (colouring := colouring_of(rows, language)) is not None:
        colours = list(colouring)
    return lines + code_lines(rows, colours, ink, width, at=at + 1)


def code_lines(
    rows: Sequence[str], colours: Sequence[Sequence[Piece]] | None, ink: Ink, width: int, *, at: int = 0
) -> list[Line]:
    """Return lines of code on their surface, with the `colours` of each where they are known."""
    fill = ink(on="code")
    lines: list[Line] = []
    for number, row in enumerate(rows):
        text = row.expandtabs(4)
        if colours is None or ink.flat:
            pieces = [(text, fill)]
        else:
            pieces = []
            start = 0
            for size, manner in colours[number]:
                pieces.append((text[start : start + size], _style(manner, ink)))
                start += size
        lines.extend(_row(pieces, ink, width, at))
        at += len(row) + 1
    return lines


def _style(manner: str, ink: Ink) -> Style:
    part, bold, italic = _MANNERS[manner]
    return ink(part, on="code", bold=bold, italic=italic)


def head(language: str, ink: Ink, width: int, target: CodeTarget, at: int = 0) -> Line:
    """Return the first row: the language, and `Ctrl+Y Copy` at the right."""
    muted = ink("muted", on="code")
    copy = "Ctrl+Y Copy" if width >= _ROOM_FOR_KEY else "Copy"
    room = width - len(copy) - 3
    named = fold(formats.line(language, room, ink.signs), room)[0] if room > 3 else ""
    gap = max(1, width - cells(named) - len(copy) - 2)
    if ink.flat:  # no surface shows where the block begins
        between = f" {ink.signs.hairline * (gap - 2)} " if gap > 2 else " " * gap
        runs = [Run(ink.signs.rule, muted, aside=True), Run(named, muted), Run(between, muted, aside=True)]
    else:
        runs = [Run(f" {named}", muted), Run(" " * gap, muted)]
    return Line([*runs, Run(copy, muted, target)], None, ink(on="code"), at)


def _row(pieces: Sequence[tuple[str, Style]], ink: Ink, width: int, at: int) -> list[Line]:
    fill = ink(on="code")
    pad = Run(ink.signs.rule if ink.flat else " ", fill, aside=True)
    folded = fold("".join(text for text, _ in pieces), width - 2)
    lines: list[Line] = []
    rest = list(pieces)
    for number, row in enumerate(folded):
        runs = [pad]
        wanted = len(row)
        while wanted and rest:
            text, style = rest.pop(0)
            runs.append(Run(text[:wanted], style))
            if len(text) > wanted:
                rest.insert(0, (text[wanted:], style))
            wanted -= min(wanted, len(text))
        lines.append(Line(runs, "" if number < len(folded) - 1 else None, fill, at))
        at += len(row)
    return lines


def colouring_of(rows: Sequence[str], language: str) -> Iterator[list[Piece]] | None:
    """Return what colours code line by line, at the pace at which it is asked; None where it has no colours.

    Its first line takes the time of loading the language.
    """
    named = language.split()
    name = named[0].lower() if named else ""
    if name not in _LANGUAGES or sum(map(len, rows)) > COLOURED or max(map(len, rows)) > _LONGEST_LINE:
        return None
    return _colours([row.expandtabs(4) for row in rows], name)


def _colours(rows: Sequence[str], name: str) -> Iterator[list[Piece]]:
    number = 0
    line: list[Piece] = []
    said: list[str] = []
    for kind, text in _lexer(name).get_tokens("\n".join(rows)):
        manner = _manner(str(kind))
        for count, part in enumerate(text.split("\n")):
            if count:  # a line ended
                if number == len(rows):
                    return
                yield _checked(line, "".join(said), rows[number])
                number, line, said = number + 1, [], []
            if part:
                said.append(part)
                if line and line[-1][1] == manner:
                    line[-1] = (line[-1][0] + len(part), manner)
                else:
                    line.append((len(part), manner))
    while number < len(rows):
        yield _checked(line, "".join(said), rows[number])
        number, line, said = number + 1, [], []


def _checked(line: list[Piece], said: str, row: str) -> list[Piece]:
    """Return a line's colours if they are of its text; lexers may drop characters, and then the text counts."""
    return line if said == row else [(len(row), "")]


def _manner(kind: str) -> str:
    match kind.removeprefix("Token.").split("."):
        case ["Comment", *_]:
            return "comment"
        case ["Keyword", *_] | ["Operator", "Word"] | ["Name", "Tag"]:
            return "keyword"
        case ["Literal", "String", *_]:
            return "string"
        case ["Literal", "Number", *_]:
            return "number"
        case ["Name", "Function" | "Class", *_]:
            return "name"
        case _:
            return ""


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer:
    # Imported when the first code is coloured: it takes longer than drawing a page.
    from pygments.lexers import get_lexer_by_name

    lexer: Lexer = get_lexer_by_name(name, stripnl=False)
    return lexer
