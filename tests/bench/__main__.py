"""The benchmark: what has to be fast, measured against rulers in the same run.

    python tests/bench                        everything, five rounds: about nine minutes
    python tests/bench start decode           some scenarios only
    python tests/bench --rounds 3 stream
    python tests/bench replies                what replies leave in memory: a million events, and 100 MB
    python tests/bench keys                   how long keys wait while hard replies arrive: half an hour
    python tests/bench kills                  300 processes killed at random while they talk: about ten minutes
    python tests/bench keys --only table      the same for some replies only
    python tests/bench paste                  how long keys wait behind a paste of a megabyte: two minutes
    python tests/bench wire                   what the wire pane costs, open and closed: about five minutes
    python tests/bench search                 the search over 100,000 messages: half a minute
    python tests/bench find list              find in 5,000 messages, and a list of 100,000 conversations
    python tests/bench mock                   how late the reads of a served recording come

It prints a Markdown table and exits with 1 where a goal is missed. It needs Linux, the packages of the `test` extra,
and no network but the loopback interface; configuration and histories are in temporary folders.

Times of a shared machine mean nothing, so each line but those of `keys`, `paste`, `wire`, `find`, `list` and `mock`
is a ratio: the app and its ruler run in turn, as whole processes in a pseudo terminal of 120 by 40, and the median of
the rounds' quotients counts. A ruler is the app itself with less to do, or one of the small programs in `rulers/`.
`stream` also counts the bytes that reach the terminal, in kilobytes a second: they do not depend on the machine. The
others print milliseconds, and beside them the CPU time that the app used, or what the ruler took: where the one is
small or the other large, something else had the processor.

One difference is left, and it is against the app: its replies come over HTTP from its own bots, which are a process
of their own and are not counted, through a relay that notes when the last byte passed; `blocks` is given the same
tokens inside its own process, and keeps no history of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # the folder above, so that this is the package `bench`
    from bench.command import main

    sys.exit(main())
