"""Echo: says what you say, byte for byte."""

from __future__ import annotations

from chatgrid_tui.demo.steps import Plan, Say, Turn


def answer(turn: Turn) -> Plan:
    """Return the message and nothing else."""
    return Plan((Say(turn.message),))
