"""Assign pieces of tool calls to their calls, even if the server does not number them.

OpenAI numbers the calls of a choice with `index` and names each call once, in its first piece. Other servers send
whole calls without `index` (Ollama, several gateways), every call with index 0 (Gemini's compatible endpoint), or
`arguments` as an object; and the older `function_call` is a single call without an id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chatgrid_tui.dialects.json_fields import Fields
from chatgrid_tui.model.events import ToolCallDelta
from chatgrid_tui.text import mend_surrogates


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
