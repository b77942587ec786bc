"""The turns in a recording file: their messages, and which requests belong to one reply."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import PRIVATE_MODE, Provider
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.session.recorded_turns import MESSAGE_UNKNOWN, RecordedTurn, recorded_turns
from engine.raw import recorded
from fakes import DONE, delta

UUID = "4f5a1c9e-8d2b-4c3a-9e7f-0a1b2c3d4e5f"


def turn(kind: Kind, board: str = "bot", conversation: str = "c-1", *, private: bool = False) -> RecordedTurn:
    """Return a turn of which nothing came back."""
    provider = Provider("p", kind, "https://user@bots.example", options=((PRIVATE_MODE, private),))
    request = DIALECTS[kind].message(Outgoing(provider, board, "Hello", conversation))
    (only,) = recorded_turns([Recording(request, kind)])
    return only


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_of_each_kind(kind: Kind) -> None:
    sent = turn(kind)
    assert (sent.message, sent.origin) == ("Hello", "https://bots.example")
    assert sent.board == sent.speaker == ("bot" if kind != "widget" else sent.dialect.name)
    continued = None if kind == "openai" else "c-1"
    assert sent.conversation_after(sent.empty_reply()) == continued


def test_an_id_is_no_name() -> None:
    sent = turn("chatgrid", UUID)
    assert (sent.board, sent.speaker) == (UUID, "ChatGrid")


def test_what_the_service_named_continues_the_conversation() -> None:
    sent = turn("chatiq")
    reply = sent.empty_reply()
    reply.conversation_id = "c-2"
    assert sent.conversation_after(reply) == "c-2"
    assert turn("chatiq", private=True).conversation_after(reply) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_says_nothing(kind: Kind) -> None:
    (sent,) = recorded_turns([Recording(Request("POST", "http://["), kind)])
    assert (sent.message, sent.board, sent.origin) == (MESSAGE_UNKNOWN, sent.dialect.name, "")
    assert sent.conversation_after(sent.empty_reply()) is None


def refused(request: Request, status: int = 400) -> Recording:
    """Return the recording of a request whose `stream_options` were refused."""
    recording = recorded((0.1, b'{"error": {"message": "Unknown: stream_options"}}'), status=status)
    return replace(recording, request=request)


def test_a_refused_request_and_its_simpler_form_are_one_turn() -> None:
    first = recorded((0.1, delta("Hi")), (0.2, DONE))
    body = first.request.body
    assert body is not None
    simpler = replace(first.request, body={name: body[name] for name in body if name != "stream_options"})
    answered = replace(first, request=simpler)
    assert [len(turn.recordings) for turn in recorded_turns([refused(first.request), answered, first])] == [2, 1]
    assert [len(turn.recordings) for turn in recorded_turns([refused(first.request), first])] == [1, 1]
    assert [len(turn.recordings) for turn in recorded_turns([refused(first.request, 200), answered])] == [1, 1]


def test_the_other_address_of_a_request_belongs_to_its_turn() -> None:
    answered = recorded((0.1, delta("Hi")), (0.2, DONE))
    url = answered.request.url
    unknown = replace(
        recorded((0.1, b"404 page not found"), status=404), request=replace(answered.request, url=url[:-3])
    )
    assert [len(turn.recordings) for turn in recorded_turns([unknown, answered])] == [2]


def test_an_unknown_kind_has_to_be_given() -> None:
    with pytest.raises(UsageProblem, match="Name the kind with --kind: chatgrid, chatiq"):
        recorded_turns([Recording(Request("POST", "http://a.example"), "new")])


def test_only_requests_with_a_message_are_turns_if_there_is_one() -> None:
    sent = recorded((0.1, delta("Hi")), (0.2, DONE))
    listing = replace(sent, request=Request("GET", "https://bots.example/v1/models"))
    created = replace(sent, request=Request("POST", "https://bots.example/v1/chats", {"name": "New"}))
    assert [turn.message for turn in recorded_turns([listing, created, sent])] == [recorded_turns([sent])[0].message]
    assert [turn.message for turn in recorded_turns([listing, created])] == [MESSAGE_UNKNOWN] * 2
