"""Turn presses and copy keys into messages: most of them copy a bubble, a link or a code block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias, assert_never

from textual.message import Message

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import UNICODE_SIGNS
from chatgrid_tui.ui.transcript.cursor import BubblePlace, Cursor
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.reply_parts import attachment
from chatgrid_tui.ui.transcript.targets import (
    AttachmentTarget,
    ButtonTarget,
    ChoiceTarget,
    CodeTarget,
    FoldedTarget,
    LinkTarget,
    MoreItemsTarget,
    MoreTarget,
    SuggestionTarget,
    Target,
    TaskTarget,
)
from chatgrid_tui.ui.transcript.transcript_messages import (
    AttachmentOpened,
    ButtonPressed,
    ChoicePressed,
    ErrorCopied,
    LinkOpened,
    NothingDone,
    PressWordChanged,
    SourceCopied,
    SuggestionPressed,
    TaskRequested,
)
from chatgrid_tui.ui.transcript.viewport import Viewport

PressWord: TypeAlias = Literal["Open", "Send", "Send as new", "Copy", "Show", "Show more", "Press"]
"""What Enter does at the cursor. Without a target, it opens the menu of the bubble."""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code block as drawn: its number among those of its bubble, and its position in the turn."""

    target: CodeTarget
    bubble: BubblePlace
    number: int
    """Counted from 1."""
    count: int
    start: int
    stop: int
    """The row where the next block starts, or the one after the bubble."""

    @property
    def copied(self) -> SourceCopied:
        """The message that copies it."""
        text = self.target.text
        language = formats.line(self.target.language.partition(" ")[0], 20, UNICODE_SIGNS)
        about = ", ".join(filter(None, (language, formats.counted(text.count("\n") + 1, "line"))))
        which = f"code block {self.number} of {self.count}" if self.count > 1 else "the code block"
        return SourceCopied(text, f"{which} ({about})")


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
    """Creates the messages of presses and copy keys, for the position of the cursor."""

    def __init__(self, cursor: Cursor, viewport: Viewport) -> None:
        self._cursor = cursor
        self._viewport = viewport
        self._last: tuple[CodeBlock, Sequence[object]] | None = None
        """The block that was copied last, and the position at that time."""
        self._reported: PressWord = "Open"

    def press(self, target: Target) -> Message | None:
        """Return the message for a pressed target, or None if its turn is gone."""
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
            case TaskTarget(turn, bubble, task):
                return self._task((turn, bubble), task) if turn < len(turns) else None
            case SuggestionTarget(turn, index):
                return SuggestionPressed(turns[turn], index) if turn < len(turns) else None
            case ButtonTarget(turn, button) | FoldedTarget(turn, button):
                return ButtonPressed(turns[turn], button) if turn < len(turns) else None
            case MoreTarget() | MoreItemsTarget():
                return None  # no message: the transcript itself shows more
            case _:
                assert_never(target)

    def _task(self, bubble: BubblePlace, task: Literal["copy", "quote", "menu"]) -> Message:
        """Return the message for what was clicked on a name line."""
        self._cursor.select(bubble)
        return self._bubble(*bubble) if task == "copy" else TaskRequested(task)

    @property
    def word(self) -> PressWord:
        """The word for what Enter does."""
        match target := self._cursor.pressed():
            case FoldedTarget(id="previous_variant" | "next_variant"):
                return "Show"
            case None | LinkTarget() | AttachmentTarget() | FoldedTarget() | ChoiceTarget():
                return "Open"
            case SuggestionTarget(turn) as suggestion if turn < len(self._viewport.document.turns):
                return "Send as new" if self._cursor.is_past(suggestion) else "Send"
            case CodeTarget():
                return "Copy"
            case MoreTarget() | MoreItemsTarget():
                return "Show more"
            case SuggestionTarget() | ButtonTarget() | TaskTarget():
                return "Press"
            case _:
                assert_never(target)

    def report(self, post: Callable[[Message], object]) -> None:
        """Post a message if the word is another one than before."""
        if self.word != self._reported:
            self._reported = self.word
            post(PressWordChanged())

    def copy(self) -> Message | None:
        """Return the message that copies the target, else the bubble with the cursor, or None if there is neither."""
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
        """Return the message that copies a bubble of a turn, or that says why nothing can be copied."""
        turn = self._viewport.document.turns[number]
        if (copied := bubble_copied(turn, bubble)) is not None:
            return copied
        if turn.reply is None or turn.reply.live or bubble < 0:
            return NothingDone("There is no text to copy yet.")
        return ErrorCopied(turn)

    def copy_code(self) -> Message:
        """Return the message that copies a code block, and scroll to it; or the one that says there is none."""
        block = self._code()
        if block is None:
            return NothingDone("There is no code block in view.")
        self._viewport.bring_near(block.bubble[0], block.start)
        self._last = block, self._place()
        return block.copied

    def _code(self) -> CodeBlock | None:
        """Return the block with the focus; else, if nothing moved since the last block was copied, the next one of
        its bubble; else the first one in view, of the bubble with the cursor if it has one there.
        """
        target, cursor = self._cursor.target, self._cursor.bubble
        if isinstance(target, CodeTarget):
            return self._code_at(target)
        if self._last is not None and self._last[1] == self._place():
            last = self._last[0]
            if blocks := self._blocks(last.bubble):
                return blocks[last.number % len(blocks)]
        if cursor is not None and (blocks := self._blocks(cursor)):
            return self._in_view(cursor) or self._nearest(blocks)
        bubbles = dict.fromkeys((placed.turn, placed.row.bubble) for placed in self._viewport.window)
        return next((block for bubble in bubbles if (block := self._in_view(bubble)) is not None), None)

    def _code_at(self, target: CodeTarget) -> CodeBlock | None:
        """Return the block of a target, or None if it is no longer drawn."""
        blocks = self._blocks((target.place[0], target.place[1]))
        return next((block for block in blocks if block.target == target), None)

    def _place(self) -> Sequence[object]:
        first = self._viewport.row(0)
        return self._cursor.bubble, None if first is None else (first.turn, first.offset)

    def _blocks(self, bubble: BubblePlace) -> list[CodeBlock]:
        """Return the code blocks of a bubble, from the top."""
        turn, number = bubble
        rows = [(at, row) for at, row in enumerate(self._viewport.outlines(turn)) if row.bubble == number]
        heads = [(at, spot.target) for at, row in rows for spot in row.spots if isinstance(spot.target, CodeTarget)]
        stops = [at for at, _ in heads[1:]] + [at + 1 for at, _ in rows[-1:]]
        return [
            CodeBlock(target, bubble, place, len(heads), start, stop)
            for place, ((start, target), stop) in enumerate(zip(heads, stops, strict=False), start=1)
        ]

    def _in_view(self, bubble: BubblePlace) -> CodeBlock | None:
        """Return the first block of a bubble that starts in view, else the first one that is partly in view."""
        rows = [placed for placed in self._viewport.window if placed.turn == bubble[0]]
        offsets, code = ({row.offset for row in rows}, {row.offset for row in rows if row.row.code})
        blocks = self._blocks(bubble)
        begun = (block for block in blocks if block.start in offsets)
        partly = (block for block in blocks if not code.isdisjoint(range(block.start, block.stop)))
        return next(chain(begun, partly), None)

    def _nearest(self, blocks: Sequence[CodeBlock]) -> CodeBlock:
        """Return the block nearest to what is in view."""
        offsets = [placed.offset for placed in self._viewport.window if placed.turn == blocks[0].bubble[0]]
        edges = (offsets[0], offsets[-1]) if offsets else (0,)
        return min(blocks, key=lambda block: min(abs(block.start - edge) for edge in edges))
