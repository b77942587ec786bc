"""Actions on a whole conversation: rename it, fetch its messages, show its memory, and those of `RowActions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from textual.geometry import Offset

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat.unavailable import why_no_memory
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.conversation_list.list_keys import RowTask, keys_in_list
from chatgrid_tui.ui.conversation_list.row_actions import RowActions
from chatgrid_tui.ui.conversation_list.row_menu import show_row_menu
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.transcript.render.formats import counted

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
_TaskOnOne: TypeAlias = Literal["rename", "memory", "fetch"]


class ConversationActions:
    """Runs tasks, and reports the results."""

    def __init__(
        self,
        page: ChatPage,
        work: Work,
        navigation: Navigation,
        keymap: Callable[[], Mapping[str, str]],
        export: Callable[[Sequence[int]], None],
    ) -> None:
        """`keymap` returns the changed keys, and `export` offers to export conversations."""
        self._page = page
        self._work = work
        self._navigation = navigation
        self._keymap = keymap
        self._export = export
        self.rows = RowActions(page, work, navigation, keymap)

    def do(self, task: RowTask | Literal["fetch", "undo"]) -> None:
        """Run a task on the conversation on the screen, or undo the newest deletion."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        if task == "rename" or task == "memory" or task == "fetch":
            doing = partial(self._do, session, conversation, task)
            self._work.do(doing, "conversation", leads=task == "rename")
        elif task == "undo":
            self.rows.undo_delete()
        elif conversation.id:
            self.ask(task, [conversation.id])
        else:
            self._page.toast("This conversation is empty: it is not in the list yet.")

    def ask(self, task: RowTask, conversation_ids: Sequence[int]) -> None:
        """Run a task on conversations of the list. A single one is renamed, and its memory shown."""
        session = self._navigation.session
        if session is None:
            return
        match task:
            case "rename" | "memory":
                doing = partial(self._open_and_do, session, conversation_ids[0], task)
                self._work.do(doing, "conversation", leads=task == "rename")
            case "pin":
                self.rows.pin(session, conversation_ids)
            case "archive":
                self.rows.archive(session, conversation_ids)
            case "export":
                self._export(conversation_ids)
            case "delete":
                self.rows.delete(session, conversation_ids)
            case _:
                assert_never(task)

    def show_menu(self, listing: ConversationList, conversation_ids: Sequence[int], at: Offset) -> None:
        """Open the menu of conversations of the list at a cell of the screen."""
        if (session := self._navigation.session) is not None:
            has_memory = self.has_memory(conversation_ids[0])
            undo = self.rows.undo_delete
            keymap = self._keymap()
            show_row_menu(session, listing, conversation_ids, at, keymap=keymap, has_memory=has_memory, undo=undo)

    @property
    def archived_count(self) -> int:
        """How many conversations are archived."""
        return 0 if self._navigation.session is None else self._navigation.session.index.archived_count

    @property
    def archive_key(self) -> str:
        """The name of the key that shows them in the list."""
        key, *_ = keys_in_list("list.archived", self._keymap())
        return key_name(key, look_of(self._page.transcript).signs)

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

    async def _open_and_do(self, session: Session, conversation_id: int, task: _TaskOnOne) -> None:
        await self._do(session, await session.open(conversation_id), task)

    async def _do(self, session: Session, conversation: Conversation, task: _TaskOnOne) -> None:
        match task:
            case "rename":
                self._ask_title(session, conversation)
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
                assert_never(task)

    async def _show_memory(self, session: Session, conversation: Conversation) -> None:
        """Open the dialog at once, as a response to the key press, and fill it when the service answers."""
        from chatgrid_tui.ui.overlays.text_screen import show_text

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


def memory_words(memory: tuple[str, ...]) -> str:
    """Return what the service remembers of a chat as text."""
    lines = [clean_line(line) for line in memory if line.strip()]
    if not lines:
        return "The service remembers nothing of this chat but its newest messages."
    return "\n".join(["In addition to the newest messages, the service remembers:", "", *lines])
