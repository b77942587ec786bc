"""Makes the pictures in `screenshots/` from the running app: `python tests/pictures.py`.

The app runs on its embedded bots with a history of its own that is thrown away; nothing is staged but what is
typed.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.ui.app import ChatgridApp
from chatgrid_tui.ui.providers.form import ProviderForm

FOLDER: Final = Path(__file__).resolve().parents[1] / "screenshots"
PATIENCE: Final = 30.0


async def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    await picture("chat", (120, 40), "midnight", restaurant)
    await picture("chat-paper", (120, 40), "paper", restaurant)
    await picture("markdown", (120, 40), "midnight", showcase)
    await picture("trouble", (80, 24), "midnight", trouble)
    await picture("first-run", (80, 24), "midnight", None)
    await picture("switcher", (120, 40), "midnight", switcher)
    await picture("add-provider", (120, 40), "paper", add_provider)
    await picture("find", (120, 40), "midnight", find)
    await picture("wire", (120, 40), "midnight", wire)


async def picture(name: str, size: tuple[int, int], theme: str, story: Callable[[Pilot[int]], object] | None) -> None:
    """Run a story in a fresh app, and keep what the screen shows at its end."""
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths.usual(Path(folder) / "config.toml", Path(folder) / "data")
        app = make_app(paths, OpeningOptions(theme=theme, demo=True))
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app.chat.session is not None)
            if story is not None:
                await story(pilot)  # type: ignore[misc]
            await pilot.pause(0.3)
            svg = app.export_screenshot(title="chatgrid-tui")
        (FOLDER / f"{name}.svg").write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8000", svg), encoding="utf-8")


async def restaurant(pilot: Pilot[int]) -> None:
    """The menu, a dish, and a table to be booked, with suggestions."""
    await say(pilot, "What can I eat tonight?")
    await pilot.press("tab", "1")
    await ended(pilot, turns=2)
    await say(pilot, "Book a table", turns=3)


async def showcase(pilot: Pilot[int]) -> None:
    """Markdown, half way."""
    await pilot.press("tab", "2")
    await pilot.pause(0.3)
    await say(pilot, "Show me everything")
    await pilot.press("ctrl+home")


async def trouble(pilot: Pilot[int]) -> None:
    """A service that limits requests."""
    await pilot.press("tab", "5")
    await pilot.pause(0.3)
    await say(pilot, "/two 1")
    await say(pilot, "/429 20", turns=2)


async def switcher(pilot: Pilot[int]) -> None:
    """A few letters, and what they find."""
    await restaurant(pilot)
    await pilot.press("ctrl+k")
    await pilot.pause(0.5)
    await pilot.press(*"re", "space", *"iq")


async def add_provider(pilot: Pilot[int]) -> None:
    """A provider's form, with its name typed."""
    await pilot.press("tab", "6")
    await until(pilot, lambda: isinstance(pilot.app.screen, ProviderForm))
    await pilot.press(*"Acme", "space", *"staging")


async def find(pilot: Pilot[int]) -> None:
    """A word that stands in several places."""
    await showcase(pilot)
    await pilot.press("ctrl+f", *"the")
    await pilot.pause(0.5)


async def wire(pilot: Pilot[int]) -> None:
    """A reply with a pause, record by record: the row after the pause, and its text in the reply."""
    await pilot.press("tab", "5")
    await pilot.pause(0.3)
    await say(pilot, "/stall 2")
    await pilot.press("f2")
    await pilot.pause(1.0)
    await pilot.press("home", "right_square_bracket", "down", "down", "down")


async def say(pilot: Pilot[int], text: str, turns: int = 1) -> None:
    """Type a message, send it, and wait for the reply."""
    await pilot.press(*(character if character.isalnum() else KEYS[character] for character in text), "enter")
    await ended(pilot, turns)


async def ended(pilot: Pilot[int], turns: int) -> None:
    """Wait until there are so many turns, and none is being written."""
    app = pilot.app
    assert isinstance(app, ChatgridApp)

    def done() -> bool:
        conversation = app.chat.controller.conversation
        if conversation is None or len(conversation.turns) < turns or conversation.live is not None:
            return False
        return conversation.turns[-1].reply is not None

    await until(pilot, done)
    await pilot.pause(0.3)  # the last frame of the reply


async def until(pilot: Pilot[int], done: Callable[[], bool]) -> None:
    """Wait for something, within reason."""
    async with asyncio.timeout(PATIENCE):
        while not done():
            await pilot.pause(0.05)


KEYS: Final = {" ": "space", "?": "question_mark", "/": "slash", ".": "full_stop", ",": "comma"}


if __name__ == "__main__":
    asyncio.run(main())
