"""Draw code blocks on their own surface, with the language at the right end of the first line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.style import Style

from chatgrid_tui.ui.appearance import UNICODE_SIGNS, Part
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.styles import Ink
from chatgrid_tui.ui.transcript.render.wrap import STRETCH, Line, Run, cells, fold
from chatgrid_tui.ui.transcript.targets import CodeTarget

if TYPE_CHECKING:
    from pygments.lexer import Lexer

COLOURED = 20_000
"""The length in characters from which code is drawn without colours."""
AT_ONCE = 1_500
"""How many characters of code are coloured together with other text. Longer code is coloured in steps."""
_LONGEST_LINE = 2_000
COPY_CODE = "Ctrl+Y Copy"
_LANGUAGE = 20
"""The longest language name that is shown."""

Piece: TypeAlias = tuple[int, str]
"""Characters of code with the same colour, and that colour as a key of `_MANNERS`."""
_MANNERS: dict[str, tuple[Part, bool, bool]] = {
    "": ("text", False, False),
    "comment": ("code_comment", False, True),
    "keyword": ("code_keyword", False, False),
    "string": ("code_string", False, False),
    "number": ("code_number", False, False),
    "name": ("text", True, False),
}
"""The colour of code by its kind, and whether it is bold or italic."""

_NAMES = """
bash c c++ clojure console cpp cs csharp css dart diff docker dockerfile elixir elm erlang fish go golang
graphql haskell html http ini java javascript js json jsonc jsx julia kotlin kt less lua make makefile
nginx nix objective-c ocaml perl php powershell proto protobuf ps1 py python python3 r rb rs ruby rust
sass scala scss sh shell sql swift terraform toml ts tsx typescript vue xml yaml yml zig zsh
"""
_LANGUAGES = frozenset(_NAMES.split())
"""The languages that are coloured. A name that a bot makes up must not load arbitrary modules."""


def draw_code(code: str, language: str, ink: Ink, width: int, *, coloured: bool = True, at: int = 0) -> list[Line]:
    """Return the lines of a code block with its edges. `at` is the size of what is before it."""
    code = code.removesuffix("\n")
    rows = code.split("\n")
    colours = None
    if coloured and len(code) <= AT_ONCE and (colouring := colouring_of(rows, language)) is not None:
        colours = list(colouring)
    head = CodeTarget(lambda: code, ink.next_place(), language)
    lines = code_lines(rows, colours, ink, width, language=language, at=at + 1, head=head)
    return [edge(ink, "top", at=at), *lines, edge(ink, "bottom", at=at + 2 + len(code))]


def edge(ink: Ink, shape: Literal["top", "bottom"], *, at: int) -> Line:
    """Return the half row above or below code."""
    if ink.flat or ink.signs != UNICODE_SIGNS:
        return Line([Run(STRETCH + ink.signs.hairline, ink("line"))], at=at)
    style = ink(ink.surface, on="code") if shape == "top" else ink("code")
    return Line([Run(STRETCH + ink.signs.half, style)], at=at)


def code_lines(
    rows: Sequence[str],
    colours: Sequence[Sequence[Piece]] | None,
    ink: Ink,
    width: int,
    *,
    language: str,
    at: int = 0,
    head: CodeTarget | None = None,
) -> list[Line]:
    """Return lines of code on their surface, with the `colours` of each if known. With `head`, which copies the code,
    the first one names the language.
    """
    is_diff = language.split()[:1] == ["diff"]
    lines: list[Line] = []
    for number, row in enumerate(rows):
        text = row.expandtabs(4)
        fill = ink(on="code")
        if is_diff:
            pieces, fill = _diff_line(text, ink)
        elif colours is None or ink.flat:
            pieces = [(text, fill)]
        else:
            pieces = []
            start = 0
            for size, manner in colours[number]:
                pieces.append((text[start : start + size], _style(manner, ink)))
                start += size
        lines.extend(_row(pieces, ink, width, at, fill))
        at += len(row) + 1
    return _with_language(lines, head, ink, width) if head is not None and lines else lines


def _diff_line(text: str, ink: Ink) -> tuple[list[tuple[str, Style]], Style]:
    """Return the pieces of a line of a diff, and its fill."""
    on: Part = "code"
    match text[:1]:
        case "+":
            sign, on = ink("code_string", on="diff_add", bold=True), "diff_add"
        case "-":
            sign, on = ink("error", on="diff_del", bold=True), "diff_del"
        case _:
            return [(text, ink("muted" if text.startswith("@@") else "text", on=on))], ink(on=on)
    return [(text[:1], sign), (text[1:], ink(on=on))], ink(on=on)


def _style(manner: str, ink: Ink) -> Style:
    part, bold, italic = _MANNERS[manner]
    return ink(part, on="code", bold=bold, italic=italic)


def _with_language(lines: list[Line], head: CodeTarget, ink: Ink, width: int) -> list[Line]:
    """Show the language at the right end of the first line, or above it if there is no room."""
    fill, room = ink(on="code"), width - 2
    named = formats.line(head.language, min(room, _LANGUAGE), ink.signs) or "text"
    # As wide as what is shown in its place under the mouse or with the focus.
    label = f"{named:>{min(room, cells(COPY_CODE))}}"
    right = [Run(STRETCH + " ", fill), Run(label, ink("muted", on="code"), head)]
    if lines[0].fill == fill and lines[0].joint is None and lines[0].width + 1 + cells(label) < width:
        return [lines[0]._replace(runs=[*lines[0].runs, right[0], Run("  ", fill), right[1]]), *lines[1:]]
    return [Line([Run(" ", fill, aside=True), *right], fill=fill, at=lines[0].at - 1), *lines]


def _row(pieces: Sequence[tuple[str, Style]], ink: Ink, width: int, at: int, fill: Style) -> list[Line]:
    """Return the display lines of one line of code. If it wraps, a sign shows that it continues."""
    text = "".join(text for text, _ in pieces)
    rows = [*_wrapped(text, width)]
    lines: list[Line] = []
    rest = list(pieces)
    for number, row in enumerate(rows):
        runs = [Run(" ", fill, aside=True)]
        if number:
            runs.append(Run(f"{ink.signs.goes_on} ", ink("muted") + Style(bgcolor=fill.bgcolor), aside=True))
        wanted = len(row)
        while wanted and rest:
            text, style = rest.pop(0)
            runs.append(Run(text[:wanted], style))
            if len(text) > wanted:
                rest.insert(0, (text[wanted:], style))
            wanted -= min(wanted, len(text))
        lines.append(Line(runs, "" if number < len(rows) - 1 else None, fill, at))
        at += len(row)
    return lines


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the rows of one line of code: wrapped after a blank if there is one near the end of the row."""
    start, room = 0, max(2, width - 2)
    while True:
        row = fold(text[start : start + 4 * room], room)[0]
        if start + len(row) >= len(text):
            yield row
            return
        blank = row.rfind(" ") + 1
        if text[start + len(row)] != " " and blank > len(row) * 2 // 3:
            row = row[:blank]
        yield row
        start += len(row)
        room = max(2, width - 4)


def colouring_of(rows: Sequence[str], language: str) -> Iterator[list[Piece]] | None:
    """Return an iterator that colours code line by line, or None if the language is unknown or the code too long.

    The first line takes as long as loading the language.
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
    """Return the colours of a line, or none if the lexer dropped characters of it."""
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
    # Imported with the first code: it takes longer than drawing a page.
    from pygments.lexers import get_lexer_by_name

    lexer: Lexer = get_lexer_by_name(name, stripnl=False)
    return lexer
