"""Do what the menu of a bubble offers, on the conversation on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from textual.geometry import Offset

from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.action import keys_of
from chatgrid_tui.ui.actions.parts import COPY_AT_CURSOR
from chatgrid_tui.ui.actions.reading import COPY_CODE, AttachmentTask
from chatgrid_tui.ui.actions.table import CHAT_ACTIONS
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.browser import open_link
from chatgrid_tui.ui.chat.beginnings import Beginnings
from chatgrid_tui.ui.chat.bubbles.attachments import AttachmentActions
from chatgrid_tui.ui.chat.queued_messages import QueuedMessages
from chatgrid_tui.ui.chat.reply_notices import thoughts_of, tools_of
from chatgrid_tui.ui.chat.say_again import SayAgain
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.terminal.clipboard import copy
from chatgrid_tui.ui.wire.recording_actions import RecordingActions
from chatgrid_tui.ui.wire.request_actions import RequestActions

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.session.truth.checker import TextDiff
    from chatgrid_tui.session.wire_facts import WireFacts
    from chatgrid_tui.ui.chat.bubbles.bubble_acts import Act, ActOnRecording
    from chatgrid_tui.ui.chat.bubbles.bubble_menu import BubbleMenu, Entry, Shortcut
    from chatgrid_tui.ui.overlays.menu_screen import MenuEntry

BubbleTask: TypeAlias = "Literal['menu'] | Shortcut"
"""What to do with a bubble: open its menu, or do one of the menu's entries."""
_AT_ONCE: Final = 20_000
"""How many characters are searched for code and links before the menu opens, without doing this in steps."""

_LIVE_AGAIN: Final = 0.5
"""Seconds between two checks of whether a reply has ended whose details are shown."""


class BubbleActions:
    """Opens the menu of a bubble, and does its entries."""

    def __init__(
        self,
        page: ChatPage,
        work: Work,
        navigation: Navigation,
        beginnings: Beginnings,
        say_again: SayAgain,
        keymap: Callable[[], Mapping[str, str]],
    ) -> None:
        """`keymap` returns the keys in `[keys]`, which the menu shows."""
        self._beginnings = beginnings
        self._page = page
        self._keymap = keymap
        self._work = work
        self._navigation = navigation
        self._requests = RequestActions(page, work)
        self._recordings = RecordingActions(page, work)
        self._attachments = AttachmentActions(page)
        self._say_again = say_again
        self._queued = QueuedMessages(page, work, navigation)

    def do(self, task: BubbleTask, turn: Turn, bubble: int, at: Offset, file: int | None = None) -> None:
        """Open the menu of a bubble next to a cell of the screen, or do one of its entries; with the file of the
        reply that has the index `file`, if that has the focus.
        """
        match task:
            case "menu":
                self._work.do(partial(self._open_menu, turn, bubble, at), "menu", leads=True)
            case "regenerate" | "edit" | "resend_message" | "previous_variant" | "next_variant" | "compare_variants":
                self._say_again.do(task, turn)
            case "send_now" | "move_up" | "move_down":
                self._queued.do(task, turn)
            case "save_file" | "show_picture":
                self._use_file(task, turn, file, at)
            case _:
                from chatgrid_tui.ui.chat.bubbles.bubble_menu import menu_of

                self._act(turn, menu_of(turn, bubble).act_of(task), at)

    def quote(self, text: str) -> None:
        """Append a text to the message as a quote."""
        from chatgrid_tui.ui.chat.bubbles.bubble_acts import Refuse
        from chatgrid_tui.ui.chat.bubbles.bubble_menu import quote_of, quoted

        if isinstance(refusal := quote_of(text), Refuse):
            self._page.toast(refusal.reason)
        elif reason := self._page.composer.read_only_reason:
            self._page.toast(reason)
        else:
            self._page.composer.append(f"{quoted(text)}\n\n")

    def copy(self, text: str, what: str) -> None:
        """Copy a text, and report the result; `what` names the text."""
        self._work.do(partial(self._copy, text, what), "copy")

    def copy_error(self, turn: Turn) -> None:
        """Copy the details of a reply that failed, or that has no text."""
        if turn.reply is not None:
            self._work.do(partial(self._copy_details, turn, turn.reply), "copy")

    def show_details(self, turn: Turn, reply: Reply) -> None:
        """Show the details of a reply: at once what is in memory, then its recordings, and everything again when it
        ends.
        """
        from chatgrid_tui.ui.overlays.text_screen import TextScreen

        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        text = _text(session, conversation, turn, reply)
        screen = TextScreen(_title(turn, reply), text, has_headings=True)
        self._page.app.push_screen(screen)

        async def complete() -> None:
            was_live = True
            while was_live and screen in self._page.app.screen_stack:
                was_live = reply.live
                screen.put(await _whole_text(session, conversation, turn, reply))
                while reply.live and screen in self._page.app.screen_stack:
                    await session.clock.sleep(_LIVE_AGAIN)

        self._work.do(complete, "details")

    def mark(self, turn: Turn, reply: Reply) -> None:
        """Ask what the user says of a reply, and save it."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        from chatgrid_tui.ui.chat.dialogs.mark_screen import offer_mark

        self._work.do(partial(offer_mark, self._page, session, conversation, turn, reply), "mark", leads=True)

    def show_folded(self, reply: Reply, what: Literal["reasoning", "tools"]) -> None:
        """Show the reasoning of a reply, or its calls to tools."""
        from chatgrid_tui.ui.overlays.text_screen import show_text

        if what == "reasoning":
            show_text(self._page.app, "Reasoning", thoughts_of(reply))
        else:
            show_text(self._page.app, "Tool calls", tools_of(reply))

    def open_link(self, url: str, named: str = "") -> None:
        """Open a link in the browser, or copy its address if there is none. If its label names another address, ask
        first.
        """
        from chatgrid_tui.ui.overlays.confirm import ConfirmScreen

        if not named:
            self._work.do(partial(self._open_link, url), "link")
            return

        def answered(answer: int | None) -> None:
            if answer == 0:
                self.open_link(url)

        text = f"It says {clean_line(named, 200)}, but leads to {clean_line(url, 300)}."
        self._page.app.push_screen(ConfirmScreen("Open this link?", text, ("Open", "Cancel")), answered)

    async def _open_menu(self, turn: Turn, bubble: int, at: Offset) -> None:
        # Loaded with the first menu, since the first frame does not need it.
        from chatgrid_tui.markdown.code_and_links import pieces_of
        from chatgrid_tui.session.wording.truth import why_never
        from chatgrid_tui.ui.chat.bubbles.bubble_menu import menu_of, text_of
        from chatgrid_tui.ui.overlays.menu_screen import MenuScreen

        text = text_of(turn, bubble)
        pieces = pieces_of(text) if len(text) < _AT_ONCE else await asyncio.to_thread(pieces_of, text)
        if lies_over(self._page.app, MenuScreen):
            return  # it was requested twice
        conversation = self._navigation.conversation
        reason = "" if conversation is None else why_never(conversation.provider, conversation.remote_id)
        menu = menu_of(turn, bubble, pieces, reason)

        def chosen(index: int | None) -> None:
            if index is not None:
                self._act(turn, menu.entries[index].act, at)

        self._page.app.push_screen(MenuScreen(menu.title, self._rows(menu), at), chosen)

    def _act(self, turn: Turn, act: Act, at: Offset) -> None:
        from chatgrid_tui.ui.chat.bubbles import bubble_acts

        match act:
            case bubble_acts.CopyText(text, what):
                self.copy(text, what)
            case bubble_acts.CopyPlain(source, what):
                self._work.do(partial(self._copy_plain, source, what), "copy")
            case bubble_acts.ViewText(text):
                self._work.do(partial(self._view, text), "view", leads=True)
            case bubble_acts.OpenLink(url, named):
                self.open_link(url, named)
            case bubble_acts.UseFile(task, index):
                self._use_file(task, turn, index, at)
            case bubble_acts.QuoteText(text):
                self.quote(text)
            case bubble_acts.ShowDetails():
                if turn.reply is not None:
                    self.show_details(turn, turn.reply)
            case bubble_acts.ShowFolded(what):
                if turn.reply is not None:
                    self.show_folded(turn.reply, what)
            case bubble_acts.CopyDetails():
                self.copy_error(turn)
            case bubble_acts.ActOnMessage(again_task):
                self._say_again.do(again_task, turn)
            case bubble_acts.ActOnQueued(queue_task):
                self._queued.do(queue_task, turn)
            case bubble_acts.UseRequest() | bubble_acts.UseRecording() | bubble_acts.SaveEvidence():
                self._act_on_recording(turn, act)
            case bubble_acts.MarkReply():
                if turn.reply is not None:
                    self.mark(turn, turn.reply)
            case bubble_acts.CheckStored():
                if turn.reply is not None:
                    self._work.do(partial(self._check_stored, turn, turn.reply), "check")
            case bubble_acts.ForkHere(to_edit):
                self._beginnings.fork(turn, to_edit=to_edit)
            case bubble_acts.Refuse(reason):
                self._page.toast(reason)
            case _:
                assert_never(act)

    def _use_file(self, task: AttachmentTask, turn: Turn, index: int | None, at: Offset) -> None:
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._attachments.do(task, session, conversation, turn.reply, index, at)

    def _act_on_recording(self, turn: Turn, act: ActOnRecording) -> None:
        from chatgrid_tui.ui.chat.bubbles import bubble_acts
        from chatgrid_tui.ui.chat.dialogs.evidence_screen import offer_evidence

        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None or turn.reply is None:
            return
        match act:
            case bubble_acts.UseRequest(task):
                self._requests.do(task, session, conversation, turn.reply)
            case bubble_acts.UseRecording(recording_task):
                self._recordings.do(recording_task, session, conversation, turn.reply)
            case bubble_acts.SaveEvidence():
                offer = partial(offer_evidence, self._page, session, conversation, turn, turn.reply)
                self._work.do(offer, "evidence", leads=True)
            case _:
                assert_never(act)

    def _rows(self, menu: BubbleMenu) -> list[list[MenuEntry]]:
        """Return the entries for the menu screen, with their keys."""
        from chatgrid_tui.ui.chat.bubbles.bubble_acts import Refuse
        from chatgrid_tui.ui.overlays.menu_screen import MenuEntry

        keymap = self._keymap()
        keys = {action.run: keys_of(action, keymap) for action in CHAT_ACTIONS}
        keys["bubble('copy')"] = keys_of(COPY_AT_CURSOR, keymap)
        keys["bubble('copy_code')"] = keys_of(COPY_CODE, keymap)

        def row(entry: Entry) -> MenuEntry:
            works = not isinstance(entry.act, Refuse)
            own_keys = keys[f"bubble('{entry.shortcut}')"] if entry.shortcut else ()
            return MenuEntry(entry.label, entry.detail, own_keys, works)

        return [[row(entry) for entry in group] for group in menu.groups]

    async def _copy(self, text: str, what: str) -> None:
        self._page.toast(await copy(self._page.app, text, what))

    async def _copy_plain(self, source: str, what: str) -> None:
        from chatgrid_tui.markdown.plain_text import bubble_text

        await self._copy(await asyncio.to_thread(bubble_text, source), what)

    async def _view(self, text: str) -> None:
        from chatgrid_tui.ui.chat.pager import view_text

        await view_text(self._page.app, text)

    async def _open_link(self, url: str) -> None:
        if await open_link(url):
            self._page.toast("Opened in the browser.")
        else:
            self._page.toast(f"No browser found. {await copy(self._page.app, url, 'the address')}")

    async def _check_stored(self, turn: Turn, reply: Reply) -> None:
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            from chatgrid_tui.session.wording.truth import counts

            check = await session.remote.truth.check_again(conversation, turn, reply)
            self._page.toast(f"{counts(check).capitalize()}.")

    async def _copy_details(self, turn: Turn, reply: Reply) -> None:
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        text = await _whole_text(session, conversation, turn, reply)
        await self._copy(text, "the error" if reply.failure is not None else "the details of the reply")


def _title(turn: Turn, reply: Reply) -> str:
    if len(turn.replies) < 2 or reply not in turn.replies:
        return "Details"
    return f"Details of reply {turn.replies.index(reply) + 1} of {len(turn.replies)}"


def _text(
    session: Session,
    conversation: Conversation,
    turn: Turn,
    reply: Reply,
    facts: WireFacts | None = None,
    diffs: Sequence[TextDiff] = (),
) -> str:
    from chatgrid_tui.session.details import as_text, details

    key = session.clients.key_status(conversation.provider)
    return as_text(details(conversation, turn, reply, key, facts, diffs))


async def _whole_text(session: Session, conversation: Conversation, turn: Turn, reply: Reply) -> str:
    facts = await session.wire_facts(conversation, reply)
    diffs = await session.remote.truth.diffs(conversation, turn, reply)
    return _text(session, conversation, turn, reply, facts, diffs)
