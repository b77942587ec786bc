"""Transcripts as Markdown, and as plain text."""

from __future__ import annotations

from chatgrid_tui.markdown.enclosed import enclosed
from chatgrid_tui.markdown.plain_text import bubble_text
from chatgrid_tui.session.export.transcript import Transcript
from chatgrid_tui.text import clean


def as_markdown(transcript: Transcript) -> str:
    """Return a transcript as Markdown, in which the messages keep theirs."""
    blocks = [f"# {enclosed(transcript.title)}", enclosed(transcript.about)]
    for message in transcript.messages:
        blocks.append(f"## {enclosed(message.heading)}")
        blocks += map(enclosed, message.texts)
        blocks += [enclosed(f"- {name}: {address}" if address else f"- {name}") for name, address in message.files]
        blocks += [f"*{enclosed(note)}*" for note in message.notes]
    return "\n\n".join(filter(None, blocks)) + "\n"


def as_text(transcript: Transcript) -> str:
    """Return a transcript as plain text, without the Markdown of replies."""
    blocks = ["\n".join(filter(None, (transcript.title, transcript.about)))]
    for message in transcript.messages:
        texts = map(clean if message.is_mine else bubble_text, message.texts)
        files = [f"{name}: {address}" if address else name for name, address in message.files]
        notes = [f"({note})" for note in message.notes]
        shown = [text for text in (*(text.strip("\n") for text in texts), *files, *notes) if text]
        blocks.append("\n".join([message.heading, "\n\n".join(shown)]))
    return "\n\n".join(blocks) + "\n"
