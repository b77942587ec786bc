"""The files of a reply: saved and shown when asked for, and not requested before."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.scripted import provider
from app.test_bubble_menu import right_clicks
from app.test_conversation_files import run_command
from app.window import Window, opened
from chatgrid_tui.demo.sample_files import picture
from chatgrid_tui.ui.chat.dialogs.picture_screen import PictureScreen
from chatgrid_tui.ui.chat.dialogs.save_file_screen import SaveFileScreen
from engine.raw import SSE_HEAD, Handler, RawServer, raw_server, writes
from fakes import DONE

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
PICTURE = OK + b"\r\n" + picture("terrace.png")


def moved(url: str) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % url.encode()


@dataclass
class Files:
    """A window on a reply with files, and the server that has them."""

    window: Window
    server: RawServer

    @property
    def requested(self) -> list[str]:
        return [head.split()[1].decode() for head in self.server.heard]


@asynccontextmanager
async def reply_with(
    names: Sequence[str], folder: Path, handler: Handler, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Files]:
    """Open the app on a reply with these files, which a server gives with `handler`."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(raw_server(handler))
        items = [{"type": "file", "url": f"{server.url}/{name}", "name": name} for name in names]
        said = b"data: " + json.dumps({"attachments": items}).encode() + b"\n\n"
        bot = await stack.enter_async_context(raw_server(writes(SSE_HEAD + b"\r\n" + said + DONE)))
        config = provider(bot.url, "chatiq")
        window = await stack.enter_async_context(opened(folder, size=size, config=config))
        await window.says("Hello")
        await window.sees(names[0])
        assert server.heard == []
        yield Files(window, server)


async def opens(window: Window, screen: type[SaveFileScreen | PictureScreen]) -> None:
    await window.until(lambda: isinstance(window.app.screen, screen), "the dialog")
    await window.pilot.pause()


async def test_a_file_is_saved_by_keys_and_by_mouse(tmp_path: Path, home: Path) -> None:
    arrived = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 6\r\n\r\nabc")
        await writer.drain()
        await arrived.wait()
        writer.write(b"def")

    async with reply_with(["menu.pdf"], tmp_path, slow, (80, 24)) as files:
        window = files.window
        await run_command(window, "save file")
        await opens(window, SaveFileScreen)
        await window.sees("From 127.0.0.1", "at most 100 MB")
        assert files.requested == []
        window.hits("enter")
        await window.sees("3 B of 6 B so far. Esc cancels.")
        window.hits("escape")
        await window.sees("Canceled. Nothing was saved.")
        assert list(home.iterdir()) == []
        arrived.set()
        await window.press("enter")
        await window.sees("Saved 6 B in menu.pdf.")
        assert (home / "menu.pdf").read_bytes() == b"abcdef"
        await right_clicks(window, "PDF")
        await window.clicks("Save file")
        await opens(window, SaveFileScreen)
        await window.sees("menu-2.pdf")
        await window.press("ctrl+u", *"menu.pdf", "enter")
        await window.sees("already exists. Nothing was saved.")
        await window.press("ctrl+u", *"two.pdf")
        await window.clicks("Enter Save")
        await window.sees("Saved 6 B in two.pdf.")
        assert files.requested == ["/menu.pdf"] * 3


async def test_one_of_several_files_is_chosen_and_another_host_is_asked_about(tmp_path: Path, home: Path) -> None:
    async with (
        raw_server(writes(OK + b"\r\nwhole")) as other,
        reply_with(["a.txt", "b.txt"], tmp_path, writes(moved(f"{other.url}/x"))) as files,
    ):
        window = files.window
        await run_command(window, "save file")
        await window.sees("1 a.txt", "2 b.txt")
        await window.press("2")
        await opens(window, SaveFileScreen)
        await window.press("enter")
        await window.sees(f"leads to 127.0.0.1:{other.port}. Press Enter again to load it from there.")
        assert other.heard == []
        await window.press("enter")
        await window.sees("Saved 5 B in b.txt.")
        assert (home / "b.txt").read_bytes() == b"whole"


async def test_pictures_are_loaded_when_they_are_shown_and_in_order(tmp_path: Path) -> None:
    async with reply_with(["a.png", "menu.pdf", "b.png"], tmp_path, writes(PICTURE), (80, 24)) as files:
        window = files.window
        await window.press("alt+i")
        await opens(window, PictureScreen)
        await window.sees("a.png", "1 of 2", "320 x 200 pixels", "▀▀▀▀")
        assert files.requested == ["/a.png"]
        await window.press("right")
        await window.sees("b.png", "2 of 2", "320 x 200 pixels")
        await window.clicks("Next")
        await window.sees("1 of 2", "320 x 200 pixels")
        assert files.requested == ["/a.png", "/b.png"]
        await window.press("escape")
        await window.until(lambda: window.app.screen is window.app.chat, "the page")
        await right_clicks(window, "b.png")
        await window.clicks("Show picture  b.png")
        await opens(window, PictureScreen)
        await window.sees("2 of 2")
        await window.press("escape", "shift+tab", "shift+tab", "alt+i")
        await window.sees("menu.pdf is not a picture that can be shown.")


async def test_a_picture_that_cannot_be_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        raw_server(writes(PICTURE)) as other,
        reply_with(["a.png"], tmp_path, writes(moved(f"{other.url}/x"))) as files,
    ):
        window = files.window
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "PIL", None)
            await window.press("alt+i")
            await window.sees("Showing pictures needs one more package: chatgrid-tui[images].")
        await window.press("alt+i")
        await opens(window, PictureScreen)
        await window.sees(f"leads to 127.0.0.1:{other.port}. Enter loads it from there.")
        assert other.heard == []
        await window.press("enter")
        await window.sees("320 x 200 pixels")
    (tmp_path / "b").mkdir()
    async with reply_with(["b.png"], tmp_path / "b", writes(OK + b"\r\n<html>")) as files:
        await files.window.press("alt+i")
        await files.window.sees("This is no picture in a known format")


async def test_without_colours_nothing_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with reply_with(["a.png"], tmp_path, writes(PICTURE)) as files:
        await files.window.press("alt+i")
        await files.window.sees("Pictures cannot be shown without colours.")
        assert files.requested == []
