"""Chats stored at the service, in the app: two windows of two people, with bots over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from app.scripted import provider
from app.window import Window, opened
from chatgrid_tui.demo.catalogue import ECHO
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_READ_ONLY_KEY, DemoKeys
from chatgrid_tui.demo.state import Message
from chatgrid_tui.model.provider import Board
from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from chatgrid_tui.ui.overlays.text_screen import TextScreen
from fakes import StartDemo


@pytest.fixture
async def server(start_demo: StartDemo) -> DemoServer:
    return await start_demo(DemoServer(pace=0))


@asynccontextmanager
async def window(
    folder: Path, server: DemoServer, *, size: tuple[int, int] = (120, 40), key: str = ""
) -> AsyncIterator[Window]:
    """Open the app on the service's board Echo; each folder is another person's machine."""
    folder.mkdir(exist_ok=True)
    more = 'title = "Acme staging"' + (f'\napi_key = "{key}"' if key else "")
    config = provider(server.base_url("chatgrid"), "chatgrid", board=ECHO.board_id, more=more)
    async with opened(folder, size=size, config=config) as one:
        yield one


def fill(server: DemoServer, chats: int, messages: int = 0) -> None:
    """Put chats on the board, the newest of them with messages."""
    state = server.state
    board = state.boards[ECHO.board_id]
    for number in range(chats):
        chat = state.add_chat(board, f"Ticket {number}", None)
    for number in range(messages):
        role = "assistant" if number % 2 else "user"
        chat.add(Message(role, f"Said {number}", state.clock.now()))


async def test_a_chat_made_in_one_window_is_continued_in_another(tmp_path: Path, server: DemoServer) -> None:
    async with window(tmp_path / "one", server) as one:
        await one.says("Hello from the first")
        async with window(tmp_path / "two", server) as two:
            await two.sees("Hello from the first")
            await two.press("f6", "enter")
            await two.until(lambda: len(two.conversation.turns) == 1)
            await two.press("escape")
            await two.says("And from the second")
            assert len(two.session.index) == 1
        await one.press("ctrl+p")
        await one.sees("Type what you want to do")
        await one.press(*"fetch", "enter")
        await one.sees("And from the second", "from elsewhere.")
        assert [turn.shown for turn in one.conversation.turns] == ["Hello from the first", "And from the second"]
    async with window(tmp_path / "one", server) as again:
        await again.sees("And from the second")
        assert len(again.session.index) == 1


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_long_lists_and_long_chats_come_in_pages(
    tmp_path: Path, server: DemoServer, size: tuple[int, int]
) -> None:
    fill(server, 230, 230)
    async with window(tmp_path / "one", server, size=size) as one:
        await one.until(lambda: len(one.session.index) >= 100)
        await one.press("f6")
        for _ in range(3):
            await one.press("end")
            await one.pilot.pause()
        await one.until(lambda: len(one.session.index) == 230)
        await one.press("home", "enter")
        await one.until(lambda: len(one.conversation.turns) == 50, "the newest page")
        await one.sees("Said 229")
        await one.until(lambda: one.app.focused is one.app.chat.composer.field, "the focus in the composer")
        for count in (100, 115):
            while len(one.conversation.turns) < count:
                await one.press("home")
            assert len(one.conversation.turns) == count
        while "Said 0" not in one.text:
            await one.press("home")


async def test_renaming_and_deleting_reach_the_service(tmp_path: Path, server: DemoServer) -> None:
    fill(server, 2, 4)
    board = server.state.boards[ECHO.board_id]
    async with window(tmp_path / "one", server) as one:
        await one.sees("Ticket 1", "Ticket 0")
        await one.press("f6", "enter")
        await one.sees("Said 3")
        await one.press("f6", "r")
        await one.until(lambda: isinstance(one.app.screen, NameScreen))
        await one.press("end", "backspace", "9", "enter")
        await one.sees("Ticket 9")
        await one.until(lambda: "Ticket 9" in [chat.title for chat in board.chats.values()])
        assert one.app.focused is one.app.chat.list.list, "the list has the focus again"
        await one.press("delete")
        await one.until(lambda: isinstance(one.app.screen, ConfirmScreen))
        await one.sees('Delete "Ticket 9"?', "its 4 messages at Acme staging go as well")
        await one.press("enter")  # keeps
        assert len(board.chats) == 2
        await one.press("delete")
        await one.until(lambda: isinstance(one.app.screen, ConfirmScreen))
        await one.press("tab", "enter")
        await one.sees("Deleted here and at the service. Ctrl+Z undoes it, 10 s")
        await one.until(lambda: one.conversation.title == "Ticket 0")
        assert [row.title for row in one.session.index] == ["Ticket 0"]
        assert len(board.chats) == 2
        await one.session.deletions.finish()
        assert len(board.chats) == 1
        await one.press("delete")
        await one.until(lambda: isinstance(one.app.screen, ConfirmScreen))
        await one.press("left", "enter")
        await one.sees("Deleted here only. Ctrl+Z undoes it, 10 s")
        await one.until(lambda: not one.conversation.id)
        await one.session.deletions.finish()
        assert len(board.chats) == 1
        assert len(one.session.index) == 0


async def test_a_key_that_may_only_read(tmp_path: Path, start_demo: StartDemo) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    fill(server, 1, 2)
    async with window(tmp_path / "one", server, key=CHATGRID_READ_ONLY_KEY) as one:
        await one.sees("Ticket 0")
        while isinstance(one.app.screen, TextScreen):
            await one.press("escape")
        await one.press("f6", "enter")
        await one.sees("Said 1")
        await one.press("f6", "r", "X", "enter")
        await one.sees(
            "It was renamed here, but keeps its old title at Acme staging.",
            "The key does not allow this (403 forbidden).",
        )
        await one.press("escape", "f6", "delete", "tab", "enter")
        await one.until(lambda: len(one.session.index) == 0)
        await one.session.deletions.finish()
        await one.sees('"X" was not deleted.')
        assert len(one.session.index) == 1


async def test_a_chat_that_was_deleted_at_the_service(tmp_path: Path, server: DemoServer) -> None:
    fill(server, 1, 2)
    board = server.state.boards[ECHO.board_id]
    async with window(tmp_path / "one", server) as one:
        await one.press("f6", "enter")
        await one.sees("Said 1")
        await one.press("escape")
        board.chats.clear()
        await one.says("Still there?")
        await one.sees("The service no longer has this chat", "New chat")
        await one.until(lambda: one.conversation.gone)
        await one.press("tab", "1")
        await one.until(lambda: not one.conversation.id)
        assert one.typed == "Still there?"
        await one.press("enter")
        await one.until(lambda: len(board.chats) == 1)


async def test_the_memory_of_a_chat_and_a_chat_without_one(tmp_path: Path, server: DemoServer) -> None:
    async with window(tmp_path / "one", server) as one:
        await one.says("Remember that I take tea")
        await one.press("f6")
        await one.sees("M Memory")
        await one.press("m")
        await one.sees("Memory of this chat", "that I take tea")


async def test_the_memory_is_named_in_the_footer_if_there_is_one(tmp_path: Path, server: DemoServer) -> None:
    (tmp_path / "one").mkdir()
    config = provider(server.base_url("chatgrid"), "chatgrid", board=ECHO.board_id)
    config += provider(server.base_url("openai"), name="other")
    async with opened(tmp_path / "one", size=(120, 40), config=config) as one:
        await one.says("To a chat")
        here = one.conversation
        other = one.session.clients.settings.providers["other"]
        one.app.chat.controller.navigation.new(other, Board("echo", "echo"))
        await one.until(lambda: one.conversation is not here, "another conversation")
        await one.says("To no chat")
        await one.press("f6")
        await one.sees("F9 Menu")
        assert "M Memory" not in one.lines[-1]
        await one.press("m")
        await one.sees("has no memory of a chat.")
        assert one.app.screen is one.app.chat, "no dialog"
        await one.press("down")
        await one.sees("M Memory")


async def test_offline_the_list_is_shown_from_this_machine(tmp_path: Path, server: DemoServer) -> None:
    fill(server, 3, 4)
    async with window(tmp_path / "one", server) as one:
        await one.press("f6", "enter")
        await one.sees("Said 3")
    await server.close()
    async with window(tmp_path / "one", server) as one:
        await one.sees("Ticket 2", "Ticket 0", "Said 3", "Offline.", "Shown from this machine.")
        assert one.conversation.title == "Ticket 2"


async def test_messages_of_a_person_who_took_over_are_fetched(tmp_path: Path, server: DemoServer) -> None:
    (tmp_path / "one").mkdir()
    config = provider(server.base_url("chatiq"), "chatiq", board=ECHO.slug)
    async with opened(tmp_path / "one", config=config) as one:
        await one.says("Is anybody there?")
        (conversation,) = server.state.conversations.values()
        at = server.state.clock.now() + timedelta(seconds=30)
        conversation.add(Message("bot", "Here is Ann.", at))
        one.app.chat.controller.conversation_actions.do("fetch")
        await one.sees("Here is Ann.", "1 message from elsewhere.")
        own, anns = one.conversation.turns
        assert (own.shown, anns.shown, anns.note) == ("Is anybody there?", "", "")
        one.app.chat.controller.conversation_actions.do("fetch")
        await one.sees("There are no new messages from elsewhere.")
        await one.says("Good")
        assert [turn.shown for turn in one.conversation.turns] == ["Is anybody there?", "", "Good"]
        conversation.add(Message("bot", "What is it about?", server.state.clock.now() + timedelta(seconds=60)))
    async with opened(tmp_path / "one", config=config) as again:
        await again.sees("Here is Ann.", "What is it about?")
        assert len(again.conversation.turns) == 4


async def test_after_a_stop_the_text_that_the_service_stored_is_shown(tmp_path: Path, start_demo: StartDemo) -> None:
    server = await start_demo(DemoServer(pace=30))
    async with window(tmp_path / "one", server) as one:
        await one.sends("A message that takes its time to come back word by word, and so can be stopped")
        await one.until(lambda: one.conversation.live is not None and one.conversation.live.characters > 4)
        (chat,) = server.state.boards[ECHO.board_id].chats.values()
        chat.add(Message("user", one.conversation.turns[0].sent, server.state.clock.now()))
        chat.add(Message("assistant", one.conversation.turns[0].sent, server.state.clock.now()))
        await one.press("escape")
        await one.sees("You stopped this reply after", "The service stored more of this reply than arrived here.")
        assert [turn.shown for turn in one.conversation.turns] == [one.conversation.turns[0].sent, ""]
