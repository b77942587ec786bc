"""What a reply carries beside its text, read from the wire's objects: files, and answers to choose from.

Services differ in how they name fields, so several names are read; a field of a wrong type is as if it were
not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from chatgrid_tui.markdown.links import WebAddress, web_address
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import UNICODE_SIGNS, Signs
from chatgrid_tui.ui.transcript.render import formats

_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})$")
_SUBTYPE = re.compile(r"^[a-z]+/(?:x-)?([a-z0-9]{1,5})")
_TAGS = {"JPEG": "JPG", "PLAIN": "TXT", "MARKDOWN": "MD", "IMAGE": "IMG", "VIDEO": "VID", "AUDIO": "SND"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a reply: all of it cleaned, but the address, which is checked and kept as it was sent."""

    tag: str
    name: str
    detail: str
    """What is known: size and host, or why it cannot be opened."""
    address: WebAddress | None


def attachment(item: JsonObject, signs: Signs = UNICODE_SIGNS) -> Attachment:
    """Return what the wire's object says of a file."""
    raw = _text(item, "url", "href", "link", "src")
    address = web_address(raw)
    named = _text(item, "name", "filename", "file_name", "title", "alt") or _last_part(raw)
    name = formats.line(named, 120, signs)
    count = _number(item, "size", "bytes", "file_size")
    known = [formats.size(count)] if count is not None else []
    if address is not None:
        known.append(address.host)
    else:
        known.append(f"no web address: {formats.line(raw, 60, signs)}" if raw else "without an address")
    return Attachment(_tag(item, name, raw), name or "file", f" {signs.dot} ".join(known), address)


def label(item: JsonObject, signs: Signs = UNICODE_SIGNS) -> str:
    """Return what the button of a suggestion shows."""
    return formats.line(wording(item) or signs.more, 80, signs)


def wording(item: JsonObject) -> str:
    """Return the words of a suggestion as they were sent: what stands in my bubble once it is pressed."""
    return _text(item, "label", "title", "text", "payload", "value")


def payload(item: JsonObject) -> str:
    """Return what pressing a suggestion sends: its payload, else its words; empty where it has neither."""
    return _text(item, "payload", "value") or wording(item)


def _tag(item: JsonObject, name: str, raw: str) -> str:
    kind = _text(item, "mime_type", "mimeType", "content_type", "contentType", "type").lower()
    for text in (name, _last_part(raw)):
        if found := _EXTENSION.search(text):
            return _TAGS.get(found[1].upper(), found[1].upper())
    if found := _SUBTYPE.match(kind):
        return _TAGS.get(found[1].upper(), found[1].upper())
    plain = kind.split("/")[0]
    return _TAGS.get(plain.upper(), clean_line(plain, 4).upper() if plain.isalnum() else "FILE")[:5] or "FILE"


def _last_part(raw: str) -> str:
    try:
        return unquote(urlsplit(raw).path).rstrip("/").rsplit("/", 1)[-1]
    except ValueError:
        return ""


def _text(item: Mapping[str, object], *names: str) -> str:
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _number(item: Mapping[str, object], *names: str) -> int | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
            return int(value)
    return None


def labels(items: Sequence[JsonObject], signs: Signs = UNICODE_SIGNS) -> list[str]:
    """Return what the buttons of suggestions show."""
    return [label(item, signs) for item in items]
