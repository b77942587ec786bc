"""Blocks of code: a row with the language and `Y Copy`, then the code on its own surface."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.transcript.ink import Ink
from chatgrid_tui.ui.transcript.targets import CodeTarget, MoreTarget
from chatgrid_tui.ui.transcript.wrap import Line, Run, cells, fold

if TYPE_CHECKING:
    from pygments.lexer import Lexer

COLOURED = 20_000
"""Characters of code beyond which it is drawn without colours."""
SHOWN = 50_000
"""Characters of code that are shown at once."""
_LONGEST_LINE = 2_000

_NAMES = """
bash c c++ clojure console cpp cs csharp css dart diff docker dockerfile elixir elm erlang fish go golang
graphql haskell html http ini java javascript js json jsonc jsx julia kotlin kt less lua make makefile
nginx nix objective-c ocaml perl php powershell proto protobuf ps1 py python python3 r rb rs ruby rust
sass scala scss sh shell sql swift terraform toml ts tsx typescript vue xml yaml yml zig zsh
"""
_LANGUAGES = frozenset(_NAMES.split())
"""Languages that are coloured. A name a bot makes up must not load any module it likes."""


def draw_code(code: str, language: str, ink: Ink, width: int, *, shown: int = SHOWN) -> list[Line]:
    """Return the lines of a finished block of code; what goes beyond `shown` characters is counted only."""
    code = code.removesuffix("\n")
    lines = [head(language, ink, width, CodeTarget(code, ink.next_place()))]
    visible, hidden = _within(code, shown)
    rows = visible.expandtabs(4).split("\n")
    for pieces in _coloured(rows, language, ink):
        lines.extend(_row(pieces, ink, width))
    if hidden:
        words = f"{hidden:,} more line{'s' if hidden != 1 else ''} · Enter shows them"
        runs = [Run(" ", ink(on="code")), Run(words, ink("accent", on="code"), MoreTarget(ink.next_place()))]
        lines.append(Line(runs, None, ink(on="code")))
    return lines


def head(language: str, ink: Ink, width: int, target: CodeTarget | None) -> Line:
    """Return the first row: the language, and `Y Copy` at the right once there is all of it."""
    muted = ink("muted", on="code")
    named = clean_line(language, max(1, width - 9))
    runs = [Run(f" {named}", muted)]
    if target is not None:
        gap = max(1, width - 1 - cells(named) - 7)
        runs += [Run(" " * gap, muted), Run("Y Copy", muted, target)]
    return Line(runs, None, ink(on="code"))


def plain_row(text: str, ink: Ink, width: int) -> list[Line]:
    """Return the rows of one line of code without colours."""
    return _row([(text.expandtabs(4), ink(on="code"))], ink, width)


def _row(pieces: Sequence[tuple[str, Style]], ink: Ink, width: int) -> list[Line]:
    fill = ink(on="code")
    pad = Run(" ", fill)
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
        lines.append(Line(runs, "" if number < len(folded) - 1 else None, fill))
    return lines


def _within(code: str, shown: int) -> tuple[str, int]:
    """Return what is shown of the code, and how many lines are not."""
    if len(code) <= shown:
        return code, 0
    cut = code.rfind("\n", 0, shown)
    cut = shown if cut < 0 else cut
    return code[:cut], code.count("\n", cut + 1) + 1


def _coloured(rows: Sequence[str], language: str, ink: Ink) -> Iterable[list[tuple[str, Style]]]:
    plain = ink(on="code")
    words = language.split()
    name = words[0].lower() if words else ""
    size = sum(map(len, rows))
    if name not in _LANGUAGES or size > COLOURED or ink.flat or max(map(len, rows)) > _LONGEST_LINE:
        return ([(row, plain)] for row in rows)
    coloured: list[list[tuple[str, Style]]] = [[]]
    for kind, text in _lexer(name).get_tokens("\n".join(rows)):
        style = _style(str(kind), ink)
        first, *others = text.split("\n")
        if first:
            coloured[-1].append((first, style))
        for other in others:
            coloured.append([(other, style)] if other else [])
    # Lexers end what they are given with a newline, and some drop characters: then the code counts.
    if ["".join(text for text, _ in row) for row in coloured[: len(rows)]] != list(rows):
        return ([(row, plain)] for row in rows)
    return coloured[: len(rows)]


def _style(kind: str, ink: Ink) -> Style:
    match kind.removeprefix("Token.").split("."):
        case ["Comment", *_]:
            return ink("code_comment", on="code", italic=True)
        case ["Keyword", *_] | ["Operator", "Word"] | ["Name", "Tag"]:
            return ink("code_keyword", on="code")
        case ["Literal", "String", *_]:
            return ink("code_string", on="code")
        case ["Literal", "Number", *_]:
            return ink("code_number", on="code")
        case ["Name", "Function" | "Class", *_]:
            return ink("text", on="code", bold=True)
        case _:
            return ink("text", on="code")


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer:
    # Imported when the first code is coloured: it takes longer than drawing a page.
    from pygments.lexers import get_lexer_by_name

    lexer: Lexer = get_lexer_by_name(name, stripnl=False)
    return lexer
