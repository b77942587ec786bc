"""The chain of transports: what each request passes through, and in which order."""

from __future__ import annotations

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.chain import transport_chain
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.engine.transport import Answer, Credential
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Request
from fakes import FakeAnswer, FakeTransport, broken
from planted import PLANTED

REQUEST = Request("POST", "https://bots.example/chat", {"message": "Hi"})
KEY = Credential("Authorization", "Bearer ", Secret(PLANTED))


class Outcomes:
    """An observer that records what it receives."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.headers: list[str] = []
        self.failures: list[Failure] = []

    def answered(self, answer: Answer) -> None:
        self.statuses.append(answer.status)
        self.headers += answer.headers.values()

    def unanswered(self, failure: Failure) -> None:
        self.failures.append(failure)


async def test_a_key_that_is_sent_back_is_neither_observed_nor_recorded() -> None:
    outcomes, recordings = Outcomes(), list[Recording]()
    network = FakeTransport(FakeAnswer(PLANTED.encode(), headers={"x-echo": PLANTED}))
    async with transport_chain(network, observer=outcomes, recordings=recordings).open(REQUEST, KEY) as answer:
        async for _ in answer.pieces():
            pass
    assert outcomes.headers == ["[key ...9f3a]"]
    assert PLANTED not in write_recording(recordings[0]).decode()
    assert recordings[0].body == b"[key ...9f3a]"


async def test_each_request_has_an_outcome_and_a_recording() -> None:
    outcomes, recordings = Outcomes(), list[Recording]()
    network = FakeTransport(FakeAnswer(status=503), broken("refused"))
    chain = transport_chain(network, observer=outcomes, recordings=recordings)
    async with chain.open(REQUEST):
        pass
    with pytest.raises(ConnectionProblem):
        await chain.open(REQUEST).__aenter__()
    assert outcomes.statuses == [503]
    assert [failure.cause for failure in outcomes.failures] == ["refused"]
    assert [recording.status for recording in recordings] == [503, 0]


async def test_closing_the_chain_closes_the_network() -> None:
    network = FakeTransport()
    await transport_chain(network, observer=Outcomes(), recordings=[]).close()
    assert network.closed
