"""The messages that presses and copy keys post: most of them copy a bubble, a link or a block of code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from textual.message import Message

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import UNICODE_SIGNS
from chatgrid_tui.ui.transcript.cursor import BubblePlace, Cursor
from chatgrid_tui.ui.transcript.layout.document import Placed
from chatgrid_tui.ui.transcript.messages import (
    AttachmentOpened,
    ButtonPressed,
    ChoicePressed,
    ErrorCopied,
    LinkOpened,
    NothingDone,
    SourceCopied,
    SuggestionPressed,
)
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.rows import Outline
from chatgrid_tui.ui.transcript.reply_parts import attachment
from chatgrid_tui.ui.transcript.targets import (
    AttachmentTarget,
    ButtonTarget,
    ChoiceTarget,
    CodeTarget,
    CopyTarget,
    FoldedTarget,
    LinkTarget,
    MoreItemsTarget,
    MoreTarget,
    SuggestionTarget,
    Target,
)
from chatgrid_tui.ui.transcript.viewport import Viewport


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
        """The message that copies it."""
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
    """Return the message that copies a bubble, or the addresses of files if the reply has nothing else."""
    if bubble < 0:
        return _sized(turn.shown, "your message")
    reply = turn.reply
    texts = [part.text for part in reply.bubbles if part.size] if reply is not None else []
    if bubble < len(texts):
        return _sized(texts[bubble], f"bubble {bubble + 1} of {len(texts)}" if len(texts) > 1 else "the reply")
    if reply is None or reply.failure is not None or not reply.attachments:
        return None
    files = [attachment(item) for item in reply.attachments]
    addresses = [file.address.url for file in files if file.address is not None]
    if not addresses:
        return None
    name = f"the address of {files[0].name}" if len(files) == 1 else formats.counted(len(addresses), "address", "es")
    return SourceCopied("\n".join(addresses), name)


def _sized(text: str, what: str) -> SourceCopied | None:
    cleaned = clean(text)
    return SourceCopied(cleaned, f"{what} ({formats.counted(len(cleaned), 'character')})") if cleaned else None


class Presses:
    """Makes the messages that presses and copy keys post, by the place of the cursor."""

    def __init__(self, cursor: Cursor, viewport: Viewport) -> None:
        self._cursor = cursor
        self._viewport = viewport
        self._last: tuple[CodeBlock, Sequence[object]] | None = None
        """The block that was copied last, and the place at that time."""

    def press(self, target: Target) -> Message | None:
        """Return the message for a pressed target; None if its turn is gone."""
        turns = self._viewport.document.turns
        match target:
            case LinkTarget(url, _, named):
                return LinkOpened(url, named)
            case AttachmentTarget(_, _, url, name):
                return AttachmentOpened(url, name)
            case ChoiceTarget(index):
                return ChoicePressed(index)
            case CodeTarget():
                return None if (block := self._code_at(target)) is None else block.copied
            case CopyTarget(turn, bubble):
                return self._bubble(turn, bubble) if turn < len(turns) else None
            case SuggestionTarget(turn, index):
                return SuggestionPressed(turns[turn], index) if turn < len(turns) else None
            case ButtonTarget(turn, button) | FoldedTarget(turn, button):
                return ButtonPressed(turns[turn], button) if turn < len(turns) else None
            case MoreTarget() | MoreItemsTarget():
                return None  # nothing is posted: the transcript shows more by itself
            case _:
                assert_never(target)

    def copy(self) -> Message | None:
        """Return the message that copies the target, else the bubble with the cursor; None if there is neither."""
        target, bubble = self._cursor.target, self._cursor.bubble
        match target:
            case LinkTarget(url):
                return SourceCopied(url, f"the address {url}")
            case AttachmentTarget(_, _, url, name):
                return SourceCopied(url, f"the address of {name}")
            case CodeTarget() if (block := self._code_at(target)) is not None:
                return block.copied
            case ButtonTarget(turn) | SuggestionTarget(turn) if bubble is None:
                return self._bubble(turn, self._cursor.bubbles(turn)[-1])
            case _:
                return None if bubble is None else self._bubble(*bubble)

    def _bubble(self, number: int, bubble: int) -> Message:
        """Return the message that copies a bubble of a turn, or says why nothing can be copied."""
        turn = self._viewport.document.turns[number]
        if (copied := bubble_copied(turn, bubble)) is not None:
            return copied
        if turn.reply is None or turn.reply.live or bubble < 0:
            return NothingDone("There is no text to copy yet.")
        return ErrorCopied(turn)

    def copy_code(self) -> Message:
        """Return the message that copies a block of code, and scroll to it; or the one that says there is none."""
        block = self._code()
        if block is None:
            return NothingDone("There is no code block in view.")
        if not block.begins_in(self._viewport.window):
            self._viewport.bring_near(block.bubble[0], block.start)
        self._last = block, self._place()
        return block.copied

    def _code(self) -> CodeBlock | None:
        """Return the block with the focus; else, if nothing moved since the last block was copied, the next one of
        its bubble; else the first one in view, of the bubble with the cursor if it has one there.
        """
        target, cursor, window = self._cursor.target, self._cursor.bubble, self._viewport.window
        if isinstance(target, CodeTarget):
            return self._code_at(target)
        if self._last is not None and self._last[1] == self._place():
            last = self._last[0]
            if blocks := self._blocks(last.bubble):
                return blocks[last.number % len(blocks)]
        bubbles = dict.fromkeys((placed.turn, placed.row.bubble) for placed in window if placed.row.bubble >= 0)
        if cursor is not None and (blocks := self._blocks(cursor)):
            return _first_in_view(blocks, window) or _nearest(blocks, window)
        in_view = (_first_in_view(self._blocks(bubble), window) for bubble in bubbles)
        return next((block for block in in_view if block is not None), None)

    def _code_at(self, target: CodeTarget) -> CodeBlock | None:
        """Return the block of a target; None if it is no longer drawn."""
        blocks = self._blocks((target.place[0], target.place[1]))
        return next((block for block in blocks if block.target == target), None)

    def _place(self) -> Sequence[object]:
        first = self._viewport.row(0)
        return self._cursor.bubble, None if first is None else (first.turn, first.offset)

    def _blocks(self, bubble: BubblePlace) -> list[CodeBlock]:
        """Return the blocks of code of a bubble, from the top."""
        spans = _spans(self._viewport.outlines(bubble[0]), bubble[1])
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
