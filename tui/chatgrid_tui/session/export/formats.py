"""The formats of an export. A file is written piece by piece, so that only one conversation is in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, Protocol, assert_never

from chatgrid_tui import __version__
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.export.html_page import page_end, page_section, page_start
from chatgrid_tui.session.export.text_writers import as_markdown, as_text
from chatgrid_tui.session.export.transcript import Transcript

OUR_FORMAT: Final = "chatgrid-tui conversations"
"""The value of `format` in our JSON."""
OUR_VERSION: Final = 1
"""The value of `version`. A field that is added does not change it."""
_LISTS: Final = ("turns", "service_messages")


class TranscriptWriter(Protocol):
    """Writes transcripts, one after the other."""

    def start(self, titles: Sequence[str]) -> str:
        """Return what comes before the first one. `titles` are those of all."""
        ...

    def part(self, transcript: Transcript, number: int) -> str:
        """Return a transcript. The first one has the number 1."""
        ...

    def end(self, made: str) -> str:
        """Return what comes after the last one. `made` says what made the file, and when."""
        ...


class _Html:
    def start(self, titles: Sequence[str]) -> str:
        return page_start(titles)

    def part(self, transcript: Transcript, number: int) -> str:
        return page_section(transcript, number)

    def end(self, made: str) -> str:
        return page_end(made)


class _Markdown:
    def start(self, titles: Sequence[str]) -> str:
        return ""

    def part(self, transcript: Transcript, number: int) -> str:
        return f"{as_markdown(transcript)}\n"

    def end(self, made: str) -> str:
        return f"---\n\n{made}\n"


class _Text:
    def start(self, titles: Sequence[str]) -> str:
        return ""

    def part(self, transcript: Transcript, number: int) -> str:
        return as_text(transcript) if number == 1 else f"\n{'-' * 40}\n\n{as_text(transcript)}"

    def end(self, made: str) -> str:
        return ""


def writer_of(format_: Literal["markdown", "html", "text"]) -> TranscriptWriter:
    """Return the writer of a format."""
    match format_:
        case "markdown":
            return _Markdown()
        case "html":
            return _Html()
        case "text":
            return _Text()
    assert_never(format_)


def document(format_: Literal["markdown", "html", "text"], transcript: Transcript, made: str) -> str:
    """Return one transcript as a whole document."""
    writer = writer_of(format_)
    return writer.start([transcript.title]) + writer.part(transcript, 1) + writer.end(made)


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
