"""What is shown with the text of a reply: files and suggestions, read from the wire's objects, and notices.

Services name the fields of their objects differently, so several names are read. A field of a wrong type counts as
missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias
from urllib.parse import unquote, urlsplit

from chatgrid_tui.markdown.links import WebAddress, web_address
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import UNICODE_SIGNS, Signs
from chatgrid_tui.ui.transcript.render import formats

Tone: TypeAlias = Literal["muted", "warn", "error"]
Mark: TypeAlias = Literal["stopped", "waiting", "failed", "dot"]

STALL: Final = 10.0
"""Seconds without data after which a reply gets a notice with buttons."""
_EXTENSION: Final = re.compile(r"\.([A-Za-z0-9]{1,5})$")
_SUBTYPE: Final = re.compile(r"^[a-z]+/(?:x-)?([a-z0-9]{1,5})")
_TAGS: Final = {"JPEG": "JPG", "PLAIN": "TXT", "MARKDOWN": "MD", "IMAGE": "IMG", "VIDEO": "VID", "AUDIO": "SND"}
_PICTURES: Final = frozenset({"PNG", "JPG", "GIF", "WEBP", "BMP"})


# Notices


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a notice. `key` is shown before its label (`Esc`); if it is empty, the button has a number."""

    id: str
    label: str
    key: str = ""
    enabled: bool = True
    """Whether it can be pressed. If not, the notice says why."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about a reply. With `filled`, it is the bubble of an error: a headline, then the text."""

    mark: Mark
    tone: Tone
    headline: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    filled: bool = False
    countdown: str = ""
    """When the message is sent again automatically, if it is."""
    below: str = ""
    """A sentence on its own below all this: not about the reply, but about what follows it."""


class Explain(Protocol):
    """Explains a reply that failed, ended early or is silent."""

    def __call__(self, turn: Turn, reply: Reply, *, silent: float = 0.0) -> Notice | None:
        """Return a notice, or None. `silent` is the seconds without data while the reply is live."""
        ...


# Files and suggestions


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a reply. Everything is cleaned except the address, which is checked and kept as sent."""

    tag: str
    name: str
    detail: str
    """The size and the host, or why it cannot be opened."""
    address: WebAddress | None
    file_name: str = ""
    """Its name as sent, which may be long and must not be shown; empty if it has none."""
    is_picture: bool = False


def attachment(item: JsonObject, signs: Signs = UNICODE_SIGNS) -> Attachment:
    """Return the file that an object describes."""
    raw = _text(item, "url", "href", "link", "src")
    address = web_address(raw)
    file_name = _text(item, "name", "filename", "file_name", "title", "alt") or _last_part(raw)
    name = formats.line(file_name, 120, signs)
    size = _number(item, "size", "bytes", "file_size")
    details = [formats.size(size)] if size is not None else []
    if address is not None:
        details.append(address.host)
    else:
        details.append(f"no web address: {formats.line(raw, 60, signs)}" if raw else "without an address")
    tag, detail = _tag(item, name, raw), f" {signs.dot} ".join(details)
    is_picture = tag in _PICTURES or (tag != "SVG" and _kind(item).startswith("image"))
    return Attachment(tag, name or "file", detail, address, file_name, is_picture)


def suggestion_label(item: JsonObject, signs: Signs = UNICODE_SIGNS) -> str:
    """Return the label of a suggestion's button."""
    return formats.line(suggestion_text(item) or signs.more, 80, signs)


def suggestion_text(item: JsonObject) -> str:
    """Return the text of a suggestion as sent, which the user's bubble shows when it is pressed."""
    return _text(item, "label", "title", "text", "payload", "value")


def suggestion_payload(item: JsonObject) -> str:
    """Return what pressing a suggestion sends: its payload, else its text, else an empty string."""
    return _text(item, "payload", "value") or suggestion_text(item)


def _kind(item: JsonObject) -> str:
    return _text(item, "mime_type", "mimeType", "content_type", "contentType", "type").lower()


def _tag(item: JsonObject, name: str, raw: str) -> str:
    """Return the type of a file in at most five letters, from its extension or its media type."""
    kind = _kind(item)
    extension = _EXTENSION.search(name) or _EXTENSION.search(_last_part(raw)) or _SUBTYPE.search(kind)
    if extension is not None:
        tag = extension[1].upper()
        return _TAGS.get(tag, tag)
    plain = kind.split("/")[0]
    return _TAGS.get(plain.upper(), clean_line(plain, 4).upper() if plain.isalnum() else "FILE")[:5] or "FILE"


def _last_part(raw: str) -> str:
    try:
        return unquote(urlsplit(raw).path).rstrip("/").rsplit("/", 1)[-1]
    except ValueError:
        return ""


def _text(item: Mapping[str, object], *names: str) -> str:
    values = (item.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")


def _number(item: Mapping[str, object], *names: str) -> int | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
            return int(value)
    return None
