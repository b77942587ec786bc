"""Put what was said before into the composer: with the arrows, from a list, or to be edited and sent again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.ui.actions.action import keys_of
from chatgrid_tui.ui.actions.conversation import FORK
from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.model.saved_conversation import SaidMessage
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.chat.dialogs.recall_screen import RecallScreen

_EDITING: Final = "Editing. Enter sends it for another reply; the earlier one stays"
_EDITING_AS_NEW: Final = "Editing. Enter sends it as a new message, at the end. {} forks here"


@dataclass(slots=True)
class _Place:
    """Which of the texts is in the composer."""

    conversation: Conversation
    texts: list[str]
    """What was said, oldest first."""
    at: int
    """The index of the text; that of what was typed is after the last one."""
    draft: str
    """What was typed."""
    editing: Turn | None = None
    """The message that is being edited to be sent again."""

    @property
    def is_typed(self) -> bool:
        """Whether the text was typed."""
        return self.at == len(self.texts)


class Recall:
    """Recalls messages of the conversation on the screen, and brings back what was typed before.

    Recalled texts that were edited and left are kept with their conversation until they are sent.
    """

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation
        self._last_place: _Place | None = None

    @property
    def _place(self) -> _Place | None:
        """The current place; None if the composer no longer has a recalled text."""
        return self._last_place if self._page.composer.is_recalled else None

    @property
    def is_active(self) -> bool:
        """Whether a recalled text is in the composer."""
        return self._place is not None and not self._place.is_typed

    @property
    def note(self) -> str:
        """What the text in the composer is, and what becomes of it; empty if it was typed."""
        if (place := self._place) is None or place.is_typed:
            return ""
        if self.replaced is not None:
            return _EDITING
        if place.editing is not None:
            key = key_name(keys_of(FORK, self._page.keymap)[0], look_of(self._page.composer).signs)
            return _EDITING_AS_NEW.format(key)
        return f"Said before, {place.at + 1:,} of {len(place.texts):,}"

    @property
    def edited(self) -> Turn | None:
        """The message whose text is in the composer to be edited."""
        return None if (place := self._place) is None else place.editing

    @property
    def replaced(self) -> Turn | None:
        """The message that the text in the composer will replace. Without one, it will be a new message."""
        place = self._place
        if place is None or place.editing is None or place.conversation.keeps_messages:
            return None
        is_newest = place.editing is place.conversation.newest and not place.editing.remote
        return place.editing if is_newest else None

    def begin(self, conversation: Conversation) -> None:
        """Let the text in the composer be the newest one, after everything that was said."""
        texts = said_in(conversation)
        self._last_place = _Place(conversation, texts, len(texts), self._page.composer.text)
        self._page.composer.begin_recall()

    def step(self, by: int) -> None:
        """Recall the message before (-1) or after (1). After the last one is what was typed."""
        conversation, composer = self._navigation.conversation, self._page.composer
        if conversation is None or composer.read_only_reason or (by > 0 and not self.is_active):
            return
        if self._place is None:
            self.begin(conversation)
        place = self._remember()
        at = place.at + by
        if at == len(place.texts):
            self.leave()
        elif at < 0 and place.is_typed:
            composer.end_recall()
            self._page.toast("Nothing was said here yet.")
        elif at < 0:
            self._page.toast("There is nothing before it.")
        else:
            self._show(_Place(place.conversation, place.texts, at, place.draft), at_end=by > 0)

    def leave(self) -> bool:
        """Bring back what was typed. Return whether a recalled text was in the composer."""
        if not self.is_active:
            self._page.composer.end_recall()
            return False
        self._page.composer.end_recall(self._remember().draft)
        self._page.show_hints()
        return True

    def was_sent(self) -> None:
        """Bring back what was typed, after the recalled text has left the composer."""
        if (place := self._place) is None:
            return
        if place.is_typed:
            self._page.composer.end_recall()
            return
        place.conversation.recall_edits.pop(place.texts[place.at], None)
        typed_after = self._page.composer.text
        self._page.composer.end_recall("\n".join(filter(None, (place.draft, typed_after))))
        self._page.show_hints()

    def edit(self, turn: Turn) -> None:
        """Put a message into the composer to be edited, and say what sending it will do."""
        if self._navigation.conversation is not None:
            self._put(self._navigation.conversation, turn.sent, turn)

    def search(self) -> None:
        """Show what was said, in this conversation first. What is picked goes into the composer."""
        from chatgrid_tui.ui.chat.dialogs.recall_screen import RecallScreen

        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None or lies_over(self._page.app, RecallScreen):
            return
        screen = RecallScreen(said_in(conversation))

        def picked(row: str | None) -> None:
            message = None if row is None else screen.message(row)
            if isinstance(message, str):
                self._put(conversation, message)
            elif message is not None:
                self._work.do(partial(self._put_from_elsewhere, session, conversation, message), "recall", leads=True)

        self._page.app.push_screen(screen, picked)
        self._work.do(partial(self._list_others, session, conversation, screen), "said")

    async def _list_others(self, session: Session, conversation: Conversation, screen: RecallScreen) -> None:
        screen.add_others(await session.said_elsewhere(conversation))

    async def _put_from_elsewhere(self, session: Session, conversation: Conversation, message: SaidMessage) -> None:
        text = await session.whole_message(message)
        if conversation is self._navigation.conversation:
            self._put(conversation, text)

    def _put(self, conversation: Conversation, text: str, editing: Turn | None = None) -> None:
        """Recall a text, which need not be from this conversation."""
        if reason := self._page.composer.read_only_reason:
            self._page.toast(reason)
            return
        draft = self._page.composer.text if self._place is None else self._remember().draft
        texts = said_in(conversation)
        if text not in texts:
            texts.append(text)
        at = len(texts) - 1 - texts[::-1].index(text)
        self._show(_Place(conversation, texts, at, draft, editing), at_end=True)
        self._page.come_forward()

    def _show(self, place: _Place, *, at_end: bool) -> None:
        text = place.texts[place.at]
        edited = place.conversation.recall_edits.get(text, text)
        self._last_place = place
        self._page.composer.recall(edited, place.draft, at_end=at_end, is_edited=edited != text)
        self._page.show_hints()

    def _remember(self) -> _Place:
        """Keep what the composer has, before something else takes its place."""
        place, text = self._place, self._page.composer.text
        assert place is not None, "only a recalled text is left"
        if place.is_typed:
            place.draft = text
        elif text != place.texts[place.at] and text.strip():
            place.conversation.recall_edits[place.texts[place.at]] = text
        else:
            place.conversation.recall_edits.pop(place.texts[place.at], None)
        return place


def said_in(conversation: Conversation) -> list[str]:
    """Return what was said in a conversation, oldest first, and edited messages with it. What was said several times
    in a row is there once.
    """
    texts: list[str] = []
    for turn in conversation.turns:
        edited = (reply.edited_message for reply in turn.replies)
        for text in dict.fromkeys(filter(None, (turn.first_sent, *edited))):
            if texts[-1:] != [text]:
                texts.append(text)
    return texts
