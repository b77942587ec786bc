"""Exports conversations of the history, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.key_mask import without_known_keys
from chatgrid_tui.errors import StorageProblem
from chatgrid_tui.model.export_format import Format
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Provider, RemoteMessage
from chatgrid_tui.model.saved_conversation import ConversationRow, SavedTurn
from chatgrid_tui.session.export.formats import (
    JSON_END,
    as_text,
    document_end,
    document_part,
    document_start,
    json_parts,
    json_start,
    made_at,
)
from chatgrid_tui.session.export.transcript import Transcript, transcript_of
from chatgrid_tui.session.library.loading import restored
from chatgrid_tui.session.sync.merge import merge
from chatgrid_tui.session.tasks import run_now
from chatgrid_tui.session.user_files import NewUserFile


class Source(Protocol):
    """What is read of a history: a `History`, or one that is only read."""

    async def turns(self, conversation_id: int, /) -> list[SavedTurn]: ...
    async def messages(self, conversation_id: int, /) -> list[RemoteMessage]: ...
    async def whole(self, conversation_id: int, /) -> JsonObject: ...


@dataclass(frozen=True, slots=True)
class Exporter:
    """Reads conversations of a history, and converts them in threads."""

    source: Source
    settings: Settings
    key_status: Callable[[Provider], KeyStatus] = lambda provider: KeyStatus()
    clock: Clock = SYSTEM_CLOCK

    async def pieces(self, rows: Sequence[ConversationRow], format_: Format) -> AsyncIterator[bytes]:
        """Yield a document with these conversations in pieces, one conversation at a time.

        Raises:
            StorageProblem: one cannot be read.
        """
        now = self.clock.utc_now()
        if format_ == "json":
            yield json_start(now).encode()
            for number, row in enumerate(rows, 1):
                conversation = await self.source.whole(row.id)
                yield await asyncio.to_thread(_joined, json_parts(conversation, number))
            yield JSON_END.encode()
            return
        start = await asyncio.to_thread(document_start, format_, [without_known_keys(row.title) for row in rows])
        yield start.encode("utf-8", "replace")
        for number, row in enumerate(rows, 1):
            transcript = await self.transcript(row)
            part = await asyncio.to_thread(document_part, format_, transcript, number)
            yield part.encode("utf-8", "replace")
        yield document_end(format_, made_at(now)).encode()

    async def save(self, rows: Sequence[ConversationRow], format_: Format, path: Path) -> int:
        """Write these conversations to a new file, and return its size in bytes.

        Raises:
            FileExists, UsageProblem: the file cannot be written.
            StorageProblem: a conversation cannot be read.
        """
        with NewUserFile(path) as file:
            async for piece in self.pieces(rows, format_):
                await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(file.finish)
        return file.size

    async def text(self, row: ConversationRow) -> str:
        """Return the transcript of a conversation as plain text.

        Raises:
            StorageProblem: it cannot be read.
        """
        return await asyncio.to_thread(as_text, await self.transcript(row))

    async def transcript(self, row: ConversationRow) -> Transcript:
        """Return the transcript of a conversation, with the messages that only its service has.

        Raises:
            StorageProblem: it cannot be read.
        """
        saved = await self.source.turns(row.id)
        messages = await self.source.messages(row.id)
        return await asyncio.to_thread(self._transcript, row, saved, messages)

    def _transcript(
        self, row: ConversationRow, saved: Sequence[SavedTurn], messages: Sequence[RemoteMessage]
    ) -> Transcript:
        conversation, _ = restored(row, saved, self.settings, None)
        if conversation.has_remote_messages and messages:
            speaker = conversation.board.name or conversation.board.id
            conversation.turns = run_now(merge(conversation.turns, messages, speaker))
        return transcript_of(conversation, self.key_status(conversation.provider))


def _joined(parts: Iterator[str]) -> bytes:
    try:
        return "".join(parts).encode()
    except RecursionError:
        raise StorageProblem("A conversation has a value that is nested too deeply to be exported.") from None
