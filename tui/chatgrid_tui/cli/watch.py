"""`chatgrid-tui watch --print`: a line for each request that other clients send through the proxy."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from chatgrid_tui.cli.origins import check_origin
from chatgrid_tui.cli.recording_log import RecordingLog
from chatgrid_tui.engine.exchange import ParsedChunk
from chatgrid_tui.engine.metered_trace import report_of
from chatgrid_tui.engine.recording import EndReason
from chatgrid_tui.engine.stream_report import data_size
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.wording.measures import counted, seconds
from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.watch.proxy import WatchProxy
from chatgrid_tui.watch.upstream import upstream_at
from chatgrid_tui.watch.watched_exchange import WatchedExchange, WatchListener

_LONGEST_PATH: Final = 120
_OK: Final = 200
_ENDINGS: Final[dict[EndReason, str]] = {
    "end_mark": "end mark",
    "eof": "complete",
    "stopped": "the client left",
    "reset": "cut off",
    "timeout": "no answer in time",
    "limit": "not readable",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """The arguments of the command line."""

    upstream: str
    port: int = 0
    kind: str = ""
    allow_origin: str = ""
    allow_http: bool = False
    record: str = ""


def print_exchanges(options: WatchOptions) -> int:
    """Print a line for each exchange until the program is interrupted, and return the exit code.

    Raises:
        UsageProblem: the service cannot be watched as asked, or the file not written.
    """
    return asyncio.run(_print_exchanges(options))


def proxy_for(options: WatchOptions, listener: WatchListener) -> WatchProxy:
    """Return the proxy that the command line asks for.

    Raises:
        UsageProblem: there can be none.
    """
    origin = options.allow_origin
    check_origin(origin)
    upstream = upstream_at(options.upstream, allow_http=options.allow_http)
    return WatchProxy(upstream, listener, port=options.port, kind=options.kind, allowed_origin=origin)


async def _print_exchanges(options: WatchOptions) -> int:
    printer = _Printer(RecordingLog(Path(options.record)) if options.record else None)
    proxy = proxy_for(options, printer)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await proxy.start()
    sys.stderr.write(f"Watching {proxy.upstream.address}. Point the client at {proxy.address}\nCtrl+C ends it.\n")
    printing = asyncio.create_task(printer.run())
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((printing, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await proxy.close()
        printer.close()
    await printing
    return 0


class _Printer:
    """Prints what the proxy reports, in the order in which exchanges end."""

    def __init__(self, log: RecordingLog | None) -> None:
        self._log = log
        self._lines: asyncio.Queue[WatchedExchange | str | None] = asyncio.Queue()

    def began(self, exchange: WatchedExchange) -> None:
        """Print nothing yet."""

    def read(self, exchange: WatchedExchange, chunk: ParsedChunk) -> None:
        """Print nothing yet."""

    def ended(self, exchange: WatchedExchange) -> None:
        """Print the line of an exchange."""
        self._lines.put_nowait(exchange)

    def refused(self, sentence: str) -> None:
        """Print a line about a client that was refused."""
        self._lines.put_nowait(f"{datetime.now():%H:%M:%S}  a client was refused  {clean_line(sentence)}")

    def close(self) -> None:
        """Print no more than what is there."""
        self._lines.put_nowait(None)

    async def run(self) -> None:
        """Print until this is closed."""
        while (item := await self._lines.get()) is not None:
            line = item if isinstance(item, str) else await asyncio.to_thread(self._line_of, item)
            sys.stdout.write(clean(line) + "\n")
            sys.stdout.flush()

    def _line_of(self, exchange: WatchedExchange) -> str:
        """Return the line of an exchange, and add it to the file. It may take long."""
        recording = exchange.recordings[0]
        if self._log is not None:
            try:
                self._log.add(recording)
            except UsageProblem as problem:
                sys.stderr.write(f"chatgrid-tui: {clean(str(problem))}\n")
        return line_of(exchange)


def line_of(exchange: WatchedExchange) -> str:
    """Return what is printed of an exchange that has ended: when, what, and how it went."""
    recording = exchange.recordings[0]
    at = "" if recording.started_at is None else f"{recording.started_at.astimezone():%H:%M:%S}"
    path = clean_line(f"/{recording.url.partition('://')[2].partition('/')[2].partition('?')[0]}", _LONGEST_PATH)
    columns = [at, f"{recording.request.method} {path}"]
    if recording.head is not None:
        columns += _figures(exchange)
    return "  ".join((*columns, _ending(exchange)))


def _figures(exchange: WatchedExchange) -> list[str]:
    recording, report = exchange.recordings[0], report_of(exchange.recordings, exchange.dialect)
    figures = [str(recording.status)]
    if report is not None and report.events:
        figures.append(counted(report.events, "record"))
    figures.append(data_size(recording.size))
    if report is not None and report.ttft is not None:
        figures.append(f"TTFT {seconds(report.ttft)}")
    return [*figures, *([] if recording.end is None else [seconds(recording.end.t)])]


def _ending(exchange: WatchedExchange) -> str:
    end = exchange.recordings[0].end
    if end is None:
        return _ENDINGS["unknown"]
    if end.failure is not None:
        return f"{_ENDINGS[end.reason]}: {end.failure.cause}"
    if end.reason == "eof" and exchange.message and exchange.recordings[0].status == _OK:
        return _ENDINGS["end_mark" if exchange.end_mark_seen else "eof"]
    return _ENDINGS[end.reason]
