"""How a message becomes a request, depending on the options of its provider."""

from __future__ import annotations

import pytest

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.finish import completeness
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import PRIVATE_MODE, Provider
from chatgrid_tui.model.request import Outgoing, Said


def test_the_system_prompt_precedes_the_history_and_parameters_join_the_body() -> None:
    provider = Provider(
        "p", "openai", "https://bots.example", system="Be brief.", parameters=(("temperature", 0.2), ("model", "no"))
    )
    history = (Said("user", "Hello"), Said("assistant", "Hi"))
    request = DIALECTS["openai"].message(Outgoing(provider, "tiny", "Bye", history=history))
    assert request.body == {
        "temperature": 0.2,
        "model": "tiny",  # the board that was chosen, whatever the parameters say
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi"},
            {"role": "user", "content": "Bye"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize("kind", DIALECTS)
def test_the_message_of_a_request_can_be_read_back(kind: Kind) -> None:
    dialect, provider = DIALECTS[kind], Provider("p", kind, "https://bots.example")
    history = (Said("user", "Hello"), Said("assistant", "Hi"))
    request = dialect.message(Outgoing(provider, "b", "Bye 😀", "c", history=history))
    assert dialect.message_in(request.body or {}) == "Bye 😀"
    assert dialect.message_in({"name": "b", "messages": "none"}) == ""


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("kind", DIALECTS)
def test_as_many_messages_are_sent_along_as_declared(kind: Kind, private: bool) -> None:
    provider = Provider("p", kind, "https://bots.example", options=((PRIVATE_MODE, private),))
    history = tuple(Said("user", f"Earlier {number:02}") for number in range(20))
    most, each_time = DIALECTS[kind].sent_along(provider)
    for conversation, sent in (("", True), ("c", each_time)):
        request = DIALECTS[kind].message(Outgoing(provider, "b", "Bye", conversation, history=history))
        expected = (20 if most is None else most) if sent else 0
        assert str(request.body).count("Earlier") == expected
        assert ("Earlier 19" in str(request.body)) == (expected > 0), "the newest ones"


def test_the_parts_of_a_message_are_joined() -> None:
    parts: list[Json] = [{"type": "text", "text": "What is "}, {"type": "image_url"}, {"type": "text", "text": "it?"}]
    message: JsonObject = {"messages": [{"role": "user", "content": parts}, {"role": "assistant", "content": "Well"}]}
    assert DIALECTS["openai"].message_in(message) == "What is it?"


@pytest.mark.parametrize(("kind", "limit"), [("chatgrid", 100_000), ("widget", 4_000)])
def test_a_message_longer_than_the_service_takes_is_refused(kind: Kind, limit: int) -> None:
    DIALECTS[kind].check("é" * limit)
    with pytest.raises(UsageProblem, match="nothing was sent"):
        DIALECTS[kind].check("😀" * (limit // 2 + 1))  # two UTF-16 units each
    with pytest.raises(UsageProblem, match="empty"):
        DIALECTS[kind].check("")


def test_models_may_be_listed_by_name_alone() -> None:
    listed = DIALECTS["openai"].read_boards(["tiny", "", 7, {"id": "large", "owned_by": "lab"}, {"size": 3}])
    assert [(board.id, board.name) for board in listed.items] == [("tiny", "tiny"), ("large", "large")]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", "whole"),
        ("", "whole"),
        ("MAX_TOKENS", "cut"),
        ("content-filter", "filtered"),
        ("overloaded", "other"),
    ],
)
def test_finish_reasons_of_several_services(reason: str, expected: str) -> None:
    assert completeness(reason) == expected
