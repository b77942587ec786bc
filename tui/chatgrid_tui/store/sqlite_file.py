"""Read an SQLite file page by page, without SQLite, which refuses everything behind a damaged page.

The format is described at https://sqlite.org/fileformat2.html. No number in the file is trusted: every loop ends, and
what does not fit raises `Unreadable` or is skipped.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, TypeAlias

Value: TypeAlias = int | float | str | bytes | None

MAGIC: Final = b"SQLite format 3\x00"
_DEFAULT_PAGE_SIZE: Final = 4096
_HEADER: Final = 100
"""Bytes before the content of the first page."""
_WAL_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_LEAF_OF_TABLE, _INTERIOR_OF_TABLE, _LEAF_OF_INDEX, _INTERIOR_OF_INDEX = 0x0D, 0x05, 0x0A, 0x02
_LARGEST_RECORD: Final = 1 << 30


class Unreadable(Exception):
    """A page, a cell or a record is damaged."""


@dataclass(slots=True)
class Tree:
    """The pages of a table or an index that can be reached from its root."""

    pages: list[int] = field(default_factory=list)
    broken: bool = False
    """Whether a page cannot be read, so that others may be missing too."""


class SqliteFile:
    """The pages of a database, including those in its write-ahead log. Use it as a context manager."""

    def __init__(self, file: Path, *, with_log: bool = True) -> None:
        self._files = contextlib.ExitStack()
        log_file = file.with_name(f"{file.name}-wal")
        self._main: BinaryIO | None = self._files.enter_context(file.open("rb")) if file.exists() else None
        self._log: BinaryIO | None = (
            self._files.enter_context(log_file.open("rb")) if with_log and log_file.exists() else None
        )
        header = self._read(self._main, 0, _HEADER)
        size = int.from_bytes(header[16:18], "big")
        self._page_size = 65536 if size == 1 else size
        if not header.startswith(MAGIC) or not _is_page_size(self._page_size):
            self._page_size, header = _DEFAULT_PAGE_SIZE, b""
        self._logged = self._read_log()
        first = self.page(1) or b""
        self.has_header = first.startswith(MAGIC)
        # The rest of the page may be sound even if its first bytes are not.
        self._first_page = first if first and _kind(first, 1) is not None else b""
        self._usable = self._page_size - (first[20] if self.has_header and first[20] <= 64 else 0)
        self.user_version = int.from_bytes(self._first_page[60:64], "big")
        length = self._main.seek(0, 2) if self._main is not None else 0
        present = max(-(-length // self._page_size), max(self._logged, default=0))
        stated = int.from_bytes(self._first_page[28:32], "big")
        self.count = min(present, stated) if stated else present
        """How many pages there are. Pages after them were deleted."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._files.close()

    def page(self, number: int) -> bytes | None:
        """Return a page; None if it does not exist, or the disk cannot read it."""
        if number < 1:
            return None
        at = self._logged.get(number)
        file, place = (self._main, (number - 1) * self._page_size) if at is None else (self._log, at)
        data = self._read(file, place, self._page_size)
        return data if len(data) == self._page_size else None

    def tree(self, root: int) -> Tree:
        """Return the pages of the table or index with the root page `root`, in order."""
        tree, seen, ahead = Tree(), set[int](), [root]
        while ahead:
            number = ahead.pop()
            page = None if number in seen else self.page(number)
            if page is None or _kind(page, number) is None:
                tree.broken = True
                continue
            seen.add(number)
            tree.pages.append(number)
            if _kind(page, number) in (_INTERIOR_OF_TABLE, _INTERIOR_OF_INDEX):
                start = _start(number)
                children = [int.from_bytes(page[at : at + 4], "big") for at in _cells(page, number)]
                ahead += reversed([*children, int.from_bytes(page[start + 8 : start + 12], "big")])
        return tree

    def free_pages(self) -> set[int]:
        """Return the pages that are not in use. What they still contain was deleted."""
        free: set[int] = set()
        trunk = int.from_bytes(self._first_page[32:36], "big")
        while trunk and trunk not in free and (page := self.page(trunk)) is not None:
            free.add(trunk)
            count = min(int.from_bytes(page[4:8], "big"), self._usable // 4 - 2)
            free.update(struct.unpack_from(f">{count}I", page, 8))
            trunk = int.from_bytes(page[:4], "big")
        return free

    def rows(self, number: int) -> Iterator[tuple[int, list[Value] | None]]:
        """Yield the id and the values of each row on a page of a table; None for values that cannot be read."""
        page = self.page(number)
        if page is None or _kind(page, number) != _LEAF_OF_TABLE:
            return
        for at in _cells(page, number):
            try:
                size, after = _varint(page, at)
                row_id, after = _varint(page, after)
            except Unreadable:
                continue
            try:
                yield _signed(row_id), _record(self._payload(page, after, size, self._usable - 35))
            except Unreadable:
                yield _signed(row_id), None

    def entries(self, number: int) -> Iterator[list[Value]]:
        """Yield the readable entries on a page of an index, or of a table without row ids."""
        page = self.page(number)
        kind = None if page is None else _kind(page, number)
        if page is None or kind not in (_LEAF_OF_INDEX, _INTERIOR_OF_INDEX):
            return
        for at in _cells(page, number):
            with contextlib.suppress(Unreadable):
                size, after = _varint(page, at + (4 if kind == _INTERIOR_OF_INDEX else 0))
                yield _record(self._payload(page, after, size, (self._usable - 12) * 64 // 255 - 23))

    def _payload(self, page: bytes, at: int, size: int, longest: int) -> bytes:
        """Return the `size` bytes of a cell: those on its page, and those on its chain of overflow pages."""
        if size > min(_LARGEST_RECORD, max(self.count, 1) * self._page_size):
            raise Unreadable
        local = size
        if size > longest:
            least = (self._usable - 12) * 32 // 255 - 23
            local = least + (size - least) % (self._usable - 4)
            local = local if local <= longest else least
        parts, left = [page[at : at + local]], size - local
        if len(parts[0]) != local or at + local > self._usable:
            raise Unreadable
        following = int.from_bytes(page[at + local : at + local + 4], "big") if left else 0
        while left:
            overflow = self.page(following)
            if overflow is None:
                raise Unreadable
            parts.append(overflow[4 : 4 + min(left, self._usable - 4)])
            left -= len(parts[-1])
            following = int.from_bytes(overflow[:4], "big")
        if following:
            raise Unreadable  # the chain continues, so it belongs to another cell
        return b"".join(parts)

    def _read_log(self) -> dict[int, int]:
        """Return the offset of the newest committed version of each page in the log."""
        header = self._read(self._log, 0, _WAL_HEADER)
        if len(header) < _WAL_HEADER or int.from_bytes(header[:4], "big") & ~1 != 0x377F0682:
            return {}
        size = int.from_bytes(header[8:12], "big")
        if not _is_page_size(size):
            return {}
        self._page_size = size
        order = ">" if header[3] & 1 else "<"
        sums = _checksum(header[:24], order, (0, 0))
        committed: dict[int, int] = {}
        pending: dict[int, int] = {}
        at = _WAL_HEADER
        while True:
            frame = self._read(self._log, at, _FRAME_HEADER + size)
            if len(frame) < _FRAME_HEADER + size or frame[8:16] != header[16:24]:
                return committed
            sums = _checksum(frame[_FRAME_HEADER:], order, _checksum(frame[:8], order, sums))
            if sums != struct.unpack(">II", frame[16:24]):
                return committed
            pending[int.from_bytes(frame[:4], "big")] = at + _FRAME_HEADER
            if any(frame[4:8]):  # the end of a transaction
                committed |= pending
                pending = {}
            at += len(frame)

    @staticmethod
    def _read(file: BinaryIO | None, at: int, size: int) -> bytes:
        if file is None:
            return b""
        try:
            file.seek(at)
            return file.read(size)
        except OSError:  # a bad sector costs only what is on it
            return b""


def _is_page_size(size: int) -> bool:
    return 512 <= size <= 65536 and not size & (size - 1)


def _start(number: int) -> int:
    return _HEADER if number == 1 else 0


def _kind(page: bytes, number: int) -> int | None:
    kind = page[_start(number)]
    return kind if kind in (_LEAF_OF_TABLE, _INTERIOR_OF_TABLE, _LEAF_OF_INDEX, _INTERIOR_OF_INDEX) else None


def _cells(page: bytes, number: int) -> list[int]:
    """Return the offsets of the cells of a page, without those outside of it."""
    start = _start(number)
    first = start + (12 if page[start] in (_INTERIOR_OF_TABLE, _INTERIOR_OF_INDEX) else 8)
    count = min(int.from_bytes(page[start + 3 : start + 5], "big"), (len(page) - first) // 2)
    places = struct.unpack_from(f">{count}H", page, first)
    return [place for place in places if first + 2 * count <= place < len(page) - 3]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and the offset after it."""
    value = 0
    for place in range(at, at + 9):
        if place >= len(data):
            raise Unreadable
        byte = data[place]
        if place == at + 8:
            return value << 8 | byte, place + 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    raise Unreadable


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _record(payload: bytes) -> list[Value]:
    """Return the values of a record."""
    header, at = _varint(payload, 0)
    if header > len(payload):
        raise Unreadable
    values: list[Value] = []
    place = header
    while at < header:
        serial, at = _varint(payload, at)
        size = _INTEGERS[serial] if serial < 12 else (serial - 12) // 2
        data = payload[place : place + size]
        if len(data) != size or serial in (10, 11):
            raise Unreadable
        values.append(_value(serial, data))
        place += size
    if at != header or place != len(payload) or not values:
        raise Unreadable
    return values


_INTEGERS: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
"""The size of a value in bytes, by its serial type."""


def _value(serial: int, data: bytes) -> Value:
    match serial:
        case 0:
            return None
        case 7:
            return float(struct.unpack(">d", data)[0])
        case 8 | 9:
            return serial - 8
        case _ if serial < 7:
            return int.from_bytes(data, "big", signed=True)
        case _:
            return data.decode("utf-8", "replace") if serial % 2 else data


def _checksum(data: bytes, order: str, before: tuple[int, int]) -> tuple[int, int]:
    first, second = before
    integers = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, other in zip(integers[::2], integers[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
