"""The chain of transports that every request goes through, built only here."""

from __future__ import annotations

from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.observing import Observer, ObservingTransport
from chatgrid_tui.engine.recording import Recording, RecordingTransport
from chatgrid_tui.engine.redacting import RedactingTransport
from chatgrid_tui.engine.transport import Transport
from chatgrid_tui.model.recording_limits import PER_REPLY


def transport_chain(
    network: Transport,
    *,
    observer: Observer | None = None,
    recordings: list[Recording] | None = None,
    kind: str = "",
    recording_limit: int = PER_REPLY,
    clock: Clock = SYSTEM_CLOCK,
) -> Transport:
    """Return a transport over `network`, which is HTTP or a replay.

    `observer` gets the outcome of each request. For each request, a recording is added to `recordings`, with the
    `kind` of the service. Of their bodies, at most `recording_limit` bytes are recorded.
    """
    # Redaction is lowest, so that a key that a service sends back is neither recorded nor shown.
    transport: Transport = RedactingTransport(network)
    # Next to the network, since a simulated fault says nothing about the service.
    if observer is not None:
        transport = ObservingTransport(transport, observer)
    if recordings is not None:
        transport = RecordingTransport(transport, recordings, kind, recording_limit, clock)
    # Simulated faults wrap the transport here: a recording contains what really arrived.
    return transport
