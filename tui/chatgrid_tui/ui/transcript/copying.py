"""What a key copies: the text of a bubble, and one block of code of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.message import Message

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import UNICODE_SIGNS
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.navigator import BubblePlace, Navigator
from chatgrid_tui.ui.transcript.pane_messages import ErrorCopied, NothingDone, SourceCopied
from chatgrid_tui.ui.transcript.press_targets import (
    AttachmentTarget,
    ButtonTarget,
    CodeTarget,
    LinkTarget,
    SuggestionTarget,
)
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.rows import Outline
from chatgrid_tui.ui.transcript.suggestions import attachment


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A block of code as it is drawn: its place among those of its bubble, and where it is in the turn."""

    target: CodeTarget
    bubble: BubblePlace
    number: int
    """Counted from 1."""
    count: int
    start: int
    stop: int
    """The row where the next block begins, or the last one of the bubble."""

    @property
    def copied(self) -> SourceCopied:
        """The text to be copied, and what it is called."""
        text = self.target.text
        language = formats.line(self.target.language.partition(" ")[0], 20, UNICODE_SIGNS)
        about = ", ".join(filter(None, (language, formats.counted(text.count("\n") + 1, "line"))))
        which = f"code block {self.number} of {self.count}" if self.count > 1 else "the code block"
        return SourceCopied(text, f"{which} ({about})")

    def begins_in(self, window: Sequence[Placed]) -> bool:
        """Return whether its first row is in view."""
        return any((placed.turn, placed.offset) == (self.bubble[0], self.start) for placed in window)

    def reaches_into(self, window: Sequence[Placed]) -> bool:
        """Return whether any of its rows is in view."""
        rows = (placed.offset for placed in window if placed.turn == self.bubble[0] and placed.row.code)
        return any(self.start <= row <= self.stop for row in rows)


def bubble_copied(turn: Turn, bubble: int) -> SourceCopied | None:
    """Return the text of a bubble, or the addresses of a reply's files if it is nothing but files."""
    if bubble < 0:
        return _sized(turn.shown, "your message")
    reply = turn.reply
    spoken = [part for part in reply.bubbles if part.size] if reply is not None else []
    if bubble < len(spoken):
        return _sized(
            spoken[bubble].text, f"bubble {bubble + 1} of {len(spoken)}" if len(spoken) > 1 else "the reply"
        )
    if reply is None or reply.failure is not None or not reply.attachments:
        return None
    files = [attachment(item) for item in reply.attachments]
    addresses = [file.address.url for file in files if file.address is not None]
    if not addresses:
        return None
    one = f"the address of {files[0].name}" if len(files) == 1 else formats.counted(len(addresses), "address", "es")
    return SourceCopied("\n".join(addresses), one)


def _sized(text: str, what: str) -> SourceCopied | None:
    cleaned = clean(text)
    return SourceCopied(cleaned, f"{what} ({formats.counted(len(cleaned), 'character')})") if cleaned else None


class Copying:
    """Knows what a key copies where the keyboard is."""

    def __init__(
        self, navigator: Navigator, rows_of: Callable[[int], Sequence[Outline]], turn_at: Callable[[int], Turn]
    ) -> None:
        self._navigator = navigator
        self._rows_of = rows_of
        self._turn_at = turn_at
        self._last: tuple[CodeBlock, Sequence[object]] | None = None
        """The block that was copied last, and where one was then."""

    def at_focus(self) -> Message | None:
        """Return the message that copies the link or button with the focus, else the bubble with the cursor; None if
        there is neither.
        """
        target, cursor = self._navigator.target, self._navigator.cursor
        match target:
            case LinkTarget(url):
                return SourceCopied(url, f"the address {url}")
            case AttachmentTarget(_, _, url, name):
                return SourceCopied(url, f"the address of {name}")
            case CodeTarget() if (block := self.code_at(target)) is not None:
                return block.copied
            case ButtonTarget(turn) | SuggestionTarget(turn) if cursor is None:
                return self.bubble(turn, self._navigator.bubbles(turn)[-1])
            case _:
                return None if cursor is None else self.bubble(*cursor)

    def bubble(self, turn: int, bubble: int) -> Message:
        """Return the message that copies a bubble, or says why nothing can be copied."""
        held = self._turn_at(turn)
        if (copied := bubble_copied(held, bubble)) is not None:
            return copied
        if held.reply is None or held.reply.live or bubble < 0:
            return NothingDone("There is no text to copy yet.")
        return ErrorCopied(held)

    def code(self, window: Sequence[Placed]) -> CodeBlock | None:
        """Return the block with the focus; else, where one has not moved since the last block was copied, the next
        one of that bubble; else the first in view, in the bubble with the cursor if it has one there.
        """
        target, cursor = self._navigator.target, self._navigator.cursor
        if isinstance(target, CodeTarget):
            return self.code_at(target)
        if self._last is not None and self._last[1] == self._place(window):
            last = self._last[0]
            if blocks := self._blocks(last.bubble):
                return blocks[last.number % len(blocks)]
        bubbles = dict.fromkeys((placed.turn, placed.row.bubble) for placed in window if placed.row.bubble >= 0)
        if cursor is not None and (chosen := self._blocks(cursor)):
            return _first_in_view(chosen, window) or _nearest(chosen, window)
        found = (_first_in_view(self._blocks(bubble), window) for bubble in bubbles)
        return next((block for block in found if block is not None), None)

    def code_at(self, target: CodeTarget) -> CodeBlock | None:
        """Return the block of a target; None if it is no longer drawn."""
        blocks = self._blocks((target.place[0], target.place[1]))
        return next((block for block in blocks if block.target == target), None)

    def was_copied(self, block: CodeBlock, window: Sequence[Placed]) -> None:
        """Remember which block was copied, and that one is there now."""
        self._last = block, self._place(window)

    def _place(self, window: Sequence[Placed]) -> Sequence[object]:
        first = window[0] if window else None
        return self._navigator.cursor, None if first is None else (first.turn, first.offset)

    def _blocks(self, bubble: BubblePlace) -> list[CodeBlock]:
        """Return the blocks of code of a bubble, from above."""
        spans = _spans(self._rows_of(bubble[0]), bubble[1])
        return [
            CodeBlock(target, bubble, number, len(spans), start, stop)
            for number, (target, start, stop) in enumerate(spans, start=1)
        ]


def _spans(rows: Sequence[Outline], bubble: int) -> list[tuple[CodeTarget, int, int]]:
    """Return each block of code of a bubble with its first row, and the row where the next one begins."""
    own = [number for number, row in enumerate(rows) if row.bubble == bubble]
    heads = [
        (spot.target, number) for number in own for spot in rows[number].spots if isinstance(spot.target, CodeTarget)
    ]
    stops = [number for _, number in heads[1:]] + own[-1:]
    return [(target, number, stop) for (target, number), stop in zip(heads, stops, strict=False)]


def _first_in_view(blocks: Sequence[CodeBlock], window: Sequence[Placed]) -> CodeBlock | None:
    """Return the first block that begins in view, else the first of which a part is in view."""
    begins = (block for block in blocks if block.begins_in(window))
    return next(begins, None) or next((block for block in blocks if block.reaches_into(window)), None)


def _nearest(blocks: Sequence[CodeBlock], window: Sequence[Placed]) -> CodeBlock:
    """Return the block nearest to what is in view."""
    rows = [placed.offset for placed in window if placed.turn == blocks[0].bubble[0]]
    if not rows:
        return blocks[0]
    return min(blocks, key=lambda block: min(abs(block.start - rows[-1]), abs(block.start - rows[0])))
