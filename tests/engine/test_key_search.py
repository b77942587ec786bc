"""A key is found in every form in which a file could reveal it."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from urllib.parse import quote

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.evidence import holds_key, streams_hold_key
from engine.test_planted_keys import KEYS

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda key: quote(key, safe=""),
    "every letter percent": lambda key: "".join(f"%{ord(letter):02X}" for letter in key),
    "Base64": lambda key: b64encode(f"user:{key}".encode()).decode(),
    "Base64 for URLs": lambda key: urlsafe_b64encode(f"{key}:x".encode()).decode(),
    "JSON escapes": lambda key: json.dumps(key.replace("/", "\\/")),
    "JSON code points": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "JSON in JSON in JSON": lambda key: json.dumps(json.dumps("".join(f"\\u{ord(letter):04X}" for letter in key))),
    "entities": lambda key: escape(key.replace("-", "&#45;")).replace("&amp;", "&"),
    "over two lines": lambda key: f"{key[:5]}\n   {key[5:]}",
    "between tags": lambda key: f'<text x="1">{escape(key[:5])}</text>\n<text>{escape(key[5:])}</text>',
}


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_found(form: str) -> None:
    for key in KEYS:
        mask = KeyMask([Secret(key)])
        assert holds_key(f"before {FORMS[form](key)} after".encode(), mask)
        assert not holds_key(f"before {FORMS[form](key[:-1])} after".encode(), mask)
        assert holds_key(b"." * (256 * 1024 - 9) + FORMS[form](key).encode(), mask)


def test_a_key_in_pieces_of_a_stream_is_found() -> None:
    for key in KEYS:
        mask = KeyMask([Secret(key)])
        in_events, in_reads = (Recording(Request("POST", "https://bots.example")) for _ in range(2))
        for letter in key:
            in_events.add_read(
                0.0, f'data: {{"choices":[{{"delta":{{"content":{json.dumps(letter)}}}}}]}}\n\n'.encode()
            )
            in_reads.add_read(0.0, letter.encode())
        for recording in (in_events, in_reads):
            assert not holds_key(write_recording(recording), mask)
            assert streams_hold_key([recording], mask)
