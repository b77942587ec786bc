"""The entries in the menu of a bubble."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from chatgrid_tui.markdown.code_and_links import LOOKED_AT, CodePiece, LinkPiece, Piece
from chatgrid_tui.markdown.links import other_address
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.details import why_not_recorded
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.reply_marks import why_not_marked
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.reading import AttachmentTask
from chatgrid_tui.ui.chat.bubbles.bubble_acts import (
    Act,
    ActOnMessage,
    ActOnQueued,
    CheckStored,
    CopyDetails,
    CopyPlain,
    CopyText,
    ForkHere,
    MarkReply,
    OpenLink,
    QuoteText,
    Refuse,
    SaveEvidence,
    ShowDetails,
    ShowFolded,
    UseFile,
    UseRecording,
    UseRequest,
    ViewText,
)
from chatgrid_tui.ui.chat.queued_messages import QueueTask
from chatgrid_tui.ui.chat.say_again import AgainTask
from chatgrid_tui.ui.transcript.presses import bubble_copied
from chatgrid_tui.ui.transcript.reply_parts import Attachment, attachment
from chatgrid_tui.ui.verdicts import verdict_word
from chatgrid_tui.ui.wire.recording_actions import RecordingTask
from chatgrid_tui.ui.wire.request_actions import RequestTask
from chatgrid_tui.units import counted

MOST: Final = 50
"""The most code blocks, links and files of a bubble that have entries."""
_LONGEST_QUOTE: Final = 100_000
"""The longest quote in characters. Longer text is better copied."""
_WITH_DETAILS: Final = "as text, with all details"
_WORDS: Final = 40
"""How many characters of a code block or an address its entry shows."""


Shortcut: TypeAlias = (
    Literal["copy", "copy_text", "copy_code", "quote", "details", "mark", "view", "evidence", "fork", "check_stored"]
    | AgainTask
    | QueueTask
    | AttachmentTask
    | RequestTask
    | RecordingTask
)
"""An entry that has an action of its own: what it does in the transcript."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu. `detail` distinguishes it from others."""

    label: str
    act: Act
    detail: str = ""
    shortcut: Shortcut | None = None


@dataclass(frozen=True, slots=True)
class BubbleMenu:
    """The entries for one bubble, in groups, under a title."""

    title: str
    groups: tuple[tuple[Entry, ...], ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, from the top."""
        return tuple(entry for group in self.groups for entry in group)

    def act_of(self, shortcut: Shortcut) -> Act:
        """Return what a key does with the bubble. Text that is not Markdown is copied as text by both keys."""
        acts = {entry.shortcut: entry.act for entry in self.entries}
        found = acts.get(shortcut) or (acts.get("copy") if shortcut == "copy_text" else None)
        return found or Refuse("That is not possible here.")


def text_of(turn: Turn, bubble: int) -> str:
    """Return the text of one of the bot's bubbles, or an empty string."""
    texts = [] if turn.reply is None else [part.text for part in turn.reply.bubbles if part.size]
    return texts[bubble] if 0 <= bubble < len(texts) else ""


def menu_of(turn: Turn, bubble: int, pieces: Sequence[Piece] = (), why_never: str = "") -> BubbleMenu:
    """Return the menu of a bubble: -1 is the user's, the bot's start at 0, followed by its files or its error.
    `pieces` are the code and the links in its text; `why_never` says why the service cannot be asked what it stored,
    if it cannot.
    """
    reply = turn.reply
    if bubble < 0 or reply is None:
        title = f"Your message · {turn.sent_at.astimezone():%H:%M}"
        own = bubble_copied(turn, -1)
        if turn.queued:
            return BubbleMenu(f"{title} · queued", _groups(_queued(), (*_own(turn), *_about(turn))))
        forking = [Entry("Fork and edit", ForkHere(to_edit=True), "a new conversation up to before it")]
        again = *_again(turn), *(forking if turn.sent else []), *([_view(own.text)] if own is not None else [])
        return BubbleMenu(title, _groups((*_own(turn), *_about(turn)), again, _recorded(turn, why_never)))
    speaker, about = clean_line(reply.speaker, 40) or "bot", (*_about(turn), *_folded(reply))
    count = sum(1 for part in reply.bubbles if part.size)
    files = tuple(_files(reply)) if bubble >= count - 1 else ()
    again, recorded = _again(turn), _recorded(turn, why_never)
    if bubble < count and (copied := bubble_copied(turn, bubble)) is not None:
        which = f" · bubble {bubble + 1} of {count}" if count > 1 else ""
        text_parts = (
            Entry("Copy as Markdown", CopyText(copied.text, copied.what), shortcut="copy"),
            Entry("Copy as text", CopyPlain(copied.text, f"{copied.what} as text"), shortcut="copy_text"),
            Entry("Quote", quote_of(copied.text), shortcut="quote"),
        )
        links = (*_links(pieces), *_unsearched(copied.text))
        if reply.failure is not None:
            about = (Entry("Copy the error", CopyDetails(), _WITH_DETAILS), *about)
        pieces_of_it = (tuple(_codes(pieces)), links, files)
        return BubbleMenu(
            f"{speaker}{which}", _groups((*text_parts, *about), (*again, _view(copied.text)), *pieces_of_it, recorded)
        )
    if reply.failure is not None:
        copying = Entry("Copy the error", CopyDetails(), _WITH_DETAILS, "copy")
        return BubbleMenu(f"{speaker} · error", _groups((copying, *about), again, files, recorded))
    if files and not reply.live:
        return BubbleMenu(speaker, _groups(files, about, again, recorded))
    nothing = Refuse("There is no text yet." if reply.live else "The reply has no text.")
    return BubbleMenu(speaker, _groups((*_nothing(nothing), *about), again, files, recorded))


def quote_of(text: str) -> Act:
    """Return the action that quotes a text, unless the text is too long."""
    if len(text) > _LONGEST_QUOTE:
        return Refuse(f"{len(text):,} characters are too many for a quote.")
    return QuoteText(text)


def quoted(text: str) -> str:
    """Return a text as a Markdown quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))


def _groups(*groups: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], ...]:
    return tuple(group for group in groups if group)


def _own(turn: Turn) -> tuple[Entry, ...]:
    copied = bubble_copied(turn, -1)
    if copied is None:
        return _nothing(Refuse("The message has no text."))
    entries = [Entry("Copy", CopyText(copied.text, copied.what), shortcut="copy")]
    if turn.sent != turn.shown:
        detail = clean_line(turn.sent, _WORDS)
        entries.append(Entry("Copy what was sent", CopyText(turn.sent, "what was sent"), detail))
    return *entries, Entry("Quote", quote_of(copied.text), shortcut="quote")


def _view(text: str) -> Entry:
    return Entry("View in pager", ViewText(text), "in the whole terminal", "view")


def _nothing(refusal: Refuse) -> tuple[Entry, ...]:
    return (
        Entry("Copy as Markdown", refusal, shortcut="copy"),
        Entry("Copy as text", refusal, shortcut="copy_text"),
        Entry("Quote", refusal, shortcut="quote"),
    )


def _codes(pieces: Sequence[Piece]) -> Iterator[Entry]:
    codes = [piece for piece in pieces if isinstance(piece, CodePiece)]
    for number, code in enumerate(codes[:MOST], 1):
        which = f"code block {number} of {len(codes)}" if len(codes) > 1 else "the code block"
        about = ", ".join(filter(None, (clean_line(code.language, 20), counted(code.text.count("\n") + 1, "line"))))
        label = f"Copy code block {number}" if len(codes) > 1 else "Copy code block"
        words = f"{about}: {clean_line(code.text, _WORDS)}"
        yield Entry(label, CopyText(code.text, f"{which} ({about})"), words, None if len(codes) > 1 else "copy_code")
    yield from _more(len(codes), "block of code", "blocks of code")


def _links(pieces: Sequence[Piece]) -> Iterator[Entry]:
    links = [piece for piece in pieces if isinstance(piece, LinkPiece)]
    for link in links[:MOST]:
        url, host = link.address.url, link.address.host
        label = "" if link.label in (url, host) else link.label
        yield Entry("Open link", OpenLink(url, link.named), f"{label} ({host})" if label else clean_line(url, 60))
        yield Entry("Copy link", CopyText(url, f"the address {url}"), clean_line(url, 60))
    yield from _more(len(links), "link", "links")


def _unsearched(text: str) -> Iterator[Entry]:
    if len(text) > LOOKED_AT:
        reason = Refuse(f"Only the first {LOOKED_AT:,} characters were searched. Tab goes to the rest.")
        yield Entry("More code and links", reason)


def _files(reply: Reply) -> Iterator[Entry]:
    files = [attachment(item) for item in reply.attachments[:MOST]]
    first_picture = next((index for index, file in enumerate(files) if file.is_picture), None)
    for index, file in enumerate(files):
        for entry in _file(file, index):
            has_key = len(files) == 1 if entry.shortcut == "save_file" else index == first_picture
            yield entry if has_key else replace(entry, shortcut=None)
    yield from _more(len(reply.attachments), "file", "files")


def _file(file: Attachment, index: int) -> Iterator[Entry]:
    address = file.address
    if address is None:
        yield Entry("Open file", Refuse(f"{file.name} cannot be opened: {file.detail}."), file.name)
        return
    named = other_address(file.name, address)
    yield Entry("Open file", OpenLink(address.url, named), f"{file.name} ({address.host})")
    yield Entry("Save file", UseFile("save_file", index), file.name, "save_file")
    if file.is_picture:
        yield Entry("Show picture", UseFile("show_picture", index), file.name, "show_picture")
    yield Entry(
        "Copy file address", CopyText(address.url, f"the address of {file.name}"), clean_line(address.url, 60)
    )


def _more(count: int, one: str, several: str) -> Iterator[Entry]:
    if (left := count - MOST) > 0:
        label = f"{left:,} more {one if left == 1 else several}"
        yield Entry(label, Refuse(f"The menu shows {MOST}. Tab goes to each in the conversation."))


def _about(turn: Turn) -> tuple[Entry, ...]:
    reply = turn.reply
    if reply is None:
        refusal = Refuse("This message has not been sent yet.")
        return (Entry("Details", refusal, shortcut="details"), Entry("Mark reply", refusal, shortcut="mark"))
    marking = Refuse(reason) if (reason := why_not_marked(turn, reply)) else MarkReply()
    said = verdict_word(reply.verdict) if reply.verdict or reply.note else "right or wrong, and a note"
    return (Entry("Details", ShowDetails(), "of the reply", "details"), Entry("Mark reply", marking, said, "mark"))


def _again(turn: Turn) -> tuple[Entry, ...]:
    """Return how to go on from the message, and what can be done with several replies to it."""
    fork = Entry("Fork", ForkHere(), "a new conversation up to here", "fork")
    if not turn.sent:
        return (fork,)
    entries = (
        Entry("Regenerate", ActOnMessage("regenerate"), "another reply", "regenerate"),
        Entry("Edit and resend", ActOnMessage("edit"), "the message", "edit"),
        Entry("Resend message", ActOnMessage("resend_message"), "as a new one", "resend_message"),
        fork,
    )
    if not turn.has_variants:
        return entries
    which = f"{turn.number + 1} of {len(turn.replies)}"
    return *entries, Entry("Compare replies", ActOnMessage("compare_variants"), which, "compare_variants")


def _queued() -> tuple[Entry, ...]:
    return (
        Entry("Send now", ActOnQueued("send_now"), "stop the reply", "send_now"),
        Entry("Move up", ActOnQueued("move_up"), "to go out earlier", "move_up"),
        Entry("Move down", ActOnQueued("move_down"), "to go out later", "move_down"),
        Entry("Take back", ActOnMessage("edit"), "into the composer", "edit"),
    )


def _folded(reply: Reply) -> Iterator[Entry]:
    if characters := sum(bubble.size for bubble in reply.reasoning.values()):
        yield Entry("Show reasoning", ShowFolded("reasoning"), counted(characters, "character"))
    if reply.tool_calls:
        yield Entry("Show tool calls", ShowFolded("tools"), counted(len(reply.tool_calls), "call"))


def _recorded(turn: Turn, why_never: str) -> tuple[Entry, ...]:
    """Return what can be done with what was recorded, and with what the service stored, of the reply that counts."""
    reply = turn.reply
    if reply is None:
        return ()
    refusal = Refuse(why_not_recorded(turn, reply)) if turn.remote or turn.copied else None
    reason = "The reply has not ended yet." if reply.live else why_never
    comparing = refusal or (Refuse(reason) if reason else CheckStored())
    verdict = "" if reply.truth is None else reply.truth.verdict
    return (
        Entry("Copy as cURL", refusal or UseRequest("curl"), "the request, as a command", "curl"),
        Entry("Copy as httpx", refusal or UseRequest("httpx"), "the request, in Python", "httpx"),
        Entry("Resend this request", refusal or UseRequest("resend"), "exactly as it was", "resend"),
        Entry("Save evidence", refusal or SaveEvidence(), "all about it, in a zip", "evidence"),
        Entry("Save recording", refusal or UseRecording("save_recording"), "the wire, in a file", "save_recording"),
        Entry(
            "Do not keep recording" if reply.recording_kept else "Keep recording",
            refusal or UseRecording("keep_recording"),
            "even when it is old",
            "keep_recording",
        ),
        Entry("Check what is stored", comparing, verdict, "check_stored"),
    )
