"""A history with some content at fixed times, for snapshots that are the same every day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatgrid_tui.engine.recording import Head, Recording
from chatgrid_tui.engine.recording_format import write_recording
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.request import Request
from chatgrid_tui.model.saved_conversation import ListedChat, SavedReply
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.store.history import History
from fakes import DONE, delta

NOW = datetime(2026, 11, 19, 14, 3, 12, tzinfo=UTC)

MARKDOWN = """\
Here is what I found, **most likely first**:

1. The parcel waits at the *depot*, see [tracking](https://track.acme.example/8841)
2. It was returned

| Leg | Days | Cost |
|:----|-----:|-----:|
| Riga to Berlin | 2 | 14.90 |
| Berlin to Lyon | 3 | 21.00 |

```python
for leg in legs:
    print(leg.name, leg.days)  # in their order
```
"""
QUESTION = "Where is my parcel? The order is 8841, and it was promised for Tuesday."


async def remember(folder: Path, *, failure: Failure | None = None) -> None:
    """Save three conversations with the board `support-bot` of `acme`. The last one is opened at the start: its
    newest reply is complete, with files and suggestions, or failed with `failure`.
    """
    history = await History.open(folder)
    for title, question, answer, hours in (
        ("Opening hours, all sites", "When do you close?", "At 22:00, on Sundays at 18:00.", 30.0),
        ("Table for six on Friday", "Is there a table for six?", "There is, at 19:30.", 3.0),
    ):
        await _talk(history, title, question, SavedReply(0, "finished", "support-bot", NOW, (answer,)), hours)
    whole = SavedReply(
        0,
        "finished",
        "support-bot",
        NOW,
        (MARKDOWN, "Shall I ask the depot?"),
        attachments=({"type": "file", "url": "https://files.acme.example/label.pdf", "name": "label.pdf"},),
        suggestions=({"label": "Ask the depot", "payload": "/ask"}, {"label": "No, thanks", "payload": "/no"}),
        model="parcels-2",
        first_token=0.38,
        duration=1.92,
        deltas=148,
    )
    failed = SavedReply(0, "failed", "support-bot", NOW, failure=failure, duration=0.2)
    chosen = await _talk(history, "Where is my parcel?", QUESTION, whole if failure is None else failed, 0.05)
    await history.saved_state.save_last_shown(chosen)
    await history.close()


async def remember_chats(folder: Path) -> None:
    """Save chats of the board `support-bot` of `acme`, a ChatGrid, as its service listed them. The newest is open:
    another client sent a message in it, and the service stored more of a reply than arrived here.
    """
    history = await History.open(folder)
    titles = (
        "Where is my parcel?",
        "Table for six on Friday",
        "Opening hours, all sites",
        "",
        "Refund of order 8841",
    )
    chats = [ListedChat(f"chat-{at}", title, NOW - timedelta(hours=7 * at)) for at, title in enumerate(titles)]
    rows = await history.save_chats("acme", "support-bot", "support-bot", chats)
    newest, at = rows[0].id, NOW - timedelta(minutes=3)
    turn = await history.add_turn(newest, QUESTION, QUESTION, at)
    number = await history.add_reply(turn, "support-bot", at)
    said = "The depot has had it since Tuesday"
    whole = f"{said}, and sends it on **tomorrow**."
    truth = TruthCheck("stored longer", 1, 1, 1, len(said), None, len(whole), 10.0)
    reply = SavedReply(number, "stopped", "support-bot", at, (said,), duration=1.2, deltas=9, truth=truth)
    await history.save_reply(reply)
    await history.save_messages(
        newest,
        [
            RemoteMessage("u0", "user", "Is the shop open?", "", (at - timedelta(hours=1)).isoformat()),
            RemoteMessage("a0", "assistant", "From nine to six.", "parcels-2", (at - timedelta(hours=1)).isoformat()),
            RemoteMessage("u1", "user", QUESTION, "", at.isoformat()),
            RemoteMessage("a1", "assistant", whole, "parcels-2", at.isoformat()),
        ],
        whole,
        False,
    )
    await history.saved_state.save_last_shown(newest)
    await history.close()


async def _talk(history: History, title: str, question: str, reply: SavedReply, hours: float) -> int:
    at = NOW - timedelta(hours=hours)
    conversation = await history.create("acme", "support-bot", "support-bot", title, at)
    turn = await history.add_turn(conversation, question, question, at)
    number = await history.add_reply(turn, reply.speaker, at)
    await history.save_reply(
        SavedReply(
            number,
            reply.state,
            reply.speaker,
            at + timedelta(seconds=1),
            reply.bubbles,
            reply.attachments,
            reply.suggestions,
            model=reply.model,
            failure=reply.failure,
            first_token=reply.first_token,
            duration=reply.duration,
            deltas=reply.deltas,
        )
    )
    if reply.state == "finished":
        await history.save_recordings(number, [write_recording(_recorded(reply.bubbles))])
    return conversation


def _recorded(bubbles: Sequence[str]) -> Recording:
    """Return the stream of a reply, with a stall of a second and a half in its middle."""
    recording = Recording(Request("POST", "https://api.acme.example/v1/chat/completions"), "openai", NOW)
    recording.head = Head(0.12, 200, {"content-type": "text/event-stream"})
    words = " ".join(bubbles).split(" ")
    for number, word in enumerate(words):
        stall = 1.5 if number > len(words) // 2 else 0.0
        recording.add_read(0.38 + 0.001 * number + stall, delta(f"{word} "))
    recording.add_read(1.91, DONE)
    recording.finish(1.92, "end_mark")
    return recording


def being_written() -> Turn:
    """Return a turn whose reply has been coming in for three seconds."""
    begun = NOW - timedelta(seconds=3)
    reply = Reply(0, "support-bot", begun, "writing", first_token=0.41, last_data=2.9, deltas=148)
    reply.numbered[0] = Bubble("The depot answers on weekdays until six. I am asking now, and meanwhile")
    return Turn(0, "Ask the depot", "/ask", begun, [reply])
