"""What one conversation sends otherwise than its provider says: the system prompt, and parameters of the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.conversation import Conversation

Parameters: TypeAlias = tuple[tuple[str, Json], ...]


def provider_for(conversation: Conversation) -> Provider:
    """Return the provider as this conversation uses it."""
    provider = conversation.provider
    if conversation.system is not None:
        provider = replace(provider, system=conversation.system)
    if conversation.parameters is not None:
        provider = replace(provider, parameters=conversation.parameters)
    return provider


def has_options(conversation: Conversation) -> bool:
    """Whether a conversation sends anything otherwise than its provider says."""
    return conversation.system is not None or conversation.parameters is not None


def written(conversation: Conversation) -> JsonObject | None:
    """Return the options as the history keeps them; None where there are none."""
    options: dict[str, Json] = {}
    if conversation.system is not None:
        options["system"] = conversation.system
    if conversation.parameters is not None:
        options["parameters"] = dict(conversation.parameters)
    return options or None


def restore(conversation: Conversation, options: Json) -> None:
    """Give a conversation the options that were kept; what cannot be read is left out."""
    if not isinstance(options, Mapping):
        return
    system, parameters = options.get("system"), options.get("parameters")
    conversation.system = system if isinstance(system, str) else None
    conversation.parameters = tuple(parameters.items()) if isinstance(parameters, Mapping) else None
