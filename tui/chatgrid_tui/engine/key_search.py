"""Searches files that are about to be shared for keys, in every form in which somebody could read them.

`KeyMask` finds a key as it is, percent-encoded and in Base64. This module adds the encodings of files: JSON escapes,
entities and tags, line breaks, and pieces of a stream.
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
"""Levels of JSON inside strings of JSON: an event in the text of a read in a line of a recording."""
_TAG: Final = re.compile("<[^<>]*>")
_BLANK: Final = re.compile(r"\s+")
_PIECE: Final = 256 * 1024
"""Characters that are searched at once: a regular expression blocks all other threads."""
_OVERLAP: Final = 16 * 1024
"""The maximum characters of a key in its longest form, including what separates its parts."""


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
