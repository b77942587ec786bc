"""Recordings as HAR 1.2, which browsers and proxies open.

Members that HAR does not define are named as in Chrome: `_resourceType`, `_error`, and `_eventSourceMessages`, with
which its network panel shows the events of a stream with their times. `_chunks` are the reads, and `_recording` is
everything else in a recording, so that only unknown members are lost.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from chatgrid_tui import __version__
from chatgrid_tui.engine.recording import Read, Recording
from chatgrid_tui.engine.recording_format import encoded, end_line, head_line, masked_reads, request_line
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.wire.sse import Decoder

EPOCH: Final = "1970-01-01T00:00:00.000000Z"
"""The date of a recording without one: HAR requires a date."""
UNKNOWN_TYPE: Final = "x-unknown"
"""The media type of a body without one, as Chrome writes it."""
_HTTP: Final = "HTTP/1.1"
_EVENT_STREAM: Final = "text/event-stream"


def write_har(recordings: Iterable[Recording]) -> bytes:
    """Return recordings as one HAR in ASCII, without keys and cookies."""
    creator = encoded({"name": "chatgrid-tui", "version": __version__})
    entries = b",\n".join(_written(_entry(recording)) for recording in recordings)
    return b'{"log":{"version":"1.2","creator":%b,"pages":[],"entries":[\n%b\n]}}\n' % (creator, entries)


def _written(entry: JsonObject) -> bytes:
    """Return an entry as JSON. Each item of its lists is encoded separately: encoding hundreds of thousands in one
    call into C would delay keys.
    """
    members = (
        (name, b"[%b]" % b",".join(map(encoded, value)) if isinstance(value, list) else encoded(value))
        for name, value in entry.items()
    )
    return b"{%b}" % b",".join(b"%b:%b" % (encoded(name), value) for name, value in members)


def _entry(recording: Recording) -> JsonObject:
    """Return the entry of a recording."""
    reads, dropped = masked_reads(recording)
    reads = list(reads)
    line = request_line(recording)
    started = line.get("startedDateTime", EPOCH)
    end = recording.end.t if recording.end is not None else recording.latest
    wait = end if recording.head is None else recording.head.t
    return {
        "startedDateTime": started,
        "time": _milliseconds(max(wait, end)),
        "request": _request(line),
        "response": _response(recording, reads, dropped),
        "cache": {},
        "timings": {
            **dict.fromkeys(("blocked", "dns", "connect", "ssl"), -1),
            "send": 0,
            "wait": _milliseconds(wait),
            "receive": _milliseconds(max(0.0, end - wait)),
        },
        "_resourceType": "fetch",
        **_event_source_messages(recording, reads),
        "_chunks": [{"t": round(read.t, 6), "size": len(read.data)} for read in reads],
        "_recording": {
            **{name: line[name] for name in ("version", "kind", "redacted", "timed") if name in line},
            "lines": [{"after": line.after, "line": line.content} for line in recording.lines],
            "end": None if recording.end is None else end_line(recording, recording.end, dropped),
        },
    }


def _request(line: JsonObject) -> JsonObject:
    url, posted = str(line.get("url", "")), line.get("postData")
    text = posted.get("text") if isinstance(posted, Mapping) else ""
    return {
        "method": line.get("method"),
        "url": url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": line.get("headers", []),
        "queryString": [{"name": name, "value": value} for name, value in _query(url)],
        **({} if posted is None else {"postData": posted}),
        "headersSize": -1,
        "bodySize": len(str(text).encode()),
    }


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []


def _response(recording: Recording, reads: Iterable[Read], dropped: int) -> JsonObject:
    head, body = recording.head, b"".join(read.data for read in reads)
    headers = {} if head is None else head.headers
    failure = None if recording.end is None else recording.end.failure
    return {
        "status": recording.status,
        "statusText": _phrase(recording.status),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": [] if head is None else head_line(recording, head)["headers"],
        "content": _content(body, _media_type(headers), dropped),
        "redirectURL": headers.get("location", ""),
        "headersSize": -1,
        "bodySize": -1 if "content-encoding" in headers else recording.size,
        **({} if failure is None else {"_error": failure.cause}),
    }


def _media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of a body without parameters, with which Chrome would show no events."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() or UNKNOWN_TYPE


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _content(body: bytes, media_type: str, dropped: int) -> JsonObject:
    content: dict[str, Json] = {"size": len(body), "mimeType": media_type}
    try:
        content["text"] = body.decode()
    except UnicodeDecodeError:
        content |= {"text": b64encode(body).decode(), "encoding": "base64"}
    if dropped:
        content["comment"] = f"{dropped} more bytes arrived and were not recorded."
    return content


def _event_source_messages(recording: Recording, reads: Iterable[Read]) -> JsonObject:
    """Return the events of an SSE stream, as Chrome reads them: names and ids are empty if missing."""
    if _media_type(recording.headers) != _EVENT_STREAM:
        return {}
    started = recording.started_at.timestamp() if recording.started_at is not None else 0.0
    decoder, messages = Decoder(), list[Json]()
    last = recording.latest
    for t, records in [*((read.t, decoder.feed(read.data)) for read in reads), (last, decoder.close())]:
        messages += (
            {"time": round(started + t, 6), "eventName": record.event, "eventId": record.id, "data": record.data}
            for record in records
            if not record.stray
        )
    return {"_eventSourceMessages": messages}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
