"""The commands that every bot understands, and how a message is recognised as one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from chatgrid_tui.demo.bots import longwriter
from chatgrid_tui.demo.bots.specimens import (
    EMOJI_AFTER,
    EMOJI_BEFORE,
    ESCAPES,
    LIST_BOMB,
    PROSE,
    SPLIT_TEXT,
    huge_line,
)
from chatgrid_tui.demo.steps import (
    Attach,
    Attachment,
    BadPayload,
    Bubbles,
    CallTool,
    Drop,
    Fail,
    NoEnd,
    Pace,
    Pause,
    Piece,
    Plan,
    Refusal,
    RefusalKind,
    Say,
    SplitBytes,
    Step,
    StoredAs,
    Suggest,
    Suggestion,
    Think,
    TokenLimit,
    Turn,
)

LONGEST_PAUSE = 600.0
MOST_CHARACTERS = 5_000_000
_SHAPE = re.compile(r"\s*/([a-z0-9]+)(?:\s+(.*))?\s*", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_STORED: dict[StoredAs, str] = {
    "same": "This reply is stored as it was streamed.",
    "longer": "The service stores more than these words: a sentence follows them there.",
    "shorter": "The service stores only the first half of these words, as if it had lost the rest on the way.",
    "other": "The service stores another word than this one in the middle of the sentence.",
    "nothing": "The service stores neither your message nor this reply.",
    "twice": "The service stores your message and this reply twice.",
    "late": "The service stores your message and this reply a few seconds late.",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command: how it is written, what it does, and the plan it makes from its argument."""

    name: str
    argument: str
    description: str
    plan: Callable[[Turn, str], Plan]


def command_plan(turn: Turn) -> Plan | None:
    """Return the plan for a message that is a command, else None."""
    match = _SHAPE.fullmatch(turn.message)
    command = _BY_NAME.get(match[1]) if match else None
    if match is None or command is None:
        return None
    return command.plan(turn, (match[2] or "").strip())


def is_command(message: str) -> bool:
    """Return whether a message is a command, and so no part of a bot's own dialogue."""
    return command_plan(Turn(message)) is not None


def help_text() -> str:
    """Return the list of commands as Markdown."""
    rows = "".join(
        f"| `{f'/{command.name} {command.argument}'.rstrip()}` | {command.description} |\n" for command in COMMANDS
    )
    return f"| Command | What happens |\n|:--------|:-------------|\n{rows}"


def _number(argument: str, usual: float, most: float) -> float:
    found = _NUMBER.search(argument)
    value = float(found.group()) if found else usual
    return min(value, most) if math.isfinite(value) else usual


def _help(turn: Turn, argument: str) -> Plan:
    return Plan((Say(f"## Commands\n\nEvery bot here understands these.\n\n{help_text()}"),))


def _slow(turn: Turn, argument: str) -> Plan:
    return Plan((Pace(max(0.1, _number(argument, 3, 1000))), Say(PROSE)))


def _stall(turn: Turn, argument: str) -> Plan:
    seconds = _number(argument, 8, LONGEST_PAUSE)
    after = "\n\nThere it is. Nothing was lost; it only took a while."
    return Plan((Say(f"I say this much, then nothing for {seconds:g} s."), Pause(seconds), Say(after)))


def _drop(turn: Turn, argument: str) -> Plan:
    return Plan((Say(f"{PROSE}\n\nThe connection is cut in the middle of"), Drop()))


def _refusal(kind: RefusalKind) -> Callable[[Turn, str], Plan]:
    def plan(turn: Turn, argument: str) -> Plan:
        return Plan(refusal=Refusal(kind))

    return plan


def _rate(turn: Turn, argument: str) -> Plan:
    seconds = _number(argument, 20, LONGEST_PAUSE)
    reply_text = f"The wait of {seconds:g} s is over, and the message was accepted."
    return Plan((Say(reply_text),), Refusal("rate", seconds))


def _split(turn: Turn, argument: str) -> Plan:
    return Plan((SplitBytes(), Say(argument or SPLIT_TEXT)))


def _length(turn: Turn, argument: str) -> Plan:
    return Plan((Say(f"{PROSE} And there would be more, but the limit of tokens is"), TokenLimit()))


def _key(turn: Turn, argument: str) -> Plan:
    if not turn.key:
        return Plan((Say("No key came with this message."),))
    letters = (Piece(letter, paced=True) for letter in turn.key)
    return Plan((Say("The key that you sent: "), *letters, Say(" That is all of it.")))


def _noend(turn: Turn, argument: str) -> Plan:
    return Plan((Say(f"{PROSE} That was all, but the stream does not say so."), NoEnd()))


def _badjson(turn: Turn, argument: str) -> Plan:
    return Plan((Say("Before the bad payload. "), BadPayload(), Say("After it, all is well again.")))


def _two(turn: Turn, argument: str) -> Plan:
    pause = Pause(_number(argument, 1, LONGEST_PAUSE), idle=not argument)
    first = Bubbles(("The first of two. The other comes in a moment.",), apart=True)
    return Plan((first, pause, Bubbles(("The second of two.",), apart=True)))


def _chips(turn: Turn, argument: str) -> Plan:
    items = (
        Suggestion("Help", "/help"),
        Suggestion("Two bubbles", "/two"),
        Suggestion("A file", "/file"),
        Suggestion("A label that is rather longer than a label ought to be, to see where it ends", "/chips"),
        Suggestion("绿咖喱 🍛", "/emoji"),
    )
    return Plan((Say("Suggestions follow. Each sends a command."), Suggest(items)))


def _file(turn: Turn, argument: str) -> Plan:
    picture = Attachment(
        "image", f"{turn.files_url}/terrace.png", "0b6c1a52-5a0e-4c39-8a7e-2f1f0d3b9c11", "terrace.png"
    )
    menu = Attachment("file", f"{turn.files_url}/menu.pdf", "0b6c1a52-5a0e-4c39-8a7e-2f1f0d3b9c12", "menu.pdf")
    return Plan((Say("A picture and a document."), Attach((picture, menu))))


def _emoji(turn: Turn, argument: str) -> Plan:
    return Plan((Say(EMOJI_BEFORE), Piece("\ud83d"), Piece("\ude00"), Say(EMOJI_AFTER)))


def _huge(turn: Turn, argument: str) -> Plan:
    size = int(_number(argument, 100_000, MOST_CHARACTERS)) or 1
    step = size if "whole" in argument else 4096

    def steps() -> Iterator[Step]:
        line = huge_line(size)
        for start in range(0, size, step):
            yield Piece(line[start : start + step])

    return Plan(steps())


def _long(turn: Turn, argument: str) -> Plan:
    tokens, speed = longwriter.read_order(argument)
    return longwriter.plan(tokens, speed, turn.seed)


def _empty(turn: Turn, argument: str) -> Plan:
    return Plan()


def _error(turn: Turn, argument: str) -> Plan:
    return Plan((Say(f"{PROSE} And here the model behind the service gives up."), Fail("Upstream model failed")))


def _escape(turn: Turn, argument: str) -> Plan:
    label = "\x1b[31mred\x1b[0m [/]"
    return Plan((Pace(0), Say(LIST_BOMB), Say(f"\n{ESCAPES}"), Suggest((Suggestion(label, "/help"),))))


def _echo(turn: Turn, argument: str) -> Plan:
    return Plan((Say(turn.message.lstrip().removeprefix("/echo")[1:] or "/echo"),))


def _think(turn: Turn, argument: str) -> Plan:
    thought = "The question is simple. A short answer will do, once I have looked at it from both sides."
    return Plan((Think(thought), Say("I thought about it first, and this is the answer.")))


def _tool(turn: Turn, argument: str) -> Plan:
    return Plan((Say("I look that up. "), CallTool("look_up", '{"place":"The Terrace","people":4}')))


def _stored(turn: Turn, argument: str) -> Plan:
    stored: StoredAs = next((way for way in get_args(StoredAs) if way == argument), "shorter")
    return Plan((Say(_STORED[stored]),), stored=stored)


COMMANDS: tuple[Command, ...] = (
    Command("help", "", "This list.", _help),
    Command("slow", "3", "Tokens at 3 a second.", _slow),
    Command("stall", "8", "Says something, is silent for 8 s, goes on.", _stall),
    Command("drop", "", "The connection is cut in the middle of the reply.", _drop),
    Command("noend", "", "Ends normally, but without the end mark.", _noend),
    Command("length", "", "Cut at the token limit, if the format can report it.", _length),
    Command("error", "", "An error event after some text.", _error),
    Command("key", "", "Says the key that you sent, one character at a time.", _key),
    Command("stored", "shorter", "Stored shorter; or `longer`, `other`, `nothing`, `twice`, `late`.", _stored),
    Command("401", "", "The key is refused.", _refusal("unauthorized")),
    Command("429", "20", "Too many requests; accepted when sent again after 20 s.", _rate),
    Command("500", "", "The service fails.", _refusal("internal")),
    Command("html", "", "A web page with status 200 instead of a reply.", _refusal("page")),
    Command("redirect", "", "The service says it moved.", _refusal("redirect")),
    Command("empty", "", "A reply with nothing in it.", _empty),
    Command("split", "text", "Bytes cut inside characters, inside JSON and inside line ends.", _split),
    Command("badjson", "", "One payload is not JSON, the rest is.", _badjson),
    Command("two", "1", "Two bubbles, the second after 1 s.", _two),
    Command("chips", "", "Suggestions.", _chips),
    Command("file", "", "Attachments.", _file),
    Command("emoji", "", "Emoji of every kind, one of them cut in half.", _emoji),
    Command("escape", "", "Terminal escapes, markup and other hostile text.", _escape),
    Command("huge", "100000", "One line of this many characters; with `whole`, in one event.", _huge),
    Command("long", "2000 200", "2,000 tokens at 200 a second.", _long),
    Command("think", "", "Reasoning first, if the format supports it.", _think),
    Command("tool", "", "A tool call, if the format supports it.", _tool),
    Command("echo", "text", "Says the text, even if it is a command.", _echo),
)
_BY_NAME: dict[str, Command] = {command.name: command for command in COMMANDS}
