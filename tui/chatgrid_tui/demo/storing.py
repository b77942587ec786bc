"""What a demo service stores of a message and its reply; a bot may request a deviation."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import assert_never

from chatgrid_tui.demo.state import Conversation, Message
from chatgrid_tui.demo.steps import StoredAs

LATE = 5.0
"""Seconds until a late message is stored."""
_MORE = " This was not streamed."


def store(conversation: Conversation, question: Message, reply: Message | None, stored: StoredAs) -> None:
    """Store a message and its reply, at once or late, or something different instead."""
    messages = [question] if reply is None else [question, replace(reply, content=_content(reply.content, stored))]
    match stored:
        case "same" | "longer" | "shorter" | "other":
            _add(conversation, messages)
        case "nothing":
            return
        case "twice":
            copies = [replace(message, id=str(uuid.uuid4())) for message in messages]
            _add(conversation, [*messages, *copies])
        case "late":
            asyncio.get_running_loop().call_later(LATE, _add, conversation, messages)
        case _:
            assert_never(stored)


def _add(conversation: Conversation, messages: list[Message]) -> None:
    for message in messages:
        conversation.add(message)


def _content(text: str, stored: StoredAs) -> str:
    match stored:
        case "longer":
            return text + _MORE
        case "shorter":
            return text[: len(text) // 2]
        case "other":
            words = text.split(" ")
            return " ".join([*words[: len(words) // 2], "otherwise", *words[len(words) // 2 + 1 :]])
        case "same" | "nothing" | "twice" | "late":
            return text
        case _:
            assert_never(stored)
