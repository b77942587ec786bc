"""Makes the pictures in `screenshots/` from the running app: `python tests/pictures.py`.

The app runs on its embedded bots with a history of its own that is thrown away; nothing is staged but what is
typed.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

from app.forms import form_of
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions
from quiet import QuietLoop, pilots_wait_for_quiet

FOLDER: Final = Path(__file__).resolve().parents[1] / "screenshots"

Story: TypeAlias = Callable[[Window], Awaitable[None]]


async def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    await picture("chat", (120, 40), "midnight", restaurant)
    await picture("chat-paper", (120, 40), "paper", restaurant)
    await picture("markdown", (120, 40), "midnight", showcase)
    await picture("trouble", (80, 24), "midnight", trouble)
    await picture("first-run", (80, 24), "midnight", first_run)
    await picture("switcher", (120, 40), "midnight", switcher)
    await picture("add-provider", (120, 40), "paper", add_provider)
    await picture("find", (120, 40), "midnight", find)
    await picture("wire", (120, 40), "midnight", wire)


async def picture(name: str, size: tuple[int, int], theme: str, story: Story) -> None:
    """Run a story in a fresh app, and keep what the screen shows at its end."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(
            Path(folder), size=size, wanted=OpeningOptions(theme=theme, demo=True), pace=None
        ) as window:
            await story(window)
            svg = await window.picture()
    (FOLDER / f"{name}.svg").write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8000", svg), encoding="utf-8")


async def first_run(window: Window) -> None:
    """The bots to begin with."""
    await window.sees("Restaurant", "Showcase", "Trouble")


async def restaurant(window: Window) -> None:
    """The menu, a dish, and a table to be booked, with suggestions."""
    await window.says("What can I eat tonight?")
    await window.press("tab", "1")
    await window.until(lambda: len(window.conversation.turns) == 2, "the dish")
    await window.settled()
    await window.says("Book a table")


async def showcase(window: Window) -> None:
    """Markdown, half written."""
    await window.meets(2)
    await window.says("Show me everything")
    await window.press("ctrl+home")


async def trouble(window: Window) -> None:
    """A service that limits requests."""
    await window.meets(5)
    await window.says("/two 1")
    await window.says("/429 20")


async def switcher(window: Window) -> None:
    """A few letters, and what they find."""
    await restaurant(window)
    await window.press("ctrl+k")
    await window.sees("Go to")
    await window.press(*"re iq")


async def add_provider(window: Window) -> None:
    """A provider's form, with its name typed."""
    form = await form_of(window)
    await form.types("title", "Acme staging")


async def find(window: Window) -> None:
    """Find a word that occurs several times."""
    await showcase(window)
    await window.press("ctrl+f", *"the")
    await window.until(lambda: " of " in window.lines[0], "the count in the header")


async def wire(window: Window) -> None:
    """A reply with a pause, record by record: the row after the pause, and its text in the reply."""
    await window.meets(5)
    await window.says("/stall 2")
    await window.press("f2")
    await window.sees("Wire reply of", "E2EL")
    await window.press("home", "right_square_bracket", "down", "down", "down")


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")  # whatever terminal this is started in
    with pilots_wait_for_quiet(), asyncio.Runner(loop_factory=QuietLoop) as runner:
        runner.run(main())
