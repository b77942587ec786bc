"""Many pieces of text at once: the fast path from bytes to events.

Nearly every object of a reply is the one before with another piece of text in it. So what stands around the text of
one that was read with care is kept as a `Frame`. An entry that is this frame round any other JSON string is known to
be JSON of the same structure, and to say the same with the other text, before anybody parses it. So most of a stream
is cut at its frame: that takes 0.5 to 0.8 of the time of cutting at newlines and `json.loads`, reading with care 1.2
to 1.9 (`python tests/bench decode`).

What is not in the frame is read with care: that way alone says what a stream means, and tests/dialects/test_frames.py
holds this one against it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from chatgrid_tui.model.events import Event, TextDelta
from chatgrid_tui.wire.record import LIMIT, MALFORMED, Record, json_at

_MESSAGE: Final = "message"
_OTHER: Final = '"another text"'
_LONGEST: Final = 16 * 1024
"""Characters of an entry from which a frame is taken."""


class Frame(NamedTuple):
    """What stands around the text of an entry that is one piece of text for one bubble, and nothing else."""

    bubble: int
    event: str
    id: str
    before: str
    """The record's data up to the text."""
    behind: str
    """The record's data from the text on."""
    opening: bytes
    """What the wire has up to the text of an entry."""
    closing: bytes
    """What the wire has from the text of an entry on."""
    between: bytes
    """What the wire has between two texts."""

    @classmethod
    def around(cls, record: Record, events: Sequence[Event], *, sse: bool, newline: str) -> Self | None:
        """Return the frame of an entry that said these events, in the form in which most servers send it; None where
        it is none for other texts.

        The proof is made with another text: in the place of the event's text in the data, it has to be in all places
        of that text in the object, which is one place then, and nothing else may change.
        """
        if len(events) != 1 or not isinstance(event := events[0], TextDelta) or not isinstance(record.value, dict):
            return None
        if "\n" in record.data or len(record.data) > _LONGEST:  # not sent in one line, or not worth it
            return None
        try:
            text, whole = json.dumps(event.text), json.dumps(record.value)
            spelt = text if text in record.data else f'"{event.text}"'
            before, _, behind = record.data.partition(spelt)
            other, _ = json_at(f"{before}{_OTHER}{behind}")
            changed = whole.replace(text, _OTHER)
            if other is MALFORMED or changed == whole or json.dumps(other) != changed:
                return None
        except RecursionError:
            return None
        before, behind = before + '"', '"' + behind
        name = "" if record.event == _MESSAGE else f"event: {record.event}{newline}"
        opening = (f"{name}data: {before}" if sse else before).encode()
        closing = (behind + (newline * 2 if sse else newline)).encode()
        return cls(event.bubble, record.event, record.id, before, behind, opening, closing, closing + opening)

    def only(self, data: bytes) -> bytes:
        """Return the text of the one entry that `data` is, as most servers send it; empty where it is not that."""
        if data.startswith(self.opening) and data.endswith(self.closing) and len(data) <= LIMIT:
            return data[len(self.opening) : -len(self.closing)]
        return b""

    def cut(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Return the texts of the entries that `data` begins with, and what is left at its end.

        `data` begins with `opening`. Each text, whatever it is, had `opening` before it and `closing` behind it.
        """
        texts = data[len(self.opening) :].split(self.between)
        last, closed, rest = texts.pop().partition(self.closing)
        return ([*texts, last], rest) if closed else (texts, self.opening + last)

    def whole(self, texts: Sequence[bytes]) -> bytes:
        """Return the entries that these are the texts of."""
        return b"".join(self.opening + text + self.closing for text in texts)


def text_of(spelt: bytes) -> str:
    """Return the text that is spelt so in a JSON string; empty where it is none, or would have to be mended.

    Most are spelt as they are, which is seen in a fourth of the time in which it is read.
    """
    try:
        text = spelt.decode()
        if text.isprintable() and '"' not in text and "\\" not in text:
            return text
        value, end = json_at(f'"{text}"')
        if end != len(text) + 2 or not isinstance(value, str):
            return ""
        value.encode()  # which halves of surrogate pairs cannot be
    except UnicodeError:
        return ""
    return value
