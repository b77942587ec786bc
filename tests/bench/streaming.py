"""A streaming reply: its CPU and bytes, how soon keys take effect, and how far the screen lags behind."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.outcome import Row, compared, percentile
from bench.relay import Relay
from bench.screens import when_shown
from bench.stage import Stage, progress
from bench.terminal import Terminal
from bench.texts import ending, tokens

BLOCKS: Final = "blocks"
_SEVERAL: Final = 3
"""Runs whose keys are taken together: a single one has too few for a percentile of 99."""
_KEYS: Final = [chr(code) for code in (*range(0x0400, 0x0482), *range(0x048A, 0x0500))]
"""Cyrillic letters: each is typed once and is in no reply, so that its first showing is its echo."""
_FIRST_KEY: Final = 0.4
_BETWEEN_KEYS: Final = 0.05
"""Seconds; each pause differs a little, as keys in step with the frames would show only one part of them."""
_PATIENCE: Final = 120.0
_SHOWN_SOON: Final = 0.15
_MOST_WRITTEN: Final = 58.0
"""Kilobytes a second: half of what Textual writes by itself."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """One reply as it was seen."""

    cpu: float
    echoes: list[float]
    """Seconds from each key to its character on the screen."""
    lag: float
    """Seconds from the last byte to the last token on the screen."""
    rate: float
    """Bytes written to the terminal each second, from Enter to the last byte."""


@dataclass(frozen=True, slots=True)
class Order:
    """How much text is asked for; a rate of 0 is as fast as it goes."""

    count: int
    rate: int
    keys: bool = True

    def __str__(self) -> str:
        return f"{self.count:,} tokens at {f'{self.rate:,}/s' if self.rate else 'full speed'}"


def stream(stage: Stage, rounds: int) -> list[Row]:
    """Stream 2,000 tokens at 200 a second."""
    order = Order(2_000, 200)
    app, blocks = _rounds(stage, order, rounds)
    ours, floor = ([run.lag for run in runs] for runs in (app, blocks))
    lag = compared("the same: last byte to last token on the screen", ours, floor, BLOCKS, 3.0)
    return [
        _cpu(order, app, blocks, 1.2),
        _echo("the same", app, blocks, 0.5, None),
        _echo("the same", app, blocks, 0.99, 1.25),
        replace(lag, or_else=", or 150 ms", excused=statistics.median(ours) <= _SHOWN_SOON),
        _written(app, blocks),
    ]


def stream_fast(stage: Stage, rounds: int) -> list[Row]:
    """Stream 8,000 tokens at 1,000 a second."""
    order = Order(8_000, 1_000)
    app, blocks = _rounds(stage, order, rounds)
    return [_cpu(order, app, blocks, None), _echo("the same", app, blocks, 0.99, 1.5)]


def growth(stage: Stage, rounds: int) -> list[Row]:
    """Stream 2,000 and 32,000 tokens as fast as the bots can: what a token costs may not grow with the reply."""
    small, large = (Order(count, 0, keys=False) for count in (2_000, 32_000))
    each: dict[Order, list[float]] = {small: [], large: []}
    with Relay(stage.bots) as relay:
        for number in range(1, rounds + 1):
            for order in (small, large):
                progress(f"growth: {order}, {number} of {rounds}")
                each[order].append(_app(stage, relay, order).cpu / order.count)
    what, against = f"CPU a token of {large}", f"of {small.count:,}"
    return [compared(what, each[large], each[small], against, 1.3, show=lambda cpu: f"{cpu * 1e6:.0f} µs")]


def _rounds(stage: Stage, order: Order, rounds: int) -> tuple[list[Streamed], list[Streamed]]:
    """Stream into the app and into the ruler, in turn."""
    app: list[Streamed] = []
    blocks: list[Streamed] = []
    source = stage.folder() / "tokens.json"
    source.write_text(json.dumps(tokens(order.count)))
    with Relay(stage.bots) as relay:
        for number in range(1, rounds + 1):
            progress(f"stream: {order}, {number} of {rounds}")
            blocks.append(_ruler(stage, source, order))
            app.append(_app(stage, relay, order))
    return app, blocks


def _cpu(order: Order, app: list[Streamed], blocks: list[Streamed], most: float | None) -> Row:
    return compared(f"{order}: CPU", [run.cpu for run in app], [run.cpu for run in blocks], BLOCKS, most)


def _echo(what: str, app: list[Streamed], blocks: list[Streamed], share: float, most: float | None) -> Row:
    """Compare how soon keys show, over several runs at a time."""
    windows = range(max(1, len(app) - _SEVERAL + 1))

    def pooled(runs: list[Streamed]) -> list[float]:
        pools = [[echo for run in runs[first : first + _SEVERAL] for echo in run.echoes] for first in windows]
        return [percentile(pool, share) for pool in pools]

    keys = sum(len(run.echoes) for run in app[:_SEVERAL])
    what = f"{what}: key echo p{share * 100:.0f}, {keys} keys of {min(_SEVERAL, len(app))} taken together"
    return compared(what, pooled(app), pooled(blocks), BLOCKS, most)


def _written(app: list[Streamed], blocks: list[Streamed]) -> Row:
    """Tell how much is written. It does not depend on how fast the machine is, so that it is no ratio."""
    rates, theirs = ([run.rate / 1_000 for run in runs] for runs in (app, blocks))
    medians = f"{statistics.median(rates):.0f} / {statistics.median(theirs):.0f} kB/s"
    what = "the same: bytes written to the terminal a second"
    return Row(what, rates, BLOCKS, medians, _MOST_WRITTEN, unit=" kB/s")


def _app(stage: Stage, relay: Relay, order: Order) -> Streamed:
    command = stage.app(stage.folder(), port=relay.port)
    with Terminal(command, stage.environment) as terminal:
        terminal.wait_for("Message long-writer")
        terminal.idle()
        terminal.type(f"{order.count} at {order.rate}".encode())
        terminal.quiet(0.3)
        relay.begin()
        return _streamed(terminal, order, lambda: relay.last_byte)


def _ruler(stage: Stage, source: Path, order: Order) -> Streamed:
    mark = stage.folder() / "mark"

    def last_token() -> float | None:
        text = mark.read_text() if mark.exists() else ""
        return float(text) if text else None

    command = stage.ruler(BLOCKS, str(source), str(order.rate), str(mark))
    with Terminal(command, stage.environment) as terminal:
        terminal.wait_for("Enter starts it")
        terminal.idle()
        return _streamed(terminal, order, last_token)


def _streamed(terminal: Terminal, order: Order, last_byte: Callable[[], float | None]) -> Streamed:
    """Press Enter, type until the last byte has come, and wait until the program is at rest."""
    before, began = terminal.cpu, terminal.type(b"\r")
    typed: list[tuple[str, float]] = []
    chance, left = random.Random(order.count), iter(_KEYS)
    time.sleep(_FIRST_KEY)
    while (end := last_byte()) is None and time.monotonic() < began + _PATIENCE:
        key = next(left, None) if order.keys else None
        if key is not None:
            typed.append((key, terminal.type(key.encode())))
        time.sleep(_BETWEEN_KEYS * chance.uniform(0.7, 1.3))
    assert end is not None, "the reply ends"
    terminal.idle()
    cpu, all_written = terminal.cpu - before, terminal.written
    written = all_written.since(began)
    shown = when_shown(ending("".join(tokens(order.count))), all_written, end)
    assert shown is not None, "the last token is shown"
    echoes: list[float] = []
    for (key, at), seen in zip(typed, written.first_times([key for key, _ in typed]), strict=True):
        assert seen is not None, f"{key} is shown"
        if at < end:
            echoes.append(seen - at)
    return Streamed(cpu, echoes, shown - end, written.until(end).size / (end - began))
