"""Which control sequences are input for Textual's parser, and in which form it can read them."""

from __future__ import annotations

import re
from typing import Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

_REPORT: Final = re.compile(
    r"\x1b\[(?:[IO]"  # the window has the focus, or lost it
    r"|<\d{1,6};-?\d{1,6};-?\d{1,6}[Mm]"  # the mouse
    r"|\?(?:2026|2048);\d\$y"  # the modes that Textual asks for
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
    """Return what Textual's parser is given for a whole control sequence: nothing, unless it is input."""
    if is_key(sequence) or _REPORT.fullmatch(sequence):
        return [sequence]
    key = _EXTENDED_KEY.fullmatch(sequence)
    return _extended_keys(key) if key is not None and key["event"] != _RELEASED else []


def _extended_keys(key: re.Match[str]) -> list[str]:
    """Return the key without the fields that Textual cannot read, once for each character of its text."""
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
