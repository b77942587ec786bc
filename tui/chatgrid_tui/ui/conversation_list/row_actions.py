"""Actions on one or several conversations of the list: pin, archive, delete, and undo that."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.action import keys_of
from chatgrid_tui.ui.actions.conversation import UNDO_DELETE
from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.conversation_list.list_keys import keys_in_list
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.transcript.render.formats import counted

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_TITLE_SHOWN: Final = 40


class RowActions:
    """Does something with conversations, given by their ids. Deleting asks first if a service has them as well."""

    def __init__(
        self, page: ChatPage, work: Work, navigation: Navigation, keymap: Callable[[], Mapping[str, str]]
    ) -> None:
        """`keymap` returns the changed keys."""
        self._page = page
        self._work = work
        self._navigation = navigation
        self._keymap = keymap

    def pin(self, session: Session, conversation_ids: Sequence[int]) -> None:
        """Pin conversations; if all of them are pinned, pin them no longer."""
        pinned = not all(row.pinned for row in map(session.index.get, conversation_ids) if row is not None)
        self._work.do(partial(self._pin, session, conversation_ids, pinned), "conversation")

    def archive(self, session: Session, conversation_ids: Sequence[int]) -> None:
        """Archive conversations; if all of them are archived, put them back into the list."""
        archived = not all(row.archived for row in map(session.index.get, conversation_ids) if row is not None)
        self._work.do(partial(self._archive, session, conversation_ids, archived), "conversation")

    def delete(self, session: Session, conversation_ids: Sequence[int]) -> None:
        """Delete conversations, which can be undone for ten seconds."""
        self._work.do(partial(self._ask_delete, session, conversation_ids), "conversation", leads=True)

    def undo_delete(self) -> None:
        """Undo the newest deletion, and go back to its conversation if it was on the screen. Two sides stay as they
        are.
        """
        session = self._navigation.session
        deletion = None if session is None else session.deletions.undo()
        if deletion is None:
            self._page.toast("There is no deletion to undo.")
            return
        if deletion.was_visible and not self._page.beside:
            self._navigation.open(deletion.was_visible, keep_focus=True)
        self._page.show_list()
        self._page.show_hints()
        self._page.toast(_done("Restored", len(deletion.conversations)))

    async def _pin(self, session: Session, conversation_ids: Sequence[int], pinned: bool) -> None:
        pinning = session.manager.pin(conversation_ids, pinned)
        await self._arrange(pinning, _done("Pinned" if pinned else "No longer pinned", len(conversation_ids)))

    async def _archive(self, session: Session, conversation_ids: Sequence[int], archived: bool) -> None:
        archiving = session.manager.archive(conversation_ids, archived)
        done = _done("Archived" if archived else "Back in the list", len(conversation_ids))
        where = f" {self._key_in_list('list.archived')} in the list shows the archive." if archived else ""
        await self._arrange(archiving, f"{done}{where}")

    async def _arrange(self, arranging: Coroutine[object, object, None], done: str) -> None:
        await arranging
        self._page.show_list()  # at once: the next key may act on it
        self._page.toast(done)

    async def _ask_delete(self, session: Session, conversation_ids: Sequence[int]) -> None:
        from chatgrid_tui.session.library.manage import check_changeable
        from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
        from chatgrid_tui.ui.overlays.name_screen import NameScreen

        check_changeable(session)
        if lies_over(self._page.app, NameScreen, ConfirmScreen):
            return  # it was requested twice
        if len(conversation_ids) == 1:
            conversations: Sequence[Conversation] = [await session.open(conversation_ids[0])]
        else:
            conversations = session.deletions.conversations(conversation_ids)
        chats = [one for one in conversations if _is_chat(session, one)]
        if not chats:
            self._delete(session, conversations, at_service=False)
            return

        def answered(answer: int | None) -> None:
            if answer in (0, 1):
                self._delete(session, conversations, at_service=answer == 0)

        count = session.remote.messages.count(conversations[0]) if len(conversations) == 1 else None
        title, text = _question(conversations, chats, count)
        answers = ("Delete there too", "Only here", "Keep")
        self._page.app.push_screen(ConfirmScreen(title, text, answers), answered)

    def _delete(self, session: Session, conversations: Sequence[Conversation], *, at_service: bool) -> None:
        """Delete conversations. If one of them is on the screen, show another one."""
        places = [place for one in conversations if (place := session.index.place_of(one.id)) is not None]
        try:
            session.deletions.delete(conversations, at_service=at_service)
        except UsageProblem as problem:
            self._page.notices.add(str(problem))
            return
        shown = self._navigation.conversation
        if shown is not None and shown.deleting:
            self._navigation.leave(_beside(min(places, default=0), shown, session))
        self._page.show_list()
        self._page.show_hints()
        kept = not at_service and any(_stays_at_service(session, one) for one in conversations)
        where = " here and at the service" if at_service else " here only" if kept else ""
        done = _done(f"Deleted{where}", len(conversations))
        self._page.toast(f"{done} {self._undo_key} undoes it, {session.deletions.seconds_left} s")

    @property
    def _undo_key(self) -> str:
        """The key that undoes a deletion, in the list and in the conversation."""
        return key_name(keys_of(UNDO_DELETE, self._keymap())[0], look_of(self._page.transcript).signs)

    def _key_in_list(self, action: str) -> str:
        return key_name(keys_in_list(action, self._keymap())[0], look_of(self._page.transcript).signs)


def _done(what: str, count: int) -> str:
    """Return what was done: `Pinned.` or `Pinned 3 conversations.`"""
    return f"{what}." if count == 1 else f"{what}: {counted(count, 'conversation')}."


def _is_chat(session: Session, conversation: Conversation) -> bool:
    """Return whether a conversation can be deleted at its service as well."""
    return session.remote.is_at_service(conversation) and not conversation.provider.embedded


def _stays_at_service(session: Session, conversation: Conversation) -> bool:
    """Return whether a service keeps the messages of a conversation that is deleted here."""
    provider = conversation.provider
    if provider.embedded or provider.private or not conversation.remote_id or conversation.gone:
        return False
    return _is_chat(session, conversation) or DIALECTS[provider.kind].conversations.startswith("named")


def _question(
    conversations: Sequence[Conversation], chats: Sequence[Conversation], messages: int | None
) -> tuple[str, str]:
    """Return the question whether to delete chats at their services as well, and what each answer does. `messages` is
    how many a single chat has there, if that is known.
    """
    if len(conversations) > 1:
        title = f"Delete {counted(len(conversations), 'conversation')}?"
        return title, (
            f"{counted(len(chats), 'of them is a chat', 'of them are chats')} at a service. Delete there too: it is "
            "deleted there as well. Only here: it stays there, and is listed again when it gets a new message. "
            "Everything can be undone for ten seconds."
        )
    (conversation,) = conversations
    shown = clean_line(conversation.provider.shown, _TITLE_SHOWN)
    title = f'Delete "{clean_line(conversation.title, _TITLE_SHOWN) or "Untitled"}"?'
    stored = "all its messages" if messages is None else f"its {counted(messages, 'message')}"
    return title, (
        f"This deletes the conversation here. Delete there too: the chat and {stored} at {shown} go as well. Only "
        "here: they stay there, and the chat is listed again when it gets a new message. Both can be undone for ten "
        "seconds."
    )


def _beside(place: int, conversation: Conversation, session: Session) -> int | None:
    """Return the row that is now where a deleted one was, or above it, if it has the same provider: what is typed
    next must not go to another provider.
    """
    rows = (session.index.at(at) for at in (place, place - 1) if 0 <= at < len(session.index))
    return next((row.id for row in rows if row.provider == conversation.provider.name and not row.archived), None)
