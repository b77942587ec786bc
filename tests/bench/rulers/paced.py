"""The least that plays something back in time: a bare asyncio loop that writes a line at each of some times.

    python paced.py TIMES

TIMES is a JSON file with a list of seconds. It prints its port, and answers each connection, after the head of a
request, with chunks of HTTP/1.1, one at each time since the head came.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


async def _serve(times: list[float]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        loop = asyncio.get_running_loop()
        began = loop.time()
        writer.write(_HEAD)
        for number, t in enumerate(times):
            await asyncio.sleep(max(0.0, began + t - loop.time()))
            data = f"data: {number}\n\n".encode()
            writer.write(b"%x\r\n%b\r\n" % (len(data), data))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(Path(sys.argv[1]).read_text())))
