"""A conversation as a transcript, which the writers turn into Markdown, HTML and plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chatgrid_tui.engine.key_mask import without_known_keys
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.reply_mark import note_of
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.details import outcome
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.truth import stored_otherwise
from chatgrid_tui.text import clean_line

_LABELS: Final = ("label", "title", "text", "payload", "value")
_FILE_NAMES: Final = ("name", "filename", "file_name", "title", "alt")
_ADDRESSES: Final = ("url", "href", "link", "src")


@dataclass(frozen=True, slots=True)
class Message:
    """One side of a turn, as it was when the transcript was requested."""

    speaker: str
    at: datetime
    texts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Sentences about the message."""
    files: tuple[tuple[str, str], ...] = ()
    """Names and addresses."""
    is_mine: bool = False
    is_subject: bool = False
    """Whether it is the reply that the evidence is about."""

    @property
    def heading(self) -> str:
        """The name of the speaker, and the time."""
        mark = " · the reply of this bundle" if self.is_subject else ""
        return f"{self.speaker} · {self.at.astimezone():%Y-%m-%d %H:%M:%S}{mark}"


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation as text. `about` names the service and the board."""

    title: str
    about: str
    messages: tuple[Message, ...]


def transcript_of(conversation: Conversation, key: KeyStatus, subject: Reply | None = None) -> Transcript:
    """Return the transcript of a conversation without known keys, with the reply of each turn that counts, or that is
    the subject.
    """
    provider = conversation.provider
    service = f"{provider.shown} ({provider.kind})" if provider.base_url else provider.shown
    parts = (service, conversation.board.name or conversation.board.id)
    messages = [message for turn in conversation.turns for message in _messages(conversation, turn, subject, key)]
    title = clean_line(conversation.title) or "Conversation"
    return _without_keys(Transcript(title, " · ".join(filter(None, map(clean_line, parts))), tuple(messages)))


def _without_keys(transcript: Transcript) -> Transcript:
    """Return a transcript with the known keys masked."""
    plain = without_known_keys

    def masked(message: Message) -> Message:
        return replace(
            message,
            speaker=plain(message.speaker),
            texts=tuple(map(plain, message.texts)),
            notes=tuple(map(plain, message.notes)),
            files=tuple((plain(name), plain(address)) for name, address in message.files),
        )

    messages = tuple(map(masked, transcript.messages))
    return replace(transcript, title=plain(transcript.title), about=plain(transcript.about), messages=messages)


def _messages(conversation: Conversation, turn: Turn, subject: Reply | None, key: KeyStatus) -> Iterator[Message]:
    reply = subject if subject in turn.replies else turn.reply
    if shown := turn.shown_for(reply):
        edited = reply is not None and reply.edited_message is not None
        is_label = turn.first_sent != turn.first_shown and not edited
        notes = (f"Sent as: {clean_line(turn.first_sent)}",) if is_label else ()
        yield Message("You", turn.sent_at, (shown,), notes, is_mine=True)
    if reply is not None:
        yield Message(
            clean_line(reply.speaker, 60) or "Bot",
            reply.started_at,
            tuple(bubble.text for bubble in reply.bubbles if bubble.size),
            tuple(_notes(conversation, turn, reply, key)),
            tuple(_files(reply.attachments)),
            is_subject=reply is subject,
        )


def _notes(conversation: Conversation, turn: Turn, reply: Reply, key: KeyStatus) -> Iterator[str]:
    if labels := [clean_line(_first(item, _LABELS), 80) for item in reply.suggestions]:
        yield f"Suggestions: {' · '.join(labels)}"
    if reply.state != "finished" or reply.empty or reply.warnings:
        yield clean_line(outcome(conversation, reply, key), 600)
    if reply.verdict or reply.note:
        yield f"Marked: {' · '.join(filter(None, (reply.verdict, note_of(reply.note))))}"
    if stored := stored_otherwise(reply):
        yield stored
    if len(turn.replies) > 1:
        yield f"Reply {turn.replies.index(reply) + 1} of {len(turn.replies)} to this message."


def _files(attachments: Iterable[JsonObject]) -> Iterator[tuple[str, str]]:
    for item in attachments:
        address = clean_line(_first(item, _ADDRESSES), 2_000)
        last_part = address.partition("?")[0].rpartition("/")[2]
        yield clean_line(_first(item, _FILE_NAMES), 120) or last_part or "file", address


def _first(item: Mapping[str, object], names: Sequence[str]) -> str:
    return next((value for name in names if isinstance(value := item.get(name), str) and value), "")
