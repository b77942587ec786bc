"""Newline-delimited JSON: one value per line."""

from __future__ import annotations

from chatgrid_tui.wire.lines import Lines
from chatgrid_tui.wire.record import MALFORMED, Record, json_at, json_values


class Decoder:
    """Decodes NDJSON into records, incrementally.

    Lines end at `\\n` only; for JSON, a `\\r` before it is whitespace, and U+2028 and the like are text. Several
    values on one line are separate records. A line of over 16 MiB sets `overflow` and ends the records.
    """

    last_id = ""
    """NDJSON has no ids."""
    released = 0
    """No value waits for a later line."""

    def __init__(self) -> None:
        self._lines = Lines(carriage_returns=False)
        self.unfinished = ""
        """Set by `close`: the last line, if its JSON is incomplete."""

    @property
    def overflow(self) -> bool:
        """Whether a line was too long."""
        return self._lines.overflow

    @property
    def pending(self) -> int:
        """Bytes of the line that has not ended yet."""
        return self._lines.pending

    def feed(self, data: bytes) -> list[Record]:
        """Return the records that `data` completes."""
        records: list[Record] = []
        for line in self._lines.feed(data):
            value, end = json_at(line)
            if end == len(line) and isinstance(value, dict):  # nearly every line is one object
                records.append(Record(line, value=value))
            else:
                records += json_values(line)
        return records

    def close(self) -> list[Record]:
        """Return what the end completes: a last line without a newline counts if it is complete."""
        records: list[Record] = []
        for record in json_values(self._lines.close()):
            if record.value is MALFORMED:
                self.unfinished = record.data
            else:
                records.append(record)
        return records
