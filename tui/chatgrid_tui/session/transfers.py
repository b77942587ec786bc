"""What a session writes to files and reads from them: exports, imports, and downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.export_format import Format
from chatgrid_tui.session.changes import SessionListener
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.downloads import Downloads
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.wording.failures import cannot_change
from chatgrid_tui.store.history import History

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.export.exporter import Exporter


class TransferSession(SessionListener, Protocol):
    """What the transfers need of the session."""

    index: ConversationIndex


class Transfers:
    """Exports and imports conversations, and has the `downloads` of files. Only threads do long work."""

    def __init__(
        self,
        session: TransferSession,
        clients: Clients,
        history: History,
        open_conversations: Mapping[int, Conversation],
        clock: Clock,
    ) -> None:
        """`open_conversations` maps ids to conversations."""
        self._session = session
        self._clients = clients
        self._history = history
        self._open = open_conversations
        self._clock = clock
        self.downloads = Downloads(session, clients, clock)

    async def close(self) -> None:
        """Cancel all downloads."""
        await self.downloads.close()

    async def save(self, conversation_ids: Sequence[int], format_: Format, path: Path) -> tuple[int, int]:
        """Write conversations to a new file; without ids, all of them but those that were just deleted, the newest
        first. Return how many there are, and the size of the file in bytes.

        Raises:
            UsageProblem: there are none, or the file cannot be written.
            StorageProblem: they cannot be read.
        """
        if conversation_ids:
            rows = [await self._history.conversation(conversation_id) for conversation_id in conversation_ids]
        else:
            every = await self._history.conversations(limit=max(1, await self._history.count()))
            rows = [row for row in every if not self._session.index.is_hidden(row.id)]
        if not rows:
            raise UsageProblem("There are no conversations to export.")
        return len(rows), await self._exporter.save(rows, format_, path)

    async def text(self, conversation_id: int) -> str:
        """Return the transcript of a conversation as plain text.

        Raises:
            StorageProblem: it cannot be read.
        """
        return await self._exporter.text(await self._history.conversation(conversation_id))

    async def import_file(self, path: Path) -> str:
        """Add the conversations of a file to the history and the list, all or none, and return sentences on that.

        Raises:
            UsageProblem: the file cannot be imported, or nothing can be changed. Nothing was added.
            StorageProblem: they could not be written. Nothing was added.
        """
        from chatgrid_tui.session.importing.file import import_conversations

        if reason := self._session.read_only:
            raise UsageProblem(f"Nothing was imported. {cannot_change(reason)}")
        imported = await import_conversations(self._history, path, self._open.keys())
        self._session.add_rows(list(imported.rows))
        return imported.report

    @property
    def _exporter(self) -> Exporter:
        from chatgrid_tui.session.export.exporter import Exporter

        return Exporter(self._history, self._clients.settings, self._clients.key_status, self._clock)
