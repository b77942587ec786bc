"""Replies that are hard to lay out: each is sent whole and in pieces while keys are typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.model.json import Json

Event: TypeAlias = dict[str, Json]

_PIECE: Final = 400
"""Characters of text in one event, where a reply comes in pieces."""
_ITEMS: Final = 50
"""Suggestions, attachments or bubbles in one event, where a reply comes in pieces."""


@dataclass(frozen=True, slots=True)
class Flood:
    """One reply, as the events of a stream."""

    name: str
    kind: Kind
    whole: Sequence[Event]
    pieces: Sequence[Event]


def text(name: str, content: str) -> Flood:
    """Return a reply that is one text."""
    pieces = [_delta(content[at : at + _PIECE]) for at in range(0, len(content), _PIECE)]
    return Flood(name, "openai", [_delta(content)], pieces)


def _delta(content: str, **more: Json) -> Event:
    return {"choices": [{"index": 0, "delta": {"content": content, **more}}]}


def _items(name: str, key: str, items: Sequence[Json]) -> Flood:
    pieces: list[Event] = [{key: list(items[at : at + _ITEMS])} for at in range(0, len(items), _ITEMS)]
    return Flood(name, "chatiq", [{key: list(items)}], pieces)


def _reasoning(size: int) -> Flood:
    thought = "I think, so that there is much to read. " * (size // 40)
    pieces: list[Event] = [
        {"choices": [{"index": 0, "delta": {"reasoning_content": thought[at : at + _PIECE]}}]}
        for at in range(0, size, _PIECE)
    ]
    whole: list[Event] = [{"choices": [{"index": 0, "delta": {"reasoning_content": thought}}]}]
    return Flood("reasoning of 1 MB", "openai", [*whole, _delta("Done.")], [*pieces, _delta("Done.")])


def _tool_calls(count: int) -> Flood:
    calls: list[Json] = [
        {"index": number, "id": f"call_{number}", "function": {"name": f"tool_{number}", "arguments": '{"a":1}'}}
        for number in range(count)
    ]
    pieces: list[Event] = [
        {"choices": [{"index": 0, "delta": {"tool_calls": calls[at : at + _ITEMS]}}]}
        for at in range(0, count, _ITEMS)
    ]
    whole: list[Event] = [{"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}]
    return Flood(f"{count:,} tool calls", "openai", [*whole, _delta("Done.")], [*pieces, _delta("Done.")])


def _table(rows: int) -> str:
    return "| a | b |\n|---|---|\n" + "|1|2|\n" * rows


PLAIN: Final = text("a short reply", "A short reply, the ruler of the others. " * 10)
"""What the others are compared with."""


def floods() -> Iterator[Flood]:
    """Yield the replies one by one, since some of them take much memory."""
    yield _items("200,000 suggestions", "suggestions", [{"label": f"Choice {n}"} for n in range(200_000)])
    yield _items(
        "50,000 attachments",
        "attachments",
        [{"name": f"file {n}.pdf", "url": f"https://files.example/{n}.pdf"} for n in range(50_000)],
    )
    yield _items("10,000 bubbles", "responses", [f"Bubble {n}" for n in range(10_000)])
    yield _tool_calls(10_000)
    yield _reasoning(1_000_000)
    for name, content in _TEXTS.items():
        yield text(name, content)
    yield text("a reply of 30 MB", ("word " * 11 + "end.\n\n") * 500_000)


_TEXTS: Final[dict[str, str]] = {
    "a table of 30,000 rows": _table(30_000),
    "a table of 1,000 columns": "|" + "a|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + ("|" + "b|" * 1_000 + "\n") * 50,
    "a table with a long cell": "|a|b|\n|-|-|\n|" + "word " * 40_000 + "|x|\n",
    "a setext heading of 20,000 lines": "a\n" * 20_000 + "===\n",
    "a list of 50,000 items": "- i\n" * 50_000,
    "a list item of 200 KB": "- " + "word " * 40_000,
    "lists 500 deep": "".join("  " * n + "- i\n" for n in range(500)),
    "quotes 2,000 deep": "> " * 2_000 + "deep\n",
    "20,000 quotes": "> q\n" * 20_000,
    "20,000 headings": "# h\n" * 20_000,
    "20,000 short paragraphs": "p\n\n" * 20_000,
    "20,000 fences": "```\nx\n```\n" * 20_000,
    "a fence of 1 MB": "```python\n" + "x = [1, 2, 3]  # numbers\n" * 40_000 + "```\n",
    "a line of code of 1 MB": "```\n" + "x" * 1_000_000 + "\n```\n",
    "___ x 20,000": "___" * 20_000,
    "a**b x 20,000": "a**b" * 20_000,
    "*a x 20,000": "*a " * 20_000,
    "_a x 20,000": "_a " * 20_000,
    "~~a x 20,000": "~~a" * 20_000,
    "**a __b x 10,000": "**a __b " * 10_000,
    "` x 20,000": "".join("`" * (n % 50 + 1) + "a" for n in range(4_000)),
    "<!-- x 30,000": "<!-- " * 30_000,
    "<div> x 20,000": "<div>" * 20_000,
    "< x 100,000": "<" * 100_000,
    "[ x 50,000": "[" * 50_000,
    "[a]( x 10,000": "[a](" * 10_000,
    "[a](b) x 20,000": "[a](b) " * 20_000,
    "![a](b) x 20,000": "![a](http://b.example/c.png) " * 20_000,
    "[^1] x 20,000": "[^1]" * 20_000,
    "[a]: http://x on one line": "[a]: http://x " * 20_000,
    "20,000 definitions of links": "".join(f"[{n}]: http://x.example/{n}\n" for n in range(20_000)),
    "20,000 footnotes": "".join(f"[^{n}]: A note.\n" for n in range(20_000)),
    "http://... x 20,000": "http://a.example/b " * 20_000,
    "http://.. without blanks": "http://.." * 40_000,
    "<http://a> x 20,000": "<http://a.example> " * 20_000,
    "&amp; x 50,000": "&amp;" * 50_000,
    "backslashes x 100,000": "\\" * 100_000,
    "\\* x 50,000": "\\*" * 50_000,
    "$a$ x 20,000": "$a$ " * 20_000,
    "$ x 50,000": "$" * 50_000,
    "\\( x 20,000": "\\(" * 20_000,
    "1 MB of blanks": " " * 1_000_000 + "x",
    "1 MB of line ends": "\n" * 1_000_000 + "x",
    "1 MB of tabs": "\t" * 1_000_000 + "x",
    "a word of 1 MB": "w" * 1_000_000,
    "a line of 1 MB": "word " * 200_000,
    "200,000 combining marks": "e" + "\u0301" * 200_000,
    "200,000 joiners": "a" + "\u200d" * 200_000,
    "200,000 emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 40_000,
    "500 KB of Chinese": "\u4eca\u5929\u300c\u5929\u6c14\u300d\u5f88\u597d\u3002" * 50_000,
    "**CJK** x 10,000": "**\u300c\u91cd\u8981\u300d**\u306a" * 10_000,
}
