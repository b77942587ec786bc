"""`chatgrid-tui demo --serve`: the demo bots as a server for other clients."""

from __future__ import annotations

import asyncio
import sys

from chatgrid_tui.cli.serving import listen, stop_event
from chatgrid_tui.demo.catalogue import BOTS, KINDS
from chatgrid_tui.demo.server import DemoServer


def serve(port: int) -> int:
    """Serve the bots until interrupted, and return the exit code.

    Raises:
        UsageProblem: the port cannot be used.
    """
    return asyncio.run(_serve(port))


async def _serve(port: int) -> int:
    stopped = stop_event()
    server = DemoServer(port=port)
    await listen(server, port)
    try:
        sys.stdout.write(_describe(server) + "\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await server.close()
    return 0


def _describe(server: DemoServer) -> str:
    lines = [f"{kind:9} {server.base_url(kind)}" for kind in KINDS]
    lines += ["", "No key is needed. Send /help for a list of commands. Ctrl+C stops the server.", ""]
    lines += [f"{bot.slug:12} {bot.board_id}  {bot.description}" for bot in BOTS]
    return "\n".join(lines)
