"""What only some kinds of service take, as somebody types it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from chatgrid_tui.config.draft_lines import number_in, parameters_in
from chatgrid_tui.config.providers import NEW_CONVERSATION
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.json import Json

if TYPE_CHECKING:
    from chatgrid_tui.config.drafts import Draft, Problems

_LONGEST_TEXT: Final = 100_000


def check_kind(draft: Draft, table: dict[str, object], problems: Problems) -> None:
    """Check what only some kinds of service take; what was typed for another is not written."""
    if draft.key_header in DIALECTS[draft.kind].key_headers[1:]:
        table["key_header"] = draft.key_header
    match draft.kind:
        case "openai":
            _check_openai(draft, table, problems)
        case "widget":
            if draft.path:
                table["path"] = draft.path
            if draft.same_session:
                table["new_conversation"] = NEW_CONVERSATION[1]
        case "chatiq":
            if draft.private:
                table["private_mode"] = True
        case "chatgrid":
            return


def _check_openai(draft: Draft, table: dict[str, object], problems: Problems) -> None:
    parameters: dict[str, Json] = {}
    ranges: tuple[
        tuple[Literal["temperature", "max_tokens"], str, Callable[[str], tuple[float | int | None, str]]], ...
    ]
    ranges = (
        ("temperature", draft.temperature, lambda text: number_in(text, least=0.0)),
        ("max_tokens", draft.max_tokens, lambda text: number_in(text, least=1.0, whole=True)),
    )
    for name, typed, read in ranges:
        number, sentence = read(typed)
        if sentence:
            problems[name] = sentence
        elif number is not None:
            parameters[name] = number
    others, sentence = parameters_in(draft.parameters)
    if not sentence and (twice := next((name for name in others if name in parameters), "")):
        sentence = f"{twice} is set above already."
    if sentence:
        problems["parameters"] = sentence
    if parameters | others:
        table["parameters"] = parameters | others
    if len(draft.system) > _LONGEST_TEXT:
        problems["system"] = f"The system prompt may have {_LONGEST_TEXT:,} characters."
    elif draft.system.strip():
        table["system"] = draft.system.strip()
