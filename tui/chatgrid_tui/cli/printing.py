"""The text of a reply on standard output, as it streams."""

from __future__ import annotations

import sys
from typing import TextIO

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Resend
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.failures import Explanation, KeyStatus, explain, explain_end, unreadable
from chatgrid_tui.text import Cleaner, clean, clean_line


class TextPrinter:
    """Prints the bubbles of a reply, cleaned, separated by blank lines.

    A bubble is printed while it grows. If several bubbles grow at the same time (alternative replies), the first is
    printed live, and the others follow at the end.
    """

    def __init__(self, reply: Reply, *, side_by_side: bool, out: TextIO | None = None) -> None:
        self._reply = reply
        self._side_by_side = side_by_side
        self._out = out or sys.stdout
        self._printed: dict[int, Bubble] = {}
        """What was printed of each bubble; the last printed one comes last."""
        self._cleaner = Cleaner()
        """Cleans the last printed bubble."""

    def grow(self) -> None:
        """Print new text."""
        numbers = sorted(self._reply.numbered)
        for number in numbers[:1] if self._side_by_side else numbers:
            self._print(number)

    def finish(self) -> None:
        """Print the rest, and end the last line."""
        for number in sorted(self._reply.numbered):
            self._print(number)
        self._out.write(self._cleaner.rest + self._gap()[:-1])
        self._out.flush()

    def _gap(self) -> str:
        """Return what makes a blank line after the last printed text."""
        last = next(reversed(self._printed.values()), None)
        if last is None:
            return ""
        return "\n" if clean(last.since(last.size - 1)) == "\n" else "\n\n"

    def _print(self, number: int) -> None:
        """Print the new text of a bubble. Its last characters wait if the next ones may combine with them."""
        bubble = self._reply.numbered[number]
        printed = self._printed.get(number)
        if printed is not None and printed.edition != bubble.edition:  # the service replaced the text
            if bubble.text.strip() == printed.text.strip():
                return
            printed = None
        new = bubble.since(0 if printed is None else printed.size)
        if not new:
            return
        if printed is None or next(reversed(self._printed)) != number:
            self._out.write(self._cleaner.rest)
            self._cleaner = Cleaner()
        if printed is None:
            self._out.write(self._gap())
            printed = Bubble()
            printed.edition = bubble.edition
        printed.append(new)
        self._printed.pop(number, None)
        self._printed[number] = printed
        self._out.write(self._cleaner.feed(new))
        self._out.flush()


def print_rest(reply: Reply, key: KeyStatus, resend: Resend, dialect: Dialect) -> None:
    """Print on standard error what is not text: reasoning, tool calls, files, suggestions, and the outcome."""
    if thought := sum(map(len, reply.thoughts)):
        _print_line(f"Reasoning: {thought:,} characters; --json prints them.")
    for call in reply.tool_calls.values():
        _print_line(f"Tool call: {clean_line(call.name, 200) or 'unnamed'}({clean_line(call.arguments, 500)})")
    for item in reply.attachments:
        _print_line(f"Attachment: {_line(item.get('name') or item.get('type'))} {_line(item.get('url'))}".rstrip())
    for item in reply.suggestions:
        _print_line(f"Suggestion: {_line(item.get('label'))} ({_line(item.get('payload') or item.get('label'))})")
    if reply.warnings:
        _print_line(unreadable(reply.warnings))
    if key.warning:
        _print_line(key.warning)
    explanation = ending(reply, key, resend, dialect)
    if explanation is not None:
        _print_line(" ".join(filter(None, (explanation.headline, explanation.text, explanation.again))))


def ending(reply: Reply, key: KeyStatus, resend: Resend, dialect: Dialect) -> Explanation | None:
    """Return an explanation of how a reply ended, or None if there is nothing to say."""
    if reply.failure is not None:
        return explain(reply.failure, key, resend, reply.characters)
    return explain_end(reply, dialect.empty_reply)


def _line(value: Json) -> str:
    return clean_line(value, 500) if isinstance(value, str) else ""


def _print_line(line: str) -> None:
    sys.stderr.write(line + "\n")
