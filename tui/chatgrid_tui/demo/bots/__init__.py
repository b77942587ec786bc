"""The bots: pure functions from a message, and what the user said before it, to a plan of steps.

Start at `answer`. Commands come first and are the same for every bot; any other message goes to the bot.
"""

from __future__ import annotations

from collections.abc import Callable

from chatgrid_tui.demo.bots import longwriter, restaurant, showcase, trouble
from chatgrid_tui.demo.bots.commands import command_plan
from chatgrid_tui.demo.catalogue import Bot
from chatgrid_tui.demo.steps import Plan, Say, Turn

_BOTS: dict[str, Callable[[Turn], Plan]] = {
    "showcase": showcase.answer,
    "restaurant": restaurant.answer,
    "long-writer": longwriter.answer,
    "echo": lambda turn: Plan((Say(turn.message),)),
    "trouble": trouble.answer,
}


def answer(bot: Bot, turn: Turn) -> Plan:
    """Return the bot's plan for a turn."""
    return command_plan(turn) or _BOTS[bot.slug](turn)
