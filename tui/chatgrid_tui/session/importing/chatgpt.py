"""Conversations of ChatGPT: `conversations.json` of its data export.

The form is not published by the service, but described by those who read it, and stable since 2023:
https://github.com/mitkury/chatgpt-export-parser/blob/main/docs/chatgpt-data-export-format.md

The file is a list of conversations. Each has `id` or `conversation_id`, `title`, `create_time` and `update_time`
(seconds since 1970), `current_node`, and `mapping`, the nodes of a tree by their ids. A node has `parent`,
`children`, and a `message` or null. A message has `author.role` (`user`, `assistant`, `system`, `tool`),
`create_time`, `recipient` (`all`, or the name of a tool), `metadata` and `content`, whose other fields depend on its
`content_type`.
"""

from __future__ import annotations

from typing import Final

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.importing import IMPORTED_TITLES
from chatgrid_tui.session.importing.foreign import (
    ForeignConversation,
    ForeignMessage,
    Node,
    conversation_object,
    items_of,
    object_of,
    objects_in,
    text_of,
    thread_of,
    time_of,
    tool_call,
)
from chatgrid_tui.store.conversion import EARLIEST

PROVIDER: Final = "chatgpt"
_HIDDEN: Final = ("user_editable_context", "model_editable_context")
"""The content types of instructions that are sent along."""


def is_conversation(value: Json) -> bool:
    """Return whether a value looks like a conversation of ChatGPT."""
    return "mapping" in object_of(value)


def read_conversation(value: Json) -> ForeignConversation:
    """Return a conversation.

    Raises:
        UsageProblem: it has no messages.
    """
    given = object_of(value)
    nodes = {node_id: _node(object_of(node)) for node_id, node in object_of(given.get("mapping")).items()}
    newest = text_of(given.get("current_node"))
    if newest not in nodes:
        newest = _deepest(nodes)
    times = [node.said.at for node in nodes.values() if node.said.at is not None]
    created = time_of(given.get("create_time")) or min(times, default=EARLIEST)
    thread = thread_of(nodes, newest, created, IMPORTED_TITLES[PROVIDER])
    if not thread.turns:
        raise UsageProblem("It has no messages.")
    models = [node.said.model for node in nodes.values() if node.said.model]
    remote_id = text_of(given.get("conversation_id")) or text_of(given.get("id"))
    board = text_of(given.get("default_model_slug")) or (models[-1] if models else "")
    title = text_of(given.get("title"))
    conversation = conversation_object(PROVIDER, remote_id, title, created, thread.turns, board=board)
    return ForeignConversation(conversation, thread.left_out)


def _node(node: JsonObject) -> Node:
    children = [child for child in items_of(node.get("children")) if isinstance(child, str)]
    return Node(_said(object_of(node.get("message"))), text_of(node.get("parent")), children)


def _deepest(nodes: dict[str, Node]) -> str:
    """Return the newest node without children; empty if there is none."""
    leaves = [node_id for node_id, node in nodes.items() if not node.children]
    return max(leaves, key=lambda node_id: nodes[node_id].said.at or EARLIEST, default="")


def _said(message: JsonObject) -> ForeignMessage:
    role = text_of(object_of(message.get("author")).get("role"))
    content, metadata = object_of(message.get("content")), object_of(message.get("metadata"))
    is_hidden = metadata.get("is_visually_hidden_from_conversation") is True
    if role not in ("user", "assistant", "tool") or is_hidden or content.get("content_type") in _HIDDEN:
        return ForeignMessage("aside")
    said = ForeignMessage(
        "user" if role == "user" else "bot", text_of(message.get("id")), time_of(message.get("create_time"))
    )
    said.model = text_of(metadata.get("model_slug"))
    said.finish_reason = text_of(object_of(metadata.get("finish_details")).get("type"))
    said.state = "stopped" if said.finish_reason == "interrupted" else "finished"
    recipient = text_of(message.get("recipient")) or "all"
    if role == "assistant" and recipient != "all":
        arguments = text_of(content.get("text")) or "\n".join(_texts(content))
        said.tool_calls.append(tool_call(said.id, recipient, arguments))
    elif role == "tool":
        name = text_of(object_of(message.get("author")).get("name")) or "tool"
        if output := "\n".join(_texts(content)):
            said.tool_calls.append({**tool_call(said.id, name, ""), "output": output})
        said.files = _files(content)
    else:
        said.texts, said.files = _texts(content), _files(content)
        said.files += [
            {"name": text_of(item.get("name")) or "file"} for item in objects_in(metadata.get("attachments"))
        ]
        said.reasoning = [
            "\n\n".join(filter(None, (text_of(thought.get("summary")), text_of(thought.get("content")))))
            for thought in objects_in(content.get("thoughts"))
        ]
    return said


def _texts(content: JsonObject) -> list[str]:
    """Return the texts of a content: its parts, its `text`, or what a tool returned."""
    if content.get("content_type") in ("thoughts", "reasoning_recap"):
        return []
    texts = [
        part if isinstance(part, str) else text_of(object_of(part).get("text"))
        for part in items_of(content.get("parts"))
    ]
    text = text_of(content.get("text")) or text_of(content.get("result"))
    if content.get("content_type") == "code" and text:
        language = text_of(content.get("language"))
        text = f"```{language if language.isalnum() and language != 'unknown' else ''}\n{text}\n```"
    return [text for text in (*texts, text) if text]


def _files(content: JsonObject) -> list[JsonObject]:
    """Return the pictures and other files that a content refers to. The export has them as separate files."""
    return [
        {"name": text_of(part.get("asset_pointer")).rpartition("/")[2], "size": part.get("size_bytes")}
        for part in objects_in(content.get("parts"))
        if part.get("asset_pointer")
    ]
