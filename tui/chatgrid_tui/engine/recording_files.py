"""Reads recordings from files of any format, which is detected from the content.

- recordings as lines of JSON, plain or in gzip, and bundles: a zip with a `recording.jsonl`
- HAR 1.2, of this program, of Chrome, and of others
- a captured body, as `curl -N` writes it, or with the head of the answer, as from `curl -iN`
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from chatgrid_tui.dialects.kind_guess import LOOKED_AT, guess_kind
from chatgrid_tui.dialects.registry import DIALECTS, PLAINEST_KIND
from chatgrid_tui.dialects.response_parser import is_success
from chatgrid_tui.engine.har_reader import read_har
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recorded_values import joined_headers
from chatgrid_tui.engine.recording import Head, Read, Recording
from chatgrid_tui.engine.recording_format import VERSION, NotARecording, read_recording_lines
from chatgrid_tui.engine.recording_redactor import mask_spelt
from chatgrid_tui.model.recording_limits import LARGEST_RECORDING
from chatgrid_tui.model.request import Request
from chatgrid_tui.text import clean_line
from chatgrid_tui.wire.content_encoding import BrokenCoding, ContentDecoder, TooMuch, UnknownCoding

FILE_LIMIT: Final = 256 * 1024 * 1024
"""The maximum bytes of a file, before and after decompression."""
NO_TIMES: Final = "This file has no times."
_BUNDLED: Final = "recording.jsonl"
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_PIECE: Final = 64 * 1024
_LONGEST_HEAD: Final = 256 * 1024
_HAR: Final = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_COMMENTS: Final = re.compile(rb"(?:[ \t\r]*(?:#[^\n]*)?\n)*")
_OUR_LINE: Final = re.compile(
    rb'\s*\{\s*"type"\s*:\s*"(?:request"|(?:response|data|end|note|fault)"\s*,[^\n]{0,200}?"t"\s*:)'
)
_REQUEST_ANYWHERE: Final = re.compile(rb'\s*\{(?=[^\n]*"type"\s*:\s*"request")(?=[^\n]*"url"\s*:)[^\n]*"method"\s*:')
_HEAD: Final = re.compile(rb"HTTP/[0-9.]{1,4} ([0-9]{3})(?: [^\n]*)?\r?\n(?s:(.*?)\n)??\r?\n")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """The content of a file."""

    recordings: tuple[Recording, ...]
    notes: tuple[str, ...] = ()
    """What the user should know about the file, one sentence each."""


def read_recording_file(data: bytes, kind: str = "") -> RecordingFile:
    """Return the recordings in the bytes of a file. `kind` is that of the service, if known; otherwise it is the one
    that the file names, or the one that recognises the most of it. A recording of an unknown kind has none.

    Raises:
        NotARecording: there is no recording in it, it is damaged or too large, or its kind must be given.
    """
    text, notes = _unpacked(data)
    if not text:
        raise NotARecording("It is empty.")
    if len(text) > FILE_LIMIT:
        raise NotARecording(f"It is larger than {FILE_LIMIT >> 20} MiB.")
    if text.startswith(_UTF_16):
        text = text.decode("utf-16", "replace").encode()
    recordings, more = _read(text.removeprefix(_BYTE_ORDER_MARK), kind)
    recordings = [*map(_without_keys, recordings)]
    for recording in recordings:
        recording.kind = kind or recording.kind
        if recording.kind not in DIALECTS:
            recording.kind = guess_kind(recording.part(0, LOOKED_AT), recording.headers) or recording.kind
    return RecordingFile(tuple(recordings), (*notes, *more))


def _without_keys(recording: Recording) -> Recording:
    """Return a recording without the keys in its request, which other programs do not leave out."""
    recording.mask = mask = KeyMask.of(recording.request, None)
    if mask is None:
        return recording
    reads, _ = mask_spelt(recording.reads, mask)
    return recording.with_reads(Read(read.t, mask.data(read.data)) for read in reads)


def kind_unknown() -> str:
    """Return the error text for a captured body of an unknown kind."""
    kinds = ", ".join(DIALECTS)
    unknown = "It is not a recording, and nothing in it shows which kind of service wrote it."
    return f"{unknown} Name the kind with --kind: {kinds}."


def is_recording_file(start: bytes) -> bool:
    """Return whether a file with this start contains more than a captured body."""
    start = start.removeprefix(_BYTE_ORDER_MARK)
    packed = (_GZIP, *_ZIP, *_UTF_16, b"HTTP/")
    return start.startswith(packed) or _HAR.match(start) is not None or is_recording_lines(start)


def is_recording_lines(start: bytes) -> bool:
    """Return whether a file with this start contains recordings as lines of JSON."""
    comments = _COMMENTS.match(start)
    at = comments.end() if comments is not None else 0
    return any(pattern.match(start, at) is not None for pattern in (_OUR_LINE, _REQUEST_ANYWHERE))


def _read(text: bytes, kind: str) -> tuple[list[Recording], list[str]]:
    """Return the recordings in uncompressed bytes, and the notes on them."""
    if is_recording_lines(text[:_PIECE]):
        return _from_lines(text)
    if _HAR.match(text):
        return _from_har(text, kind)
    return _from_dump(text, kind)


def _unpacked(data: bytes) -> tuple[bytes, list[str]]:
    """Return the content of a file, decompressed."""
    if data.startswith(_GZIP):
        return _from_gzip(data)
    if data.startswith(_ZIP):
        return _from_zip(data), []
    return data, []


def _from_gzip(data: bytes) -> tuple[bytes, list[str]]:
    text, is_whole = _decompressed(data, "gzip")
    if not text:
        raise NotARecording("It is compressed, and damaged from the start.")
    return text, [] if is_whole else ["The compressed file was cut or is damaged; what comes before that is shown."]


def _decompressed(data: bytes, coding: str) -> tuple[bytes, bool]:
    """Return the content of compressed bytes up to the first damage, and whether they are intact.

    Raises:
        NotARecording: the content is too large.
        UnknownCoding: they cannot be decompressed.
    """
    decoder, text = ContentDecoder(coding), bytearray()
    try:
        for at in range(0, len(data), _PIECE):
            for part in decoder.feed(data[at : at + _PIECE]):
                text += part
        decoder.close()
    except TooMuch:
        raise NotARecording(f"Decompressed, it is larger than {FILE_LIMIT >> 20} MiB.") from None
    except BrokenCoding:
        return bytes(text), False
    return bytes(text), True


def _from_zip(data: bytes) -> bytes:
    from zipfile import BadZipFile, ZipFile  # rarely needed

    try:
        with ZipFile(BytesIO(data)) as bundle:
            names = [name for name in bundle.namelist() if f"/{name}".endswith(f"/{_BUNDLED}")]
            if not names:
                raise NotARecording(f"There is no {_BUNDLED} in the zip file.")
            with bundle.open(names[0]) as member:
                return member.read(FILE_LIMIT + 1)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as problem:
        if isinstance(problem, NotARecording):
            raise
        raise NotARecording("The zip file was cut or is damaged.") from None


def _from_lines(text: bytes) -> tuple[list[Recording], list[str]]:
    read = read_recording_lines(text)
    notes: list[str] = []
    if read.version > VERSION:
        notes.append(f"Written by a later version ({read.version:g}); only the known parts are shown.")
    if read.is_cut:
        notes.append("The file was cut in the middle of a line.")
    elif read.recordings[-1].end is None:
        notes.append("The recording has no end: the file was cut off, or the program that wrote it ended early.")
    if read.wrong_times:
        times = "One time in the file is" if read.wrong_times == 1 else f"{read.wrong_times:,} times in the file are"
        notes.append(f"{times} invalid; the time before is shown instead.")
    return read.recordings, [*notes, *_times_missing(read.recordings)]


def _from_har(text: bytes, kind: str) -> tuple[list[Recording], list[str]]:
    har = read_har(text, kind)
    notes: list[str] = []
    if har.left_out:
        others = "1 other request" if har.left_out == 1 else f"{har.left_out:,} other requests"
        notes.append(f"{others} in the file {'is' if har.left_out == 1 else 'are'} left out.")
    return har.recordings, [*notes, *_times_missing(har.recordings)]


def _times_missing(recordings: Sequence[Recording]) -> list[str]:
    return [] if all(recording.timed for recording in recordings) else [NO_TIMES]


def _from_dump(data: bytes, kind: str) -> tuple[list[Recording], list[str]]:
    """Return the answer in a captured body, and the notes on it."""
    status, headers, body = _split_head(data)
    notes = [NO_TIMES]
    if coding := headers.get("content-encoding", ""):
        body, problem = _decoded(body, coding)
        notes += problem
    kind = kind or guess_kind(body, headers) or ("" if is_success(status) else PLAINEST_KIND)  # errors look the same
    if not kind:
        raise NotARecording(kind_unknown())
    recording = Recording(Request("POST", ""), kind, timed=False)
    recording.head = Head(0.0, status, headers)
    for at in range(0, len(body), _PIECE):
        recording.add_read(0.0, body[at : at + _PIECE])
    recording.finish(0.0, "eof")
    if recording.dropped:
        notes.append(f"Only the first {LARGEST_RECORDING >> 20} MiB are shown.")
    return [recording], notes


def _split_head(data: bytes) -> tuple[int, Mapping[str, str], bytes]:
    """Return the status, the headers and the body of an answer; 200 and no headers if there is no head. Of several
    heads, such as those of a proxy or a redirect, the last one counts.
    """
    status, headers = 200, dict[str, str]()
    at = 0
    while (head := _HEAD.match(data, at, at + _LONGEST_HEAD)) is not None:
        status, headers, at = int(head[1]), joined_headers(_headers_in(head[2] or b"")), head.end()
    return status, headers, data[at:] if at else data


def _headers_in(head: bytes) -> Iterator[tuple[str, str]]:
    for header in _HEADER.finditer(head):
        yield header[1].decode("latin-1"), header[2].decode("utf-8", "replace").rstrip()


def _decoded(body: bytes, coding: str) -> tuple[bytes, list[str]]:
    """Return a body without the coding named in its head, which curl only decodes on request."""
    try:
        decoded, is_whole = _decompressed(body, coding)
    except UnknownCoding:
        return body, [f"The body is encoded as {clean_line(coding, 40)}, which cannot be read."]
    if not decoded:
        return body, []  # it was decoded during capture
    notes = ["The compressed body was cut or is damaged; what comes before that is shown."]
    return decoded, [] if is_whole else notes
