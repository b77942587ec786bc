"""The bots: pure functions from a message and what was said before to a plan of steps.

`answer` is the way in. Commands come first and are the same for every bot; what is no command is for the bot.
"""

from __future__ import annotations

from collections.abc import Callable

from chatgrid_tui.demo.bots import echo, longwriter, restaurant, showcase, trouble
from chatgrid_tui.demo.bots.commands import command_plan
from chatgrid_tui.demo.catalogue import Bot
from chatgrid_tui.demo.steps import Plan, Turn

_BOTS: dict[str, Callable[[Turn], Plan]] = {
    "showcase": showcase.answer,
    "restaurant": restaurant.answer,
    "long-writer": longwriter.answer,
    "echo": echo.answer,
    "trouble": trouble.answer,
}


def answer(bot: Bot, turn: Turn) -> Plan:
    """The bot's plan for a turn."""
    return command_plan(turn) or _BOTS[bot.slug](turn)
