"""A conversation as a transcript, in Markdown and as one page of HTML that loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Final

from chatgrid_tui.engine.key_mask import KeyMask
from chatgrid_tui.markdown.html_text import html_of
from chatgrid_tui.markdown.links import web_address
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.reply_mark import note_of
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.details import outcome
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.wording.truth import stored_otherwise
from chatgrid_tui.text import clean, clean_line

_LABELS: Final = ("label", "title", "text", "payload", "value")
_FILE_NAMES: Final = ("name", "filename", "file_name", "title", "alt")
_ADDRESSES: Final = ("url", "href", "link", "src")
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #fff; --text: #1a1c1f; --muted: #5f646b; --bot: #eef0f2;
  --mine: #d9ecec; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #16181b; --text: #e3e6ea; --muted: #9aa1aa; --bot: #24272b; --mine: #1d363b; }}
}}
body {{ background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 48rem; padding: 0 1rem; }}
h1.conversation {{ font-size: 1.4rem; margin-bottom: 0; }}
header, footer, .who, .note {{ color: var(--muted); font-size: .875rem; }}
article {{ margin: 1.5rem 0; overflow-wrap: anywhere; }}
.text {{ background: var(--bot); border-radius: .5rem; margin: .25rem 0; padding: .25rem 1rem; }}
.mine .text {{ background: var(--mine); white-space: pre-wrap; padding: .75rem 1rem; }}
.subject .text {{ outline: 2px solid var(--muted); }}
pre {{ overflow-x: auto; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid var(--muted); padding: .2rem .6rem; text-align: left; }}
a {{ color: inherit; }}
</style>
</head>
<body>
<header>
<h1 class="conversation">{title}</h1>
<p>{about}</p>
</header>
{messages}
<footer><p>{made}</p></footer>
</body>
</html>
"""


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


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation as text, with what goes above and below it."""

    title: str
    about: str
    messages: tuple[Message, ...]
    made: str


def transcript_of(conversation: Conversation, subject: Reply, key: KeyStatus, made: str) -> Transcript:
    """Return the transcript of a conversation, with the reply of each turn that counts, or that is the subject."""
    provider = conversation.provider
    parts = (f"{provider.shown} ({provider.kind})", conversation.board.name or conversation.board.id)
    messages = [message for turn in conversation.turns for message in _messages(conversation, turn, subject, key)]
    title = clean_line(conversation.title) or "Conversation"
    return Transcript(title, " · ".join(filter(None, map(clean_line, parts))), tuple(messages), made)


def without_keys(transcript: Transcript, mask: KeyMask) -> Transcript:
    """Return a transcript with its keys masked."""

    def masked(message: Message) -> Message:
        return replace(
            message,
            speaker=mask.text(message.speaker),
            texts=tuple(map(mask.text, message.texts)),
            notes=tuple(map(mask.text, message.notes)),
            files=tuple((mask.text(name), mask.text(address)) for name, address in message.files),
        )

    messages = tuple(map(masked, transcript.messages))
    return replace(
        transcript, title=mask.text(transcript.title), about=mask.text(transcript.about), messages=messages
    )


def as_markdown(transcript: Transcript) -> str:
    """Return a transcript as Markdown."""
    blocks = [f"# {transcript.title}", transcript.about]
    for message in transcript.messages:
        blocks.append(f"## {_heading(message)}")
        blocks += [clean(text).strip("\n") for text in message.texts]
        blocks += [f"- {name}: {address}" if address else f"- {name}" for name, address in message.files]
        blocks += [f"*{note}*" for note in message.notes]
    return "\n\n".join([*blocks, "---", transcript.made]) + "\n"


def as_html(transcript: Transcript) -> str:
    """Return a transcript as one HTML page, with all content escaped."""
    return _PAGE.format(
        title=escape(transcript.title),
        about=escape(transcript.about),
        messages="\n".join(map(_article, transcript.messages)),
        made=escape(transcript.made),
    )


def _messages(conversation: Conversation, turn: Turn, subject: Reply, key: KeyStatus) -> Iterator[Message]:
    if turn.shown:
        notes = (f"Sent as: {clean_line(turn.sent)}",) if turn.sent != turn.shown else ()
        yield Message("You", turn.sent_at, (turn.shown,), notes, is_mine=True)
    reply = subject if subject in turn.replies else turn.reply
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


def _heading(message: Message) -> str:
    mark = " · the reply of this bundle" if message.is_subject else ""
    return f"{message.speaker} · {message.at.astimezone():%Y-%m-%d %H:%M:%S}{mark}"


def _article(message: Message) -> str:
    side = "mine" if message.is_mine else "bot"
    subject = " subject" if message.is_subject else ""
    lines = [f'<article class="{side}{subject}">', f'<p class="who">{escape(_heading(message))}</p>']
    for text in message.texts:
        lines.append(f'<div class="text">{escape(clean(text)) if message.is_mine else html_of(text)}</div>')
    for name, raw in message.files:
        address = web_address(raw)
        shown = escape(f"{name}: {raw}" if raw else name)
        link = shown if address is None else f'<a href="{escape(address.url)}" rel="noreferrer">{shown}</a>'
        lines.append(f'<p class="note">{link}</p>')
    lines += [f'<p class="note">{escape(note)}</p>' for note in message.notes]
    return "\n".join([*lines, "</article>"])
