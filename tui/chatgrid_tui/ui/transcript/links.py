"""Which addresses may be opened, and whose they are.

Those that the browser would be given (`ui/browser.py`), and only of characters that can be seen. The address
is kept as it was written: decoding it would break signed links and let control characters in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatgrid_tui.text import clean
from chatgrid_tui.ui.browser import host_of

_BARE = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]]+")
_AFTER_SENTENCE = ".,;:!?)*_~"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address that may be opened: `url` as written, `host` as the network knows it, with its port."""

    url: str
    host: str


def web_address(raw: str) -> WebAddress | None:
    """Return the address if it may be opened, else None."""
    host = host_of(raw)
    if not host or clean(raw) != raw or not raw.isprintable():
        return None
    port = urlsplit(raw).port
    return WebAddress(raw, host if port is None else f"{host}:{port}")


def shows_host(label: str, address: WebAddress) -> bool:
    """Whether a label tells by itself where its link leads."""
    label = label.strip()
    if label.casefold() == address.host.casefold():
        return True
    named = web_address(label)
    return named is not None and named.host == address.host


def bare_addresses(text: str) -> list[tuple[int, int]]:
    """Return where in a text addresses stand, as (start, end); punctuation of the sentence is not theirs."""
    if "://" not in text:
        return []
    spans: list[tuple[int, int]] = []
    for found in _BARE.finditer(text):
        address = found.group()
        while address and address[-1] in _AFTER_SENTENCE:
            if address[-1] == ")" and address.count("(") >= address.count(")"):
                break
            address = address[:-1]
        spans.append((found.start(), found.start() + len(address)))
    return spans
