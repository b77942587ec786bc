"""Evidence of how a reply went: its wire data, the conversation and the environment in one zip, without any key."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chatgrid_tui import __version__
from chatgrid_tui.config.secret import Secret, known_secrets
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.har import write_har
from chatgrid_tui.engine.key_mask import MASK, KeyMask
from chatgrid_tui.engine.metered_trace import report_of
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import read_recordings, write_recording, write_recordings
from chatgrid_tui.engine.recording_redactor import mask_spelt, spells_key
from chatgrid_tui.engine.request_export import BODY_FILE, as_curl, export_request
from chatgrid_tui.engine.transport import place_of
from chatgrid_tui.errors import KeyProblem, UsageProblem
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.details import why_not_recorded
from chatgrid_tui.session.export.formats import document, made_at
from chatgrid_tui.session.export.transcript import Transcript, transcript_of
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.screen_masking import masked_rows
from chatgrid_tui.session.session import Session
from chatgrid_tui.session.system_facts import terminal_facts, version_facts
from chatgrid_tui.session.user_files import write_user_file
from chatgrid_tui.text import clean

_REQUEST_HEAD: Final = "#!/bin/sh\n# Sends the recorded request again{needs}.\n"
_IN_FOLDER: Final = 'cd "$(dirname "$0")" || exit 1\n'
MANIFEST: Final = "MANIFEST.json"
_FORMAT: Final = 1
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can contain."""
_JSON_ESCAPE: Final = re.compile(r"\\(?:u00([0-9a-fA-F]{2})|([\\/\"]))")
_NESTED: Final = 3
"""Levels of JSON inside strings of JSON: an event in the text of a read in a line of a recording."""
_TAG: Final = re.compile("<[^<>]*>")
_BLANK: Final = re.compile(r"\s+")
_PIECE: Final = 256 * 1024
"""Characters that are searched at once: a regular expression blocks all other threads."""
_OVERLAP: Final = 16 * 1024
"""The maximum characters of a key in its longest form, including what separates its parts."""


@dataclass(frozen=True, slots=True)
class Screen:
    """The screen on which a reply was seen."""

    texts: Sequence[str]
    """The text of each row."""
    columns: int
    """Its width in cells."""
    drawn: Callable[[Sequence[str]], str]
    """Returns its picture in SVG, with other texts in its rows, of the same lengths."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """The subject of the evidence, as it was when it was requested."""

    provider: Provider
    variable: str
    recordings: tuple[Recording, ...]
    transcript: Transcript
    made: str
    """A sentence on what made the evidence, and when."""
    about: JsonObject
    screen: Screen
    note: str


async def save_evidence(
    session: Session, conversation: Conversation, turn: Turn, reply: Reply, screen: Screen, note: str, path: Path
) -> int:
    """Write the evidence of a reply to a new file, and return its size in bytes. `note` is the user's comment.

    Raises:
        UsageProblem: nothing was recorded, a key would be included, or the file cannot be written.
        StorageProblem: the recording cannot be read.
    """
    created = session.clock.utc_now()
    facts = await session.wire_facts(conversation, reply)
    if not facts.recordings:
        raise UsageProblem(f"There is no evidence of this reply. {why_not_recorded(turn, reply)}")
    provider = session.clients.current(conversation.provider)
    with contextlib.suppress(KeyProblem):  # in which case it was never sent
        await session.clients.look_up_key(provider)  # so that it can be searched for
    source = session.clients.settings.key_sources.get(provider.name)
    key = session.clients.key_status(provider)
    subject = _Subject(
        provider,
        "" if source is None else source.variable,
        facts.recordings,
        transcript_of(conversation, key, reply),
        made_at(created),
        _about(conversation, reply),
        screen,
        note,
    )
    return await asyncio.to_thread(_write, subject, path, created)


def _write(subject: _Subject, path: Path, created: datetime) -> int:
    keys = known_secrets()
    if (mask := KeyMask.of_all(keys)) is not None:
        subject = replace(subject, recordings=_without_keys(subject.recordings, mask))
    data = bundle_of(_files(subject, mask), subject.recordings, keys, created)
    write_user_file(path, data)
    return len(data)


def _without_keys(recordings: Iterable[Recording], mask: KeyMask) -> tuple[Recording, ...]:
    """Return recordings without any known key; the keys of their own requests are never in them."""
    masked: list[Recording] = []
    for recording in recordings:
        copy = recording.snapshot()
        copy.mask = mask
        if spells_key(copy.body, mask):
            copy.spelt = mask_spelt(copy.reads, mask)[1]
        masked += read_recordings(write_recording(copy))
    return tuple(masked)


def _files(subject: _Subject, mask: KeyMask | None) -> dict[str, bytes]:
    """Return the files of the bundle except the manifest, with all keys masked."""

    def masked(text: str) -> bytes:
        return (text if mask is None else mask.text(text)).encode("utf-8", "replace")

    dialect = DIALECTS.get(subject.recordings[-1].kind, DIALECTS[subject.provider.kind])
    report = report_of(subject.recordings, dialect)
    return {
        "recording.jsonl": write_recordings(subject.recordings),
        "exchange.har": write_har(subject.recordings),
        **{name: masked(text) for name, text in _request(subject).items()},
        **_body(subject),
        "transcript.md": document("markdown", subject.transcript, subject.made).encode(),
        "transcript.html": document("html", subject.transcript, subject.made).encode(),
        "screen.svg": _picture(subject.screen, mask).encode("utf-8", "replace"),
        "health.json": _json(None if report is None else report.as_object()),
        "environment.json": masked(_json(_environment(subject)).decode()),
        "note.md": masked(f"{clean(subject.note).strip()}\n"),
    }


def _picture(screen: Screen, mask: KeyMask | None) -> str:
    return screen.drawn(screen.texts if mask is None else masked_rows(screen.texts, mask))


def _request(subject: _Subject) -> Mapping[str, str]:
    """Return the request of the reply as a script. Headers that are not recorded are variables."""
    request = export_request(subject.recordings[-1], replace(subject.provider, headers=()), subject.variable)
    needs = f"; it needs {' and '.join(f'${name}' for name in request.variables)}" if request.variables else ""
    folder = _IN_FOLDER if request.body_file is not None else ""
    return {"request.sh": f"{_REQUEST_HEAD.format(needs=needs)}{folder}{as_curl(request)}\n"}


def _body(subject: _Subject) -> Mapping[str, bytes]:
    body = export_request(subject.recordings[-1], None).body_file
    return {} if body is None else {BODY_FILE: body}


def _about(conversation: Conversation, reply: Reply) -> JsonObject:
    provider = conversation.provider
    return {
        "provider": {"name": provider.name, "kind": provider.kind, "host": place_of(provider.base_url)},
        "board": {"id": conversation.board.id, "name": conversation.board.name},
        "conversation": conversation.remote_id or reply.conversation_id,
        "reply": {
            "id": reply.remote_id,
            "started": reply.started_at.astimezone(UTC).isoformat(),
            "state": reply.state,
            "model": reply.model,
            "error": None if reply.failure is None else reply.failure.as_object(),
            "truth": None if reply.truth is None else reply.truth.as_object(),
            "verdict": reply.verdict,
            "note": reply.note,
        },
    }


def _environment(subject: _Subject) -> JsonObject:
    screen = subject.screen
    facts: dict[str, Json] = {
        "versions": dict(version_facts()),
        "terminal": dict(terminal_facts(os.environ, screen.columns, len(screen.texts))),
    }
    return {**facts, **subject.about}


def _json(value: Json) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"


def bundle_of(
    files: Mapping[str, bytes], recordings: Collection[Recording], keys: Collection[Secret], created: datetime
) -> bytes:
    """Return a zip of named files, and a manifest of them. `recordings` are those in the files; none of `keys` may be
    in any of them. `created` must be aware.

    Raises:
        UsageProblem: one of the keys is in a file. The message names the file, but not the key.
    """
    files = {**files, MANIFEST: _manifest(files, recordings, created)}
    if (mask := KeyMask.of_all(keys)) is not None:
        _refuse_keys(files, recordings, mask)
    written = BytesIO()
    moment = max(created.timetuple()[:6], _EARLIEST)
    with ZipFile(written, "w", ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            member = ZipInfo(name, moment)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = (0o700 if name.endswith(".sh") else 0o600) << 16
            bundle.writestr(member, data)
    return written.getvalue()


def _refuse_keys(files: Mapping[str, bytes], recordings: Iterable[Recording], mask: KeyMask) -> None:
    for name, data in files.items():
        if holds_key(name.encode(), mask) or holds_key(data, mask):
            raise UsageProblem(f"{mask.text(name)} would contain a key. Nothing was written.")
    if streams_hold_key(recordings, mask):
        raise UsageProblem("The recording would contain a key, in pieces. Nothing was written.")


def _manifest(files: Mapping[str, bytes], recordings: Iterable[Recording], created: datetime) -> bytes:
    """Return the manifest. `redactions` counts the masks in each file, and the headers without a value."""
    listed: list[Json] = []
    masks = 0
    for name, data in files.items():
        count = len(MASK.findall(data.decode("latin-1")))
        masks += count
        digest = hashlib.sha256(data).hexdigest()
        listed.append({"name": name, "size": len(data), "sha256": digest, "redactions": count})
    manifest: dict[str, Json] = {
        "format": _FORMAT,
        "creator": {"name": "chatgrid-tui", "version": __version__},
        "created": created.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "sanitized": True,
        "redactions": {"keys": masks, "headers": sum(len(recording.redacted) for recording in recordings)},
        "files": listed,
    }
    return json.dumps(manifest, indent=2).encode() + b"\n"


def holds_key(data: bytes, mask: KeyMask) -> bool:
    """Return whether a file contains a key."""
    text = data.decode("latin-1")
    pieces = (text[at : at + _PIECE + _OVERLAP] for at in range(0, len(text), _PIECE))
    return any(mask.is_in(reading) for piece in pieces for reading in _readings(piece))


def streams_hold_key(recordings: Iterable[Recording], mask: KeyMask) -> bool:
    """Return whether the body of a recording contains a key, possibly split over events or reads."""
    return any(holds_key(recording.body, mask) or spells_key(recording.body, mask) for recording in recordings)


def _readings(text: str) -> Iterator[str]:
    """Yield a text as it is, and as programs that read such files would show it."""
    for seen in dict.fromkeys((text, unescape(_TAG.sub("", text)))):
        reading = seen
        for _ in range(_NESTED + 1):
            yield reading
            yield unquote(reading, "latin-1")
            yield _BLANK.sub("", reading)
            shorter = _JSON_ESCAPE.sub(_unescaped, reading)
            if shorter == reading:
                break
            reading = shorter


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else escape[2]
