"""The book of recordings: which of them answers a request, and how the request differs from the recorded one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Final, TypeGuard
from urllib.parse import parse_qsl

from chatgrid_tui.dialects.capabilities import USUAL_MOCKING, Mocking, RelativeRequest
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.http_server.messages import BadJson, Request
from chatgrid_tui.mock.headers import SentHeaders, headers_to_send
from chatgrid_tui.mock.landmarks import Landmarks, landmarks
from chatgrid_tui.mock.mounts import Mount, Place, mounts_for, place_in, same_path
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import clean_line, mend_surrogates
from chatgrid_tui.units import counted

COMPARED_HEADERS: Final = ("accept", "content-type")
"""The headers that describe what is requested. All others describe the client."""
_MOST: Final = 5
_LONGEST_NAME: Final = 60
_MASK: Final = "[key ..."
"""The start of the mask of a recorded key (`engine.key_mask`). Masked values cannot be compared."""
_DEEPEST: Final = 16
"""The levels of a body whose places are named; deeper values are compared as a whole."""


@dataclass(slots=True)
class Entry:
    """A recording that can be served."""

    number: int
    """From 1, in the order of recording."""
    recording: Recording
    mount: Mount
    place: Place
    request: RelativeRequest
    """The recorded request, without the ids that differ between clients."""
    message: str
    """The message in it; empty if there is none."""
    headers: SentHeaders
    landmarks: Landmarks
    served: int = 0
    """How many requests it has answered."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the book found for a request."""

    mount: Mount | None
    """The service at the path; None if there is none."""
    request: RelativeRequest
    identity: Hashable
    """Equal for requests that ask for the same thing."""
    entry: Entry | None = None
    repeated: bool = False
    """Whether the entry has answered before."""
    differences: tuple[str, ...] | None = None
    """How the request differs from the recorded one; None if it cannot be compared."""
    lacks_message: bool = False
    """Whether it would be answered if it contained a message."""


@dataclass(slots=True)
class Book:
    """All recordings that a mock serves."""

    entries: Sequence[Entry]
    loop: bool = False
    """Whether to start again when all matching recordings were served; otherwise the last one is repeated."""
    notes: list[str] = field(default_factory=list)
    """What cannot be served as recorded, one sentence each."""

    @property
    def mounts(self) -> list[Mount]:
        """The services, in the order recorded."""
        return list(dict.fromkeys(entry.mount for entry in self.entries))

    @property
    def is_served(self) -> bool:
        """Whether each recording has answered a request."""
        return all(entry.served for entry in self.entries)

    def take(self, received: Request) -> Match:
        """Return the recording that answers a request, and count it as served."""
        mount, path = self._mount_at(same_path(received.target.partition("?")[0]))
        body, problem = _body_of(received)
        request = _mocking(mount).without_ids(RelativeRequest(received.method, path, body))
        message = _message_in(mount, body)
        match = Match(mount, request, _identity(mount, request, message))
        fitting = [entry for entry in self.entries if entry.mount is mount and _fits(entry, request, message)]
        if fitting and not message and not problem and all(entry.message for entry in fitting):
            return Match(mount, request, match.identity, lacks_message=True)
        fitting = [entry for entry in fitting if entry.message == message] or fitting
        if not fitting:
            return match
        entry = self._next(fitting)
        repeated = entry.served > 0
        entry.served += 1
        differences = None if entry.place.path is None else tuple(_differences(entry, received, request, problem))
        return Match(mount, request, match.identity, entry, repeated, differences)

    def recorded_at(self, mount: Mount) -> list[RelativeRequest]:
        """Return the recorded requests of a service."""
        return [entry.request for entry in self.entries if entry.mount is mount]

    def _mount_at(self, path: str) -> tuple[Mount | None, str]:
        """Return the service at a path, and the rest of the path after its base."""
        by_length = sorted(self.mounts, key=lambda mount: len(mount.path), reverse=True)
        return next(((mount, rest) for mount in by_length if (rest := mount.path_in(path)) is not None), (None, path))

    def _next(self, fitting: Sequence[Entry]) -> Entry:
        if self.loop:
            return min(fitting, key=lambda entry: entry.served)
        return next((entry for entry in fitting if not entry.served), fitting[-1])


def book_of(recordings: Iterable[Recording], *, loop: bool = False) -> Book:
    """Return the book of some recordings. This parses all of them."""
    numbered = list(enumerate(recordings, 1))
    notes: list[str] = []
    sendable = [(number, recording) for number, recording in numbered if _can_be_sent(number, recording, notes)]
    places = [(recording.kind, place_in(recording.request.url, recording.kind)) for _, recording in sendable]
    mounts = mounts_for(places)
    entries: list[Entry] = []
    for (number, recording), (kind, place) in zip(sendable, places, strict=True):
        mount = mounts[kind, place.is_endpoint]
        headers = headers_to_send(recording)
        notes += [f"Recording {number}: the header {name} cannot be sent." for name in headers.left_out]
        body = recording.request.body or {}
        request = RelativeRequest(recording.request.method, place.path or "", body)
        entries.append(
            Entry(
                number,
                recording,
                mount,
                place,
                _mocking(mount).without_ids(request),
                _message_in(mount, body),
                headers,
                landmarks(recording, mount.dialect),
            )
        )
    return Book(entries, loop, notes)


def _can_be_sent(number: int, recording: Recording, notes: list[str]) -> bool:
    """Return whether a recording can be served, and add notes on what cannot."""
    head = recording.head
    if head is not None and not 200 <= head.status <= 599:
        notes.append(f"Recording {number} is left out: {head.status} is no status of an answer.")
        return False
    if recording.dropped:
        notes.append(
            f"Recording {number} lacks the last {counted(recording.dropped, 'byte')} of its body; it is cut there."
        )
    failure = None if recording.end is None else recording.end.failure
    if head is None and failure is not None and failure.kind == "network" and failure.cause != "dropped":
        notes.append(f"Recording {number}: there was no connection ({failure.cause}). The mock resets it.")
    return True


def _mocking(mount: Mount | None) -> Mocking:
    return USUAL_MOCKING if mount is None or mount.dialect is None else mount.dialect.mocking


def _message_in(mount: Mount | None, body: JsonObject) -> str:
    return "" if mount is None or mount.dialect is None else mount.dialect.message_in(body)


def _fits(entry: Entry, request: RelativeRequest, message: str) -> bool:
    if entry.request.method != request.method:
        return False
    return bool(message) if entry.place.path is None else entry.request.path == request.path


def _differences(entry: Entry, received: Request, request: RelativeRequest, problem: str) -> Iterator[str]:
    yield from query_differences(entry.place.query, received.target.partition("?")[2])
    yield from header_differences(entry.recording.request.headers, received.headers)
    if problem:
        yield problem
    else:
        yield from body_differences(entry.request.body, request.body)


def _body_of(received: Request) -> tuple[JsonObject, str]:
    """Return the JSON object in the body of a request, and what is wrong with it."""
    if received.too_large:
        return {}, "body too large"
    if not received.body:
        return {}, ""
    try:
        value = received.json()
    except BadJson:
        return {}, "body is no JSON"
    return (value, "") if isinstance(value, dict) else ({}, "body is no JSON object")


def _identity(mount: Mount | None, request: RelativeRequest, message: str) -> Hashable:
    """Return a short value that is equal for requests that ask for the same thing."""
    try:
        sent = message or json.dumps(request.body, sort_keys=True)
    except RecursionError:
        sent = ""
    request_text = f"{request.method} {request.path}\n{sent}"
    return mount, sha256(request_text.encode("utf-8", "surrogatepass")).digest()


def query_differences(recorded: str, received: str) -> Iterator[str]:
    """Yield the parameters in which queries differ: `query limit`."""
    before, now = (Counter(parse_qsl(query, keep_blank_values=True)) for query in (recorded, received))
    masked = {name for name, value in before if _MASK in value}
    names = [name for name, _ in (*(before - now), *(now - before)) if name not in masked]
    if names:
        yield f"query {_listed(list(map(_name, dict.fromkeys(names))))}"


def header_differences(recorded: Iterable[tuple[str, str]], received: Mapping[str, str]) -> Iterator[str]:
    """Yield the headers in which requests differ: `header accept`. Only recorded headers are compared; the names in
    `received` are in lower case.
    """
    for name, value in recorded:
        name = name.lower()
        if name in COMPARED_HEADERS and _header(received.get(name, "")) != _header(value):
            yield f"header {name}"


def body_differences(recorded: JsonObject, received: JsonObject) -> Iterator[str]:
    """Yield the places at which bodies differ, at most the first ones: `body messages[0].content`."""
    try:
        places = list(islice(_places(recorded, received, "", _DEEPEST), _MOST + 1))
    except RecursionError:
        places = ["nested too deeply"]
    if places:
        yield f"body {_listed(places)}"


def _places(recorded: Json, received: Json, place: str, levels: int) -> Iterator[str]:
    if levels == 0:
        if recorded != received:
            yield place
    elif isinstance(recorded, Mapping) and isinstance(received, Mapping):
        for name in dict.fromkeys((*recorded, *received)):
            inner = f"{place}.{_name(name)}" if place else _name(name)
            if name not in received:
                yield f"{inner} is missing"
            elif name not in recorded:
                yield f"{inner} is new"
            else:
                yield from _places(recorded[name], received[name], inner, levels - 1)
    elif _is_list(recorded) and _is_list(received):
        if len(recorded) != len(received):
            yield f"{place} has {len(received):,} items instead of {len(recorded):,}"
        else:
            for number, (before, now) in enumerate(zip(recorded, received, strict=True)):
                yield from _places(before, now, f"{place}[{number}]", levels - 1)
    elif isinstance(recorded, str) and _MASK in recorded:
        return
    elif recorded != received or isinstance(recorded, bool) is not isinstance(received, bool):
        yield place


def _is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _listed(places: Sequence[str]) -> str:
    return ", ".join(places[:_MOST]) + (" and more" if len(places) > _MOST else "")


def _header(value: str) -> str:
    return "".join(value.lower().split())


def _name(name: str) -> str:
    return clean_line(mend_surrogates(name), _LONGEST_NAME) or "a field without name"
