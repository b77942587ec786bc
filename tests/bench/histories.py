"""Histories on disk, made through the app's own store."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.texts import mark, reply
from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.store.history import History

PROVIDER: Final = "bots"
BOARD: Final = "long-writer"
_AT_ONCE: Final = 200


def many_conversations(folder: Path, count: int) -> Path:
    """Make a history of so many conversations of one turn each, `Chat 0` and on, and return its folder."""
    asyncio.run(_fill(folder, [(f"Chat {number}", 1) for number in range(count)]))
    return folder


def one_conversation(folder: Path, messages: int) -> Path:
    """Make a history of one conversation of so many messages, which is open at the next start.

    Its last reply ends with `newest(messages)`. Half of the messages are replies.
    """
    asyncio.run(_fill(folder, [(f"{messages} messages", messages // 2)]))
    return folder


def newest(messages: int) -> str:
    """Return the word that the newest of so many messages ends with."""
    return mark(messages // 2 - 1)


async def _fill(folder: Path, conversations: list[tuple[str, int]]) -> None:
    history = await History.open(folder)
    began = datetime.now(UTC) - timedelta(days=300)
    made: list[int] = []
    for first in range(0, len(conversations), _AT_ONCE):
        part = conversations[first : first + _AT_ONCE]
        times = [began + timedelta(minutes=first + number) for number in range(len(part))]
        made += await asyncio.gather(
            *(history.create(PROVIDER, BOARD, BOARD, title, at) for (title, _), at in zip(part, times, strict=True))
        )
        for (_, turns), conversation, at in zip(part, made[first:], times, strict=True):
            # One after the other: the order within a conversation is the order of its ids.
            if turns > 1:
                await _talk(history, conversation, turns, at)
        await asyncio.gather(
            *(
                _talk(history, conversation, turns, at)
                for (_, turns), conversation, at in zip(part, made[first:], times, strict=True)
                if turns == 1
            )
        )
    await history.saved_state.save_last_shown(made[-1])
    await history.close()


async def _talk(history: History, conversation: int, turns: int, began: datetime) -> None:
    """Keep a conversation of so many turns, with a reply to each."""
    for first in range(0, turns, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, turns))
        times = [began + timedelta(seconds=number) for number in numbers]
        said = [f"Question {number}: what came, and when?" for number in numbers]
        ids = await asyncio.gather(
            *(history.add_turn(conversation, text, text, at) for text, at in zip(said, times, strict=True))
        )
        replies = await asyncio.gather(
            *(history.add_reply(turn, BOARD, at) for turn, at in zip(ids, times, strict=True))
        )
        saved = [
            SavedReply(
                id=made,
                state="finished",
                speaker=BOARD,
                started_at=at,
                bubbles=(reply(number),),
                first_token=0.4,
                duration=3.0,
                deltas=120,
            )
            for number, made, at in zip(numbers, replies, times, strict=True)
        ]
        await asyncio.gather(*map(history.save_reply, saved))
