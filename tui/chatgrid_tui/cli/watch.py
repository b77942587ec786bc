"""`chatgrid-tui watch --print`: a line for each request that other clients send through the proxy."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chatgrid_tui.cli.recording_log import RecordingLog
from chatgrid_tui.cli.serving import LinePrinter, check_origin, stop_event
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.exchange import ParsedChunk
from chatgrid_tui.engine.metered_trace import report_of
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.stream_report import StreamReport
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.user_files import path_of
from chatgrid_tui.session.wording.endings import end_in_brief
from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.units import counted, seconds, size
from chatgrid_tui.watch.backlog import Backlog
from chatgrid_tui.watch.proxy import WatchProxy
from chatgrid_tui.watch.upstream import Upstream, upstream_at
from chatgrid_tui.watch.watched_exchange import WatchedExchange, WatchListener

_LONGEST_PATH: Final = 120
_CLIENT_LEFT: Final = "the client left"
_NO_END_MARK: Final = "no end mark"


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
        UsageProblem: the service cannot be watched with these options, or the file cannot be written.
    """
    return asyncio.run(_print_exchanges(options))


def proxy_for(
    options: WatchOptions, upstream: Upstream, listener: WatchListener, clock: Clock = SYSTEM_CLOCK
) -> WatchProxy:
    """Return the proxy that the command line describes.

    Raises:
        UsageProblem: the allowed origin is invalid.
    """
    origin = options.allow_origin
    check_origin(origin)
    return WatchProxy(upstream, listener, port=options.port, kind=options.kind, allowed_origin=origin, clock=clock)


async def _print_exchanges(options: WatchOptions) -> int:
    upstream = upstream_at(options.upstream, allow_http=options.allow_http)
    with closing(RecordingLog(path_of(options.record))) if options.record else nullcontext() as log:
        printer = _Printer(log)
        proxy = proxy_for(options, upstream, printer)
        stopped = stop_event()
        await proxy.start()
        sys.stderr.write(f"Watching {proxy.upstream.address}. Point the client at {proxy.address}\nCtrl+C ends it.\n")
        reading, printing = asyncio.create_task(printer.run()), asyncio.create_task(printer.lines.run())
        stopping = asyncio.create_task(stopped.wait())
        try:
            await asyncio.wait((reading, printing, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await proxy.close()
            printer.close()
        await reading
        await printing
    return 0


class _Printer:
    """Prints what the proxy reports, in the order in which exchanges end."""

    def __init__(self, log: RecordingLog | None) -> None:
        self._log = log
        self._seen = Backlog[WatchedExchange | str]()
        """Exchanges that have ended, and lines about clients that were refused."""
        self.lines = LinePrinter(sys.stdout)

    def began(self, exchange: WatchedExchange) -> None:
        """Print nothing until the exchange ends."""

    def read(self, exchange: WatchedExchange, chunk: ParsedChunk) -> None:
        """Print nothing until the exchange ends."""

    async def ended(self, exchange: WatchedExchange) -> None:
        """Print the line of an exchange."""
        await self._seen.add(exchange)

    def refused(self, sentence: str) -> None:
        """Print a line about a client that was refused."""
        self._seen.put(f"{datetime.now():%H:%M:%S}  a client was refused  {clean_line(sentence)}")

    async def run(self) -> None:
        """Record exchanges, and add their lines, until this is closed."""
        async for seen in self._seen:  # in a thread, as all that arrived is read again
            self.lines.add(seen if isinstance(seen, str) else await asyncio.to_thread(self._line, seen))
        self.lines.close()

    def close(self) -> None:
        """Let `run` end after the exchanges that have ended."""
        self._seen.close()

    def _line(self, exchange: WatchedExchange) -> str:
        """Record an exchange if that is wanted, and return its line."""
        if self._log is not None:
            try:
                self._log.add(exchange.recordings[0])
            except UsageProblem as problem:
                sys.stderr.write(f"chatgrid-tui: {clean(str(problem))}\n")
        return line_of(exchange)


def line_of(exchange: WatchedExchange) -> str:
    """Return the line for an exchange that has ended: its time, its request, and its result."""
    recording, report = exchange.recordings[0], report_of(exchange.recordings, exchange.dialect)
    at = "" if recording.started_at is None else f"{recording.started_at.astimezone():%H:%M:%S}"
    columns = [at, f"{recording.request.method} {clean_line(exchange.path, _LONGEST_PATH)}"]
    if recording.head is not None and report is not None:
        columns += _figures(recording, report)
    return "  ".join((*columns, _ending(exchange, report)))


def _figures(recording: Recording, report: StreamReport) -> list[str]:
    figures = [str(recording.status)]
    if report.events:
        figures.append(counted(report.events, "record"))
    figures.append(size(recording.size))
    if report.ttft is not None:
        figures.append(f"TTFT {seconds(report.ttft)}")
    return [*figures, *([] if recording.end is None else [seconds(recording.end.t)])]


def _ending(exchange: WatchedExchange, report: StreamReport | None) -> str:
    end = exchange.recordings[0].end
    if end is None:
        return end_in_brief(None)
    if end.failure is not None:
        return f"{end_in_brief(end)}: {end.failure.cause}"
    if end.reason == "stopped":
        return _CLIENT_LEFT
    if exchange.message and exchange.end_mark_seen:
        return end_in_brief(end._replace(reason="end_mark"))
    notices = () if report is None or not exchange.message else report.notices
    has_no_mark = any(notice.kind == "no_end_mark" for notice in notices)
    return _NO_END_MARK if has_no_mark else end_in_brief(end)
