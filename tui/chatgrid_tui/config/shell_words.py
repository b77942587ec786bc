"""Split a command line into words like the shells that people copy from: sh, cmd and PowerShell.

Nothing is run or expanded: a variable stays the word that names it.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

LONGEST: Final = 64 * 1024
"""How many characters of a command are read."""

_CONTINUED: Final = re.compile(r"[ \t]*[\\^`][ \t]*(?:\r\n|\r|\n)[ \t]*")
_CARET: Final = re.compile(r"\^(.)", re.DOTALL)
_ANSI_C: Final = re.compile(r"(?<![^\s=:])\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_VARIABLE: Final = re.compile(
    r"\$(?:env:)?([A-Za-z_]\w*)|\$\{(?:env:)?([A-Za-z_]\w*)\}|%([A-Za-z_]\w*)%|\{\{\s*([A-Za-z_]\w*)\s*\}\}", re.ASCII
)
_PERCENT_ENCODED: Final = re.compile("%[0-9A-Fa-f]{2}%")
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_ESCAPED: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "0": "\0",
}


def words_of(command: str) -> list[str]:
    """Return the words of a command line. An unclosed quotation mark closes at the end of the line."""
    command = command[:LONGEST].strip()
    as_in_cmd = '^"' in command or re.search(r"\^[ \t]*(\r\n|\r|\n)", command) is not None
    command = _CONTINUED.sub(" ", command)
    if as_in_cmd:
        command = _CARET.sub(r"\1", command)
    command = _ANSI_C.sub(lambda match: shlex.quote(_unescaped(match[1])), command)
    for mended in (command, command + "'", command + '"', command.rstrip("\\")):
        try:
            return shlex.split(mended)
        except ValueError:
            continue
    return re.sub(r"[\"'\\]", " ", command).split()


def variable_in(word: str) -> str:
    """Return the name of the environment variable that a word is, in any of the shells, or an empty string."""
    match = _VARIABLE.fullmatch(word.strip())
    return next(filter(None, match.groups()), "") if match else ""


def variables_in(text: str) -> list[str]:
    """Return the variables in a text, as written there."""
    return [match[0] for match in _VARIABLE.finditer(text) if not _PERCENT_ENCODED.match(match[0])]


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        escape = match[1]
        if escape[0] in "ux" and len(escape) > 1:
            return chr(int(escape[1:], 16))
        return _ESCAPED.get(escape, escape)

    return _ESCAPE.sub(one, text)
