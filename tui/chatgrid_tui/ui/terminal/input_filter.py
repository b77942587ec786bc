"""Split what a terminal sends into keys, mouse events, pastes and answers, before Textual's parser sees it.

Textual's parser takes unknown sequences for keys. With it alone, an Esc within a paste would press keys, and a late
answer of the terminal would be typed into the message. So a paste is extracted as a whole, a sequence that is not
input is dropped as a whole, and the parser gets one complete sequence at a time.

Nothing depends on how the input was chunked. Time matters only if a sequence does not continue: Esc alone is a key,
and an answer that never ends must not swallow what is typed after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

from chatgrid_tui.ui.terminal.device_attributes import attributes_in

ESC: Final = "\x1b"
PASTE_START: Final = "\x1b[200~"
PASTE_END: Final = "\x1b[201~"

ANSWER_TIMEOUT: Final = 1.0
"""Seconds to wait for the rest of an answer."""
TYPED_TIMEOUT: Final = 2.0
"""Seconds after which what may have been typed during an unfinished answer counts as typed."""
PASTE_TIMEOUT: Final = 2.0
"""Seconds after which a paste that has stalled is passed on without its end."""
PASTE_LIMIT: Final = 16 * 2**20
"""The most characters of one paste. A longer one is split into several."""
_SEQUENCE_LIMIT: Final = 4096
_ARROW: Final = re.compile(r"\x1b[\[O]([A-D])")
"""An arrow. After Esc it is one with Alt in rxvt, and in terminals of macOS if Option is Esc. Both keys pressed
within `key_timeout` are read so too, as with letters.
"""
_TYPING_PAUSE: Final = 0.03
"""The pause in seconds before a single character from which it may be a key instead of part of an answer."""

_STARTS: Final = re.compile("[\x1b\x90\x98\x9b-\x9f]")
_STRING_ENDS: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_C1: Final = {"\x90": "P", "\x98": "X", "\x9b": "[", "\x9d": "]", "\x9e": "^", "\x9f": "_"}
"""Single-character introducers, with what follows Esc in the usual form."""
_BELL: Final = "\x07"
_STRING_TERMINATOR: Final = "\x9c"
_OLD_MOUSE: Final = "\x1b[M"
_LINUX_FUNCTION_KEY: Final = "\x1b[["

_REST: Final = re.compile(
    # An unfinished sequence, and a read that continues it.
    r"\x1b(?:\[[<-?]?[\d;:]*[ -/]*[@-~](?=\x1b|\Z)|\[[<-?]?[\d;:]+\Z|O[A-DFHP-S](?=\x1b|\Z)"
    r"|\]\d+;|P[01]?[!>+$|=]|_G[a-z]=|[]P_^X][^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c))"
)


@dataclass(frozen=True, slots=True)
class Paste:
    """Pasted text, unchanged."""

    text: str


Token: TypeAlias = str | Paste
"""Plain text, one complete sequence that starts with Esc, or a paste."""


class _State(Enum):
    TEXT = auto()
    ESCAPE = auto()
    """After Esc."""
    CONTROL = auto()
    """In a control sequence: `Esc [`, parameters, and a final letter."""
    OLD_MOUSE = auto()
    """In a mouse report of the oldest format: `Esc [ M` and three characters."""
    FUNCTION = auto()
    """After `Esc O`: one letter follows."""
    STRING = auto()
    """In an OSC, DCS, APC, PM or SOS, which `Esc \\` or BEL ends."""
    STRING_ESCAPE = auto()
    """After Esc in one of these."""
    PASTE = auto()


class InputFilter:
    """Splits what a terminal sends. `now` is in seconds by any monotonic clock."""

    def __init__(self, key_timeout: float = 0.1) -> None:
        """After `key_timeout` seconds, Esc, or Alt and a key, is not the start of a sequence."""
        self._key_timeout = key_timeout
        self._tokens: list[Token] = []
        self._last = 0.0
        """When the last input arrived."""
        self._state = _State.TEXT
        self._sequence = ""
        """The sequence so far; only the introducer of a string; and of a paste, what may be the start of its end."""
        self._eight_bit = False
        """Whether the sequence started with a single character instead of Esc and another one."""
        self._has_content = False
        """Whether a string has more than its introducer."""
        self._after_escape = False
        """Whether the sequence came right after another Esc."""
        self._typed = ""
        """What may have been typed during a string that never ends."""
        self._typed_at = 0.0
        self._pasted: list[str] = []
        self._pasted_size = 0
        self._unfinished = ""
        """The last sequence, if it did not continue in time. Its rest may still arrive."""
        self._open_paste = ""
        """The end of the last paste, if it did not arrive in time. It still may."""

    @property
    def deadline(self) -> float | None:
        """When to call `tick` if nothing arrives before; None if it has nothing to do."""
        match self._state:
            case _State.TEXT:
                return None
            case _State.PASTE:
                return self._last + PASTE_TIMEOUT
            case _State.STRING if self._typed:
                return self._typed_at + TYPED_TIMEOUT
            case _:
                return self._last + (self._key_timeout if self._may_be_key else ANSWER_TIMEOUT)

    def feed(self, text: str, now: float) -> list[Token]:
        """Return the tokens that `text`, one read from the terminal, completes."""
        may_be_typed = len(text) == 1 and now - self._last > _TYPING_PAUSE
        text = self._with_beginning(text, now)
        self._last = now
        if self._state is _State.STRING and not _STRING_ENDS.match(text):
            if may_be_typed:
                self._typed_at = self._typed_at if self._typed else now
                self._typed += text
                return []
            self._typed = ""
        position = 0
        while position < len(text):
            position = self._step(text, position)
        return self._take_tokens()

    def tick(self, now: float) -> list[Token]:
        """Return the tokens that are complete because nothing more arrived in time."""
        if self.deadline is None or now < self.deadline:
            return []
        if self._state is _State.PASTE:
            self._open_paste = self._paste_end
            self._hand_on_paste()
            self._state = _State.TEXT
        elif self._state is _State.STRING_ESCAPE:
            self._abandon()
            self._tokens.append(ESC)
        else:
            self._unfinished = self._sequence
            self._abandon()
        return self._take_tokens()

    @property
    def _may_be_key(self) -> bool:
        """Return whether the sequence is Esc, or Alt and a key, unless it continues."""
        return len(self._sequence) <= 2 and not self._has_content and not self._eight_bit

    @property
    def _paste_end(self) -> str:
        return "\x9b201~" if self._eight_bit else PASTE_END

    def _take_tokens(self) -> list[Token]:
        tokens, self._tokens = self._tokens, []
        return tokens

    def _with_beginning(self, text: str, now: float) -> str:
        """Return `text` with the start of the sequence that it continues, if that was given up."""
        beginning, self._unfinished = self._unfinished, ""
        if self._state is not _State.TEXT or len(text) < 2:
            return text
        if self._open_paste and (self._open_paste in text or not text.startswith(ESC)):
            self._state, self._eight_bit = _State.PASTE, self._open_paste != PASTE_END
        elif beginning and now - self._last < ANSWER_TIMEOUT + TYPED_TIMEOUT and _REST.match(beginning + text):
            return beginning + text
        return text

    # Steps: each state processes text from a position on, and returns the next position.

    def _step(self, text: str, at: int) -> int:
        match self._state:
            case _State.TEXT:
                return self._text(text, at)
            case _State.ESCAPE:
                return self._escape(text, at)
            case _State.CONTROL:
                return self._control(text, at)
            case _State.OLD_MOUSE:
                return self._old_mouse(text, at)
            case _State.FUNCTION:
                return self._function(text, at)
            case _State.STRING:
                return self._string(text, at)
            case _State.STRING_ESCAPE:
                return self._string_escape(text, at)
            case _State.PASTE:
                return self._paste(text, at)

    def _text(self, text: str, at: int) -> int:
        start = _STARTS.search(text, at)
        end = start.start() if start else len(text)
        if end > at:
            self._tokens.append(text[at:end])
        if start is None:
            return end
        if start[0] != _STRING_TERMINATOR:  # there is nothing to terminate
            self._begin(start[0])
        return end + 1

    def _escape(self, text: str, at: int) -> int:
        character = text[at]
        if character in "[O]P_^X":
            self._introduce(character)
        elif character == ESC:
            if self._after_escape:
                self._tokens.append(ESC)
            self._after_escape = True
        elif _STARTS.match(character):
            self._complete([ESC])
            return at
        else:
            self._complete([ESC + character])
        return at + 1

    def _control(self, text: str, at: int) -> int:
        character = text[at]
        if not " " <= character <= "~":
            self._abandon()
            return at
        self._sequence = (self._sequence + character)[:_SEQUENCE_LIMIT]
        if self._sequence == PASTE_START:
            self._complete([])
            self._state, self._sequence, self._open_paste = _State.PASTE, "", ""
        elif self._sequence == _OLD_MOUSE:
            self._state = _State.OLD_MOUSE
        elif is_key(self._sequence) or (character >= "@" and self._sequence != _LINUX_FUNCTION_KEY):
            self._complete(inputs(self._sequence))
        return at + 1

    def _old_mouse(self, text: str, at: int) -> int:
        self._sequence += text[at]
        if len(self._sequence) == len(_OLD_MOUSE) + 3:
            self._complete([])
        return at + 1

    def _function(self, text: str, at: int) -> int:
        if not is_key(self._sequence + text[at]):
            self._abandon()
            return at
        self._complete([self._sequence + text[at]])
        return at + 1

    def _string(self, text: str, at: int) -> int:
        end = _STRING_ENDS.search(text, at)
        if end is None:
            self._has_content = True
            return len(text)
        self._has_content |= end.start() > at
        if end[0] in (_BELL, _STRING_TERMINATOR):
            self._complete([])
        elif end[0] == ESC:
            self._state = _State.STRING_ESCAPE
        else:
            self._abandon()
            return end.start()
        return end.end()

    def _string_escape(self, text: str, at: int) -> int:
        if text[at] == "\\":
            self._complete([])
            return at + 1
        self._abandon()
        self._begin(ESC)
        return at

    def _paste(self, text: str, at: int) -> int:
        """Read text until the end of the paste. What may be the start of that end is held back in `_sequence`."""
        pasted = self._sequence + text[at:]
        end = pasted.find(self._paste_end)
        if end >= 0:
            next_at = len(text) - (len(pasted) - end - len(self._paste_end))
            self._keep_pasted(pasted[:end])
            self._hand_on_paste()
            self._open_paste = ""
            self._complete([])
            return next_at
        uncertain = next(size for size in range(len(PASTE_END), -1, -1) if pasted.endswith(self._paste_end[:size]))
        self._sequence = pasted[len(pasted) - uncertain :]
        self._keep_pasted(pasted[: len(pasted) - uncertain])
        return len(text)

    # Used by several states

    def _begin(self, character: str) -> None:
        """Start a sequence, with Esc or with a single-character introducer."""
        self._state, self._sequence, self._eight_bit, self._has_content = _State.ESCAPE, ESC, False, False
        if character != ESC:
            self._eight_bit = True
            self._introduce(_C1[character])

    def _introduce(self, introducer: str) -> None:
        self._sequence += introducer
        match introducer:
            case "[":
                self._state = _State.CONTROL
            case "O":
                self._state = _State.FUNCTION
            case _:
                self._state = _State.STRING

    def _complete(self, tokens: list[str]) -> None:
        """End the sequence with these tokens."""
        if self._after_escape:
            arrow = _ARROW.fullmatch(tokens[0]) if tokens else None
            tokens = [f"\x1b[1;3{arrow[1]}"] if arrow else [ESC, *tokens]
            self._after_escape = False
        self._tokens += tokens
        self._state, self._sequence, self._typed = _State.TEXT, "", ""

    def _abandon(self) -> None:
        """End a sequence that was interrupted: it was a key, or is dropped. What was typed after it is text."""
        typed = [self._typed] if self._typed else []
        self._complete([self._sequence, *typed] if self._may_be_key else typed)

    def _keep_pasted(self, text: str) -> None:
        self._pasted.append(text)
        self._pasted_size += len(text)
        while self._pasted_size >= PASTE_LIMIT:
            whole = "".join(self._pasted)
            self._tokens.append(Paste(whole[:PASTE_LIMIT]))
            self._pasted, self._pasted_size = [whole[PASTE_LIMIT:]], len(whole) - PASTE_LIMIT

    def _hand_on_paste(self) -> None:
        if text := "".join(self._pasted):
            self._tokens.append(Paste(text))
        self._pasted, self._pasted_size = [], 0


_REPORT: Final = re.compile(
    r"\x1b\[(?:[IO]"  # the window has the focus, or lost it
    r"|<\d{1,6};-?\d{1,6};-?\d{1,6}[Mm]"  # the mouse
    r"|\?(?:2026|2048);\d\$y"  # the modes that Textual queries
    r"|48(?:;\d{1,5}(?::\d{0,9})?){4}t)"  # the size of the window
)
_EXTENDED_KEY: Final = re.compile(
    r"\x1b\[(?P<code>\d{0,7})(?::[\d:]*)?"
    r"(?:;(?P<modifiers>\d{0,4})(?::(?P<event>\d?))?)?"
    r"(?:;(?P<text>[\d:]*))?(?P<final>[u~ABCDEFHPQS])"
)
"""A key in kitty's protocol, or a function key with modifiers."""
_RELEASED: Final = "3"


def is_key(sequence: str) -> bool:
    """Return whether `sequence` is a key that terminals have sent since before kitty's protocol."""
    return sequence in ANSI_SEQUENCES_KEYS


def inputs(sequence: str) -> list[str]:
    """Return what to pass on of a complete control sequence, or nothing if it is not input."""
    if is_key(sequence) or _REPORT.fullmatch(sequence) or attributes_in(sequence) is not None:
        return [sequence]
    key = _EXTENDED_KEY.fullmatch(sequence)
    return _extended_keys(key) if key is not None and key["event"] != _RELEASED else []


def _extended_keys(key: re.Match[str]) -> list[str]:
    """Return the key without the fields that Textual cannot parse, once for each character of its text."""
    code, modifiers, final = key["code"], key["modifiers"], key["final"]
    if final != "u":
        is_known = f"{code or 1}{final}" in FUNCTIONAL_KEYS
        return [f"\x1b[{code or 1};{modifiers or 1}{final}"] if is_known else []
    text = [point for point in (key["text"] or "").split(":") if point]
    if not all(map(_is_character, text)):
        return []
    if text:
        return [f"\x1b[{code};{modifiers or ''};{point}u" for point in text]
    return [f"\x1b[{code};{modifiers or ''}u"] if _is_character(code) else []


def _is_character(code: str) -> bool:
    number = int(code or 0)
    return 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
