"""Trouble: misbehaves on command. Any other message gets the list of commands."""

from __future__ import annotations

from chatgrid_tui.demo.bots.commands import help_text
from chatgrid_tui.demo.steps import Plan, Say, Suggest, Suggestion, Turn

_WORDS = (
    ("slow", "/slow"), ("stall", "/stall"), ("drop", "/drop"), ("limit", "/429"), ("crash", "/500"),
    ("html", "/html"), ("split", "/split"), ("escape", "/escape"), ("empty", "/empty"), ("huge", "/huge"),
)  # fmt: skip


def answer(turn: Turn) -> Plan:
    """Return what can go wrong here and how to ask for it."""
    commands = [command for word, command in _WORDS if word in turn.message.lower()]
    hint = f"That sounds like `{commands[0]}`. " if commands else ""
    opening = f"{hint}I misbehave by command. Say one of these:\n\n"
    chosen = commands[:1] or ["/stall 8", "/drop", "/429"]
    return Plan((Say(opening + help_text().rstrip()), Suggest(tuple(Suggestion(name, name) for name in chosen))))
