"""`chatgrid-tui replay` without a screen: recorded replies printed as `send` would have printed them."""

from __future__ import annotations

import asyncio
import math
import sys
from dataclasses import dataclass

from chatgrid_tui.cli.outcome import exit_code, reply_json
from chatgrid_tui.cli.printing import TextPrinter, print_rest
from chatgrid_tui.cli.recorded_file import read_recorded_file
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.metered_trace import report_of
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.session.player import Player, gap_shortened
from chatgrid_tui.session.recorded_turns import RecordedTurn
from chatgrid_tui.session.tasks import cooperatively
from chatgrid_tui.text import clean


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """The arguments of the command line."""

    file: str
    kind: str = ""
    """The kind of the service, if the file does not name it."""
    speed: float | None = None
    """How many times as fast as recorded; infinite to skip all waiting. None means as recorded, or without waiting
    for `json`.
    """
    idle_time_limit: float = math.inf
    """The maximum length of a gap, in seconds."""
    json: bool = False


def replay(options: ReplayOptions, clock: Clock = SYSTEM_CLOCK) -> int:
    """Print the replies in a file at their pace, and return the exit code: that of the first incomplete reply.

    Raises:
        UsageProblem: the file cannot be read.
    """
    recorded = read_recorded_file(options.file, options.kind)
    for note in recorded.notes:
        print_note(note)
    codes: list[int] = []
    for number, turn in enumerate(recorded.turns):
        if number and not options.json:
            print(flush=True)  # noqa: T201
        codes.append(asyncio.run(print_turn(turn, options, clock)))
    return next(filter(None, codes), 0)


async def print_turn(turn: RecordedTurn, options: ReplayOptions, clock: Clock = SYSTEM_CLOCK) -> int:
    """Print a recorded reply at its pace, and return the exit code."""
    reply, dialect = turn.empty_reply(), turn.dialect
    speed = options.speed or (math.inf if options.json else 1.0)
    player = Player(
        turn.recordings, dialect, reply, speed=speed, idle_time_limit=options.idle_time_limit, clock=clock
    )
    printer = None if options.json else TextPrinter(reply, side_by_side=dialect.bubbles_are_choices)
    try:
        await _play(player, printer, clock)
    finally:
        if printer is not None:
            printer.finish()
    if options.json:
        stream = report_of(turn.recordings, dialect)
        conversation = turn.conversation_after(reply)
        print(reply_json(reply, conversation, with_conversation=True, stream=stream), flush=True)  # noqa: T201
    else:
        print_rest(reply, KeyStatus(), dialect.resend, dialect)
    return exit_code(reply)


async def _play(player: Player, printer: TextPrinter | None, clock: Clock) -> None:
    reported = None
    while not player.ended:
        if player.shortened_gap and player.reached != reported:
            reported = player.reached
            print_note(gap_shortened(player))
        await clock.sleep(player.due_in)
        await cooperatively(player.advance())
        if printer is not None:
            printer.grow()


def print_note(sentence: str) -> None:
    """Print a sentence about a file on standard error."""
    sys.stderr.write(f"{clean(sentence)}\n")
