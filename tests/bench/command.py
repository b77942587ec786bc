"""The command line of the benchmark."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from bench.decoding import decode
from bench.finding import find
from bench.keys import keys
from bench.kills import kills
from bench.listing import listing
from bench.mock_timing import mock
from bench.opening import memory, open_many
from bench.outcome import HEAD, Row, line
from bench.pasting import paste
from bench.processes import can_measure
from bench.reply_memory import reply_memory
from bench.searching import search
from bench.stage import Stage
from bench.startup import start, start_with_many
from bench.streaming import growth, stream, stream_fast
from bench.switching import switch
from bench.wire_costs import wire

Scenario: TypeAlias = Callable[[Stage, int], list[Row]]
SCENARIOS: Final[Mapping[str, Scenario]] = {
    "start": start,
    "stream": stream,
    "fast": stream_fast,
    "growth": growth,
    "open": open_many,
    "memory": memory,
    "many": start_with_many,
    "switch": switch,
    "search": search,
    "find": find,
    "list": listing,
    "decode": decode,
    "replies": reply_memory,
    "mock": mock,
}
APART: Final[Mapping[str, Scenario]] = {"keys": keys, "kills": kills, "paste": paste, "wire": wire}
"""Scenarios that run only when they are named: they take long."""
_ROUNDS: Final = 5


def main() -> int:
    """Run the scenarios that the command line names, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python tests/bench",
        description="Measure what has to be fast, against reference programs in the same run.",
        epilog="scenarios: " + ", ".join([*SCENARIOS, *APART]),
    )
    parser.add_argument("scenario", nargs="*", help="what to measure (default: everything)")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help=f"measurements of each (default: {_ROUNDS})")
    parser.add_argument("--only", default="", help="of keys and paste, the cases with this in their name")
    asked = parser.parse_args()
    scenarios = {**SCENARIOS, **APART}
    unknown = [name for name in asked.scenario if name not in scenarios]
    if unknown or asked.rounds < 1:
        parser.error(f"no scenario is called {unknown[0]}" if unknown else "one round is the least")
    if not can_measure():
        parser.error("this system does not tell what a process uses; Linux does")
    met = True
    print(HEAD, flush=True)
    with Stage(asked.only) as stage:
        for name in asked.scenario or SCENARIOS:
            for row in scenarios[name](stage, asked.rounds):
                print(line(row), flush=True)
                met = met and row.met
    return 0 if met else 1
