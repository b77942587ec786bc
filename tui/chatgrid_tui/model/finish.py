"""Why a model stopped writing, as services say it in `finish_reason`."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Completeness: TypeAlias = Literal["whole", "cut", "filtered", "other"]
"""`cut`: the token limit was reached · `filtered`: a content filter ended it · `other`: an unknown reason, or one
that names a fault.
"""

_WHOLE: Final = frozenset(
    {"stop", "end_turn", "stop_sequence", "eos", "eos_token", "end", "complete", "completed"}
    | {"tool_calls", "tool_call", "tool_use", "function_call"}
)
_CUT: Final = frozenset(
    {"length", "max_tokens", "max_length", "max_output_tokens", "max_completion_tokens", "model_length"}
    | {"token_limit", "context_length", "context_length_exceeded", "model_context_window_exceeded"}
)
_FILTERED: Final = frozenset(
    {"content_filter", "content_filtered", "safety", "image_safety", "sensitive", "refusal", "recitation"}
    | {"blocklist", "prohibited_content", "spii", "moderation", "guardrail_intervened", "error_toxic"}
)


def completeness(reason: str) -> Completeness:
    """Return what a `finish_reason` means for the reply. Services spell the same reason in different ways: OpenAI
    `length`, Anthropic `max_tokens`, Gemini `MAX_TOKENS`, Mistral `model_length`.
    """
    name = reason.strip().lower().replace("-", "_")
    if not name or name in _WHOLE:
        return "whole"
    if name in _CUT:
        return "cut"
    return "filtered" if name in _FILTERED else "other"
