"""The formats of an export. A file is written piece by piece, so that only one conversation is in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias, assert_never

from chatgrid_tui import __version__
from chatgrid_tui.markdown.enclosed import enclosed
from chatgrid_tui.markdown.plain_text import bubble_text
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.export.html_page import page_end, page_section, page_start
from chatgrid_tui.session.export.transcript import Transcript
from chatgrid_tui.text import clean

OUR_FORMAT: Final = "chatgrid-tui conversations"
"""The value of `format` in our JSON."""
OUR_VERSION: Final = 1
"""The value of `version`. A field that is added does not change it."""
_LISTS: Final = ("turns", "service_messages")
_RULE: Final = "-" * 40

TextFormat: TypeAlias = Literal["markdown", "html", "text"]
"""The formats for reading."""


def document_start(format_: TextFormat, titles: Sequence[str]) -> str:
    """Return what comes before the first transcript. `titles` are those of all."""
    return page_start(titles) if format_ == "html" else ""


def document_part(format_: TextFormat, transcript: Transcript, number: int = 1) -> str:
    """Return a transcript. The first one has the number 1."""
    match format_:
        case "markdown":
            return f"{as_markdown(transcript)}\n"
        case "html":
            return page_section(transcript, number)
        case "text":
            return as_text(transcript) if number == 1 else f"\n{_RULE}\n\n{as_text(transcript)}"
    assert_never(format_)


def document_end(format_: TextFormat, made: str) -> str:
    """Return what comes after the last transcript. `made` says what made the document, and when."""
    match format_:
        case "markdown":
            return f"---\n\n{made}\n"
        case "html":
            return page_end(made)
        case "text":
            return ""
    assert_never(format_)


def document(format_: TextFormat, transcript: Transcript, made: str) -> str:
    """Return one transcript as a whole document."""
    start, end = document_start(format_, [transcript.title]), document_end(format_, made)
    return start + document_part(format_, transcript) + end


def made_at(moment: datetime) -> str:
    """Return a sentence on what made a file, and when."""
    return f"Made by chatgrid-tui {__version__} on {moment.astimezone():%Y-%m-%d %H:%M:%S %z}."


def json_start(moment: datetime) -> str:
    """Return our JSON up to its first conversation."""
    head = {
        "format": OUR_FORMAT,
        "version": OUR_VERSION,
        "program": f"chatgrid-tui {__version__}",
        "exported_at": moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    return f'{json.dumps(head)[:-1]}, "conversations": [\n'


def json_parts(conversation: JsonObject, number: int) -> Iterator[str]:
    """Yield a conversation of our JSON, on one line, in pieces. The first one has the number 1."""
    # No other thread runs while a value is serialized, so a long conversation is serialized turn by turn.
    lists = {name: value for name, value in conversation.items() if name in _LISTS and isinstance(value, Sequence)}
    yield "" if number == 1 else ",\n"
    yield _json({name: value for name, value in conversation.items() if name not in lists})[:-1]
    for name, items in lists.items():
        yield f', "{name}": ['
        for place, item in enumerate(items):
            yield f", {_json(item)}" if place else _json(item)
        yield "]"
    yield "}"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


JSON_END: Final = "\n]}\n"


def as_markdown(transcript: Transcript) -> str:
    """Return a transcript as Markdown, in which the messages keep theirs."""
    blocks = [f"# {enclosed(transcript.title)}", enclosed(transcript.about)]
    for message in transcript.messages:
        blocks.append(f"## {enclosed(message.heading)}")
        blocks += map(enclosed, message.texts)
        blocks += [enclosed(f"- {name}: {address}" if address else f"- {name}") for name, address in message.files]
        blocks += [f"*{enclosed(note)}*" for note in message.notes]
    return "\n\n".join(filter(None, blocks)) + "\n"


def as_text(transcript: Transcript) -> str:
    """Return a transcript as plain text, without the Markdown of replies."""
    blocks = ["\n".join(filter(None, (transcript.title, transcript.about)))]
    for message in transcript.messages:
        texts = map(clean if message.is_mine else bubble_text, message.texts)
        files = [f"{name}: {address}" if address else name for name, address in message.files]
        notes = [f"({note})" for note in message.notes]
        shown = [text for text in (*(text.strip("\n") for text in texts), *files, *notes) if text]
        blocks.append("\n".join([message.heading, "\n\n".join(shown)]))
    return "\n\n".join(blocks) + "\n"
