"""The settings of a provider with an OpenAI-compatible server, and what a pasted request says about them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.dialects.dialect import Preset
from chatgrid_tui.dialects.options import Option
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest, PastedSettings, field_name, text_field
from chatgrid_tui.model.json import Json
from chatgrid_tui.text import clean, mend_surrogates

_OWN_FIELDS: Final = frozenset({"model", "messages", "stream", "stream_options"})
_NUMBERS: Final = frozenset(
    {"temperature", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens", "seed", "n"}
    | {"presence_penalty", "frequency_penalty", "repetition_penalty"}
)
_SYSTEM: Final = Option(
    "system",
    "System prompt",
    "lines",
    help="Optional. Sent before each conversation.",
    advanced=True,
    longest=100_000,
)
_TEMPERATURE: Final = Option(
    "temperature",
    "Temperature",
    "number",
    default=None,
    help="Optional, such as 0.7.",
    advanced=True,
    inside="parameters",
    least=0.0,
)
_MAX_TOKENS: Final = Option(
    "max_tokens",
    "Max tokens",
    "number",
    default=None,
    help="Optional. Longer replies are cut off.",
    advanced=True,
    inside="parameters",
    least=1.0,
    whole=True,
)
PARAMETERS: Final = Option(
    "parameters",
    "Parameters",
    "parameters",
    default=(),
    help="Optional. Others, one per line: top_p = 0.9",
    advanced=True,
    reserved=_OWN_FIELDS,
    numbers=_NUMBERS,
)
OPTIONS: Final = (_SYSTEM, _TEMPERATURE, _MAX_TOKENS, PARAMETERS)

PRESETS: Final = (
    Preset("ollama", "Ollama", "http://localhost:11434/v1", needs_key=False, port=11434),
    Preset("llama-cpp", "llama.cpp", "http://localhost:8080/v1", needs_key=False, port=8080),
    Preset("vllm", "vLLM", "http://localhost:8000/v1", needs_key=False, port=8000),
    Preset("lm-studio", "LM Studio", "http://localhost:1234/v1", needs_key=False, port=1234),
    Preset("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", variable="OPENROUTER_API_KEY"),
    Preset("openai", "OpenAI", "https://api.openai.com/v1", variable="OPENAI_API_KEY"),
)
"""Source: each server's documentation of its OpenAI-compatible interface."""

_MOST: Final = 30
"""The most parameters that are used, and the most names that are listed as left out."""
_LONGEST_VALUE: Final = 500
_GREATEST: Final = 2**63
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,59}")
_SYSTEM_ROLES: Final = ("system", "developer")


def recognise(request: PastedRequest) -> Match:
    """Return how surely a request is for such a server."""
    if request.path.endswith(("/chat/completions", "/invocations", "/models")) or "messages" in request.body:
        return Match.CERTAIN
    hosts = (urlsplit(preset.base_url).netloc for preset in PRESETS)
    return Match.LIKELY if request.host in hosts else Match.NONE


def read_pasted(request: PastedRequest) -> PastedSettings:
    """Return the model, the first system message, and those fields of the body that are a number, a text or a flag.

    Source: https://platform.openai.com/docs/api-reference/chat/create
    """
    body = request.body
    system, left_out = _system_in(body.get("messages"))
    parameters: dict[str, Json] = {}
    for name, value in body.items():
        if name in _OWN_FIELDS:
            continue
        if len(parameters) < _MOST and _is_parameter(name, value):
            parameters[name] = value
        else:
            left_out.append(field_name(name))
    if body.get("stream") is False:
        left_out.append("stream")
    if len(left_out) > _MOST:
        left_out[_MOST:] = [f"{len(left_out) - _MOST:,} more fields"]
    return PastedSettings(
        text_field(body, "model"),
        {"system": system, "parameters": tuple(parameters.items())},
        (*(("the system prompt",) if system else ()), *parameters),
        tuple(left_out),
    )


def _is_parameter(name: str, value: Json) -> bool:
    if not _NAME.fullmatch(name) or not isinstance(value, bool | int | float | str):
        return False
    if isinstance(value, int | float) and (not math.isfinite(value) or abs(value) >= _GREATEST):
        return False
    for option in (_TEMPERATURE, _MAX_TOKENS):  # these have their own fields
        if name == option.name:
            return _fits(option, value)
    written = json.dumps(value, ensure_ascii=False)
    return len(written) <= _LONGEST_VALUE and written.isprintable()


def _fits(option: Option, value: bool | int | float | str) -> bool:
    if isinstance(value, bool | str) or (option.least is not None and value < option.least):
        return False
    return not option.whole or float(value).is_integer()


def _system_in(messages: Json) -> tuple[str, list[str]]:
    """Return the text of the first system message, and what of the messages is left out."""
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        return "", []
    system, others = "", 0
    for message in messages:
        is_system = isinstance(message, Mapping) and message.get("role") in _SYSTEM_ROLES
        text = _text_of(message.get("content")) if is_system and isinstance(message, Mapping) else ""
        if text and not system:
            system = text
        else:
            others += 1
    return system, [f"{others:,} message{'s' if others > 1 else ''}"] if others else []


def _text_of(content: Json) -> str:
    """Return the text of a message, which is a single text or a list of parts."""
    if isinstance(content, str):
        return clean(mend_surrogates(content)).strip()
    if not isinstance(content, Sequence):
        return ""
    texts = [part.get("text") for part in content if isinstance(part, Mapping)]
    return clean(mend_surrogates("\n".join(text for text in texts if isinstance(text, str)))).strip()
