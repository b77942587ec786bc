"""Conversations as the history has them: opened, and read again once another window has let go of it."""

from __future__ import annotations

from chatgrid_tui.model.history import ConversationRow, ReadOnly
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.changes import Reloaded
from chatgrid_tui.session.conversation import Conversation, Turn, unsent
from chatgrid_tui.session.providers import removed
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.store.history import History

_WRITTEN_THERE = "Another window receives this reply. It appears here once that window has ended."


async def read_conversation(
    history: History, clients: Clients, conversation_id: int
) -> tuple[Conversation, ConversationRow, list[int]]:
    """Return a conversation, its row in the list, and the ids of the turns that were never sent: their texts are part
    of its draft. Without its provider in the configuration it can be read, and nothing can be sent.

    Raises:
        StorageProblem: it cannot be read.
    """
    row = await history.conversation(conversation_id)
    provider = clients.settings.providers.get(row.provider) or removed.stand_in(row.provider)
    saved = await history.turns(conversation_id)
    queued = unsent(saved)
    turns = [Turn.restored(turn, row.board_name) for turn in saved[: len(saved) - len(queued)]]
    if history.read_only is not None:
        _disown(turns, history.read_only)
    draft = "\n".join(filter(None, (*(turn.sent for turn in queued), row.draft)))
    conversation = Conversation(
        provider,
        Board(row.board, row.board_name or row.board),
        row.id,
        row.title,
        "" if provider.embedded else row.remote_id,  # those bots began anew with this program
        draft,
        turns,
        draft_read=draft,
        gone=row.gone,
    )
    conversation.restore_options(await history.options(conversation_id))
    return conversation, row, [turn.id for turn in queued]


async def read_again(conversation: Conversation, history: History, clients: Clients) -> Reloaded:
    """Let an open conversation be as the history has it now. What was typed here stays, behind what was typed
    elsewhere.

    Raises:
        StorageProblem: it cannot be read.
    """
    newer, row, unsent = await read_conversation(history, clients, conversation.id)
    reloaded = _take_in(conversation, newer)
    await history.back_to_draft(row.id, unsent, conversation.draft)
    return reloaded


def _take_in(conversation: Conversation, newer: Conversation) -> Reloaded:
    before = conversation.draft
    elsewhere = newer.draft if newer.draft != conversation.draft_read else ""
    if before == conversation.draft_read:
        conversation.draft = newer.draft
    else:
        conversation.draft = "\n".join(filter(None, (elsewhere, before)))
    conversation.draft_read = newer.draft
    conversation.turns[:] = newer.turns
    conversation.title, conversation.remote_id, conversation.gone = newer.title, newer.remote_id, newer.gone
    conversation.system, conversation.parameters = newer.system, newer.parameters
    return Reloaded(conversation, before, elsewhere)


def _disown(turns: list[Turn], reason: ReadOnly) -> None:
    """Let no reply count as being written by this program that is not."""
    for turn in turns:
        if turn.reply is not None and turn.reply.live:
            if reason == "another window":
                turn.reply.state, turn.note = "finished", _WRITTEN_THERE
            else:
                turn.reply.state = "interrupted"
