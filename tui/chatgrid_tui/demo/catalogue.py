"""Who answers: the five bots, in the order the first screen lists them.

The same five stand behind every dialect. ChatGrid knows them as boards (`board_id`), ChatIQ as bot slugs, an
OpenAI-compatible client as model ids (`slug` again); the widget picks one by its address or session id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["chatgrid", "chatiq", "widget", "openai"]
StreamForm = Literal["A", "B"]
KINDS: tuple[Kind, ...] = ("chatgrid", "chatiq", "widget", "openai")


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot, as a list of bots shows it.

    `chatgrid_form` is how its ChatGrid board names the events of a stream: "A" inside the JSON (ChatGrid
    cookbook, streaming-responses), "B" in the SSE `event` field (ChatGrid API, messages/send-message).
    """

    slug: str
    name: str
    description: str
    board_id: str
    chatgrid_form: StreamForm


BOTS: tuple[Bot, ...] = (
    Bot(
        "showcase",
        "Showcase",
        "Every kind of Markdown, as it streams",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a01",
        "A",
    ),
    Bot(
        "restaurant",
        "Restaurant",
        "Several bubbles, a picture, suggestions",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a02",
        "B",
    ),
    Bot(
        "long-writer",
        "Long writer",
        "8,000 tokens at the speed you choose",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a03",
        "A",
    ),
    Bot(
        "echo",
        "Echo",
        "Says what you say, byte for byte",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a04",
        "B",
    ),
    Bot(
        "trouble",
        "Trouble",
        "Stalls, drops and errors on command",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a05",
        "A",
    ),
)

BY_SLUG: dict[str, Bot] = {bot.slug: bot for bot in BOTS}
SHOWCASE, RESTAURANT, LONG_WRITER, ECHO, TROUBLE = BOTS
