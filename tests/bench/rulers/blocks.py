"""The cheapest way to show growing Markdown: a scroll view of rows, with Rich's Markdown a block at a time.

    python blocks.py TOKENS RATE MARK

TOKENS is a JSON file with a list of texts; RATE is how many of them come a second, 0 for all at once; into the file
MARK goes the time (monotonic) at which the last one came. Enter starts it, and the field can be typed into meanwhile.

A finished block is drawn once and kept, the open one again in each frame, of which there are thirty a second. There
is no conversation, no bubble, no selection, no link and no history: it is a ruler, not an alternative.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from rich.markdown import Markdown
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Input

_FRAME = 1 / 30
_AT_ONCE = 8


class Blocks(ScrollView, can_focus=False):
    """Shows the text so far and stays at its end."""

    DEFAULT_CSS = """
    Blocks {
        height: 1fr;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Strip] = []
        self._kept = 0
        self._open = ""
        self._arrived: list[str] = []
        self._timer: Timer | None = None

    def write(self, token: str) -> None:
        """Take what came; it is shown with the next frame."""
        self._arrived.append(token)
        if self._timer is None:
            self._timer = self.set_timer(_FRAME, self._draw)

    def render_line(self, y: int) -> Strip:
        """Return a row of the screen; called by Textual."""
        at = self.scroll_offset.y + y
        row = self._rows[at] if at < len(self._rows) else Strip([Segment("", self.rich_style)], 0)
        return row.crop_extend(0, self.size.width, self.rich_style)

    def _draw(self) -> None:
        self._timer = None
        following = self.scroll_offset.y >= self.max_scroll_y - 2
        self._open += "".join(self._arrived)
        self._arrived.clear()
        first_new = self._kept
        del self._rows[first_new:]
        for block in self._finished_blocks():
            self._rows += self._rows_of(block)
        self._kept = len(self._rows)
        if self._open.strip():
            self._rows += self._rows_of(self._open)
        if len(self._rows) != self.virtual_size.height:
            self.virtual_size = Size(self.size.width - 2, len(self._rows))
        if following:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
        above = max(0, first_new - self.scroll_offset.y)
        if above < self.size.height:
            self.refresh(Region(0, above, self.size.width, self.size.height - above))

    def _finished_blocks(self) -> list[str]:
        """Take off what ends at a blank line outside a fence."""
        blocks: list[str] = []
        lines = self._open.splitlines(keepends=True)
        fenced, begun = False, 0
        for number, line in enumerate(lines):
            if line.startswith("```"):
                fenced = not fenced
            if line == "\n" and not fenced:
                blocks.append("".join(lines[begun:number]))
                begun = number + 1
        self._open = "".join(lines[begun:])
        return [block for block in blocks if block.strip()]

    def _rows_of(self, block: str) -> list[Strip]:
        console = self.app.console
        options = console.options.update(width=max(10, self.size.width - 2), height=None)
        rows = console.render_lines(Markdown(block, code_theme="monokai"), options, pad=False)
        return [*(Strip(row) for row in rows), Strip.blank(0)]


class Ruler(App[None]):
    """The text, and a field below it."""

    def __init__(self, tokens: list[str], rate: float, mark: Path) -> None:
        super().__init__()
        self._tokens = tokens
        self._rate = rate
        self._mark = mark
        self._blocks = Blocks()

    def compose(self) -> ComposeResult:
        """Put both parts on the screen."""
        yield self._blocks
        field = Input(placeholder="Enter starts it")
        field.cursor_blink = False
        yield field

    def on_mount(self) -> None:
        """Focus the input."""
        self.query_one(Input).focus()

    def on_input_submitted(self) -> None:
        """Start the text."""
        self.run_worker(self._stream())

    async def _stream(self) -> None:
        began = time.monotonic()
        for number, token in enumerate(self._tokens):
            if self._rate:
                await asyncio.sleep(max(0.0, began + number / self._rate - time.monotonic()))
            elif number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            self._blocks.write(token)
        self._mark.write_text(repr(time.monotonic()))


def main() -> None:
    """Run the ruler as the command line says."""
    tokens, rate, mark = sys.argv[1:]
    Ruler(json.loads(Path(tokens).read_text()), float(rate), Path(mark)).run()


if __name__ == "__main__":
    main()
