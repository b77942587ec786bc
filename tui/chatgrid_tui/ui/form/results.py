"""Results of a test, or details of a provider: a heading and lines below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import AwaitMount
from textual.widgets import Label, Rule

from chatgrid_tui.session.providers.connection_test import CheckResult, ConnectionReport
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import ASCII_SIGNS, look_of
from chatgrid_tui.ui.widgets.tone import Tone, with_sign

_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One result: its subject, the outcome in a word, and sentences about it."""

    subject: str
    outcome: str
    text: str
    tone: Tone = "plain"


def result_lines(report: ConnectionReport) -> tuple[ResultLine, ...]:
    """Return the lines that show the results of a test of a provider."""
    return tuple(_line(result) for result in report.results)


def _line(result: CheckResult) -> ResultLine:
    subject = {"address": "Reachable", "key": "Key", "listing": "Listing"}[result.subject]
    match result.outcome:
        case "good":
            return ResultLine(subject, "ok", result.text)
        case "bad":
            return ResultLine(subject, "failed", result.text, "failed")
        case "unknown":
            return ResultLine(subject, "not known", result.text, "quiet")


class _ResultRow(Horizontal):
    """Shows a line. On a narrow screen the text is below subject and outcome."""

    def __init__(self, line: ResultLine) -> None:
        super().__init__()
        self._line = line
        self._labels = [Label("", classes=name, markup=False) for name in ("subject", "outcome", "text")]

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        self.show(self._line)
        yield from self._labels

    def show(self, line: ResultLine) -> None:
        """Show another line."""
        self.remove_class(f"-{self._line.tone}").add_class(f"-{line.tone}")
        self._line = line
        texts = (line.subject, with_sign(line.tone, line.outcome, look_of(self).signs), line.text)
        for label, text in zip(self._labels, texts, strict=True):
            cleaned = clean_line(text, _MOST_CHARACTERS).strip()
            if label.content != cleaned:
                label.update(cleaned)


class Results(Vertical):
    """Shows lines under a heading. It takes no room without one."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        """The heading; empty if nothing is shown."""
        self._heading = Label("", markup=False)
        self._rows: list[_ResultRow] = []
        self._mounting: AwaitMount | None = None
        self.display = False

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        with Horizontal(classes="heading"):
            yield self._heading
            yield Rule(line_style="ascii" if look_of(self).signs is ASCII_SIGNS else "solid")

    def show(self, title: str, lines: Sequence[ResultLine] = ()) -> None:
        """Show other lines; an empty title removes them."""
        if title != self.title:
            self.title = title
            self._heading.update(title)
            self.display = bool(title)
        for row, line in zip(self._rows, lines, strict=False):
            row.show(line)
        for row in self._rows[len(lines) :]:
            row.remove()
        added = [_ResultRow(line) for line in lines[len(self._rows) :]]
        self._rows = [*self._rows[: len(lines)], *added]
        if added:
            self._mounting = self.mount(*added)

    async def reveal(self) -> None:
        """Scroll the lines into view, as soon as they are there."""
        if self._mounting is not None:
            await self._mounting
        self.call_after_refresh(self.scroll_visible, animate=False)
