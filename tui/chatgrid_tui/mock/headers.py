"""The headers of a recorded answer that can be sent again."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Final, NamedTuple

from chatgrid_tui.dialects.error_payloads import retry_after
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.http_server.messages import HOP_BY_HOP
from chatgrid_tui.text import clean_line

_NOT_SENT: Final = HOP_BY_HOP | {
    *("content-length", "content-encoding"),  # bodies are recorded decompressed
    *("date", "alt-svc"),  # the mock has its own date, and only this protocol and address
}
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
_SECONDS: Final = re.compile(r"\s*[0-9]+(\.[0-9]+)?\s*")


class SentHeaders(NamedTuple):
    """The headers to send, and those left out."""

    headers: tuple[tuple[str, str], ...]
    retry_date: float | None = None
    """The seconds from now of a `Retry-After` with a date; it is not in `headers`."""
    left_out: tuple[str, ...] = ()
    """The names of headers that no server can send, cleaned."""

    def now(self, timestamp: float) -> tuple[tuple[str, str], ...]:
        """Return the headers of an answer at a time, in seconds since 1970."""
        if self.retry_date is None:
            return self.headers
        return (*self.headers, ("retry-after", formatdate(timestamp + self.retry_date, usegmt=True)))


def headers_to_send(recording: Recording) -> SentHeaders:
    """Return the headers of a recorded answer without those of its connection, and without invalid ones."""
    sent: list[tuple[str, str]] = []
    left_out: list[str] = []
    retry_date = _retry_date(recording)
    for name, value in recording.headers.items():
        if name.lower() in _NOT_SENT or (name == "retry-after" and retry_date is not None):
            continue
        if _NAME.fullmatch(name) and _VALUE.fullmatch(value.strip(" \t")):
            sent.append((name, value.strip(" \t")))
        else:
            left_out.append(clean_line(name, 40) or "without a name")
    return SentHeaders(tuple(sent), retry_date, tuple(left_out))


def _retry_date(recording: Recording) -> float | None:
    value = recording.headers.get("retry-after", "")
    if not value or _SECONDS.fullmatch(value):
        return None
    return retry_after({"retry-after": value, "date": recording.headers.get("date", "")}, recording.started_at)
