"""The views of the chosen row in the wire pane: bytes, JSON, effect, headers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from chatgrid_tui.dialects.response_parser import Framing
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import head_line, request_line
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.session.wording.endings import end_sentence
from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.ui.wire.wire_log import WireLog, WireRow
from chatgrid_tui.units import counted, seconds
from chatgrid_tui.units import size as data_size
from chatgrid_tui.wire import ndjson, sse
from chatgrid_tui.wire.record import MALFORMED, UNPARSED, Absent, json_at

View: TypeAlias = Literal["raw", "decoded", "effect", "headers"]
VIEWS: Final[tuple[View, ...]] = get_args(View)
LONGEST: Final = 256 * 1024
"""Bytes of a row that are shown."""
_HEX_ROW: Final = 16
_SHOWN_OF_TEXT: Final = 2_000


class RowView(NamedTuple):
    """One view of a row."""

    text: str
    """Its lines, cleaned."""
    linked: str = ""
    """The part of the text that consists of characters of the reply."""


def view_of(log: WireLog, row: WireRow, view: View) -> RowView:
    """Return a view of a row."""
    match view:
        case "raw":
            return _raw(log, row)
        case "decoded":
            return RowView(_decoded(log, row))
        case "effect":
            return RowView(_effect(log, row), _characters(log, row))
        case "headers":
            return RowView("\n".join(_headers(log.exchanges[row.exchange].recording)))


def title_of(row: WireRow) -> str:
    """Return the title of a row."""
    match row.kind:
        case "request":
            return "Request"
        case "response":
            return "Response"
        case "end":
            return "End of the stream"
        case "line":
            return "Line"
        case "record":
            return f"Record {row.number:,}" if row.number else "Rest of the body"


def place_of(log: WireLog, row: WireRow) -> str:
    """Return a sentence on when a row arrived, and with which other rows."""
    recording = log.exchanges[row.exchange].recording
    if not row.timed:
        return "The time is unknown."
    at = _clock(recording.started_at, row.t)
    if row.read < 0:
        return f"After {seconds(row.t)}{at}."
    first, following = log.rows_of_read(row.at)
    _, start, end = recording.read_span(row.read)
    size = data_size(end - start)
    if following - first == 1:
        return f"Alone in one read of {size}{at}."
    return f"{row.at - first + 1:,} of {counted(following - first, 'row')} in one read of {size}{at}."


def text_of(data: bytes) -> str:
    """Return bytes as text to copy: unchanged if they are UTF-8, else with U+FFFD for invalid bytes."""
    return clean(data.decode("utf-8", "replace"))


def readable(data: bytes) -> str:
    """Return bytes as text with visible control characters, or as rows of hex if they are no text."""
    shown = data[:LONGEST]
    try:
        text = shown.decode()
    except UnicodeDecodeError:
        rows = [_hex_row(shown, at) for at in range(0, min(len(shown), LONGEST // 16), _HEX_ROW)]
        return "\n".join(rows)
    text = text.replace("\r\n", "\n").removesuffix("\n").removesuffix("\n")
    text = "".join(
        character if character >= " " or character in "\n\t" else ascii(character)[1:-1] for character in text
    )
    return clean(text) + (f"\n… {data_size(len(data) - LONGEST)} more" if len(data) > LONGEST else "")


def values_in(data: bytes, framing: Framing | None) -> Iterator[Json]:
    """Yield the JSON values in the bytes of a row."""
    if framing in ("sse", "ndjson"):
        decoder = sse.Decoder() if framing == "sse" else ndjson.Decoder()
        for record in [*decoder.feed(data), *decoder.close()]:
            value = json_at(record.data)[0] if record.value is UNPARSED else record.value
            if value is not MALFORMED and value is not UNPARSED:
                yield value
        return
    value = json_at(data.decode("utf-8", "replace").strip())[0]
    if value is not MALFORMED and value is not UNPARSED:
        yield value


def _raw(log: WireLog, row: WireRow) -> RowView:
    recording = log.exchanges[row.exchange].recording
    match row.kind:
        case "request":
            return RowView("\n".join(_request_lines(recording)))
        case "response":
            return RowView("\n".join(_response_lines(recording)))
        case "end":
            return RowView(_ending(recording))
        case "record" | "line":
            text, characters = readable(log.data(row.at)), _characters(log, row)
            spellings = (json.dumps(characters, ensure_ascii=is_ascii)[1:-1] for is_ascii in (False, True))
            return RowView(text, next((spelling for spelling in spellings if spelling in text), ""))


def _decoded(log: WireLog, row: WireRow) -> str:
    exchange = log.exchanges[row.exchange]
    if row.kind == "request":
        body = _body_of(exchange.recording)
        return "The request has no JSON." if body is None else _pretty(body)
    data = log.data(row.at)
    if len(data) > LONGEST:
        return f"{data_size(len(data))} are too much to show as JSON."
    texts = [_pretty(value) for value in values_in(data, exchange.trace.framing)]
    return "\n".join(texts) or "It contains no JSON."


def _effect(log: WireLog, row: WireRow) -> str:
    if row.kind == "end":
        return _ending(log.exchanges[row.exchange].recording)
    effect = row.effect
    lines = [f"{clean_line(effect.type)}: {clean_line(effect.text)}"]
    for span in log.char_spans(row.at):
        edition = f" of its edition {span.edition + 1}" if span.edition else ""
        lines.append(f"Bubble {span.bubble + 1}, characters {span.start + 1:,} to {span.end:,}{edition}")
    if characters := _characters(log, row):
        lines.append(characters)
    return "\n".join(lines)


def _characters(log: WireLog, row: WireRow) -> str:
    """Return the characters that a row added, as far as they are still in the text."""
    if row.exchange != len(log.exchanges) - 1:
        return ""
    texts = []
    for span in log.char_spans(row.at):
        bubble = log.bubbles.get(span.bubble)
        if bubble is not None and bubble.edition == span.edition:
            texts.append(bubble.text[span.start : min(span.end, span.start + _SHOWN_OF_TEXT)])
    return clean("\n".join(texts))


def _ending(recording: Recording) -> str:
    lines = [end_sentence(recording.end)]
    lines.append(f"{data_size(recording.size)} came in {counted(recording.read_count, 'read')}.")
    if recording.dropped:
        lines.append(f"{data_size(recording.dropped)} of them are not recorded.")
    return "\n".join(lines)


def _headers(recording: Recording) -> Iterator[str]:
    yield from _request_lines(recording)
    yield ""
    yield from _response_lines(recording)


def _request_lines(recording: Recording) -> Iterator[str]:
    if not recording.has_request:
        yield "The file does not contain the request."
        return
    line = request_line(recording)
    yield clean_line(f"{line.get('method')} {line.get('url')}", _SHOWN_OF_TEXT)
    yield from _header_lines(line)
    match line.get("postData"):
        case {"text": str(text)}:
            yield ""
            yield clean(text[:LONGEST])
        case _:
            pass


def _response_lines(recording: Recording) -> Iterator[str]:
    if recording.head is None:
        yield "There was no answer."
        return
    if not recording.has_head:
        yield "The file does not contain the head of the answer."
        return
    yield f"{recording.head.status}"
    yield from _header_lines(head_line(recording, recording.head))


def _header_lines(line: JsonObject) -> Iterator[str]:
    headers, redacted = line.get("headers"), line.get("redacted")
    for header in headers if isinstance(headers, list) else []:
        if isinstance(header, Mapping):
            yield clean_line(f"{header.get('name')}: {header.get('value')}", _SHOWN_OF_TEXT)
    for name in redacted if isinstance(redacted, list) else []:
        yield f"{clean_line(str(name))}: (not recorded)"


def _body_of(recording: Recording) -> Json:
    match request_line(recording).get("postData"):
        case {"text": str(text)}:
            value = json_at(text)[0]
            return None if isinstance(value, Absent) else value
        case _:
            return None


def _pretty(value: Json) -> str:
    return clean(json.dumps(value, indent=2, ensure_ascii=False))


def _hex_row(data: bytes, at: int) -> str:
    part = data[at : at + _HEX_ROW]
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
    return f"{at:06x}  {part.hex(' '):<{3 * _HEX_ROW}} {text}"


def _clock(started_at: datetime | None, t: float) -> str:
    if started_at is None:
        return ""
    at = (started_at + timedelta(seconds=t)).astimezone()
    return f", {at:%H:%M:%S}.{at.microsecond // 1000:03}"
