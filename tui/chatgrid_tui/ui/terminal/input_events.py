"""Turn bytes from a terminal into Textual's events: pastes are separate from keys, and unknown input is dropped."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Iterable, Iterator
from typing import Final

from textual import constants, events
from textual._parser import Read1
from textual._xterm_parser import XTermParser
from textual.message import Message

from chatgrid_tui.text import MARK, CleanText, clean
from chatgrid_tui.ui.terminal.device_attributes import DeviceAttributes, attributes_in
from chatgrid_tui.ui.terminal.input_filter import ESC, InputFilter, Paste, Token

_POLL: Final = 0.1
"""The longest `timeout`, after which a driver checks whether it should stop reading."""
_CLEANED_AT_ONCE: Final = 65_536
_CUT: Final = re.compile("[\x20-\x7e]")
"""A text can be split before such a character without changing how it is cleaned."""
_INTRODUCERS: Final = b"\x90\x98\x9b\x9c\x9d\x9e\x9f"


def _replace_byte(error: UnicodeError) -> tuple[str, int]:
    """Decode a byte that is not UTF-8: as U+FFFD, or as the control character with which a terminal may answer."""
    assert isinstance(error, UnicodeDecodeError)
    undecodable = error.object[error.start : error.end]
    is_control = len(undecodable) == 1 and undecodable in _INTRODUCERS
    return chr(undecodable[0]) if is_control else MARK, error.end


codecs.register_error("terminal", _replace_byte)


class _SequenceParser(XTermParser):
    """Textual's parser for complete sequences, which never waits for more."""

    @staticmethod
    def read1(timeout: float | None = None) -> Read1:  # type: ignore[override]
        return Read1(None if timeout is None else 0.0)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterator[events.Key]:
        """Yield the keys of `sequence`. Textual drops Alt from Enter, which would send an unfinished message."""
        for event in super()._sequence_to_key_events(sequence, alt):
            yield events.Key("alt+enter", None) if alt and event.key == "enter" else event


class InputEvents:
    """Turns bytes from a terminal into Textual's events."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("terminal").decode
        self._filter = InputFilter(constants.ESCAPE_DELAY)
        self._parser = _SequenceParser()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the events that `data` completes."""
        return self._events(self._filter.feed(self._decode(data), time.monotonic()))

    def tick(self) -> Iterator[Message]:
        """Yield the events that are complete because nothing more arrived in time."""
        return self._events(self._filter.tick(time.monotonic()))

    @property
    def timeout(self) -> float:
        """Seconds after which to call `tick`."""
        deadline = self._filter.deadline
        return _POLL if deadline is None else min(_POLL, max(0.0, deadline - time.monotonic()))

    def _events(self, tokens: Iterable[Token]) -> Iterator[Message]:
        for token in tokens:
            if isinstance(token, Paste):
                yield events.Paste(_cleaned(token.text))
            elif (attributes := attributes_in(token)) is not None:
                yield DeviceAttributes(attributes)
            else:
                yield from self._parser.feed(token)
                if token[0] == ESC:
                    yield from self._parser.tick()


def _cleaned(text: str) -> CleanText:
    """Return `text` cleaned, in pieces, so that other threads can run in between."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        cut = _CUT.search(text, start + _CLEANED_AT_ONCE)
        end = cut.start() if cut else len(text)
        pieces.append(clean(text[start:end]))
        start = end
    return CleanText("".join(pieces))
