"""Every server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, OpenAI.

Source: the OpenAI API reference, chat/streaming, and the servers' own documents where they differ: reasoning
under `reasoning_content` or `reasoning`, errors inside a 200 stream, `choices` null or left out, and streams
that end without `[DONE]`, so that a `finish_reason` also counts as the end mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.dialect import BEARER, Dialect, items, shown
from chatgrid_tui.dialects.fields import Fields
from chatgrid_tui.dialects.texts import Texts, reasoning
from chatgrid_tui.model.events import (
    Event,
    FinishReasonReported,
    ModelNamed,
    StreamFailed,
    ToolCallDelta,
    UsageReported,
)
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Board, Page, Provider
from chatgrid_tui.model.request import Outgoing, Request

_MORE: Final = frozenset({"reasoning_content", "reasoning", "tool_calls"})
"""What a delta may say beside its text."""
_VERSION: Final = re.compile(r"/v\d+\w*(/|\Z)")


class OpenAIMeaning:
    """What the chunks of one reply mean. Each choice is a bubble."""

    type_is_code = True
    ended = False  # `[DONE]` is the only end mark; usage may follow a `finish_reason`

    def __init__(self) -> None:
        self.texts = Texts()
        self._finished: dict[int, bool] = {}
        self._model = ""

    @property
    def whole(self) -> bool:
        """Whether every choice that has begun said why it ended."""
        return bool(self._finished) and all(self._finished.values())

    def piece(self, event: str, payload: JsonObject) -> list[Event] | None:
        """Return the events of a chunk with one choice that brings text; None for anything else."""
        choices = payload.get("choices")
        if event != "message" or type(choices) is not list or len(choices) != 1 or not self._is_plain(payload):
            return None
        choice = choices[0]
        if type(choice) is not dict or choice.get("finish_reason") is not None:
            return None
        index, delta = choice.get("index"), choice.get("delta")
        if type(index) is not int or index < 0 or type(delta) is not dict or not _MORE.isdisjoint(delta):
            return None
        content = delta.get("content")
        if type(content) is not str:
            return None
        self._finished.setdefault(index, False)
        return self.texts.delta(index, content)

    def _is_plain(self, payload: JsonObject) -> bool:
        """Whether a chunk says nothing beside its choices that is not known already."""
        return (
            payload.get("model") == self._model
            and payload.get("object") == "chat.completion.chunk"
            and payload.get("usage") is None
            and "error" not in payload
            and "event" not in payload
            and "message" not in payload
        )

    def knows(self, name: str, fields: Fields) -> bool:
        """Every object is looked at: names mean nothing here."""
        return True

    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        """Give the events of one chunk."""
        for choice in fields.objects("choices"):
            yield from self._choice(fields, Fields(choice), "delta")
        yield from self._about(fields)

    def reply(self, fields: Fields) -> Iterable[Event] | None:
        """Give the events of a completion that did not stream."""
        if not fields.has("choices"):
            return None
        return self._reply(fields)

    def _reply(self, fields: Fields) -> Iterable[Event]:
        for choice in fields.objects("choices"):
            yield from self._choice(fields, Fields(choice), "message")
        yield from self._about(fields)

    def _choice(self, chunk: Fields, choice: Fields, said_under: str) -> Iterable[Event]:
        index = choice.number("index")
        said = choice.inner(said_under)
        thought = said.text("reasoning_content") or said.text("reasoning")
        if thought:
            yield from reasoning(index, thought)
        if isinstance(said.object.get("content"), list):
            for part in map(Fields, said.objects("content")):
                yield from self._part(index, part)
                chunk.wrong = chunk.wrong or part.wrong
        elif piece := said.text("content"):
            yield from self.texts.delta(index, piece)
        for call in map(Fields, said.objects("tool_calls")):
            yield _tool_call(index, call)
            chunk.wrong = chunk.wrong or call.wrong
        reason = choice.name("finish_reason")
        if reason == "null":  # some gateways send null as a string
            reason = None
        self._finished[index] = self._finished.get(index, False) or reason is not None
        if reason is not None:
            yield FinishReasonReported(reason)
        if reason == "error" and not chunk.has("error"):
            yield StreamFailed(Failure("stream"))
        chunk.wrong = chunk.wrong or choice.wrong or said.wrong

    def _part(self, index: int, part: Fields) -> Iterable[Event]:
        """Give the events of a part of content. Models that reason send such at Mistral (its API reference, "Chat
        completion": `text`, and `thinking`, which is made of texts itself).
        """
        match part.text("type"):
            case "text":
                yield from self.texts.delta(index, part.text("text") or "")
            case "thinking":
                for thought in map(Fields, part.objects("thinking")):
                    yield from reasoning(index, thought.text("text") or "")
                    part.wrong = part.wrong or thought.wrong
            case _:
                part.wrong = True

    def _about(self, fields: Fields) -> Iterable[Event]:
        usage = fields.inner_object("usage")
        if usage is not None:
            yield UsageReported(usage)
        model = fields.object.get("model")
        if isinstance(model, str) and model and model != self._model:
            self._model = model
            yield ModelNamed(fields.name("model") or "")


def _tool_call(bubble: int, call: Fields) -> ToolCallDelta:
    function = call.inner("function")
    piece = ToolCallDelta(
        bubble,
        call.number("index"),
        call.name("id") or "",
        function.name("name") or "",
        function.name("arguments") or "",
    )
    call.wrong = call.wrong or function.wrong
    return piece


def _base_url(address: str) -> str:
    base = re.sub(r"(/chat/completions|/models)\Z", "", with_scheme(address))
    return base if _VERSION.search(base) else f"{base}/v1"


def _message(outgoing: Outgoing) -> Request:
    provider = outgoing.provider
    said: list[Json] = [{"role": earlier.role, "content": earlier.content} for earlier in outgoing.history]
    if provider.system:
        said.insert(0, {"role": "system", "content": provider.system})
    said.append({"role": "user", "content": outgoing.text})
    body: dict[str, Json] = {**dict(provider.parameters), "model": outgoing.board, "messages": said}
    body["stream"] = outgoing.stream
    if outgoing.stream:
        body["stream_options"] = {"include_usage": True}
    accept = "text/event-stream" if outgoing.stream else "application/json"
    return Request("POST", f"{_base_url(provider.base_url)}/chat/completions", body, (("Accept", accept),))


def _simpler(request: Request, failure: Failure) -> Request | None:
    """Leave out `stream_options`: some servers refuse what they do not know, and name it."""
    if request.body is None or "stream_options" not in request.body or failure.status not in (400, 422):
        return None
    if "stream_options" not in (failure.message or ""):
        return None
    body = {name: value for name, value in request.body.items() if name != "stream_options"}
    return replace(request, body=body)


def _boards(provider: Provider, cursor: str | None) -> Request:
    return Request("GET", f"{_base_url(provider.base_url)}/models")


def _read_boards(payload: Json) -> Page[Board]:
    found = (Board(shown(item, "id"), shown(item, "id"), shown(item, "owned_by")) for item in items(payload, "data"))
    return Page(tuple(board for board in found if board.id))


DIALECT = Dialect(
    kind="openai",
    name="OpenAI-compatible",
    wire="sse",
    base_url=_base_url,
    key_header=BEARER,
    message=_message,
    meaning=OpenAIMeaning,
    boards=_boards,
    read_boards=_read_boards,
    resend="safe",  # the server remembers nothing
    simpler=_simpler,
)
