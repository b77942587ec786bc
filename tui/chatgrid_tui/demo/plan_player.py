"""Play a plan: turn its steps into bytes, send them at the right moments, and return the reply."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic
from typing import Protocol

from chatgrid_tui.demo.state import join_halves
from chatgrid_tui.demo.steps import (
    Attach,
    Attachment,
    BadPayload,
    Bubbles,
    CallTool,
    Drop,
    Fail,
    NoEnd,
    Pace,
    Pause,
    Piece,
    Say,
    SplitBytes,
    Step,
    Suggest,
    Suggestion,
    Think,
    TokenLimit,
    pieces,
)
from chatgrid_tui.http_server.messages import Sink, cut

USUAL_PACE = 80.0
_LATE = 0.25
_TURN_OF_LOOP = 0.01


@dataclass(slots=True)
class Reply:
    """What a plan has said so far. Deltas grow one bubble; each whole bubble is separate."""

    bubbles: list[list[str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    tokens: int = 0
    reasoning: str = ""
    calls: list[CallTool] = field(default_factory=list)
    failed: str | None = None
    ended: bool = True
    cut_short: bool = False
    """The token limit was reached before the plan was over."""
    dropped: bool = False
    spoilt: bool = False

    @property
    def texts(self) -> list[str]:
        """Return the texts of the bubbles."""
        return [join_halves("".join(parts)) for parts in self.bubbles]

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "\n\n".join(self.texts)


class Encoder(Protocol):
    """Encodes the parts of a reply in one dialect. A part that the dialect has no form for gives no bytes."""

    def opening(self) -> bytes:
        """Encode what comes before anything else."""

    def delta(self, text: str) -> bytes:
        """Encode a piece of text."""

    def bubbles(self, texts: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> bytes:
        """Encode whole bubbles."""

    def attachments(self, items: tuple[Attachment, ...]) -> bytes:
        """Encode attachments."""

    def suggestions(self, items: tuple[Suggestion, ...]) -> bytes:
        """Encode suggestions."""

    def reasoning(self, text: str) -> bytes:
        """Encode a piece of reasoning."""

    def tool_call(self, name: str, fragments: list[str]) -> bytes:
        """Encode a tool call."""

    def spoilt(self) -> bytes:
        """Encode a payload that is not JSON."""

    def failure(self, message: str) -> bytes:
        """Encode an error within the stream, and whatever the dialect sends after it."""

    def closing(self, reply: Reply) -> bytes:
        """Encode the end with its mark."""

    def closing_without_mark(self, reply: Reply) -> bytes:
        """Encode the end without its mark."""


class Pacer:
    """Decides when the next token is due."""

    def __init__(self, override: float | None) -> None:
        self._override = override
        self._started = monotonic()
        self._given = 0
        self._yielded = self._started
        self.rate = USUAL_PACE if override is None else override

    def change(self, rate: float) -> None:
        """Set the pace in tokens per second, unless the server's own pace overrides it."""
        self.rate = rate if self._override is None else self._override
        self.restart()

    def restart(self) -> None:
        """Count from now on, so that no burst makes up for a silence."""
        self._started, self._given = monotonic(), 0

    async def token(self) -> None:
        """Wait until the next token is due. The first one is due at once."""
        now = monotonic()
        due = self._started + self._given / self.rate if self.rate > 0 else now
        self._given += 1
        if due > now:
            await asyncio.sleep(due - now)
            self._yielded = monotonic()
        else:
            await self.breathe()
        if self.rate > 0 and now - due > _LATE:
            self.restart()

    async def breathe(self) -> None:
        """Let other tasks run if this one has run for a while."""
        now = monotonic()
        if now - self._yielded > _TURN_OF_LOOP:
            await asyncio.sleep(0)
            self._yielded = now

    async def pause(self, seconds: float, *, idle: bool) -> None:
        """Wait silently. A pause that is only for show (`idle`) is skipped when unthrottled."""
        if not (idle and self._override == 0):
            await asyncio.sleep(seconds)
        self.restart()


class PlanPlayer:
    """Plays one plan for one request, up to `most_tokens` tokens if given."""

    def __init__(self, encoder: Encoder, sink: Sink | None, pacer: Pacer, most_tokens: int | None = None) -> None:
        self._encoder = encoder
        self._sink = sink
        self._pacer = pacer
        self._most_tokens = most_tokens
        self._split = False
        self._growing = False
        self.reply = Reply()

    async def play(self, steps: Iterable[Step]) -> Reply:
        """Play the steps until the end, or until one of them ends the reply."""
        await self._send(self._encoder.opening())
        for step in steps:
            await self._step(step)
            if self.reply.failed is not None or not self.reply.ended or self.reply.cut_short:
                break
        reply = self.reply
        if reply.failed is not None:
            await self._send(self._encoder.failure(reply.failed))
        elif reply.ended:
            await self._send(self._encoder.closing(reply))
        else:
            await self._send(self._encoder.closing_without_mark(reply))
        return reply

    async def _step(self, step: Step) -> None:
        match step:
            case Say(text):
                for piece in pieces(text):
                    if self.reply.cut_short:
                        break
                    await self._say(piece, paced=True)
            case Piece(text, paced):
                await self._say(text, paced=paced)
            case Bubbles():
                await self._whole(step)
            case Attach(items):
                self.reply.attachments += items
                await self._send(self._encoder.attachments(items))
            case Suggest(items):
                self.reply.suggestions += items
                await self._send(self._encoder.suggestions(items))
            case Pause(seconds, idle):
                await self._pacer.pause(seconds, idle=idle)
            case Pace(rate):
                self._pacer.change(rate)
            case _:
                await self._rare(step)

    async def _rare(self, step: Step) -> None:
        match step:
            case Think(text):
                self.reply.reasoning += text
                for piece in pieces(text):
                    await self._pacer.token()
                    await self._send(self._encoder.reasoning(piece))
            case CallTool(name, arguments):
                self.reply.calls.append(step)
                await self._send(self._encoder.tool_call(name, pieces(arguments)))
            case SplitBytes():
                self._split = True
            case BadPayload():
                self.reply.spoilt = True
                await self._send(self._encoder.spoilt())
            case Fail(message):
                self.reply.failed = message
            case TokenLimit():
                self.reply.cut_short = True
            case NoEnd():
                self.reply.ended = False
            case Drop():
                self.reply.dropped = True
                self.reply.ended = False
                if self._sink is not None:
                    cut()

    async def _say(self, text: str, *, paced: bool) -> None:
        if self._most_tokens is not None and self.reply.tokens >= self._most_tokens:
            self.reply.cut_short = True
            return
        await (self._pacer.token() if paced else self._pacer.breathe())
        if not self._growing:
            self.reply.bubbles.append([])
            self._growing = True
        self.reply.bubbles[-1].append(text)
        self.reply.tokens += 1
        await self._send(self._encoder.delta(text))

    async def _whole(self, step: Bubbles) -> None:
        self._growing = False
        texts = tuple(self._shortened(text) for text in step.texts)
        self.reply.suggestions += step.suggestions
        self.reply.bubbles += [[text] for text in texts]
        await self._send(self._encoder.bubbles(texts, step.suggestions))

    def _shortened(self, text: str) -> str:
        """Return the text of a whole bubble up to the token limit."""
        tokens = pieces(text)
        left = len(tokens) if self._most_tokens is None else self._most_tokens - self.reply.tokens
        self.reply.cut_short = self.reply.cut_short or len(tokens) > left
        self.reply.tokens += min(left, len(tokens))
        return "".join(tokens[:left])

    async def _send(self, data: bytes) -> None:
        if self._sink is None or not data:
            return
        if self._split:
            for piece in nasty_pieces(data):
                await self._sink.send(piece)
                await asyncio.sleep(0)
        else:
            await self._sink.send(data)


def nasty_pieces(data: bytes) -> list[bytes]:
    """Return `data` cut where careless readers break: in UTF-8 sequences, CR LF, escapes and the middle of JSON.

    Line ends become CR LF first.
    """
    data = data.replace(b"\n", b"\r\n")
    cuts = set(range(7, len(data), 23))
    for index, byte in enumerate(data):
        continues_sequence = 0x80 <= byte < 0xC0
        follows_return = byte == 0x0A and index > 0 and data[index - 1] == 0x0D
        follows_backslash = index > 0 and data[index - 1] == 0x5C
        if continues_sequence or follows_return or follows_backslash:
            cuts.add(index)
    edges = [0, *sorted(cuts - {0}), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]


def plain_steps(steps: Iterable[Step], *, choices: bool = False) -> Iterator[Step]:
    """Return the plan for a format that knows only text: bubbles become paragraphs, pictures become Markdown.

    With `choices`, separate bubbles, reasoning and tool calls are left as they are.
    """
    begun = False
    for step in steps:
        match step:
            case Bubbles(texts, chips, apart) if not (choices and apart):
                for text in texts:
                    yield from _paragraph(text, begun)
                    begun = True
                if chips:
                    yield from _paragraph(_spoken(chips), begun)
            case Attach(items):
                lines = [f"{'!' if item.type == 'image' else ''}[{item.name}]({item.url})" for item in items]
                yield from _paragraph("\n".join(lines), begun)
                begun = True
            case Suggest(items):
                yield from _paragraph(_spoken(items), begun)
                begun = True
            case Think() | CallTool() if not choices:
                pass
            case _:
                begun = begun or isinstance(step, Say | Piece)
                yield step


def _paragraph(text: str, begun: bool) -> Iterator[Step]:
    yield Say(f"\n\n{text}" if begun else text)


def _spoken(items: tuple[Suggestion, ...]) -> str:
    """Return suggestions as text that the user can type."""
    choices = [item.payload if item.payload.startswith("/") else item.label for item in items]
    return "You can say: " + " · ".join(f"`{words}`" for words in choices)
