"""Looks for keys in files that are about to be handed on, in every form in which somebody could read them.

`KeyMask` knows a key as it is, percent-encoded and in Base64. Here are the disguises that a file puts on top of that:
JSON escapes, entities and tags, line breaks, and pieces of a stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Final
from urllib.parse import unquote

from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_redactor import spells_key

_JSON_ESCAPE: Final = re.compile(r"\\(?:u00([0-9a-fA-F]{2})|([\\/\"]))")
_NESTED: Final = 3
"""How often JSON may be in a string of JSON: an event in the text of a read in a line of a recording."""
_TAG: Final = re.compile("<[^<>]*>")
_BLANK: Final = re.compile(r"\s+")
_PIECE: Final = 256 * 1024
"""Characters that are searched at once: a regular expression holds up all other threads."""
_OVERLAP: Final = 16 * 1024
"""Characters that a key may take in its longest form, and what is between its parts."""


def holds_key(data: bytes, mask: KeyMask) -> bool:
    """Return whether a file holds a key."""
    text = data.decode("latin-1")
    pieces = (text[at : at + _PIECE + _OVERLAP] for at in range(0, len(text), _PIECE))
    return any(mask.is_in(reading) for piece in pieces for reading in _readings(piece))


def streams_hold_key(recordings: Iterable[Recording], mask: KeyMask) -> bool:
    """Return whether the body of a recording holds a key, be it in pieces of its events or of its reads."""
    return any(holds_key(recording.body, mask) or spells_key(recording.body, mask) for recording in recordings)


def _readings(text: str) -> Iterator[str]:
    """Give a text as it is, and as what reads such files would show it."""
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
