"""Many pieces of text at once: the fast path from bytes to events.

Nearly every object of a reply is the one before with another piece of text in it. So what stands around the text of
one that was read with care is kept as a `Frame`. An entry that is this frame round any other JSON string is known to
be JSON of the same structure, and to say the same with the other text, before anybody parses it.

    data: {"id":"c1","choices":[{"index":0,"delta":{"content":"  Hello  "}}],"p":  "x7Rq"  }
    ------------------------- opening -------------------------    --- middle ---        closing

Some servers change more than the text: OpenAI and Mistral pad each object with a string of another length, others
count, or date, or repeat the text among its probabilities. What nobody asks for by name (`Meaning.asked`) may be any
JSON value without changing what an object says. So where two objects differ in such a member, the frame gets a hole
for that too. One more hole may hold what a reply cost so far, which is said beside the text.

So most of a stream is cut at its frame. That takes 0.4 to 0.9 of the time of cutting at newlines and `json.loads`
(`python tests/bench decode`), and about as much as that where a hole is full of numbers; reading with care takes 1.4
to 3. What is not in the frame is read with care: that way alone says what a stream means, and
tests/dialects/test_frames.py and test_framed_shapes.py hold this one against it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, Self, TypeAlias

from chatgrid_tui.model.events import Event, ReasoningDelta, TextDelta, UsageReported
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.wire.record import LIMIT, MALFORMED, Absent, Record, Value, json_at

_MESSAGE: Final = "message"
_OTHER_TEXT: Final = "another text"
_OTHER: Final = f'"{_OTHER_TEXT}"'
_LONGEST: Final = 16 * 1024
"""Characters of an entry from which a frame is taken."""
_LONGEST_VALUE: Final = 1024
"""Characters that a value in a hole may have. None is so deep then that it is JSON by itself and not in its place."""
_MOST_NAMES: Final = 16
"""Members that may change before no more frames are looked for."""
_TRIED: Final = 8
"""How often a frame may be found and be of no use, before no more is looked for."""

_Maker: TypeAlias = Callable[[tuple[int, str]], Event]
# A named tuple is made of a tuple in two thirds of the time in which it is made of its fields.
_text_delta: Final[_Maker] = partial(tuple.__new__, TextDelta)


def _reasoning_delta(fields: tuple[int, str]) -> Event:
    return ReasoningDelta(*fields)


class Form(NamedTuple):
    """How a server sends its entries. It is a guess: where it is wrong, no entry is found in the frame."""

    sse: bool
    blank: str = " "
    """What stands behind the name of a field."""
    newline: str = "\n"
    spaced: bool = True
    """Whether there is a blank line behind each entry."""

    def seen(self, data: bytes) -> Form:
        """Return the form of the bytes in which an entry has just ended."""
        newline = b"\r\n" if b"\r" in data else b"\n"
        at_line = b"\n" + data
        blank = "" if b"\ndata:{" in at_line else " " if b"\ndata: " in at_line else self.blank
        return Form(self.sse, blank, newline.decode(), newline * 2 in data)

    def around(self, record: Record, before: str, behind: str) -> tuple[bytes, bytes]:
        """Return what the wire has around the holes of an entry that has this around them in its data."""
        if not self.sse:
            return before.encode(), (behind + self.newline).encode()
        named_by_itself = (
            record.event == _MESSAGE and isinstance(record.value, dict) and isinstance(record.value.get("event"), str)
        )
        name = "" if record.event == _MESSAGE else f"event:{self.blank}{record.event}{self.newline}"
        ends = 1 if named_by_itself and not self.spaced else 2
        return f"{name}data:{self.blank}{before}".encode(), (behind + self.newline * ends).encode()


class Frame(NamedTuple):
    """What stands around the text of an entry that is one piece of text for one bubble."""

    make: _Maker
    bubble: int
    event: str
    id: str
    before: str
    """The record's data up to the first hole."""
    middles: tuple[str, ...]
    """The record's data between two holes, in turn."""
    behind: str
    """The record's data from the last hole on."""
    text_at: int
    """Which of the holes is that of the text. It is within the quotes, those of other values are around theirs."""
    usage_at: int
    """Which of the other holes holds what the reply cost; -1 where none does."""
    opening: bytes
    """What the wire has up to the first hole of an entry."""
    closing: bytes
    """What the wire has from the last hole of an entry on."""
    between: bytes
    """What the wire has from the last hole of an entry to the first of the next."""

    @classmethod
    def around(cls, record: Record, events: Sequence[Event], names: Iterable[str], form: Form) -> Self | None:
        """Return the frame of an entry that said these events, in the form in which the server sends it; None where
        it is none for other texts. The members of these names get holes.

        The text has to be as the object has it: not one that halves of surrogate pairs from before were joined to.
        """
        piece = _piece(events)
        if piece is None or not isinstance(record.value, dict):
            return None
        usage = _usage_names(record.value, events[1:])
        if len(events) != 1 + len(usage):
            return None
        if "\n" in record.data or len(record.data) > _LONGEST:  # not sent in one line, or not worth it
            return None
        try:
            parts, text_at = _parts(record, piece.text, (*names, *usage))
        except (RecursionError, UnicodeError):
            return None
        if not parts:
            return None
        keys = [part.rstrip(" ") for part in (*parts[:text_at], *parts[text_at + 1 : -1])]
        usage_at = next((at for at, key in enumerate(keys) if usage and key.endswith(f'"{usage[0]}":')), -1)
        parts[text_at : text_at + 2] = [parts[text_at] + '"', '"' + parts[text_at + 1]]
        before, *middles, behind = parts
        opening, closing = form.around(record, before, behind)
        return cls(
            _text_delta if isinstance(piece, TextDelta) else _reasoning_delta,
            piece.bubble,
            record.event,
            record.id,
            before,
            tuple(middles),
            behind,
            text_at,
            usage_at,
            opening,
            closing,
            closing + opening,
        )

    def fits(self, record: Record, events: Sequence[Event]) -> bool:
        """Whether an entry that was read with care is in the frame, whatever the wire had around it."""
        data = record.data
        return (
            (record.event, record.id) == (self.event, self.id)
            and data.startswith(self.before)
            and data.endswith(self.behind)
            and self.events(data[len(self.before) : len(data) - len(self.behind)]) == events != []
        )

    def only(self, data: bytes) -> bytes:
        """Return what is in the one entry that `data` is, from hole to hole; empty where it is not that."""
        if data.startswith(self.opening) and data.endswith(self.closing) and len(data) <= LIMIT:
            return data[len(self.opening) : -len(self.closing)]
        return b""

    def cut(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Return what is in the entries that `data` begins with, and what is left at its end.

        `data` begins with `opening`. Each, whatever it is, had `opening` before it and `closing` behind it.
        """
        inners = data[len(self.opening) :].split(self.between)
        last, closed, rest = inners.pop().partition(self.closing)
        return ([*inners, last], rest) if closed else (inners, self.opening + last)

    def may_begin(self, rest: bytes) -> bool:
        """Whether an entry in the frame may begin so, and nothing is said yet."""
        if not rest.startswith(self.opening):
            return self.opening.startswith(rest)
        inner = rest[len(self.opening) :]
        return not (b"\n" in inner or b"\r" in inner)

    def whole(self, inners: Sequence[bytes]) -> bytes:
        """Return the entries that these are in."""
        return b"".join(self.opening + inner + self.closing for inner in inners)

    def events(self, spelt: str) -> list[Event]:
        """Return what an entry says that has this from its first hole to its last; nothing where it is not known."""
        if self.middles:
            return self._filled(spelt)
        text = text_of(spelt)
        return [self.make((self.bubble, text))] if text else []

    def _filled(self, spelt: str) -> list[Event]:
        """Read what is in several holes. A whole JSON value ends where it ends: what is cut elsewhere is none."""
        holes: list[str] = []
        for middle in self.middles:
            hole, _, spelt = spelt.partition(middle)
            holes.append(hole)
        holes.append(spelt)
        text = text_of(holes.pop(self.text_at))
        values = [_value_of(hole) for hole in holes]
        if not text or MALFORMED in values:
            return []
        piece = self.make((self.bubble, text))
        if self.usage_at < 0:
            return [piece]
        usage = values[self.usage_at]
        return [piece, UsageReported(usage)] if isinstance(usage, dict) else []


class Frames:
    """Learns from what is read with care in which frame the next entries may be."""

    def __init__(self, asked: frozenset[str], *, sse: bool) -> None:
        self._asked = asked
        self._form = Form(sse)
        self._earlier: Json = None
        self._names: dict[str, None] = {}
        """The names of the members that changed, in the order in which they did so first."""
        self.frame: Frame | None = None
        self.useless = 0
        """How often a frame was found since an entry was last read by one."""

    def learn(self, records: Sequence[Record], events: Sequence[Event], data: bytes) -> None:
        """Learn from records, of which the last said these events, and the bytes in which it ended.

        No more frames are looked for where none was of use: where they are not found again, or where the holes are
        too small for what comes.
        """
        given_up = self.useless >= _TRIED or len(self._names) > _MOST_NAMES
        if given_up and self.frame is None:
            return
        form = self._form.seen(data)
        try:
            known = self.frame is not None and self.frame.fits(records[-1], events)
            if known and form == self._form:
                return
            found = None if given_up else self._found(records, events, form)
        except RecursionError:  # a value is deeper than Python looks into
            known, found = False, None
            self.useless += 1
        self._form = form
        same = found == self.frame
        if found is not None and not (same and known):
            self.useless += 1
        if not same:  # what is still to be read with one that stays goes on to be
            self.frame = found

    def _found(self, records: Sequence[Record], events: Sequence[Event], form: Form) -> Frame | None:
        """Return the frame of the last record; None where it has none, as where it brings no text."""
        if _piece(events) is None:
            return None
        for record in records[-2:]:
            self._names.update(dict.fromkeys(self._changed(self._earlier, record.value)))
            self._earlier = None if isinstance(record.value, Absent) else record.value
        return Frame.around(records[-1], events, self._names, form)

    def _changed(self, earlier: Value, value: Value) -> Iterator[str]:
        """Give the names of the members that nobody asks for, and that differ between two objects."""
        if isinstance(earlier, dict) and isinstance(value, dict):
            for name in earlier.keys() & value.keys():
                if name in self._asked:
                    yield from self._changed(earlier[name], value[name])
                elif earlier[name] != value[name]:
                    yield name
        elif isinstance(earlier, list) and isinstance(value, list):
            for one, other in zip(earlier, value, strict=False):
                yield from self._changed(one, other)


def text_of(spelt: str) -> str:
    """Return the text that is spelt so in a JSON string; empty where it is none, or would have to be mended.

    Most are spelt as they are, which is seen in a fourth of the time in which it is read.
    """
    if spelt.isprintable() and '"' not in spelt and "\\" not in spelt:
        return spelt
    value, end = json_at(f'"{spelt}"')
    if end != len(spelt) + 2 or not isinstance(value, str):
        return ""
    try:
        value.encode()  # which halves of surrogate pairs cannot be
    except UnicodeError:
        return ""
    return value


def _value_of(spelt: str) -> Value:
    """Return the JSON value that is spelt so in one line."""
    if len(spelt) > _LONGEST_VALUE or not spelt.isprintable():
        return MALFORMED
    value, end = json_at(spelt)
    return value if end == len(spelt) else MALFORMED


def _piece(events: Sequence[Event]) -> TextDelta | ReasoningDelta | None:
    """Return the piece of text that comes first among events; None where there is none."""
    return next((event for event in events[:1] if isinstance(event, TextDelta | ReasoningDelta)), None)


def _usage_names(value: JsonObject, beside: Sequence[Event]) -> list[str]:
    """Return the name of the member that an event beside the text is about; none where there is no such event."""
    return [
        name for event in beside if isinstance(event, UsageReported) for name in value if value[name] is event.usage
    ]


def _parts(record: Record, text: str, names: Sequence[str]) -> tuple[list[str], int]:
    """Return the data of a record in parts, between which there are holes, and which hole is that of the text; no
    parts where the text cannot be told from the rest.

    The proof is made with another text in all holes: in the place of the text in the data, it has to be in all places
    of that text in the object, which is one place then, and nothing else may change. Where JSON has a string as a
    value, it may have any other value.

    Raises `UnicodeError` where half a surrogate pair is in the object: a text that is half of one is mended, and then
    another string may be what it was mended to.
    """
    if _OTHER in record.data or isinstance(record.value, Absent):
        return [], 0
    emptied = _emptied(record.value, names)
    json.dumps(emptied, ensure_ascii=False).encode()
    data = record.data
    for name in names:
        data = _opened(data, name)
    spelt, whole = json.dumps(text), json.dumps(emptied)
    before, _, behind = data.partition(spelt if spelt in data else f'"{text}"')
    other, _ = json_at(f"{before}{_OTHER}{behind}")
    changed = whole.replace(spelt, _OTHER)
    if other is MALFORMED or changed == whole or json.dumps(other) != changed:
        return [], 0
    return f"{before}{_OTHER}{behind}".split(_OTHER), before.count(_OTHER)


def _opened(data: str, name: str) -> str:
    """Return an object with another text for the value of the first member of that name."""
    before, key, behind = data.partition(f'"{name}":')
    if not key:
        return data
    value = behind.lstrip(" ")
    _, end = json_at(value)
    return f"{before}{key}{behind[: len(behind) - len(value)]}{_OTHER}{value[end:]}"


def _emptied(value: Json, names: Sequence[str]) -> Json:
    """Return a value with another text in place of each member of these names."""
    if isinstance(value, dict):
        return {name: _OTHER_TEXT if name in names else _emptied(inner, names) for name, inner in value.items()}
    return [_emptied(inner, names) for inner in value] if isinstance(value, list) else value
