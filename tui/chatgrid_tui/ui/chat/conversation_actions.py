"""Actions on a whole conversation: rename it, delete it, fetch its messages, show its memory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat.unavailable import why_no_memory
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.overlays.text_screen import show_text
from chatgrid_tui.ui.transcript.render.formats import counted

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_TITLE_SHOWN: Final = 40
_ASKED_FIRST: Final = ("rename", "delete")
"""Tasks that start with a dialog, which gets the keys that are typed next."""


class ConversationActions:
    """Asks for confirmation where necessary, runs the task, and reports the result."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation

    def do(self, task: str) -> None:
        """Run a task on the conversation on the screen: `rename`, `delete`, `memory` or `fetch`."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            self._work.do(partial(self._do, session, conversation, task), "conversation", leads=task in _ASKED_FIRST)

    def ask(self, task: str, conversation_id: int) -> None:
        """Run a task on a conversation of the list."""
        session = self._navigation.session
        if session is not None:
            doing = partial(self._open_and_do, session, conversation_id, task)
            self._work.do(doing, "conversation", leads=task in _ASKED_FIRST)

    def has_memory(self, conversation_id: int | None) -> bool:
        """Return whether a conversation of the list is a chat at a kind of service that has memories of chats."""
        session = self._navigation.session
        row = session.index.get(conversation_id) if session is not None and conversation_id is not None else None
        if session is None or row is None or not row.remote_id:
            return False
        provider = session.clients.settings.providers.get(row.provider)
        return provider is not None and DIALECTS[provider.kind].remote_chats is not None

    def seen_to(self, conversation_id: int) -> None:
        """Note that the list is in view as far as this conversation."""
        session = self._navigation.session
        row = session.index.get(conversation_id) if session is not None else None
        if session is not None and row is not None:
            session.remote.chat_list.scrolled_to(row.updated_at)

    def older(self) -> None:
        """Note that the start of the conversation on the screen is in view."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None:
            session.remote.messages.fetch_older(conversation)

    async def _open_and_do(self, session: Session, conversation_id: int, task: str) -> None:
        await self._do(session, await session.open(conversation_id), task)

    async def _do(self, session: Session, conversation: Conversation, task: str) -> None:
        match task:
            case "rename":
                self._ask_title(session, conversation)
            case "delete":
                self._ask_delete(session, conversation)
            case "memory":
                await self._show_memory(session, conversation)
            case "fetch":
                new = await session.remote.fetch_now(conversation)
                self._page.toast(
                    f"{counted(new, 'message')} from elsewhere."
                    if new
                    else "There are no new messages from elsewhere."
                )
            case _:
                raise UsageProblem(f"There is no task called {task}.")

    async def _show_memory(self, session: Session, conversation: Conversation) -> None:
        """Open the dialog at once, as a response to the key press, and fill it when the service answers."""
        if reason := why_no_memory(conversation):
            self._page.toast(reason)
            return
        screen = show_text(self._page.app, "Memory of this chat", "Asking the service.")
        try:
            screen.put(memory_words(await session.remote.memory(conversation)))
        except ChatgridError as problem:
            screen.put(str(problem))

    def _ask_title(self, session: Session, conversation: Conversation) -> None:
        from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
        from chatgrid_tui.ui.overlays.name_screen import NameScreen

        if not conversation.id:
            raise UsageProblem("This conversation is empty. It gets a title with its first message.")
        if lies_over(self._page.app, NameScreen, ConfirmScreen):
            return  # it was requested twice

        def renamed(title: str | None) -> None:
            if title is not None and title != clean_line(conversation.title):
                self._work.do(partial(self._rename, session, conversation, title), "conversation")

        self._page.app.push_screen(NameScreen("Rename", conversation.title), renamed)

    async def _rename(self, session: Session, conversation: Conversation, title: str) -> None:
        if trouble := await session.manager.rename(conversation, title):
            self._page.notices.add(trouble)

    def _ask_delete(self, session: Session, conversation: Conversation) -> None:
        from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
        from chatgrid_tui.ui.overlays.name_screen import NameScreen

        if not conversation.id:
            raise UsageProblem("This conversation is empty, so there is nothing to delete.")
        if lies_over(self._page.app, NameScreen, ConfirmScreen):
            return  # it was requested twice
        everywhere = session.remote.is_at_service(conversation) and not conversation.provider.embedded
        title = f'Delete "{clean_line(conversation.title, _TITLE_SHOWN) or "Untitled"}"?'
        text = _lost(conversation, session.remote.messages.count(conversation), everywhere=everywhere)
        answers = ("Delete there too", "Only here", "Keep") if everywhere else ("Delete", "Keep")

        def answered(answer: int | None) -> None:
            if answer is not None and answer < len(answers) - 1:
                at_service = everywhere and answer == 0
                self._work.do(partial(self._delete, session, conversation, at_service), "conversation")

        self._page.app.push_screen(ConfirmScreen(title, text, answers), answered)

    async def _delete(self, session: Session, conversation: Conversation, at_service: bool) -> None:
        place = session.index.place_of(conversation.id) or 0
        await session.manager.delete(conversation, at_service=at_service)
        self._navigation.deleted(conversation, _beside(place, conversation, session))
        self._page.toast("Deleted here and at the service." if at_service else "Deleted.")


def memory_words(memory: tuple[str, ...]) -> str:
    """Return what the service remembers of a chat as text."""
    lines = [clean_line(line) for line in memory if line.strip()]
    if not lines:
        return "The service remembers nothing of this chat but its newest messages."
    return "\n".join(["In addition to the newest messages, the service remembers:", "", *lines])


def _lost(conversation: Conversation, stored: int | None, *, everywhere: bool) -> str:
    """Return what a deletion destroys, and what stays at the service."""
    provider = conversation.provider
    shown = clean_line(provider.shown, _TITLE_SHOWN)
    if everywhere:
        messages = "all its messages" if stored is None else f"its {counted(stored, 'message')}"
        return (
            f"This deletes the conversation here. Delete there too: the chat and {messages} at {shown} go as well, "
            "for good. Only here: they stay there, and the chat is listed again when it gets a new message."
        )
    count = sum(
        bool(turn.shown) + (turn.reply is not None and turn.reply.characters > 0) for turn in conversation.turns
    )
    deletes_here = f"This deletes the conversation and its {counted(count, 'message')} on this machine, for good."
    if provider.embedded:
        return f"{deletes_here} The local bots forget it when the program ends."
    if provider.private:
        return f"{deletes_here} {shown} stored none of it, as it was private."
    match DIALECTS[provider.kind].conversations:
        case "created" if conversation.remote_id:
            return f"{deletes_here} It is already gone at {shown}."
        case "named by the service" | "named by us" if conversation.remote_id:
            return f"{deletes_here} {shown} keeps the messages; they cannot be deleted from here."
        case "none":
            return f"{deletes_here} Whether {shown} keeps what it was sent is unknown."
        case _:
            return deletes_here


def _beside(place: int, conversation: Conversation, session: Session) -> int | None:
    """Return the row that is now where a deleted one was, or above it, if it has the same provider: what is typed
    next must not go to another provider.
    """
    rows = (session.index.at(at) for at in (place, place - 1) if 0 <= at < len(session.index))
    return next((row.id for row in rows if row.provider == conversation.provider.name), None)
