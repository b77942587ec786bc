"""A proxy whose clients do not wait for its listener."""

from __future__ import annotations

from http.client import HTTPConnection

import quiet
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.watch.proxy import WatchProxy
from chatgrid_tui.watch.threaded_proxy import ThreadedProxy
from chatgrid_tui.watch.upstream import upstream_at
from watch.watching import Watched, ask, post

HELLO = b'{"model": "echo", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'


async def test_clients_are_answered_while_the_loop_of_the_listener_is_busy(demo: DemoServer) -> None:
    watched = Watched()
    upstream = upstream_at(demo.base_url("openai"))
    proxy = ThreadedProxy(lambda listener: WatchProxy(upstream, listener), watched)
    await proxy.start()
    try:
        client = HTTPConnection("127.0.0.1", int(proxy.address.split(":")[2].partition("/")[0]), quiet.PATIENCE)
        client.request("BREW", "/")  # blocks the loop until it is answered
        assert client.getresponse().status == 501
        client.close()
        assert not watched.refusals
        answer = await ask(proxy.address, post("/openai/v1/chat/completions", HELLO))
        assert answer.whole
        await watched.all_ended()
        assert watched.refusals == ["It got 501: Requests with this method are not forwarded."]
        assert watched.recording.body in answer.body
        assert watched.events
    finally:
        await proxy.close()
