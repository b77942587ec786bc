"""Conversations of other programs as objects with the fields of our own JSON, from untrusted trees of messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.importing import IMPORTED_TITLES
from chatgrid_tui.store.conversion import EARLIEST, LATEST, one_line

_TITLE: Final = 80
Role: TypeAlias = Literal["user", "bot", "aside"]
"""`aside`: part of neither side, such as a hidden instruction."""
ATTACHED: Final = "Attached: "
"""Precedes the name of a file that the user sent along: the history has no place for these but the text."""


@dataclass(frozen=True, slots=True)
class ForeignConversation:
    """A conversation of another program."""

    conversation: JsonObject
    left_out: int = 0
    """How many messages of the user are on other branches."""


def conversation_object(
    provider: str,
    remote_id: str,
    title: str,
    created: datetime,
    turns: Sequence[JsonObject],
    *,
    board: str = "",
    options: JsonObject | None = None,
) -> JsonObject:
    """Return a conversation with the fields of our own JSON. `board` is a model, if it is known."""
    name = board or IMPORTED_TITLES[provider]
    first = next((str(turn["shown"]) for turn in turns if turn["shown"]), "")
    return {
        "provider": provider,
        "board": name,
        "board_name": name,
        "title": title or one_line(first, _TITLE),
        "title_source": "service" if title else "first line",
        "remote_id": remote_id,
        "created_at": as_text(created),
        "updated_at": max((as_text(created), *_times(turns))),
        "options": options,
        "turns": turns,
    }


def as_text(moment: datetime) -> str:
    """Return a time as our own JSON has it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_of(value: Json) -> datetime | None:
    """Return a time, given as seconds since 1970 or in ISO 8601; None if it is neither. Without a zone, it is UTC."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            moment = at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
        elif isinstance(value, int | float):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return max(EARLIEST, min(moment, LATEST))


def text_of(value: Json) -> str:
    """Return a text; empty if the value is something else."""
    return value if isinstance(value, str) else ""


def object_of(value: Json) -> JsonObject:
    """Return an object; an empty one if the value is something else."""
    return value if isinstance(value, Mapping) else {}


def objects_in(value: Json) -> list[JsonObject]:
    """Return the objects in a list; none if the value is something else."""
    return [item for item in items_of(value) if isinstance(item, Mapping)]


def items_of(value: Json) -> Sequence[Json]:
    """Return the items of a list; none if the value is something else."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _times(turns: Sequence[JsonObject]) -> Iterator[str]:
    for turn in turns:
        yield str(turn["sent_at"])
        yield from (str(reply["started_at"]) for reply in objects_in(turn["replies"]))


@dataclass(slots=True)
class ForeignMessage:
    """A message of another program."""

    role: Role
    id: str = ""
    at: datetime | None = None
    texts: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    tool_calls: list[dict[str, Json]] = field(default_factory=list)
    """In the shape of the history. `output` is added when it is known."""
    files: list[JsonObject] = field(default_factory=list)
    """Each has a `name`."""
    model: str = ""
    finish_reason: str = ""
    state: Literal["finished", "stopped", "truncated"] = "finished"

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it can be shown."""
        return not (self.texts or self.reasoning or self.tool_calls or self.files)


@dataclass(slots=True)
class Node:
    """A place in the tree."""

    said: ForeignMessage
    parent: str = ""
    children: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Thread:
    """The turns that lead to the newest message."""

    turns: list[JsonObject]
    left_out: int
    """How many messages of the user are on other branches."""


def tool_call(call_id: str, name: str, arguments: str) -> dict[str, Json]:
    """Return a tool call in the shape of the history."""
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def thread_of(nodes: Mapping[str, Node], newest: str, started: datetime, speaker: str) -> Thread:
    """Return the turns that lead to the node `newest`. Other answers to a message, and those to other versions of it,
    are further replies of its turn. `started` is the time of messages without one, and `speaker` the name of the bot.
    """
    path = _path(nodes, newest)
    places = {node_id: place for place, node_id in enumerate(path)}
    turns: list[JsonObject] = []
    walked: set[str] = set()
    used = 0
    at = started
    place = 0
    while place < len(path):
        node = nodes[path[place]]
        if node.said.role == "user":
            asked: ForeignMessage | None = node.said
            place += 1
            heads = list(_versions(nodes, path[place - 1]))
        else:
            asked, heads = None, [(path[place], None)]
        used += len({version for _, version in heads} - {None}) + (asked is not None)
        end = next((n for n in range(place, len(path)) if nodes[path[n]].said.role == "user"), len(path))
        at = (asked.at if asked is not None else None) or at
        turns += _turn(nodes, asked, heads, places, walked, at, speaker)
        at = max([at, *(said.at for node_id in path[place:end] if (said := nodes[node_id].said).at is not None)])
        place = end
    users = sum(node.said.role == "user" and not node.said.is_empty for node in nodes.values())
    return Thread(turns, max(0, users - used))


def chain(messages: Sequence[ForeignMessage]) -> dict[str, Node]:
    """Return messages without branches as nodes; the last one has the key `str(len(messages))`."""
    nodes: dict[str, Node] = {}
    for number, said in enumerate(messages, 1):
        nodes[str(number)] = Node(said, str(number - 1), [str(number + 1)] if number < len(messages) else [])
    return nodes


def _path(nodes: Mapping[str, Node], newest: str) -> list[str]:
    """Return the ids of the nodes from the root to `newest`. A circle ends it."""
    path: list[str] = []
    seen: set[str] = set()
    while newest in nodes and newest not in seen:
        seen.add(newest)
        path.append(newest)
        newest = nodes[newest].parent
    return path[::-1]


def _versions(nodes: Mapping[str, Node], asked: str) -> Iterator[tuple[str, str | None]]:
    """Yield the first node of each answer to a message, and to its other versions with the text of that version."""
    parent = nodes.get(nodes[asked].parent)
    versions = parent.children if parent is not None and asked in parent.children else [asked]
    for version in dict.fromkeys(versions):
        if version in nodes and nodes[version].said.role == "user":
            text = None if version == asked else _shown(nodes[version].said)
            yield from ((head, text) for head in _heads(nodes, nodes[version].children))


def _heads(nodes: Mapping[str, Node], children: Sequence[str]) -> Iterator[str]:
    """Yield the first node of each answer, in order."""
    waiting = list(reversed(children))
    seen: set[str] = set()
    while waiting:
        node_id = waiting.pop()
        if node_id not in nodes or node_id in seen:
            continue
        seen.add(node_id)
        match nodes[node_id].said.role:
            case "bot":
                yield node_id
            case "aside":
                waiting += reversed(nodes[node_id].children)
            case "user":
                pass


def _turn(
    nodes: Mapping[str, Node],
    asked: ForeignMessage | None,
    heads: Sequence[tuple[str, str | None]],
    places: Mapping[str, int],
    walked: set[str],
    at: datetime,
    speaker: str,
) -> Iterator[JsonObject]:
    replies: list[JsonObject] = []
    selected: int | None = None
    for head, edited_message in heads:
        messages = list(_answer(nodes, head, places, walked))
        if any(not said.is_empty for said in messages):
            if head in places:
                selected = len(replies)
            replies.append({**_reply(messages, at, speaker), "edited_message": edited_message})
    if asked is None and not replies:
        return
    if not replies:  # a turn without one would count as not sent
        replies.append(_reply([], at, speaker))
    shown = "" if asked is None else _shown(asked)
    is_newest = selected is None or selected == len(replies) - 1
    yield {
        "shown": shown,
        "sent": shown,
        "sent_at": as_text(at),
        "selected": None if is_newest else selected,
        "replies": replies,
    }


def _answer(
    nodes: Mapping[str, Node], head: str, places: Mapping[str, int], walked: set[str]
) -> Iterator[ForeignMessage]:
    """Yield the messages from `head` to the next one of the user: along the path, else along the newest branch. No
    node is walked twice, whatever circles a file contains.
    """
    while head in nodes and head not in walked and nodes[head].said.role != "user":
        walked.add(head)
        node = nodes[head]
        yield node.said
        on_path = [child for child in node.children if child in places]
        head = next(iter((*on_path, *node.children[-1:])), "")


def _shown(said: ForeignMessage) -> str:
    attached = [f"{ATTACHED}{item['name']}" for item in said.files]
    return "\n\n".join(filter(None, (*said.texts, "\n".join(attached))))


def _reply(messages: Sequence[ForeignMessage], at: datetime, speaker: str) -> JsonObject:
    times = [said.at for said in messages if said.at is not None]
    last = messages[-1] if messages else ForeignMessage("bot")
    started = min(times, default=at)
    return {
        "state": last.state if messages else "interrupted",
        "speaker": speaker,
        "started_at": as_text(started),
        "duration": (max(times) - started).total_seconds() if len(times) > 1 else None,
        "model": next((said.model for said in reversed(messages) if said.model), ""),
        "remote_id": last.id,
        "finish_reason": last.finish_reason,
        "bubbles": [text for said in messages for text in said.texts],
        "reasoning": [text for said in messages for text in said.reasoning],
        "tool_calls": _calls(messages),
        "attachments": [item for said in messages for item in said.files],
    }


def _calls(messages: Sequence[ForeignMessage]) -> list[JsonObject]:
    """Return the calls of tools. A message that only has the output of a tool belongs to the call before."""
    calls: list[JsonObject] = []
    for call in (call for said in messages for call in said.tool_calls):
        function = call["function"]
        is_output = "output" in call and isinstance(function, Mapping) and not function["arguments"]
        if is_output and calls and "output" not in calls[-1]:
            calls[-1] = {**calls[-1], "output": call["output"]}
        else:
            calls.append(call)
    return calls
