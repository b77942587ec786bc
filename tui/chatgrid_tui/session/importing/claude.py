"""Conversations of Claude: `conversations.json` of its data export.

The form is not published by the service, but described by those who read it:
https://github.com/brandtcormorant/claude-json-schema and
https://github.com/Sinity/polylogue/blob/master/docs/providers/claude-ai.md

The file is a list of conversations. Each has `uuid`, `name`, `created_at`, `updated_at` (ISO 8601) and
`chat_messages`. A message has `uuid`, `sender` (`human` or `assistant`), `created_at`, `text`, `attachments` with
`file_name` and `extracted_content`, `files` with `file_name`, and in newer exports `parent_message_uuid` and
`content`: blocks of the type `text`, `thinking`, `tool_use` (`id`, `name`, `input`) and `tool_result`
(`tool_use_id`, `content`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.importing import IMPORTED_TITLES
from chatgrid_tui.session.importing.foreign import (
    ForeignConversation,
    ForeignMessage,
    Node,
    chain,
    conversation_object,
    object_of,
    objects_in,
    text_of,
    thread_of,
    time_of,
    tool_call,
)
from chatgrid_tui.store.conversion import EARLIEST

PROVIDER: Final = "claude"


def is_conversation(value: Json) -> bool:
    """Return whether a value looks like a conversation of Claude."""
    return "chat_messages" in object_of(value)


def read_conversation(value: Json) -> ForeignConversation:
    """Return a conversation.

    Raises:
        UsageProblem: it has no messages.
    """
    given = object_of(value)
    messages = objects_in(given.get("chat_messages"))
    said = [_said(message) for message in messages]
    times = [one.at for one in said if one.at is not None]
    created = time_of(given.get("created_at")) or min(times, default=EARLIEST)
    nodes, newest = _tree(messages, said, text_of(given.get("current_leaf_message_uuid")))
    thread = thread_of(nodes, newest, created, IMPORTED_TITLES[PROVIDER])
    if not thread.turns:
        raise UsageProblem("It has no messages.")
    remote_id, title, model = (text_of(given.get(name)) for name in ("uuid", "name", "model"))
    conversation = conversation_object(PROVIDER, remote_id, title, created, thread.turns, board=model)
    return ForeignConversation(conversation, thread.left_out)


def _tree(messages: Sequence[JsonObject], said: Sequence[ForeignMessage], leaf: str) -> tuple[dict[str, Node], str]:
    """Return the messages as nodes, and the id of the newest one. Older exports have no branches."""
    parents = [text_of(message.get("parent_message_uuid")) for message in messages]
    ids = [one.id for one in said]
    if not all(ids) or len(set(ids)) < len(ids) or not set(ids).intersection(parents):
        return chain(said), str(len(said))
    nodes = {one.id: Node(one, parent) for one, parent in zip(said, parents, strict=True)}
    for one, parent in zip(said, parents, strict=True):
        if parent in nodes:
            nodes[parent].children.append(one.id)
    return nodes, leaf if leaf in nodes else ids[-1]


def _said(message: JsonObject) -> ForeignMessage:
    said = ForeignMessage(
        "user" if message.get("sender") == "human" else "bot",
        text_of(message.get("uuid")),
        time_of(message.get("created_at")),
    )
    for block in objects_in(message.get("content")):
        _add_block(said, block)
    if not said.texts and (text := text_of(message.get("text"))):
        said.texts.append(text)
    said.files = [
        {"name": name}
        for item in (*objects_in(message.get("attachments")), *objects_in(message.get("files")))
        if (name := text_of(item.get("file_name")))
    ]
    said.finish_reason = text_of(message.get("stop_reason"))
    return said


def _add_block(said: ForeignMessage, block: JsonObject) -> None:
    match block.get("type"):
        case "text" if text := text_of(block.get("text")):
            said.texts.append(text)
        case "thinking" if text := text_of(block.get("thinking")):
            said.reasoning.append(text)
        case "tool_use":
            arguments = json.dumps(block.get("input"))
            said.tool_calls.append(tool_call(text_of(block.get("id")), text_of(block.get("name")), arguments))
        case "tool_result":
            output = "\n".join(text_of(part.get("text")) for part in objects_in(block.get("content")))
            call_id = text_of(block.get("tool_use_id"))
            call = next((call for call in said.tool_calls if call_id and call["id"] == call_id), None)
            if call is None:
                call = tool_call(call_id, text_of(block.get("name")), "")
                said.tool_calls.append(call)
            call["output"] = output or text_of(block.get("content"))
        case _:
            pass
