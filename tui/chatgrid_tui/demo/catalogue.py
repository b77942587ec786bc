"""The five bots, in the order of the first screen.

Every dialect offers the same five: ChatGrid as boards (`board_id`), ChatIQ as bot slugs, an OpenAI-compatible
server as model ids (again `slug`). The widget picks one by its address or session id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["chatgrid", "chatiq", "widget", "openai"]
StreamForm = Literal["json", "field"]
KINDS: tuple[Kind, ...] = ("chatgrid", "chatiq", "widget", "openai")


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot as a list of bots shows it.

    `chatgrid_form` is how its ChatGrid board names the events of a stream: "json" inside the JSON (ChatGrid
    cookbook, streaming-responses), "field" in the SSE `event` field (ChatGrid API, messages/send-message).
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
        "one page with all of Markdown",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a01",
        "json",
    ),
    Bot(
        "restaurant",
        "Restaurant",
        "pictures, files, suggestions, several bubbles",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a02",
        "field",
    ),
    Bot(
        "long-writer",
        "Long writer",
        "eight thousand tokens without a pause",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a03",
        "json",
    ),
    Bot(
        "echo",
        "Echo",
        "gives back exactly what you write",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a04",
        "field",
    ),
    Bot(
        "trouble",
        "Trouble",
        "refuses, stalls and breaks off when asked to",
        "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a05",
        "json",
    ),
)

BY_SLUG: dict[str, Bot] = {bot.slug: bot for bot in BOTS}
SHOWCASE, RESTAURANT, LONG_WRITER, ECHO, TROUBLE = BOTS


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """The bots over one dialect, as a provider."""

    name: str
    kind: Kind
    title: str
    boards: tuple[str, ...] = ()
    bot: Bot | None = None
    """The only bot that answers; None for all five."""


_SLUGS: Final = tuple(bot.slug for bot in BOTS)
DEMO_PROVIDERS: Final = (
    DemoProvider("demo-chatgrid", "chatgrid", "Local bots, ChatGrid"),
    DemoProvider("demo-chatiq", "chatiq", "Local bots, ChatIQ"),
    DemoProvider("demo-widget", "widget", "Local bots, widget", (ECHO.slug,), ECHO),
    DemoProvider("demo-openai", "openai", "Local bots, OpenAI", _SLUGS),
)
DEMO_TITLES: Final[Mapping[str, str]] = {provider.name: provider.title for provider in DEMO_PROVIDERS}
"""The titles of the demo providers, by name."""
FIRST_SCREEN: Final[tuple[tuple[Bot, str, str], ...]] = (
    (RESTAURANT, "demo-chatiq", RESTAURANT.slug),
    (SHOWCASE, "demo-chatgrid", SHOWCASE.board_id),
    (LONG_WRITER, "demo-openai", LONG_WRITER.slug),
    (ECHO, "demo-widget", ECHO.slug),
    (TROUBLE, "demo-chatiq", TROUBLE.slug),
)
"""The bots of the first screen, each with the provider that shows it best and its board there."""
