"""The transport of the commands that send messages."""

from __future__ import annotations

from collections.abc import Iterable

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.model.provider import Provider


def http_transport(providers: Iterable[Provider]) -> HttpTransport:
    """Return a transport that is prepared for requests to some providers, so that the time to the first byte does not
    include loading what the first request needs. Call it in a thread.
    """
    transport = HttpTransport()
    addresses = [DIALECTS[provider.kind].base_url(provider.base_url) for provider in providers]
    for tls in {address.startswith("https:") for address in addresses}:
        transport.prepare(tls=tls)
    return transport
