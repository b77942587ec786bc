"""What the chunks of a chat completion mean, for all servers that speak OpenAI's format.

Source: the OpenAI API reference, chat/streaming, and the servers' own documentation where it differs: reasoning in
`reasoning_content` or `reasoning`; `choices` null or missing; streams that end without `[DONE]`, so that a
`finish_reason` also counts as the end mark; and replies that arrive whole, as the older `choices[].text`, or in a
`message` instead of the `delta` or next to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.dialects.mapper import EventMapper, reasoning
from chatgrid_tui.model.events import (
    Event,
    FinishReasonReported,
    ModelNamed,
    StreamFailed,
    ToolCallDelta,
    UsageReported,
)
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.text import mend_surrogates

_MORE: Final = frozenset({"reasoning_content", "reasoning", "tool_calls", "function_call"})
"""What a delta may contain besides its text."""
_OBJECTS: Final = ("chat.completion", "text_completion")
"""How the `object` of a chunk starts."""


class OpenAIMapper(EventMapper):
    """Maps the chunks of one reply. Each choice is a bubble. The only end mark is `[DONE]`, since usage may follow a
    `finish_reason`.
    """

    type_is_code = True
    content = frozenset({"choices"})

    def __init__(self) -> None:
        super().__init__()
        self._calls = ToolCalls()
        self._finished: dict[int, bool] = {}
        self._in_deltas: set[int] = set()
        """The choices to which deltas have added something."""
        self._in_messages: set[int] = set()
        """The choices that have received a whole message."""
        self._recognised = False
        self._model = ""

    @property
    def whole(self) -> bool:
        """Whether every choice has a finish reason."""
        return bool(self._finished) and all(self._finished.values())

    def piece(self, event: str, payload: JsonObject) -> list[Event] | None:
        """Return the events of a chunk with a single choice that contains text, or None for anything else."""
        choices = payload.get("choices")
        if event != "message" or type(choices) is not list or len(choices) != 1 or not self._is_plain(payload):
            return None
        choice = choices[0]
        if type(choice) is not dict or choice.get("finish_reason") is not None or "message" in choice:
            return None
        index, delta = choice.get("index"), choice.get("delta")
        if type(index) is not int or index < 0 or type(delta) is not dict or not _MORE.isdisjoint(delta):
            return None
        content = delta.get("content")
        if type(content) is not str or not content:
            return None
        self._recognised = True
        self._finished.setdefault(index, False)
        self._in_deltas.add(index)
        return self.texts.delta(index, content)

    def _is_plain(self, payload: JsonObject) -> bool:
        """Return whether a chunk contains nothing new besides its choices."""
        return (
            payload.get("model") == self._model
            and payload.get("object") == "chat.completion.chunk"
            and payload.get("usage") is None
            and "error" not in payload
            and "event" not in payload
            and "base_resp" not in payload
        )

    def recognises(self, name: str, fields: Fields) -> bool:
        """Return whether an object is a chunk of a completion."""
        kind = fields.object.get("object")
        return "choices" in fields.object or (isinstance(kind, str) and kind.startswith(_OBJECTS))

    def events(self, name: str, fields: Fields) -> Iterable[Event]:
        """Yield the events of one chunk."""
        self._recognised = self._recognised or self.recognises(name, fields)
        for choice in map(Fields, fields.objects("choices")):
            yield from self._chunk_choice(choice)
            yield from self._end_of_choice(fields, choice)
        if self._recognised:  # other services also have a `usage`
            yield from self._about(fields)

    def reply(self, fields: Fields) -> Iterable[Event] | None:
        """Yield the events of a completion that did not stream."""
        return self.events("", fields) if fields.has("choices") else None

    def _chunk_choice(self, choice: Fields) -> Iterable[Event]:
        """Yield the events of a choice: in its `delta`, in the older `text`, or as a whole `message`.

        A message counts only if no delta contained anything: some servers repeat what they have sent.
        """
        index, delta = choice.number("index"), choice.inner("delta")
        text = _text(delta) or choice.text("text") or ""
        events: list[Event] = [*_thoughts(index, delta), *self.texts.delta(index, text)]
        events += self._calls.pieces(index, delta)
        if events:
            self._in_deltas.add(index)
            yield from events
        elif choice.has("message") and index not in self._in_deltas:
            yield from self._message(index, choice)
        choice.wrong = choice.wrong or delta.wrong

    def _message(self, index: int, choice: Fields) -> Iterable[Event]:
        """Yield the events of a whole message. It may be sent again and grow; reasoning and tool calls count once."""
        message = choice.inner("message")
        if index not in self._in_messages:
            yield from _thoughts(index, message)
            yield from self._calls.pieces(index, message)
        yield from self.texts.whole(index, _text(message))
        self._in_messages.add(index)
        choice.wrong = choice.wrong or message.wrong

    def _end_of_choice(self, chunk: Fields, choice: Fields) -> Iterable[Event]:
        """Yield why a choice ended, if it did."""
        index, reason = choice.number("index"), choice.name("finish_reason")
        ended = reason is not None and reason != "null"  # some gateways send null as a string
        self._finished[index] = self._finished.get(index, False) or ended
        if reason is not None and ended:
            yield FinishReasonReported(reason)
        if reason == "error" and not chunk.has("error"):
            yield StreamFailed(Failure("stream"))
        chunk.wrong = chunk.wrong or choice.wrong

    def _about(self, fields: Fields) -> Iterable[Event]:
        usage = fields.inner_object("usage")
        if usage is not None:
            yield UsageReported(usage)
        model = fields.object.get("model")
        if isinstance(model, str) and model and model != self._model:
            self._model = model
            yield ModelNamed(fields.name("model") or "")


def _parts(message: Fields) -> list[Fields]:
    """Return the parts that content may consist of. Mistral's reasoning models send them (its API reference, "Chat
    completion": `text`, and `thinking`, which contains texts itself).
    """
    return (
        [Fields(part) for part in message.objects("content")]
        if isinstance(message.object.get("content"), list)
        else []
    )


def _text(message: Fields) -> str:
    """Return the text of a delta or a message. A model that does not want to answer says so in `refusal`."""
    if not isinstance(message.object.get("content"), list):
        return message.text("content") or message.text("refusal") or ""
    texts: list[str] = []
    for part in _parts(message):
        if part.text("type") == "text":
            texts.append(part.text("text") or "")
        message.wrong = message.wrong or part.wrong
    return "".join(texts)


def _thoughts(index: int, message: Fields) -> list[Event]:
    """Return the reasoning in a delta or a message."""
    events = reasoning(index, message.text("reasoning_content") or message.text("reasoning") or "")
    for part in _parts(message):
        match part.text("type"):
            case "text":
                continue
            case "thinking":
                for thought in map(Fields, part.objects("thinking")):
                    events += reasoning(index, thought.text("text") or "")
                    part.wrong = part.wrong or thought.wrong
            case _:
                part.wrong = True
        message.wrong = message.wrong or part.wrong
    return events


@dataclass(slots=True)
class _Call:
    """A call that has started: the service's number, if any, its id, and whether it has a name yet."""

    index: int | None
    call_id: str
    named: bool


class ToolCalls:
    """Numbers the tool calls of each choice in the order in which they start."""

    def __init__(self) -> None:
        self._begun: dict[int, list[_Call]] = {}
        self._newest: dict[tuple[int, int | None], int] = {}
        """The number of the newest call of a choice for each index, and, for None, of all."""

    def of(self, choice: int) -> bool:
        """Return whether this choice has a call."""
        return choice in self._begun

    def pieces(self, choice: int, message: Fields) -> Iterable[ToolCallDelta]:
        """Yield the pieces in a delta or a message. A wrong type in them sets `said.wrong`."""
        for call in map(Fields, message.objects("tool_calls")):
            function = call.inner("function")
            yield self._piece(choice, call, function)
            message.wrong = message.wrong or call.wrong or function.wrong
        if message.has("function_call"):
            function = message.inner("function_call")
            yield self._piece(choice, Fields({"index": 0}), function)
            message.wrong = message.wrong or function.wrong

    def _piece(self, choice: int, call: Fields, function: Fields) -> ToolCallDelta:
        index = call.number("index") if call.has("index") else None
        call_id, name = call.name("id") or "", function.name("name") or ""
        number = self._number(choice, index, call_id, name)
        return ToolCallDelta(choice, number, call_id, name, _arguments(function))

    def _number(self, choice: int, index: int | None, call_id: str, name: str) -> int:
        """Return the number of the call that a piece belongs to."""
        calls = self._begun.setdefault(choice, [])
        number = self._newest.get((choice, index))
        if number is not None and not _begins_another(calls[number], index, call_id, name):
            call = calls[number]
            call.call_id, call.named = call.call_id or call_id, call.named or bool(name)
            return number
        self._newest[choice, index] = self._newest[choice, None] = len(calls)
        calls.append(_Call(index, call_id, bool(name)))
        return len(calls) - 1


def _begins_another(call: _Call, index: int | None, call_id: str, name: str) -> bool:
    """Return whether a piece starts another call instead of continuing the newest one."""
    if call_id and call.call_id and call_id != call.call_id:
        return index is None or bool(name)  # some servers give each piece of the same call a different id
    return index is None and not call_id and bool(name) and call.named


def _arguments(function: Fields) -> str:
    arguments = function.object.get("arguments")
    if isinstance(arguments, Mapping):
        return json.dumps(arguments, ensure_ascii=False)
    return mend_surrogates(function.text("arguments") or "")
