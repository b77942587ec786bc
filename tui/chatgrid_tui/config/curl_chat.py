"""What the body of a request to an OpenAI-compatible chat says of a provider: its system prompt, its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.config.draft_lines import OWN, number_in, plain_number
from chatgrid_tui.config.tables import fits_json
from chatgrid_tui.model.json import Json
from chatgrid_tui.text import clean, clean_line, mend_surrogates

_MOST: Final = 30
"""Parameters that are taken, and names that are told as left out."""
_LONGEST_VALUE: Final = 500
_GREATEST: Final = 2**63
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,59}")
_SYSTEM: Final = ("system", "developer")


@dataclass(frozen=True, slots=True)
class FoundChat:
    """What was found. What is left out is in words."""

    system: str = ""
    parameters: tuple[tuple[str, Json], ...] = ()
    left_out: tuple[str, ...] = ()


def read_chat(body: Mapping[str, Json]) -> FoundChat:
    """Return the first system message of a body, and of its other fields those that are a number, a text or yes or
    no. Never raises.

    Source: https://platform.openai.com/docs/api-reference/chat/create
    """
    system, left_out = _system_in(body.get("messages"))
    parameters: dict[str, Json] = {}
    for name, value in body.items():
        if name in OWN:
            continue
        if len(parameters) < _MOST and _is_parameter(name, value):
            parameters[name] = value
        else:
            left_out.append(clean_line(mend_surrogates(name), 40) or "a field without name")
    if body.get("stream") is False:
        left_out.append("stream")
    if len(left_out) > _MOST:
        left_out[_MOST:] = [f"{len(left_out) - _MOST:,} more fields"]
    return FoundChat(system, tuple(parameters.items()), tuple(left_out))


def _is_parameter(name: str, value: Json) -> bool:
    if not _NAME.fullmatch(name) or not isinstance(value, bool | int | float | str) or not fits_json(value):
        return False
    if isinstance(value, int | float) and abs(value) >= _GREATEST:
        return False
    if name in ("temperature", "max_tokens"):  # these have fields of their own
        least, whole = (0.0, False) if name == "temperature" else (1.0, True)
        number, problem = number_in(plain_number(value), least=least, whole=whole)
        return number is not None and not problem
    written = json.dumps(value, ensure_ascii=False)
    return len(written) <= _LONGEST_VALUE and written.isprintable()


def _system_in(messages: Json) -> tuple[str, list[str]]:
    """Return the text of the first system message, and what of the messages is left out."""
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        return "", []
    found, others = "", 0
    for message in messages:
        is_system = isinstance(message, Mapping) and message.get("role") in _SYSTEM
        text = _text_of(message.get("content")) if is_system and isinstance(message, Mapping) else ""
        if text and not found:
            found = text
        else:
            others += 1
    return found, [f"{others:,} message{'s' if others > 1 else ''}"] if others else []


def _text_of(content: Json) -> str:
    """Return the text of a message, which is one text or a list of parts."""
    if isinstance(content, str):
        return clean(mend_surrogates(content)).strip()
    if not isinstance(content, Sequence):
        return ""
    texts = [part.get("text") for part in content if isinstance(part, Mapping)]
    return clean(mend_surrogates("\n".join(text for text in texts if isinstance(text, str)))).strip()
